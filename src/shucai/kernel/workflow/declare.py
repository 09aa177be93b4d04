"""环节 move: one legal step of a document from a state to a state, by the holder of a duty."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Move:
    """`by` is the code of the duty that may make the move; routes may narrow it further."""

    action: str
    label: str
    source: str
    target: str
    by: str

    def __init__(self, action: str, label: str, source: str, target: str, *, by: str) -> None:
        object.__setattr__(self, "action", action)
        object.__setattr__(self, "label", label)
        object.__setattr__(self, "source", str(source))
        object.__setattr__(self, "target", str(target))
        object.__setattr__(self, "by", by)

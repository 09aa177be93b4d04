"""事项 events: what people are told about; each may be taken by other channels than the bell.

A notice has a topic; the event it belongs to is the first one declared with it, in position order.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final, cast

from shucai.kernel import registry


def _nothing() -> Iterable[str]:
    return ()


@dataclass(frozen=True, eq=False, kw_only=True)
class Event:
    """`prefixes` are topics, or what topics begin with before a dot; `topics` names more that are
    known only when all is declared."""

    code: str
    name: str
    prefixes: Sequence[str] = ()
    topics: Callable[[], Iterable[str]] = _nothing
    position: int = 100

    def __post_init__(self) -> None:
        registry.declare("message_event", self.code, self, where=registry.caller())

    def takes(self, topic: str) -> bool:
        if any(topic == one or topic.startswith(f"{one}.") for one in self.prefixes):
            return True
        return topic in self.topics()


OTHER: Final = Event(code="other", name="其他消息", position=1_000)


def events() -> list[Event]:
    """Every declared event in order."""
    known = cast(dict[str, Event], registry.all("message_event"))
    return sorted(known.values(), key=lambda one: (one.position, one.code))


def names() -> dict[str, str]:
    return {one.code: one.name for one in events()}


def event_of(topic: str) -> Event:
    return next((one for one in events() if one.takes(topic)), OTHER)

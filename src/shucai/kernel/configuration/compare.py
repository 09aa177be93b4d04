"""对比 compare: two contents of a place, line by line in the words of their kind."""

from dataclasses import dataclass
from typing import Literal

from shucai.kernel.configuration import drafts, places
from shucai.kernel.configuration.declare import Content, Place

Change = Literal["same", "added", "removed", "changed"]


@dataclass(frozen=True, slots=True)
class Line:
    """One line side by side; empty text where the side doesn't have it."""

    path: str
    before: str
    after: str
    change: Change


def contents(place: Place, before: Content, after: Content) -> list[Line]:
    """Every line of either, in the order of the newer, what was removed at the end."""
    kind = places.known(place.kind)
    old, new = kind.spelled(place, before), kind.spelled(place, after)
    found = [
        Line(path, old.get(path, ""), text, _change(old.get(path), text))
        for path, text in new.items()
    ]
    return found + [
        Line(path, text, "", "removed") for path, text in old.items() if path not in new
    ]


def releases(place: Place, before: int, after: int) -> list[Line]:
    """Two releases by number; 0 is the standard content."""
    return contents(place, content_of(place, before), content_of(place, after))


def content_of(place: Place, number: int) -> Content:
    """The content of a release; 0 is the standard content."""
    if number == 0:
        return places.kind_of(place).standard(place)
    return drafts.release_at(place, number).content


def changed(lines: list[Line]) -> int:
    return sum(line.change != "same" for line in lines)


def _change(before: str | None, after: str) -> Change:
    if before is None:
        return "added"
    return "same" if before == after else "changed"

"""录入 typed: what the controls of a layout editor say; every name is one the editor has given."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from django.http import QueryDict


class Said:
    """The posted editor. Controls are called `<group>.<name>.<what>`."""

    def __init__(self, said: QueryDict) -> None:
        self._said = said

    def text(self, name: str, *, size: int = 600) -> str:
        return self._said.get(name, "").replace("\r\n", "\n").strip()[:size]

    def flag(self, name: str) -> bool:
        return self._said.get(name, "") == "1"

    def whole(self, name: str) -> Any:
        """A number where one was typed; anything else as it stands, to be refused in words."""
        text = self.text(name, size=12)
        if not text:
            return 0
        return int(text) if text.isascii() and text.isdigit() and len(text) < 7 else text

    def ordered(self, group: str, names: Sequence[str]) -> list[str]:
        """The names in the order typed, moved by the button that was pressed."""
        places = {name: place for place, name in enumerate(names, start=1)}

        def place(name: str) -> tuple[int, int]:
            typed = self.whole(f"{group}.{name}.order")
            return typed if isinstance(typed, int) and typed else places[name], places[name]

        found = sorted(names, key=place)
        for act, step in (("up", -1), ("down", 1)):
            moved = self._said.get(act, "").removeprefix(f"{group}.")
            if self._said.get(act, "").startswith(f"{group}.") and moved in places:
                at = found.index(moved)
                to = at + step
                if 0 <= to < len(found):
                    found[at], found[to] = found[to], found[at]
        return found

    def ticked(self, group: str, names: Sequence[str]) -> list[str]:
        return [n for n in self.ordered(group, names) if self.flag(f"{group}.{n}.show")]


def full(row: Mapping[str, Any]) -> dict[str, Any]:
    """Without what says nothing."""
    return {name: value for name, value in row.items() if value not in ("", 0, False, [])}


# fmt: off
BLANK: Final[Mapping[str, Any]] = {
    "name": "", "label": "", "width": "", "align": "", "span": "", "required": False,
    "readonly": False, "default": "", "help": "", "formula": "", "kind": "text", "options": (),
}
# fmt: on


def spread(row: Mapping[str, Any]) -> dict[str, Any]:
    """With everything that a control may show."""
    return {**BLANK, **row}

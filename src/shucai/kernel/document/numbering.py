"""单号 numbering: given at the first move out of the draft, per year and unit, without gaps.

The counter row is locked until the transaction ends; a refused submit gives its number back.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from shucai.base.arrays import literal
from shucai.kernel.document.declare import DocumentType
from shucai.kernel.document.type_settings import TypeSettings
from shucai.kernel.document.work import Item
from shucai.kernel.ledger import wire


def counter_key(kind: DocumentType, item: Item, pattern: str) -> str:
    """Everything in the pattern except the running number makes the key, also not its width.

    Unit codes are given per division, so patterns name the region (its last two digits) too.
    """
    return f"{kind.code}:{render(item, pattern, 0)}".rstrip("0")


def render(item: Item, pattern: str, seq: int) -> str:
    header = item.header
    return pattern.format(
        year=header.fiscal_year, region=header.division[4:6], unit=header.unit.code, seq=seq
    )


@dataclass(frozen=True, slots=True)
class Draw:
    """The numbers that some documents need: the call that draws them, and who gets them."""

    settings: TypeSettings
    wanted: Mapping[str, Sequence[Item]]

    @property
    def calls(self) -> list[wire.Call]:
        keys = sorted(self.wanted)
        counts = literal([len(self.wanted[key]) for key in keys])
        return [wire.Call(_NEXT, [literal(keys), counts])] if keys else []

    def give(self, results: Sequence[Sequence[tuple[Any, ...]]]) -> None:
        """In the order of the batch; `results` are those of the calls."""
        for key, reached in (row for rows in results for row in rows):
            first = reached - len(self.wanted[key]) + 1
            for place, item in enumerate(self.wanted[key]):
                pattern = self.settings.of(item.header).number
                item.number = render(item, pattern, first + place)


def draw(kind: DocumentType, items: Sequence[Item], settings: TypeSettings) -> Draw:
    """For the documents that have no number yet and leave the draft."""
    wanted: dict[str, list[Item]] = defaultdict(list)
    for item in items:
        if item.header.number is None and item.target != kind.initial:
            pattern = settings.of(item.header).number
            wanted[counter_key(kind, item, pattern)].append(item)
    return Draw(settings, wanted)


_NEXT: Final = wire.Prepared("SELECT counter, reached FROM document_next_numbers($1, $2)")

"""单号 numbering: given at the first move out of the draft, per year and unit, without gaps.

The counter row is locked until the transaction ends; a refused submit gives its number back.
"""

from collections import defaultdict
from collections.abc import Sequence
from typing import Final

from shucai.base.arrays import literal
from shucai.kernel.document import prepared
from shucai.kernel.document.declare import DocumentType
from shucai.kernel.document.work import Item


def counter_key(kind: DocumentType, item: Item) -> str:
    """Everything in the pattern except the running number makes the key.

    Unit codes are given per division, so patterns name the region (its last two digits) too.
    """
    return f"{kind.code}:{render(kind, item, 0)}"


def render(kind: DocumentType, item: Item, seq: int) -> str:
    header = item.header
    return kind.number.format(
        year=header.fiscal_year, region=header.division[4:6], unit=header.unit.code, seq=seq
    )


def assign(kind: DocumentType, items: Sequence[Item]) -> None:
    """Gives numbers to the documents that have none, in the order of the batch."""
    wanted: dict[str, list[Item]] = defaultdict(list)
    for item in items:
        if item.header.number is None and item.target != kind.initial:
            wanted[counter_key(kind, item)].append(item)
    if not wanted:
        return
    keys = sorted(wanted)
    given = [literal(keys), literal([len(wanted[key]) for key in keys])]
    for key, reached in prepared.run(_NEXT, given):
        first = reached - len(wanted[key]) + 1
        for place, item in enumerate(wanted[key]):
            item.number = render(kind, item, first + place)


_NEXT: Final = "SELECT counter, reached FROM document_next_numbers(%s::text[], %s::bigint[])"

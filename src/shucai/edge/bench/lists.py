"""列表测量 list bench: equal pages of a filtered list at 20,000 and at 2,000,000 documents.

The yardstick is the list itself, small: a page by key costs the same however long the list is.
"""

import statistics
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from django.db import connection, transaction

from shucai.edge.bench import bulk, synthetic
from shucai.edge.bench.figures import Figure, figure
from shucai.edge.bench.scratch import Scratch
from shucai.kernel import registry
from shucai.kernel.document import listing
from shucai.kernel.document.declare import DocumentType
from shucai.kernel.identity import scope

if TYPE_CHECKING:
    from shucai.edge.bench.suite import Wish

KIND: Final = "payment.application"
SMALL: Final = 20_000
LARGE: Final = 2_000_000
TARGET: Final = 2.0
REPEATS: Final = 40
PAGE: Final = 50
UNITS: Final = 20  # so that one unit has pages in every state even in the short list


@dataclass(frozen=True, eq=False)
class Case:
    """One way of looking at the list; `depth` is the share of the rows before the page."""

    name: str
    filters: Mapping[str, list[str]]
    sort: str
    depth: float


def run(place: Scratch, wish: "Wish", say: Callable[[str], None]) -> list[Figure]:
    kind: DocumentType = registry.get("document", KIND)
    large = wish.size or LARGE
    units = synthetic.city(kind, accounts_per_unit=1).units[:UNITS]
    cases = _cases(kind, units[0].code)
    with place.connect() as admin:
        say(f"装入 {SMALL:,} 张单据")
        bulk.load(admin, kind, units, first=1, last=SMALL)
        small = {case: _rounds(kind, case, SMALL, wish.rounds) for case in cases}
        say(f"装入 {large:,} 张单据")
        bulk.load(admin, kind, units, first=SMALL + 1, last=large)
        big = {case: _rounds(kind, case, large, wish.rounds) for case in cases}
    return [_figure(depth, cases, small, big, large) for depth in ("first", "deep")]


def _cases(kind: DocumentType, unit: str) -> tuple[Case, ...]:
    """By state, by unit and state, by amount within a state: first page, and half way down."""
    state = kind.states.values[1]
    ways: tuple[tuple[str, dict[str, list[str]], str], ...] = (
        ("state", {"state": [state]}, "-id"),
        ("unit+state", {"state": [state], "unit": [unit]}, "-id"),
        ("state by amount", {"state": [state]}, "-amount"),
    )
    return tuple(
        Case(name, filters, sort, depth) for name, filters, sort in ways for depth in (0.0, 0.5)
    )


def _rounds(kind: DocumentType, case: Case, size: int, rounds: int) -> list[float]:
    """The median seconds of a page, for each round."""
    query = _query(kind, case, size)
    _page(query)
    return [statistics.median(_timed(query) for _ in range(REPEATS)) for _ in range(max(1, rounds))]


def _query(kind: DocumentType, case: Case, size: int) -> listing.Query:
    cursor = ""
    if case.depth:
        row = {"id": int(size * case.depth), "amount": bulk.amount_at_depth(case.depth)}
        cursor = listing.cursor_after(case.sort, row)
    return listing.Query(
        type=kind,
        actor=synthetic.actor(kind),
        filters=case.filters,
        sort=case.sort,
        cursor=cursor,
        size=PAGE,
    )


def _timed(query: listing.Query) -> float:
    began = time.perf_counter()
    _page(query)
    return time.perf_counter() - began


def _page(query: listing.Query) -> listing.Page:
    with transaction.atomic():
        scope.apply(query.actor)
        page = listing.page(query)
    if len(page.rows) != PAGE or not page.next:
        raise RuntimeError(f"a page of {len(page.rows)} rows: {query.filters} {connection.alias}")
    return page


def _figure(depth: str, cases: tuple[Case, ...], small: Any, big: Any, large: int) -> Figure:
    """The worst of the cases stands for all."""
    wanted = [case for case in cases if bool(case.depth) == (depth == "deep")]
    worst = max(wanted, key=lambda c: statistics.median(big[c]) / statistics.median(small[c]))
    yard = statistics.median(small[worst])
    told = "; ".join(f"{case.name} {statistics.median(big[case]) * 1000:.1f} ms" for case in wanted)
    return figure(
        f"list.{depth}",
        [one / yard for one in big[worst]],
        yardstick=f"the same page at {SMALL:,} documents: {yard * 1000:.1f} ms ({worst.name}); "
        f"at {large:,}: {told}",
        target=TARGET,
        is_ceiling=True,
    )

"""台账查询 reading: accounts with balances as pages of any depth, one account with its entries.

Reads only. The caller has applied the actor's scope; the same range is the filter here.
"""

import base64
import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import (
    BooleanField,
    CharField,
    Count,
    DecimalField,
    F,
    Func,
    Q,
    QuerySet,
    Sum,
    Value,
)
from django.db.models.sql.compiler import SQLCompiler

from shucai.base.bigrams import bigrams
from shucai.kernel.identity.actor import Actor
from shucai.kernel.ledger.models import LedgerAccount
from shucai.kernel.ledger.posting import Balance
from shucai.kernel.ledger.terms import BUCKET_LABELS, WAYS
from shucai.kernel.masterdata.models import Unit

SIZES: Final = range(1, 201)
FOUND_MAX: Final = 1_000
COUNT_MAX: Final = 100_000
PROJECTS_MAX: Final = 5_000
SORTS: Final = ("unit_path", "number", "available", "granted", "held", "spent")
BALANCES: Final = ("granted", "incoming", "held", "spent", "available")
_MONEY: Final = DecimalField(max_digits=18, decimal_places=2)
# The value set behind each element column, for names.
ELEMENT_SETS: Final[Mapping[str, str]] = {
    "function_code": "functional",
    "gov_economy_code": "economic_gov",
    "dep_economy_code": "economic_dept",
    "fund_type_code": "fund_type",
    "source_code": "budget_source",
}


@dataclass(frozen=True, slots=True)
class Query:
    """What a list of accounts is asked for.

    Filters: unit (with its subtree), number, q (words), function (code and below), fund_type,
    project, available ("yes": only accounts with money left). `sort` is one of SORTS, with `-`
    for descending.
    """

    book: str
    kind: str
    actor: Actor
    filters: Mapping[str, Sequence[str]] = field(default_factory=dict)
    sort: str = "unit_path"
    cursor: str = ""
    size: int = 50


@dataclass(frozen=True, slots=True)
class Page:
    """Accounts with their units; cursors are empty at the ends."""

    rows: list[LedgerAccount]
    next: str
    previous: str


@dataclass(frozen=True, slots=True)
class Totals:
    """Sums of the whole selection in yuan; `is_capped` when it has more than COUNT_MAX accounts."""

    count: int
    is_capped: bool
    granted: Decimal
    incoming: Decimal
    held: Decimal
    spent: Decimal
    available: Decimal


class _RowCompare(Func):
    """`(a, b) < (x, y)`: the row comparison an index can follow."""

    output_field = BooleanField()
    template = "%(expressions)s"

    def __init__(self, name: str, value: Value, pk: int, *, operator: str) -> None:
        self._operator = operator
        super().__init__(F(name), F("pk"), value, Value(pk))

    def as_sql(
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, *_: Any, **extra: Any
    ) -> tuple[str, tuple[str | int, ...]]:
        said = [compiler.compile(expression) for expression in self.source_expressions]
        (a, b, x, y), params = [sql for sql, _ in said], [p for _, more in said for p in more]
        return f"({a}, {b}) {self._operator} ({x}, {y})", tuple(params)


def page(query: Query) -> Page:
    """One page in the order asked for; the position is a key, so depth costs nothing."""
    name = query.sort.removeprefix("-")
    name = name if name in SORTS else "unit_path"
    backwards, anchor = _decode(query.cursor, name)
    down = query.sort.startswith("-") != backwards
    rows = _filtered(query)
    if anchor is not None:
        value = Value(anchor[0], output_field=_MONEY if name in BALANCES else CharField())
        rows = rows.filter(_RowCompare(name, value, anchor[1], operator="<" if down else ">"))
    sign = "-" if down else ""
    size = query.size if query.size in SIZES else 50
    found = list(rows.select_related("unit").order_by(sign + name, sign + "pk")[: size + 1])
    more, found = len(found) > size, found[:size]
    if backwards:
        found.reverse()
    has_next, has_previous = (True, more) if backwards else (more, anchor is not None)
    return Page(
        rows=found,
        next=_encode(False, name, found[-1]) if found and has_next else "",
        previous=_encode(True, name, found[0]) if found and has_previous else "",
    )


def totals(query: Query) -> Totals:
    """Count and sums of the whole selection."""
    ids = _filtered(query).order_by().values("pk")[: COUNT_MAX + 1]
    sums = LedgerAccount.objects.filter(pk__in=ids).aggregate(
        count=Count("pk"), **{name: Sum(name, output_field=_MONEY) for name in BALANCES}
    )
    count = sums.pop("count")
    return Totals(
        count=min(count, COUNT_MAX),
        is_capped=count > COUNT_MAX,
        **{name: amount or Decimal("0.00") for name, amount in sums.items()},
    )


def find_accounts(
    *, actor: Actor, book: str, kind: str, text: str, limit: int = 20, unit: str = ""
) -> list[LedgerAccount]:
    """Accounts for a picker: by number or words, those with money first."""
    filters = {"q": [text], "unit": [unit]}
    found = _filtered(Query(book=book, kind=kind, actor=actor, filters=filters))
    wanted = found.select_related("unit").order_by("-pk")[: limit * 5]
    return sorted(wanted, key=lambda a: (a.available <= 0, a.number))[:limit]


def account(*, actor: Actor, pk: int) -> LedgerAccount | None:
    """The account, if it lies within the actor's scope."""
    return within(actor).select_related("unit").filter(pk=pk).first()


def within(actor: Actor) -> QuerySet[LedgerAccount]:
    """The accounts of the actor's units, business office and funds."""
    low, high = actor.range
    rows = LedgerAccount.objects.filter(unit_path__gte=low, unit_path__lt=high)
    if actor.fund_types:
        own = Q(fund_type_code="")
        for code in actor.fund_types:
            own |= Q(fund_type_code__startswith=code)
        rows = rows.filter(own)
    return rows.filter(office=actor.office) if actor.office else rows


def _filtered(query: Query) -> QuerySet[LedgerAccount]:
    rows = within(query.actor).filter(
        book=query.book, kind=query.kind, fiscal_year=query.actor.fiscal_year
    )
    for name, given in query.filters.items():
        wanted = [value.strip() for value in given if value.strip()]
        if wanted:
            rows = rows.filter(_condition(query, name, wanted))
    return rows


def _condition(query: Query, name: str, wanted: Sequence[str]) -> Q:
    """An unknown filter finds nothing rather than everything."""
    none = Q(pk__in=[])
    if name == "unit":
        found = none
        for path in Unit.objects.filter(code__in=wanted).values_list("path", flat=True):
            found |= Q(unit_path__gte=path, unit_path__lt=path + "0")
        return found
    if name == "q":
        return _matches(query, wanted[0])
    if name == "function":
        found = none
        for code in wanted:
            found |= Q(function_code__startswith=code)
        return found
    if name == "available":
        return Q(available__gt=0) if wanted[0] == "yes" else Q(available__lte=0)
    columns = {
        "number": "number__in",
        "fund_type": "fund_type_code__in",
        "source": "source_code__in",
        "project": "project_name__in",
        "doc_no": "doc_no__in",
    }
    return Q(**{columns[name]: list(wanted)}) if name in columns else none


def project_names(*, units: Collection[int], fiscal_year: int) -> dict[int, set[str]]:
    """What the projects of some units are called in a year, by unit; at most PROJECTS_MAX."""
    rows = LedgerAccount.objects.filter(unit_id__in=units, fiscal_year=fiscal_year)
    named = rows.exclude(project_name="").values_list("unit_id", "project_name").distinct()
    found: dict[int, set[str]] = {}
    for unit, name in named[:PROJECTS_MAX]:
        found.setdefault(unit, set()).add(name)
    return found


def _matches(query: Query, text: str) -> Q:
    """By words of number, name and project, through the function that repeats the scope."""
    plain, actor = text.lower(), query.actor
    low, high = actor.range
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id FROM ledger_search(%s, %s, %s, %s, %s::text[], %s, %s, %s, %s)",
            [
                query.book,
                query.kind,
                actor.fiscal_year,
                plain,
                bigrams(plain),
                low,
                high,
                actor.office,
                FOUND_MAX,
            ],
        )
        return Q(pk__in=[row[0] for row in cursor.fetchall()])


def _encode(backwards: bool, name: str, row: LedgerAccount) -> str:
    raw = json.dumps([backwards, name, str(getattr(row, name)), row.pk], ensure_ascii=False)
    return base64.urlsafe_b64encode(raw.encode()).decode().rstrip("=")


def _decode(cursor: str, name: str) -> tuple[bool, tuple[Any, int] | None]:
    """A damaged cursor, or one of another order, starts from the first page."""
    try:
        raw = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        backwards, of, text, pk = json.loads(raw)
        if of != name or not isinstance(text, str) or not isinstance(pk, int):
            return False, None
        value = Decimal(text) if name in BALANCES else text
        return bool(backwards), (value, pk)
    except (ValueError, TypeError, ArithmeticError):
        return False, None


@dataclass(frozen=True, slots=True)
class EntryRow:
    """One entry as the account sees it. `change` is what it did to the available balance."""

    id: int
    verb: str
    label: str
    source: str
    target: str
    amount: Decimal
    change: Decimal
    balance: Balance
    other_account: int | None
    other_number: str
    header: int
    seq: int
    business_date: date
    posted_at: datetime
    actor_id: int


@dataclass(frozen=True, slots=True)
class EntryPage:
    """Entries, newest first; `next` leads to older ones and is empty at the end."""

    rows: list[EntryRow]
    next: str


_ENTRIES: Final = """
SELECT s.id, s.verb, s.amount, s.side, s.granted, s.incoming, s.held, s.spent, s.other, o.number,
       s.header_id, s.seq, s.business_date, s.posted_at, s.actor_id
  FROM (
    (SELECT e.id, e.verb, e.amount, 1 AS side, e.granted, e.incoming, e.held, e.spent,
            nullif(e.to_account_id, e.account_id) AS other, e.header_id, e.seq, e.business_date,
            e.posted_at, e.actor_id
       FROM ledger_entry e
      WHERE e.fiscal_year = %(year)s AND e.account_id = %(account)s
        AND (e.posted_at, e.id) < (%(at)s::timestamptz, %(id)s::bigint)
      ORDER BY e.posted_at DESC, e.id DESC LIMIT %(limit)s)
    UNION ALL
    (SELECT e.id, e.verb, e.amount, 2, e.to_granted, e.to_incoming, e.to_held, e.to_spent,
            e.account_id, e.header_id, e.seq, e.business_date, e.posted_at, e.actor_id
       FROM ledger_entry e
      WHERE e.fiscal_year = %(year)s AND e.to_account_id = %(account)s
        AND e.to_account_id <> e.account_id
        AND (e.posted_at, e.id) < (%(at)s::timestamptz, %(id)s::bigint)
      ORDER BY e.posted_at DESC, e.id DESC LIMIT %(limit)s)) AS s
  LEFT JOIN ledger_account o ON o.id = s.other
 ORDER BY s.posted_at DESC, s.id DESC LIMIT %(limit)s
"""


def entries(of: LedgerAccount, *, cursor: str = "", size: int = 50) -> EntryPage:
    """The entries of one account; the document behind each is named by its header id."""
    size = size if size in SIZES else 50
    at, last = _entry_anchor(cursor)
    with connection.cursor() as sql:
        sql.execute(
            _ENTRIES,
            {"year": of.fiscal_year, "account": of.pk, "at": at, "id": last, "limit": size + 1},
        )
        found = sql.fetchall()
    rows = [_entry(row) for row in found[:size]]
    following = ""
    if len(found) > size:
        raw = json.dumps([rows[-1].posted_at.isoformat(), rows[-1].id]).encode()
        following = base64.urlsafe_b64encode(raw).decode().rstrip("=")
    return EntryPage(rows=rows, next=following)


def _entry_anchor(cursor: str) -> tuple[str, int]:
    newest = "infinity", 2**63 - 1
    if not cursor:
        return newest
    try:
        at, last = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        return datetime.fromisoformat(at).isoformat(), int(last)
    except (ValueError, TypeError):
        return newest


def _entry(row: tuple[Any, ...]) -> EntryRow:
    pk, verb, amount, side, granted, incoming, held, spent, other, number, *rest = row
    way = WAYS[verb]
    into = {"available": 1}
    change = into.get(way.target, 0) - into.get(way.source, 0)
    if verb == "move":
        change = 1 if side == 2 else -1
    return EntryRow(
        id=pk,
        verb=verb,
        label="调入" if side == 2 else "调出" if verb == "move" else way.label,
        source=BUCKET_LABELS[way.source],
        target=BUCKET_LABELS[way.target],
        amount=amount,
        change=amount * change,
        balance=Balance(granted, incoming, held, spent),
        other_account=other,
        other_number=number or "",
        header=rest[0],
        seq=rest[1],
        business_date=rest[2],
        posted_at=rest[3],
        actor_id=rest[4],
    )


@dataclass(frozen=True, slots=True)
class OpenHold:
    """What one document line still holds of an account, in yuan."""

    header: int
    seq: int
    amount: Decimal


def open_holds(of: LedgerAccount, *, limit: int = 100) -> list[OpenHold]:
    """Who holds the account's money, newest first."""
    with connection.cursor() as sql:
        sql.execute(
            "SELECT h.header_id, h.seq, h.held - h.settled - h.released"
            " FROM (SELECT e.header_id, e.seq, e.account_id, max(e.id) AS newest"
            "         FROM ledger_entry e"
            "        WHERE e.fiscal_year = %s AND e.account_id = %s AND e.verb = 'hold'"
            "        GROUP BY 1, 2, 3) AS k"
            " JOIN ledger_hold h ON h.header_id = k.header_id AND h.seq = k.seq"
            "                   AND h.account_id = k.account_id"
            " WHERE h.held > h.settled + h.released ORDER BY k.newest DESC LIMIT %s",
            [of.fiscal_year, of.pk, limit],
        )
        return [OpenHold(*row) for row in sql.fetchall()]

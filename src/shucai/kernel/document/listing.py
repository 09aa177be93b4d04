"""列表 lists: filtered pages by key, at the same cost on page one and page ten thousand."""

import base64
import json
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any, Final

import psycopg
from django.core.exceptions import EmptyResultSet, ValidationError
from django.db import connection, models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Count, F, Q, Sum, Value
from django.db.models.sql.compiler import SQLCompiler

from shucai.kernel.document import search
from shucai.kernel.document.declare import DocumentType
from shucai.kernel.document.models import Header
from shucai.kernel.identity.actor import Actor
from shucai.kernel.masterdata.models import Unit

SIZES: Final = (20, 50, 100, 200)  # what the screens offer; a program may ask for any size
SIZE_MAX: Final = 200
COUNT_MAX: Final = 10_000
SEARCH_MAX: Final = 2_000
# Each order needs an index that every move of every document would have to write, so there are
# two: as entered, which is nearly by date, and by amount. A span of dates is a filter.
SORTS: Final = ("id", "amount")
_ORDERED_BY: Final = {"amount": "amount_fen"}  # what the index of a sort holds
HEADER_FIELDS: Final = {
    "number": "单号",
    "unit": "预算单位",
    "state": "状态",
    "amount": "金额",
    "business_date": "业务日期",
    "summary": "摘要",
    "maker_name": "经办人",
    "created_at": "创建时间",
    "updated_at": "更新时间",
    "submitted_at": "送审时间",
}


@dataclass(frozen=True, slots=True)
class Query:
    """What a list is asked for. `sort` is a name of SORTS, with `-` for descending.

    `columns` names the only fields wanted in the rows beside id, number, version, unit, state
    and amount; without any, rows have every field.
    """

    type: DocumentType
    actor: Actor
    filters: Mapping[str, Sequence[str]] = field(default_factory=dict)
    sort: str = "-id"
    cursor: str = ""
    size: int = 50
    columns: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Shape:
    """How a row that the database gave is read: names for its values, and what some become."""

    keys: tuple[str, ...]
    readers: tuple[tuple[str, Any], ...] = ()

    def row(self, given: tuple[Any, ...]) -> dict[str, Any]:
        """By field name, with the `address`."""
        row = dict(zip(self.keys, given, strict=True))
        for key, field_ in self.readers:
            row[key] = field_.from_db_value(row[key], None, connection)
        row["address"] = row["number"] or f"~{row['id']}"
        return row

    def rows(self, given: Sequence[tuple[Any, ...]]) -> list[dict[str, Any]]:
        """With `unit_code` and `unit_name`, which are asked for once: joined to every row of a
        page, they took a third of reading it."""
        rows = [self.row(one) for one in given]
        wanted = {row["unit_id"] for row in rows}
        units = Unit.objects.filter(pk__in=wanted).values_list("pk", "code", "name")
        known = {pk: {"unit_code": code, "unit_name": name} for pk, code, name in units}
        return [{**row, **known[row["unit_id"]]} for row in rows]


@dataclass(frozen=True, slots=True)
class Page:
    """What the database gave, the id first, and how to read it; cursors are empty at the ends."""

    shape: Shape
    given: list[tuple[Any, ...]]
    next: str
    previous: str

    @property
    def rows(self) -> list[dict[str, Any]]:
        """Rows as plain mappings by field name."""
        return self.shape.rows(self.given) if self.given else []

    def column(self, name: str) -> list[Any]:
        at = self.shape.keys.index(name)
        return [one[at] for one in self.given]


@dataclass(frozen=True, slots=True)
class Totals:
    """`count` stops at COUNT_MAX; `amount` (yuan) is the sum of what was counted."""

    count: int
    is_capped: bool
    amount: Decimal


class RowCompare(models.Func):
    """`(a, b) < (x, y)`: the row comparison an index can follow, unlike its OR form."""

    output_field = models.BooleanField()

    def __init__(self, *expressions: Any, operator: str) -> None:
        half = ", ".join(["%s"] * (len(expressions) // 2))
        self._half = len(expressions) // 2
        self._operator = operator
        super().__init__(*expressions, function=half)

    def as_sql(
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, *_: Any, **extra: Any
    ) -> tuple[str, tuple[str | int, ...]]:
        parts: list[str] = []
        params: list[str | int] = []
        for expression in self.source_expressions:
            sql, more = compiler.compile(expression)
            parts.append(sql)
            params.extend(more)
        left, right = ", ".join(parts[: self._half]), ", ".join(parts[self._half :])
        return f"({left}) {self._operator} ({right})", tuple(params)


class _HeaderId(models.Expression):
    """The id as the header's own column, since the indexes that serve the order end with it;
    Django would name the equal column of the typed table."""

    output_field = models.BigIntegerField()

    def as_sql(
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper
    ) -> tuple[str, tuple[str | int, ...]]:
        table = connection.ops.quote_name(Header._meta.db_table)
        return f"{table}.{connection.ops.quote_name('id')}", ()


def page(query: Query) -> Page:
    """One page in the order asked for. The caller has applied the actor's scope."""
    name, _ = _sort(query.sort)
    backwards, anchor = _decode(query.cursor, name) or (False, None)
    size = min(max(query.size, 1), SIZE_MAX)
    names = _columns(query.type, query.columns, name)
    shape = _shape(query.type, names)
    try:
        statement = _statement(query, names)
    except EmptyResultSet:  # a filter that nothing can match, such as words nobody wrote
        return Page(shape, [], next="", previous="")
    found = _fetched(statement)
    more, found = len(found) > size, found[:size]
    if backwards:
        found.reverse()
    has_next, has_previous = (True, more) if backwards else (more, anchor is not None)
    return Page(
        shape,
        found,
        next=_encode(False, name, shape.row(found[-1])) if found and has_next else "",
        previous=_encode(True, name, shape.row(found[0])) if found and has_previous else "",
    )


def _fetched(statement: str) -> list[tuple[Any, ...]]:
    """A page that is asked for again and again is planned once per connection: planning took
    longer than reading. Its values stand in the text, so the plan fits them."""
    connection.ensure_connection()
    with connection.wrap_database_errors, psycopg.Cursor(connection.connection) as cursor:
        return cursor.execute(statement.encode()).fetchall()


_STATEMENTS: dict[Hashable, str] = {}
STATEMENTS_MAX: Final = 2_000


def _statement(query: Query, names: tuple[str, ...]) -> str:
    """The SQL of a page. It depends on nothing but the question, so an equal question finds it
    made; words and units are looked up in the database, so those are asked anew."""
    if {"q", "unit"} & query.filters.keys():
        return _compiled(query, names)
    actor = query.actor
    who = (actor.user_id, actor.duties) if {"todo", "maker"} & query.filters.keys() else ()
    filters = tuple((name, tuple(given)) for name, given in sorted(query.filters.items()))
    place = (query.type.code, actor.range, actor.office, actor.fiscal_year, who)
    key = (place, filters, query.sort, query.cursor, query.size, names)
    known = _STATEMENTS.get(key)
    if known is None:
        if len(_STATEMENTS) >= STATEMENTS_MAX:
            _STATEMENTS.clear()
        known = _STATEMENTS[key] = _compiled(query, names)
    return known


def _compiled(query: Query, names: tuple[str, ...]) -> str:
    name, descending = _sort(query.sort)
    backwards, anchor = _decode(query.cursor, name) or (False, None)
    down = descending != backwards
    key = f"header__{_ORDERED_BY.get(name, name)}" if name != "id" else "header_id"
    rows = _filtered(query)
    if anchor is not None:
        operator = "<" if down else ">"
        wanted = _typed_anchor(name, anchor)
        keys = [_HeaderId()] if name == "id" else [F(key), _HeaderId()]
        rows = rows.filter(RowCompare(*keys, *wanted, operator=operator))
        if name == "id":  # said of both tables, so that neither is read from its end
            rows = rows.filter(RowCompare(F("header_id"), *wanted, operator=operator))
    order = [f"-{key}" if down else key]
    if name != "id":
        order.append("-header_id" if down else "header_id")
    size = min(max(query.size, 1), SIZE_MAX)
    sql, params = rows.order_by(*order).values_list(*names)[: size + 1].query.sql_with_params()
    with connection.cursor() as cursor:  # quoted by the driver, as Django's cursors always do
        return str(cursor.mogrify(sql, params))


def totals(query: Query) -> Totals:
    """Count and sum of the whole selection, capped so that a huge list stays quick."""
    capped = _filtered(query).order_by().values("header__amount")[: COUNT_MAX + 1]
    found = capped.aggregate(count=Count("*"), amount=Sum("header__amount"))
    return Totals(
        count=min(found["count"], COUNT_MAX),
        is_capped=found["count"] > COUNT_MAX,
        amount=found["amount"] or Decimal(0),
    )


def state_counts(query: Query) -> dict[str, int]:
    """How many documents stand in each state, each count capped."""
    others = {name: value for name, value in query.filters.items() if name != "state"}
    counts = {}
    for state in query.type.states.values:
        part = Query(type=query.type, actor=query.actor, filters={**others, "state": [state]})
        counts[state] = _filtered(part).order_by().values("header_id")[:1000].count()
    return counts


def count(query: Query, *, limit: int) -> int:
    """How many documents are selected, counted no further than `limit`."""
    return _filtered(query).order_by().values("header_id")[:limit].count()


def addresses(query: Query, *, limit: int) -> list[str]:
    """The addresses of the whole selection, for batch actions on “all that match”."""
    rows = _filtered(query).order_by("header_id").values_list("header_id", "header__number")
    return [number or f"~{pk}" for pk, number in rows[:limit]]


def selected(query: Query) -> models.QuerySet[Any]:
    """The typed records the query means, unordered, for summaries of them."""
    return _filtered(query).order_by()


def _filtered(query: Query) -> models.QuerySet[Any]:
    kind, actor = query.type, query.actor
    low, high = actor.range
    rows = kind.model._default_manager.filter(
        header__type=kind.code,
        header__fiscal_year=actor.fiscal_year,
        header__unit_path__gte=low,
        header__unit_path__lt=high,
    )
    if actor.office:
        rows = rows.filter(header__office=actor.office)
    for name, given in query.filters.items():
        wanted = [value.strip() for value in given if value.strip()]
        if wanted:
            rows = rows.filter(_condition(kind, actor, name, wanted))
    return rows


def _condition(kind: DocumentType, actor: Actor, name: str, wanted: list[str]) -> Q:
    if name == "q":
        return _matches(kind, actor, wanted[0])
    if name in ("amount_from", "amount_to"):
        try:
            bound = Decimal(wanted[0].replace(",", ""))
        except InvalidOperation:
            return Q(pk__in=[])
        return (
            Q(header__amount__gte=bound) if name.endswith("from") else Q(header__amount__lte=bound)
        )
    if name in ("date_from", "date_to"):
        try:
            day = date.fromisoformat(wanted[0])
        except ValueError:
            return Q(pk__in=[])
        if name == "date_from":
            return Q(header__business_date__gte=day)
        return Q(header__business_date__lt=day + timedelta(days=1))
    if name == "unit":
        return _unit_condition(wanted)
    if name == "maker" and wanted[0] == "me":
        return Q(header__maker_id=actor.user_id)
    if name == "todo":
        return Q(header__todos__is_open=True, header__todos__duty__in=sorted(actor.duties)) & ~Q(
            header__maker_id=actor.user_id
        )
    if name in {"state", "number"}:
        return Q(**{f"header__{name}__in": wanted})
    if any(f.name == name for f in kind.fields()):
        return Q(**{f"{name}__in": wanted})
    return Q(pk__in=[])


def _unit_condition(wanted: list[str]) -> Q:
    """A unit means its whole subtree."""
    found = Q(pk__in=[])
    for path in Unit.objects.filter(code__in=wanted).values_list("path", flat=True):
        found |= Q(header__unit_path__gte=path, header__unit_path__lt=path + "0")
    return found


def _matches(kind: DocumentType, actor: Actor, text: str) -> Q:
    """By number prefix, or by words through the search function that repeats the scope."""
    folded = text.strip()
    if len(folded) < 2:
        return Q(header__number=folded)
    low, high = actor.range
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id FROM document_search(%s, %s, %s, %s, %s, %s, %s, %s)",
            [
                kind.code,
                actor.fiscal_year,
                folded,
                search.bigrams(folded),
                low,
                high,
                actor.office,
                SEARCH_MAX,
            ],
        )
        ids = [row[0] for row in cursor.fetchall()]
    return Q(pk__in=ids)


_ALWAYS: Final = ("id", "number", "version", "maker_id", "state", "amount")


@lru_cache(maxsize=1_000)
def _columns(kind: DocumentType, wanted: tuple[str, ...], sort: str) -> tuple[str, ...]:
    """Paths from the typed record: always what a row is known by, then what was asked for."""
    header = [n for n in HEADER_FIELDS if n not in _ALWAYS and n != "unit"]
    own = [f.attname for f in kind.fields()]
    if wanted:
        header = [n for n in header if n in wanted or n == sort]
        header += ["extra"] if any(name.startswith("extra.") for name in wanted) else []
        own = [f.attname for f in kind.fields() if f.name in wanted]
    return (*(f"header__{n}" for n in (*_ALWAYS, "unit_id", *header)), *own)


@lru_cache(maxsize=1_000)
def _shape(kind: DocumentType, names: tuple[str, ...]) -> Shape:
    keys = [name.removeprefix("header__") for name in names]
    own = {f.attname: f for f in kind.fields() if hasattr(f, "from_db_value")}
    own["header__extra"] = Header._meta.get_field("extra")
    readers = [(key, own[name]) for key, name in zip(keys, names, strict=True) if name in own]
    return Shape(tuple(keys), tuple(readers))


def _sort(sort: str) -> tuple[str, bool]:
    name = sort.removeprefix("-")
    return (name, sort.startswith("-")) if name in SORTS else ("id", True)


def is_cursor(query: Query) -> bool:
    """Whether the cursor is empty, or one that this list in this order has given out."""
    return not query.cursor or _decode(query.cursor, _sort(query.sort)[0]) is not None


def cursor_after(sort: str, row: Mapping[str, Any]) -> str:
    """The cursor of the page that follows a row (its id, and its value of the sort field)."""
    return _encode(False, _sort(sort)[0], row)


def _encode(backwards: bool, name: str, row: Mapping[str, Any]) -> str:
    anchor = [str(row[name]), row["id"]] if name != "id" else [row["id"]]
    raw = json.dumps([backwards, name, anchor], separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def _decode(cursor: str, name: str) -> tuple[bool, list[Any] | None] | None:
    """Direction and typed anchor; None for a damaged cursor or one of another order."""
    if not cursor:
        return False, None
    try:
        raw = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        backwards, order, anchor = json.loads(raw)
        if order != name or not isinstance(backwards, bool) or type(anchor[-1]) is not int:
            return None
        if not 0 < anchor[-1] < 2**63:
            return None
        if name == "id":
            return (backwards, anchor) if len(anchor) == 1 else None
        value, last = anchor
        return backwards, [_header_field(name).to_python(value), last]
    except (ValueError, TypeError, LookupError, ValidationError):
        return None


def _typed_anchor(name: str, anchor: Sequence[Any]) -> list[Any]:
    last = Value(anchor[-1], output_field=models.BigIntegerField())
    if name == "id":
        return [last]
    if name == "amount":
        return [Value(int(anchor[0] * 100), output_field=models.BigIntegerField()), last]
    return [Value(anchor[0], output_field=_header_field(name)), last]


def _header_field(name: str) -> models.Field[Any, Any]:
    found = Header._meta.get_field(name)
    if not isinstance(found, models.Field):
        raise LookupError(f"{name} is no column of the header")
    return found

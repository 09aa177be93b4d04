"""列 columns: what a list can show of a document type, how each value is spelled, and its looks."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, tzinfo
from decimal import Decimal
from functools import lru_cache
from html import escape
from time import monotonic
from typing import Any, Final

from django.db import models
from django.utils import timezone
from markupsafe import Markup

from shucai.edge.web import jinja
from shucai.kernel.document.declare import DocumentType, find_type
from shucai.kernel.document.layouts import EXTRA
from shucai.kernel.document.list_layout import ListLayout
from shucai.kernel.document.listing import HEADER_FIELDS, SIZE_MAX, Page
from shucai.kernel.masterdata import values
from shucai.kernel.masterdata.fields import ElementField

# fmt: off
_HEADER_KINDS: Final = {
    "number": "number", "unit": "unit", "state": "state", "amount": "money", "business_date": "day",
    "created_at": "moment", "updated_at": "moment", "submitted_at": "moment",
}
_SORTS: Final = {"number": "id", "amount": "amount"}
ALIGNED: Final = {"left": "sc-al-left", "center": "sc-al-mid", "right": "sc-al-right"}
# fmt: on


@dataclass(frozen=True, slots=True)
class Column:
    """`kind` decides the look of the cell; `sort` is the order it offers, or empty."""

    name: str
    label: str
    kind: str
    sort: str = ""
    value_set: str = ""
    choices: tuple[tuple[str, str], ...] = ()
    width: int = 0
    align: str = ""

    @property
    def look(self) -> str:
        """The class of the column's cells."""
        if self.align:
            return ALIGNED[self.align]
        return "sc-num" if self.kind == "money" else ""


@lru_cache(maxsize=512)
def available(code: str) -> Mapping[str, Column]:
    """Every column a list of the type may show: header fields, then the document's own."""
    kind = find_type(code)
    assert kind is not None  # noqa: S101 (the endpoint has refused unknown types)
    found = {
        name: Column(name, label, _HEADER_KINDS.get(name, "text"), _SORTS.get(name, ""))
        for name, label in HEADER_FIELDS.items()
    }
    for field in kind.fields():
        found[field.name] = _own(field)
    return found


def _own(field: "models.Field[Any, Any]") -> Column:
    label = str(field.verbose_name)
    if isinstance(field, ElementField):
        return Column(field.name, label, "element", value_set=field.value_set)
    if field.choices:
        pairs = tuple((str(value), str(text)) for value, text in field.flatchoices)
        return Column(field.name, label, "choice", choices=pairs)
    if isinstance(field, models.DecimalField):
        return Column(field.name, label, "money")
    if isinstance(field, models.DateTimeField):
        return Column(field.name, label, "moment")
    return Column(field.name, label, "day" if isinstance(field, models.DateField) else "text")


@lru_cache(maxsize=512)
def offered(code: str, layout: ListLayout) -> Mapping[str, Column]:
    """As `available`, in the words and looks of the layout, with the extra fields of the form."""
    found = dict(available(code))
    for one in layout.extras:
        found[one.key] = Column(one.key, one.label, _EXTRA_KINDS.get(one.kind, "text"))
    for laid in layout.columns:
        if laid.name in found:
            known = found[laid.name]
            found[laid.name] = replace(
                known, label=laid.label or known.label, width=laid.width, align=laid.align
            )
    return found


_EXTRA_KINDS: Final = {"money": "money"}


def chosen(
    kind: DocumentType, names: Sequence[str] | None, layout: ListLayout
) -> tuple[Column, ...]:
    """The columns somebody chose, else those laid out. Unknown names are dropped."""
    found = _chosen(kind.code, tuple(names or ()), layout)
    return found or _chosen(kind.code, tuple(one.name for one in layout.columns), layout)


@lru_cache(maxsize=1_000)
def _chosen(code: str, names: tuple[str, ...], layout: ListLayout) -> tuple[Column, ...]:
    known = offered(code, layout)
    return tuple(known[name] for name in names if name in known)


@lru_cache(maxsize=512)
def looks(code: str) -> Mapping[str, str]:
    """The look of each state: where a document begins, moves on, is ready, ends well or badly."""
    kind = find_type(code)
    assert kind is not None  # noqa: S101
    bad = {m.target for m in kind.flow if m.action in kind.needs_reason} & set(kind.final)
    good = set(kind.final) - bad
    found = {}
    for state in kind.states.values:
        onward = {m.target for m in kind.flow if m.source == state}
        if state == kind.initial:
            found[state] = "draft"
        elif state in bad:
            found[state] = "bad"
        elif state in good:
            found[state] = "done"
        else:
            found[state] = "ready" if onward & good else "going"
    return found


Row = Mapping[str, Any]
Cell = Callable[[Row], str]


def body(kind: DocumentType, columns: Sequence[Column], page: Page, *, year: int) -> Markup:
    """The rows of a list as table rows.

    The hottest loop of the pages, so cells are spelled by one small function a column and joined
    once; everything a person typed is escaped here.
    """
    known = _kept_rows(kind.code, tuple(columns), page.shape.keys, year)
    new = [one for one in page.given if known.get(one[0], _NONE)[0] != one]
    if new:
        cells = [_cell(column, kind, year) for column in columns]
        for one, row in zip(new, page.shape.rows(new), strict=True):
            known[one[0]] = (one, *_spelled(row, cells))
    parts: list[str] = []
    for number, one in zip(_NUMBERS, page.given, strict=False):
        _, before, after = known[one[0]]
        parts += (before, number, after)
    return Markup("".join(parts))  # noqa: S704 (escaped cell by cell)


_NUMBERS: Final = tuple(str(number) for number in range(1, SIZE_MAX + 1))
_NONE: Final = ((),)
_Known = dict[int, tuple[tuple[Any, ...], str, str]]
_ROWS: dict[tuple[Any, ...], _Known] = {}
_since = monotonic()
ROWS_MAX: Final = 5_000
ROWS_SECONDS: Final = 60


def _kept_rows(*key: Any) -> _Known:
    """Rows spelled before, by id, with the values they were spelled from: a row that changed is
    spelled anew. They are forgotten every minute, since the names of codes stand outside the row.
    """
    global _since  # noqa: PLW0603 (one clock for all of them)
    if monotonic() - _since > ROWS_SECONDS or sum(map(len, _ROWS.values())) > ROWS_MAX:
        _ROWS.clear()
        _since = monotonic()
    return _ROWS.setdefault(key, {})


def _spelled(row: Row, cells: Sequence[Cell]) -> tuple[str, str]:
    """The row before and after its running number."""
    address = escape(row["address"])
    return (
        f'<tr><td class="sc-tick"><input class="sc-check" type="checkbox" name="pick"'
        f' value="{address}@{row["version"]}" data-amount="{row["amount"]}"'
        f' aria-label="选择 {address}"></td><td class="sc-mid sc-muted">',
        f"</td>{''.join([cell(row) for cell in cells])}</tr>\n",
    )


def sample(kind: DocumentType, columns: Sequence[Column], rows: Sequence[Row], year: int) -> Markup:
    """Made-up rows, spelled as `body` would."""
    cells = [_cell(column, kind, year) for column in columns]
    parts = []
    for number, row in enumerate(rows, start=1):
        before, after = _spelled(row, cells)
        parts.append(f"{before}{number}{after}")
    return Markup("".join(parts))  # noqa: S704 (escaped cell by cell)


def _cell(column: Column, kind: DocumentType, year: int) -> Cell:
    """The cell of the column's kind, aligned where a layout says so."""
    plain = _plain_cell(column, kind, year)
    if not column.align:
        return plain
    look = ALIGNED[column.align]
    return lambda row: f'<td class="{look}"{_unaligned(plain(row))}'


def _unaligned(cell: str) -> str:
    """The rest of a cell after `<td`, without a class of its own."""
    rest = cell.removeprefix("<td")
    return rest.partition('"')[2].partition('"')[2] if rest.startswith(' class="') else rest


def _extra_cell(column: Column) -> Cell:
    name = column.name.removeprefix(EXTRA)

    def cell(row: Row) -> str:
        text = row["extra"].get(name, "")
        if column.kind == "money" and text:
            return f'<td class="sc-num">{jinja.money(Decimal(text))}</td>'
        return _plain(text)

    return cell


def _plain_cell(column: Column, kind: DocumentType, year: int) -> Cell:
    name = column.name
    if name.startswith(EXTRA):
        return _extra_cell(column)
    if column.kind == "number":
        return lambda row: _number_cell(row, f"/d/{kind.code}/")
    if column.kind == "unit":
        return lambda row: _coded(row["unit_code"], row["unit_name"])
    if column.kind == "state":
        return _state_cell(kind)
    if column.kind == "money":
        return lambda row: f'<td class="sc-num">{jinja.money(row[name])}</td>'
    if column.kind == "day":
        return lambda row: f'<td class="sc-time">{jinja.day(row[name])}</td>'
    if column.kind == "moment":
        zone = timezone.get_current_timezone()
        return lambda row: _moment(row[name], zone)
    if column.kind == "choice":
        texts = dict(column.choices)
        return lambda row: _plain(texts.get(str(row[name]), row[name]))
    if column.kind == "element":
        entries = values.catalogue(column.value_set, year)
        return lambda row: _element(entries, row[name])
    return lambda row: _plain(row[name])


def _number_cell(row: Row, base: str) -> str:
    number = escape(row["number"] or "")
    address = number or escape(row["address"])
    return f'<td><a href="{base}{address}">{number or "未编号"}</a></td>'


def _moment(value: datetime | None, zone: tzinfo) -> str:
    """As the filter, with the time zone looked up once a page."""
    said = f"{value.astimezone(zone):%m-%d %H:%M}" if value is not None else ""
    return f'<td class="sc-time">{said}</td>'


def _plain(value: Any) -> str:
    text = "" if value is None else escape(str(value))
    return f'<td title="{text}">{text}</td>' if len(text) > 12 else f"<td>{text}</td>"


@lru_cache(maxsize=5_000)
def _coded(code: str, text: str) -> str:
    """`code` stands muted before the text."""
    code, text = escape(code), escape(text)
    return f'<td title="{code} {text}"><span class="sc-code">{code}</span>{text}</td>'


def _state_cell(kind: DocumentType) -> Cell:
    look, labels = looks(kind.code), {str(k): str(v) for k, v in kind.states.choices}
    made = {
        state: f'<td><span class="sc-state sc-state-{look[state]}">{escape(label)}</span></td>'
        for state, label in labels.items()
    }
    return lambda row: made.get(row["state"]) or _plain(row["state"])


def _element(entries: values.Catalogue, code: str | None) -> str:
    if not code:
        return "<td></td>"
    entry = entries.find(code)
    return _coded(code, entry.name if entry is not None else "")

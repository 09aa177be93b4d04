"""列 columns: what a list can show of a document type, how each value is spelled, and its looks."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from functools import lru_cache
from html import escape
from time import monotonic
from typing import Any, Final

from django.db import models
from django.utils import timezone
from markupsafe import Markup

from shucai.edge.web import jinja
from shucai.kernel.document.declare import DocumentType, find_type
from shucai.kernel.document.listing import HEADER_FIELDS, SIZE_MAX, Page
from shucai.kernel.masterdata import values
from shucai.kernel.masterdata.fields import ElementField

# fmt: off
_HEADER_KINDS: Final = {
    "number": "number", "unit": "unit", "state": "state", "amount": "money", "business_date": "day",
    "created_at": "moment", "updated_at": "moment", "submitted_at": "moment",
}
_SORTS: Final = {"number": "id", "amount": "amount"}
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

    @property
    def is_right(self) -> bool:
        return self.kind == "money"


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


def chosen(kind: DocumentType, names: Sequence[str] | None) -> list[Column]:
    """The columns somebody chose, else those the page declares. Unknown names are dropped."""
    known = available(kind.code)
    found = [known[name] for name in names or () if name in known]
    return found or [known[name] for name in kind.page.columns.split()]


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
    known = _kept_rows(kind.code, tuple(column.name for column in columns), page.shape.keys, year)
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


def _cell(column: Column, kind: DocumentType, year: int) -> Cell:
    name = column.name
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

"""列 columns: what a list can show of a document type, how each value is spelled, and its looks."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from django.db import models

from shucai.edge.web import jinja
from shucai.kernel.document.declare import DocumentType, find_type
from shucai.kernel.document.listing import HEADER_FIELDS
from shucai.kernel.masterdata import values
from shucai.kernel.masterdata.fields import ElementField

# fmt: off
_HEADER_KINDS: Final = {
    "number": "number", "unit": "unit", "state": "state", "amount": "money", "business_date": "day",
    "created_at": "moment", "updated_at": "moment", "submitted_at": "moment",
}
_SORTS: Final = {
    "number": "id", "amount": "amount", "business_date": "business_date",
    "updated_at": "updated_at",
}
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


@dataclass(frozen=True, slots=True)
class Cell:
    """`code` stands muted before the text where there is one."""

    column: Column
    text: str
    code: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    address: str
    version: int
    amount: str
    state: str
    look: str
    cells: tuple[Cell, ...]


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


def rows(
    kind: DocumentType, columns: Sequence[Column], found: Sequence[dict[str, Any]], year: int
) -> list[Row]:
    """Rows of a list, every value spelled."""
    look = looks(kind.code)
    spell = [(column, _speller(column, kind, year)) for column in columns]
    return [
        Row(
            address=row["address"],
            version=row["version"],
            amount=str(row["amount"]),
            state=row["state"],
            look=look.get(row["state"], "going"),
            cells=tuple(Cell(column, *spelled(row)) for column, spelled in spell),
        )
        for row in found
    ]


Speller = Callable[[dict[str, Any]], tuple[str, str]]


def _speller(column: Column, kind: DocumentType, year: int) -> Speller:
    name = column.name
    if column.kind == "number":
        return lambda row: (row["number"] or "未编号", "")
    if column.kind == "unit":
        return lambda row: (row["unit_name"], row["unit_code"])
    if column.kind == "state":
        labels = dict(kind.states.choices)
        return lambda row: (str(labels.get(row["state"], row["state"])), "")
    if column.kind == "choice":
        texts = dict(column.choices)
        return lambda row: (texts.get(str(row[name]), str(row[name] or "")), "")
    if column.kind == "element":
        entries = values.catalogue(column.value_set, year)
        return lambda row: _element(entries, row[name])
    spelled = {"money": jinja.money, "day": jinja.day, "moment": jinja.moment}.get(column.kind)
    if spelled is not None:
        return lambda row: (spelled(row[name]), "")
    return lambda row: ("" if row[name] is None else str(row[name]), "")


def _element(entries: values.Catalogue, code: str | None) -> tuple[str, str]:
    if not code:
        return "", ""
    entry = entries.find(code)
    return (entry.name, code) if entry is not None else ("", code)

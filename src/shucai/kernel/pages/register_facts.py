"""名录事实 facts of a record: which model field a path means, its label, look, value and text.

A path is resolved once per register and column; every channel spells values through here.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any, Final
from urllib.parse import quote

from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import FieldDoesNotExist
from django.db import models
from django.utils import timezone

from shucai.kernel.pages.register import Column, Filter, Look, Register, Table

AnyField = models.Field[Any, Any]
FLAGS: Final = (("1", "是"), ("0", "否"))


@lru_cache(maxsize=4_000)
def field_of(model: type[models.Model], path: str) -> AnyField | None:
    """The model field a path ends at; None where some part of it is no single-valued field."""
    current: type[models.Model] | None = model
    found: AnyField | None = None
    for part in path.split("__"):
        if current is None:
            return None
        try:
            known = current._meta.pk if part == "pk" else current._meta.get_field(part)
        except FieldDoesNotExist:
            return None
        if not isinstance(known, models.Field) or known.many_to_many or known.one_to_many:
            return None
        found = known
        current = known.related_model if known.is_relation else None
    return found


@dataclass(frozen=True, slots=True)
class Fact:
    """A column resolved: `field` is None where the value is computed."""

    column: Column
    field: AnyField | None
    label: str
    look: Look
    choices: Mapping[str, str]

    @property
    def name(self) -> str:
        return self.column.field

    @property
    def is_right(self) -> bool:
        return self.look in ("money", "number")

    @property
    def is_sortable(self) -> bool:
        """Only what the database orders the same way every time, and can compare."""
        plain = self.column.value is None and self.field is not None
        return plain and not isinstance(self.field, models.JSONField | ArrayField)

    def value(self, record: Any) -> Any:
        """The plain value: computed, or read along the path; None where a part is missing."""
        if self.column.value is not None:
            return self.column.value(record)
        current = record
        for part in self.column.field.split("__"):
            current = getattr(current, part, None)
            if current is None:
                return None
        return current

    def text(self, record: Any) -> str:
        return spelled(self.value(record), self.look, self.choices)

    def link(self, record: Any) -> str:
        """The address the declaration gives, with the record's own values in its braces."""
        return filled(self.column.link, record) if self.column.link else ""

    def tone(self, record: Any) -> str:
        if not self.column.tones:
            return ""
        value = self.value(record)
        spelt = ("1" if value else "0") if isinstance(value, bool) else str(value)
        return self.column.tones.get(spelt, "")


class _Parts(dict[str, Any]):
    def __init__(self, record: Any) -> None:
        super().__init__()
        self._record = record

    def __missing__(self, name: str) -> str:
        value: Any = self._record
        for part in name.split("__"):
            value = getattr(value, part, None)
        return quote(str("" if value is None else value), safe="")


def filled(address: str, record: Any) -> str:
    return address.format_map(_Parts(record))


def fact(register: Register, column: Column) -> Fact:
    """The column as this register's model has it."""
    known = field_of(register.model, column.field) if column.value is None else None
    label = column.label or (str(known.verbose_name) if known is not None else column.field)
    choices = {str(value): str(text) for value, text in getattr(known, "flatchoices", None) or ()}
    return Fact(column, known, label, _look(column, known, choices), choices)


def _look(column: Column, known: AnyField | None, choices: Mapping[str, str]) -> Look:
    if column.look != "text" or known is None:
        return column.look
    if choices:
        return "choice"
    kinds: Sequence[tuple[type[Any] | tuple[type[Any], ...], Look]] = (
        (models.BooleanField, "flag"),
        (models.DecimalField, "money" if getattr(known, "decimal_places", 0) == 2 else "number"),
        (models.DateTimeField, "instant"),
        (models.DateField, "date"),
        ((models.AutoField, models.ForeignKey, models.OneToOneField), "text"),
        (models.IntegerField, "number"),
        (ArrayField, "list"),
    )
    return next((look for kind, look in kinds if isinstance(known, kind)), "text")


@lru_cache(maxsize=512)
def facts(register: Register) -> dict[str, Fact]:
    """Every column of the list, by name, in declared order."""
    return {column.field: fact(register, column) for column in register.columns}


@lru_cache(maxsize=512)
def sections(register: Register) -> dict[str, list[Fact]]:
    """The facts of the page; all columns where none are declared."""
    if not register.facts:
        return {"基本信息": list(facts(register).values())}
    return {
        heading: [fact(register, column) for column in columns]
        for heading, columns in register.facts.items()
    }


@lru_cache(maxsize=512)
def joins(register: Register) -> tuple[str, ...]:
    """The foreign keys a list reads along, to be fetched with it."""
    found: dict[str, None] = {}
    everything = [
        *facts(register).values(),
        *(f for one in sections(register).values() for f in one),
    ]
    for one in everything:
        if one.column.value is not None:
            continue
        parts = one.name.split("__")
        for end in range(1, len(parts) + 1):
            known = field_of(register.model, "__".join(parts[:end]))
            if known is not None and known.is_relation:
                found["__".join(parts[:end])] = None
    return tuple(found)


def key_of(register: Register, record: Any) -> str:
    """What stands for the record in addresses."""
    return str(getattr(record, register.key))


def address_of(register: Register, record: Any) -> str:
    return f"/r/{register.code}/{quote(key_of(register, record), safe='')}"


def spelled(value: Any, look: Look = "text", choices: Mapping[str, str] | None = None) -> str:
    """A value as text: amounts with separators, times in local time, flags as 是 and 否."""
    if value is None or value == "":
        return ""
    if isinstance(value, bool):
        return "是" if value else "否"
    if choices and str(value) in choices:
        return choices[str(value)]
    if look == "money":
        return f"{Decimal(str(value)):,.2f}"
    if isinstance(value, datetime):
        return timezone.localtime(value).strftime("%Y-%m-%d %H:%M:%S")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, list | tuple | set | frozenset):
        return "、".join(spelled(one, "text", choices) for one in value)
    if look == "number" and isinstance(value, int | Decimal):
        return f"{value:,}"
    return str(value)


def plain(value: Any) -> Any:
    """A value for programs: money as text with two places, instants in ISO 8601."""
    if isinstance(value, Table):
        rows = [[plain(cell) for cell in row] for row in value.rows]
        return {"heads": list(value.heads), "rows": rows, "note": value.note}
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {str(name): plain(one) for name, one in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(one) for one in value]
    if value is None or isinstance(value, bool | int | str):
        return value
    return str(value)


def filter_name(register: Register, one: Filter) -> str:
    """The name of a filter in addresses: its field, and its lookup where the field has two."""
    same = [other for other in register.filters if other.field == one.field]
    return one.field if len(same) == 1 or one is same[0] else f"{one.field}__{one.lookup}"


def filter_label(register: Register, one: Filter) -> str:
    if one.label:
        return one.label
    column = next((c for c in register.columns if c.field == one.field and c.label), None)
    if column is not None:
        return column.label
    known = field_of(register.model, one.field)
    return str(known.verbose_name) if known is not None else one.field

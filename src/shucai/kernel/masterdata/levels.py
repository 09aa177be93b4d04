"""要素级次 element levels: which elements a document type carries, how deep, and which it must.

Settings are data by year: general ones, and a division's own, which go first.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db import transaction

from shucai.kernel import audit, registry
from shucai.kernel.identity.actor import Actor
from shucai.kernel.masterdata import cache, errors, keeping, values
from shucai.kernel.masterdata.fields import ElementField
from shucai.kernel.masterdata.models import ElementLevel

LEVEL_MAX: Final = 10


@dataclass(frozen=True, slots=True)
class Demand:
    """Codes from `min_level` down are deep enough, leaf or not; an empty field may be refused."""

    min_level: int
    required: bool


@dataclass(frozen=True, slots=True)
class Column:
    """An element field of a document type."""

    document_type: str
    type_name: str
    field: str
    label: str
    value_set: str
    is_line: bool


@dataclass(frozen=True, slots=True)
class Demanded:
    """What one document type asks of one element, and whose setting that is."""

    field: str
    label: str
    value_set: str
    min_level: int
    required: bool
    owner: str


def demand(
    document_type: str, field: str, fiscal_year: int, *, division: str = ""
) -> Demand | None:
    """The demand of the division, else the general one; None leaves it at leaves."""
    known = _all(fiscal_year)
    return known.get((document_type, field, division)) or known.get((document_type, field, ""))


def demands(document_type: str, fiscal_year: int, *, division: str = "") -> list[Demanded]:
    """Every setting in force for a document type."""
    known, found = _all(fiscal_year), []
    for column in columns(document_type):
        own = known.get((document_type, column.field, division)) if division else None
        said = own or known.get((document_type, column.field, ""))
        if said is not None:
            owner = f"区划 {division}" if own else "标准"
            found.append(
                Demanded(
                    column.field,
                    column.label,
                    column.value_set,
                    said.min_level,
                    said.required,
                    owner,
                )
            )
    return found


def demand_of_set(
    document_type: str, value_set: str, fiscal_year: int, *, division: str = ""
) -> Demand | None:
    """The demand on the first field of that value set; None without one."""
    found = demands(document_type, fiscal_year, division=division) if document_type else []
    for one in found:
        if one.value_set == value_set:
            return Demand(one.min_level, one.required)
    return None


def columns(document_type: str = "") -> list[Column]:
    """The element fields of one document type, or of all: header first, then lines."""
    found = []
    for code, kind in registry.all("document").items():
        if document_type in ("", code):
            pairs = [(f, False) for f in kind.fields()] + [(f, True) for f in kind.line_fields()]
            found += [
                Column(code, kind.name, f.name, str(f.verbose_name), f.value_set, is_line)
                for f, is_line in pairs
                if isinstance(f, ElementField)
            ]
    return found


def _all(fiscal_year: int) -> dict[tuple[str, str, str], Demand]:
    return cache.kept(("levels", "", fiscal_year), lambda: _load(fiscal_year))


def _load(fiscal_year: int) -> dict[tuple[str, str, str], Demand]:
    rows = ElementLevel.objects.filter(fiscal_year=fiscal_year)
    return {
        (row.document_type, row.field, row.division): Demand(row.min_level, row.required)
        for row in rows
    }


@audit.refusals("masterdata.put_level", "masterdata.element_level")
def put(
    *,
    actor: Actor,
    document_type: str,
    field: str,
    fiscal_year: int,
    division: str,
    min_level: int,
    required: bool,
    now: datetime,
) -> ElementLevel:
    """The setting of one element of one document type, in place of an earlier one."""
    keeping.demand_owner(actor, "设置要素级次", division=division, set_name="要素级次")
    column = next((c for c in columns(document_type) if c.field == field), None)
    if column is None:
        raise errors.NO_ELEMENT.refuse("field", type=document_type, field=field)
    deepest = deepest_level(column.value_set, fiscal_year)
    if not 1 <= min_level <= max(deepest, 1):
        raise errors.LEVEL_BAD.refuse(
            "min_level",
            label=column.label,
            depth=min_level,
            set=values.catalogue(column.value_set, fiscal_year).name,
            year=fiscal_year,
            deepest=deepest,
        )
    with transaction.atomic():
        place: dict[str, Any] = {
            "document_type": document_type,
            "field": field,
            "fiscal_year": fiscal_year,
            "division": division,
        }
        held = ElementLevel.objects.filter(**place).first()
        before = {"min_level": held.min_level, "required": held.required} if held else {}
        row, _ = ElementLevel.objects.update_or_create(
            **place,
            defaults={
                "value_set": column.value_set,
                "min_level": min_level,
                "required": required,
            },
        )
        detail = {"old": before, "new": {"min_level": min_level, "required": required}}
        _note(actor, now, "put_level", row, detail)
    cache.forget()
    return row


@audit.refusals("masterdata.remove_level", "masterdata.element_level")
def remove(*, actor: Actor, level: int, now: datetime) -> ElementLevel:
    """The setting ends: the general one holds again, else leaves are asked for."""
    row = ElementLevel.objects.filter(pk=level).first()
    if row is None:
        raise errors.NO_ELEMENT.refuse(type="", field=level)
    keeping.demand_owner(actor, "设置要素级次", division=row.division, set_name="要素级次")
    with transaction.atomic():
        old = {"min_level": row.min_level, "required": row.required}
        _note(actor, now, "remove_level", row, {"old": old})
        ElementLevel.objects.filter(pk=row.pk).delete()
    cache.forget()
    return row


def deepest_level(value_set: str, fiscal_year: int) -> int:
    known = values.catalogue(value_set, fiscal_year)
    found = max((entry.level for entry in known.entries()), default=0)
    return min(found, LEVEL_MAX)


def _note(
    actor: Actor, now: datetime, action: str, row: ElementLevel, detail: dict[str, Any]
) -> None:
    owner = row.division or "*"
    keeping.note(
        actor=actor,
        now=now,
        action=action,
        target=("element_level", f"{row.document_type}.{row.field}/{row.fiscal_year}/{owner}"),
        detail=detail,
    )

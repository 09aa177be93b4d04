"""汇总 running a summary: one grouped query within the scope; every row knows where it leads.

Reads only; the caller has applied the actor's scope.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from django.db.models import Count, Sum

from shucai.kernel import registry
from shucai.kernel.document import listing
from shucai.kernel.document.declare import DocumentType
from shucai.kernel.identity.actor import Actor
from shucai.kernel.masterdata import values
from shucai.kernel.masterdata.fields import ElementField
from shucai.kernel.masterdata.models import Unit
from shucai.kernel.report.declare import Summary

ROWS_MAX: Final = 5_000
_SUM: Final = re.compile(r"^sum\((?:lines\.)?amount\)$")


@dataclass(frozen=True, slots=True)
class Group:
    """One row: what it is grouped by, its measures, and the filters of the list behind it."""

    labels: tuple[str, ...]
    measures: tuple[Decimal | int, ...]
    filters: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Result:
    """`is_cut` says that there were more than ROWS_MAX rows; `totals` are of the rows shown."""

    heads: tuple[str, ...]
    measures: tuple[str, ...]
    money: tuple[bool, ...]
    rows: list[Group]
    totals: tuple[Decimal | int, ...]
    is_cut: bool


def find(code: str) -> Summary | None:
    found: Summary | None = registry.find("summary", code)
    return found


def summaries_of(kind: DocumentType) -> list[Summary]:
    return [one for one in registry.all("summary").values() if one.of is kind]


def run(summary: Summary, actor: Actor, *, filters: Mapping[str, Sequence[str]]) -> Result:
    """The summary over what its declaration and the filters leave, in the actor's year."""
    kind: DocumentType = summary.of
    wanted = {**{n: list(v) for n, v in filters.items()}, **_where(summary)}
    query = listing.Query(type=kind, actor=actor, filters=wanted)
    names = summary.by.split()
    columns = [_column(name) for name in names]
    money = tuple(bool(_SUM.match(text)) for text in summary.measures.values())
    grouped = (
        listing.selected(query)
        .values(*columns)
        .annotate(
            **{
                f"m{at}": Sum("header__amount") if is_money else Count("pk")
                for at, is_money in enumerate(money)
            }
        )
    )
    found = list(grouped[: ROWS_MAX + 1])
    rows = _rows(kind, names, columns, found[:ROWS_MAX], actor)
    where = {n: v[0] for n, v in wanted.items()}
    rows = [Group(g.labels, g.measures, {**where, **g.filters}) for g in rows]
    totals = tuple(
        sum((row.measures[at] for row in rows), Decimal(0) if is_money else 0)
        for at, is_money in enumerate(money)
    )
    return Result(
        heads=tuple(_label(kind, name) for name in names),
        measures=tuple(summary.measures),
        money=money,
        rows=rows,
        totals=totals,
        is_cut=len(found) > ROWS_MAX,
    )


def _where(summary: Summary) -> dict[str, list[str]]:
    return {name: [str(value)] for name, value in summary.where.items()}


def _column(name: str) -> str:
    if name == "unit":
        return "header__unit_id"
    return f"header__{name}" if name in listing.HEADER_FIELDS else name


def _label(kind: DocumentType, name: str) -> str:
    if name in listing.HEADER_FIELDS:
        return listing.HEADER_FIELDS[name]
    return str(next(f.verbose_name for f in kind.fields() if f.name == name))


def _rows(
    kind: DocumentType,
    names: Sequence[str],
    columns: Sequence[str],
    found: Sequence[Mapping[str, Any]],
    actor: Actor,
) -> list[Group]:
    units = Unit.objects.in_bulk({row["header__unit_id"] for row in found if "unit" in names})
    rows = []
    for row in found:
        labels, filters = [], {}
        for name, column in zip(names, columns, strict=True):
            label, value = _spelled(kind, name, row[column], units, actor)
            labels.append(label)
            filters[name] = value
        measures = tuple(value for name, value in row.items() if name not in columns)
        rows.append(Group(tuple(labels), measures, filters))
    return sorted(rows, key=lambda group: tuple(group.filters.values()))


def _spelled(
    kind: DocumentType, name: str, value: Any, units: Mapping[int, Unit], actor: Actor
) -> tuple[str, str]:
    """What people read, and what the list's filter takes."""
    if name == "unit":
        unit = units[value]
        return f"{unit.code} {unit.name}", unit.code
    if name == "state":
        return kind.state_label(value), str(value)
    text = "" if value is None else str(value)
    field = kind.model._meta.get_field(name) if name not in listing.HEADER_FIELDS else None
    if isinstance(field, ElementField):
        known = values.name_of(field.value_set, actor.fiscal_year, text, division=actor.division)
        return f"{text} {known}".strip(), text
    choices = dict(getattr(field, "flatchoices", ()) or ())
    return str(choices.get(value, text)), text

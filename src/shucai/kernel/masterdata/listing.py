"""所见 listing: which records of master data a position sees, and how many there are.

Standard records are seen by everybody; local ones by their division and by city-wide positions.
"""

from collections import Counter
from typing import Any, Final

from django.db.models import QuerySet

from shucai.kernel.identity.actor import Actor
from shucai.kernel.masterdata.models import (
    Division,
    ElementLevel,
    ElementRelation,
    Unit,
    Value,
    ValueRule,
)
from shucai.kernel.masterdata.offering import is_city_wide

SHOWN_MAX: Final = 200


def values(actor: Actor) -> QuerySet[Value]:
    """The values of the actor's year."""
    return _own(actor, Value.objects.filter(fiscal_year=actor.fiscal_year))


def value_rules(actor: Actor) -> QuerySet[ValueRule]:
    return _own(actor, ValueRule.objects.filter(fiscal_year=actor.fiscal_year))


def element_levels(actor: Actor) -> QuerySet[ElementLevel]:
    return _own(actor, ElementLevel.objects.filter(fiscal_year=actor.fiscal_year))


def _own(actor: Actor, rows: QuerySet[Any]) -> QuerySet[Any]:
    return rows if is_city_wide(actor) else rows.filter(division__in=["", actor.division])


def relations(actor: Actor) -> QuerySet[ElementRelation]:
    """The pairs of the actor's year."""
    return ElementRelation.objects.filter(fiscal_year=actor.fiscal_year)


def units(actor: Actor) -> QuerySet[Unit]:
    """The units of the scope, stopped ones too."""
    low, high = actor.range
    rows = Unit.objects.filter(path__gte=low, path__lt=high)
    return rows.filter(office=actor.office) if actor.office else rows


def units_of(division: str) -> tuple[list[Unit], int]:
    """The units nearest to the top of the division, and how many it has."""
    rows = Unit.objects.filter(division_code=division, is_enabled=True)
    return list(rows.order_by("level", "code")[:SHOWN_MAX]), rows.count()


def below(actor: Actor, value: Value) -> list[Value]:
    """The values directly below, local ones included."""
    rows = _own(actor, Value.objects.filter(fiscal_year=value.fiscal_year))
    rows = rows.filter(value_set=value.value_set_id, parent_code=value.code)
    return list(rows.order_by("code")[:SHOWN_MAX])


def local_counts(division: str, fiscal_year: int) -> dict[str, int]:
    """How many local codes the division has in each value set."""
    rows = Value.objects.filter(division=division, fiscal_year=fiscal_year, is_enabled=True)
    return dict(Counter(rows.values_list("value_set__code", flat=True)))


def year_counts(value_set: str) -> dict[int, Counter[str]]:
    """Standard, local and stopped codes of a set, by year."""
    counts: dict[int, Counter[str]] = {}
    rows = Value.objects.filter(value_set__code=value_set)
    for year, division, is_enabled in rows.values_list("fiscal_year", "division", "is_enabled"):
        word = "stopped" if not is_enabled else "local" if division else "standard"
        counts.setdefault(year, Counter())[word] += 1
    return counts


def division_names() -> dict[str, str]:
    return dict(Division.objects.values_list("code9", "name")[:1_000])

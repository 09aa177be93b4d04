"""年度 years: a new year's values, rules, relations and levels begin as a copy of the old ones."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from django.db import models, transaction

from shucai.kernel import audit
from shucai.kernel.identity.actor import Actor
from shucai.kernel.masterdata import cache, errors, keeping, values
from shucai.kernel.masterdata.models import (
    CodeRule,
    ElementLevel,
    ElementRelation,
    Value,
    ValueRule,
    ValueSet,
)

BATCH: Final = 2_000
SETS_MAX: Final = 500


@dataclass(frozen=True, slots=True)
class Copied:
    """How much came into the new year, by value set, and besides."""

    values: dict[str, int]
    rules: int
    relations: int
    levels: int
    value_rules: int = 0


@dataclass(frozen=True, slots=True)
class Prospect:
    """What a copy would do for one value set. `held` values in the target year: it is left out."""

    value_set: str
    name: str
    count: int
    ended: int
    held: int

    @property
    def is_copied(self) -> bool:
        return self.count > 0 and not self.held


def prospects(*, source: int, target: int) -> list[Prospect]:
    """Every value set with what a copy of the year would bring. Writes nothing."""
    enabled = models.Q(fiscal_year=source, is_enabled=True)
    lasting = models.Q(valid_to=None) | models.Q(valid_to__gt=date(target, 1, 1))
    rows = Value.objects.order_by().values("value_set")
    counted = rows.annotate(
        count=models.Count("pk", filter=enabled & lasting),
        ended=models.Count("pk", filter=enabled & ~lasting),
        held=models.Count("pk", filter=models.Q(fiscal_year=target)),
    )
    known: dict[Any, Any] = {row["value_set"]: row for row in counted}
    return [
        Prospect(one.code, one.name, row["count"], row["ended"], row["held"])
        for one in ValueSet.objects.order_by("code")[:SETS_MAX]
        if (row := known.get(one.code)) and (row["count"] or row["held"])
    ]


Progress = Callable[[int, int, str], None]


def _silent(done: int, total: int, note: str) -> None:
    """Nobody is watching."""


@audit.refusals("masterdata.copy_year", "masterdata.year")
def copy_year(
    *,
    actor: Actor,
    value_sets: Sequence[str],
    source: int,
    target: int,
    now: datetime,
    progress: Progress = _silent,
) -> Copied:
    """Enabled values of the sets, with their rules; relations and levels where the year has none.

    Refused for a set that has values in the target year: nothing is overwritten.
    """
    keeping.demand_owner(actor, "复制年度", division="", set_name="值集")
    with transaction.atomic():
        counts = {}
        for done, code in enumerate(value_sets):
            progress(done, len(value_sets), values.catalogue(code, source).name)
            counts[code] = _copy_values(code, source, target)
        copied = Copied(
            values=counts,
            rules=_copy(CodeRule, source, target, value_set__code__in=value_sets),
            relations=_copy(
                ElementRelation,
                source,
                target,
                left_set__in=value_sets,
                right_set__in=value_sets,
                is_enabled=True,
            ),
            levels=_copy(ElementLevel, source, target, value_set__in=value_sets),
            value_rules=_copy(ValueRule, source, target, value_set__in=value_sets, is_enabled=True),
        )
        keeping.note(
            actor=actor,
            now=now,
            action="copy_year",
            target=("year", f"{source}-{target}"),
            detail={
                "values": counts,
                "relations": copied.relations,
                "levels": copied.levels,
                "value_rules": copied.value_rules,
            },
        )
    cache.forget()
    return copied


def _copy_values(code: str, source: int, target: int) -> int:
    name = values.catalogue(code, source).name
    held = Value.objects.filter(value_set__code=code, fiscal_year=target).count()
    if held:
        raise errors.YEAR_NOT_EMPTY.refuse(set=name, source=source, target=target, count=held)
    rows = list(Value.objects.filter(value_set__code=code, fiscal_year=source, is_enabled=True))
    rows = [row for row in rows if row.valid_to is None or row.valid_to > date(target, 1, 1)]
    if not rows:
        raise errors.YEAR_EMPTY.refuse(set=name, source=source, target=target)
    parents = {(row.division, row.parent_code) for row in rows if row.parent_code}
    for row in rows:
        row.pk, row.fiscal_year = None, target
        row.is_leaf = (row.division, row.code) not in parents
    Value.objects.bulk_create(rows, batch_size=BATCH)
    return len(rows)


def _copy(model: type[models.Model], source: int, target: int, **wanted: Any) -> int:
    manager = model._default_manager
    if manager.filter(fiscal_year=target, **wanted).exists():
        return 0
    rows: list[Any] = list(manager.filter(fiscal_year=source, **wanted))
    for row in rows:
        row.pk, row.fiscal_year = None, target
    manager.bulk_create(rows, batch_size=BATCH)
    return len(rows)

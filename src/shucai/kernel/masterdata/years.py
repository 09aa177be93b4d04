"""年度 years: a new year's values, rules, relations and levels begin as a copy of the old ones."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import models, transaction

from shucai.kernel import audit
from shucai.kernel.identity.actor import Actor
from shucai.kernel.masterdata import cache, errors, keeping, values
from shucai.kernel.masterdata.models import (
    CodeMapping,
    CodeRule,
    ElementLevel,
    ElementRelation,
    Value,
    ValueSet,
)

BATCH = 2_000


@dataclass(frozen=True, slots=True)
class Copied:
    """How much came into the new year, by value set, and besides."""

    values: dict[str, int]
    rules: int
    relations: int
    levels: int


@audit.refusals("masterdata.copy_year", "masterdata.year")
def copy_year(
    *, actor: Actor, value_sets: Sequence[str], source: int, target: int, now: datetime
) -> Copied:
    """Enabled values of the sets, with their rules; relations and levels where the year has none.

    Refused for a set that has values in the target year: nothing is overwritten.
    """
    keeping.demand_owner(actor, "复制年度", division="", set_name="值集")
    with transaction.atomic():
        counts = {code: _copy_values(code, source, target) for code in value_sets}
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
        )
        keeping.note(
            actor=actor,
            now=now,
            action="copy_year",
            target=("year", f"{source}-{target}"),
            detail={"values": counts, "relations": copied.relations, "levels": copied.levels},
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


@audit.refusals("masterdata.put_mapping", "masterdata.mapping")
def put_mapping(
    *,
    actor: Actor,
    value_set: str,
    years: tuple[int, int],
    pairs: Sequence[tuple[str, str, str]],
    now: datetime,
) -> int:
    """Old code, new code ("" when stopped) and kind, in place of what was known of these codes."""
    keeping.demand_owner(actor, "维护新旧编码对照", division="", set_name=value_set)
    with transaction.atomic():
        owner = ValueSet.objects.get(code=value_set)
        known = CodeMapping.objects.filter(
            value_set=owner,
            from_year=years[0],
            to_year=years[1],
            from_code__in={p[0] for p in pairs},
        )
        before = list(known.values_list("from_code", "to_code", "kind"))
        known.delete()
        CodeMapping.objects.bulk_create(
            CodeMapping(
                value_set=owner,
                from_year=years[0],
                from_code=old,
                to_year=years[1],
                to_code=new,
                kind=kind,
            )
            for old, new, kind in pairs
        )
        keeping.note(
            actor=actor,
            now=now,
            action="put_mapping",
            target=("mapping", f"{value_set}/{years[0]}-{years[1]}"),
            detail={"old": before, "new": list(pairs)},
        )
    cache.forget()
    return len(pairs)


def successors(value_set: str, code: str, *, source: int, target: int) -> list[str]:
    """What the code of one year is called in another; an unmapped code keeps its name.

    Looks back as well as forward. Several codes after a split (or, backwards, a merger); none
    when the code was stopped.
    """
    step = 1 if target >= source else -1
    found = [code]
    for year in range(source, target, step):
        known = _mapping(value_set, *((year, year + 1) if step == 1 else (year - 1, year)))
        table = known[0] if step == 1 else known[1]
        found = list(dict.fromkeys(new for old in found for new in table.get(old, [old])))
    return [new for new in found if new]


def _mapping(
    value_set: str, source: int, target: int
) -> tuple[dict[str, list[str]], dict[str, list[str]]]:
    return cache.kept(
        ("mapping", value_set, source, target), lambda: _load(value_set, source, target)
    )


def _load(
    value_set: str, source: int, target: int
) -> tuple[dict[str, list[str]], dict[str, list[str]]]:
    rows = CodeMapping.objects.filter(
        value_set__code=value_set, from_year=source, to_year=target
    ).order_by("from_code", "to_code")
    forward: dict[str, list[str]] = {}
    back: dict[str, list[str]] = {}
    for old, new in rows.values_list("from_code", "to_code"):
        forward.setdefault(old, []).append(new)
        if new:
            back.setdefault(new, []).append(old)
    return forward, back

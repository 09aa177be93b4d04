"""值的维护 keeping values one by one: new, renamed, stopped, used again. Nothing is deleted."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from django.db import transaction
from django.db.models import QuerySet

from shucai.kernel import audit
from shucai.kernel.identity.actor import Actor
from shucai.kernel.masterdata import cache, codes, errors, keeping, pinyin, values
from shucai.kernel.masterdata.models import Value, ValueSet

NAME_MAX: Final = 200


@dataclass(frozen=True, slots=True)
class Place:
    """Which set, year and owner a change is about; `division` is empty for standard values."""

    value_set: str
    fiscal_year: int
    division: str = ""

    def key(self, code: str) -> str:
        return f"{self.value_set}/{self.fiscal_year}/{self.division or '*'}/{code}"


@audit.refusals("masterdata.define_set", "masterdata.value_set")
def define_set(
    *,
    actor: Actor,
    code: str,
    name: str,
    now: datetime,
    national_code: str = "",
    description: str = "",
) -> ValueSet:
    """A value set with that name; an existing one is renamed."""
    keeping.demand_owner(actor, "维护值集", division="", set_name=name)
    with transaction.atomic():
        found, _ = ValueSet.objects.update_or_create(
            code=code,
            defaults={
                "name": _name(name),
                "national_code": national_code,
                "description": description,
            },
        )
        keeping.note(
            actor=actor,
            now=now,
            action="define_set",
            target=("value_set", code),
            detail={"name": name, "national_code": national_code},
        )
    cache.forget()
    return found


@audit.refusals("masterdata.add_value", "masterdata.value")
def add(
    *,
    actor: Actor,
    place: Place,
    code: str,
    name: str,
    now: datetime,
    parent: str = "",
    valid_from: date | None = None,
    valid_to: date | None = None,
) -> Value:
    """A new value below `parent`; local values may hang below standard ones."""
    known = values.catalogue(place.value_set, place.fiscal_year)
    keeping.demand_owner(actor, "新增值", division=place.division, set_name=known.name)
    code = code.strip()
    wrong = codes.check_code(place.value_set, place.fiscal_year, code, parent=parent)
    if wrong is not None:
        raise errors.CODE_FORM.refuse("code", **wrong.data)
    taken = known.find(code, division=place.division)
    if taken is not None:
        raise errors.CODE_TAKEN.refuse(
            "code", code=code, year=place.fiscal_year, set=known.name, name=taken.name
        )
    above = known.find(parent, division=place.division) if parent else None
    if parent and (above is None or not above.is_enabled):
        raise errors.NO_PARENT.refuse(
            "parent", code=code, parent=parent, year=place.fiscal_year, set=known.name
        )
    with transaction.atomic():
        value = Value.objects.create(
            value_set=ValueSet.objects.get(code=place.value_set),
            fiscal_year=place.fiscal_year,
            division=place.division,
            code=code,
            name=_name(name),
            full_name=f"{above.full_name}-{name}"[:600] if above else name,
            parent_code=parent,
            level=above.level + 1 if above else 1,
            valid_from=valid_from,
            valid_to=valid_to,
            pinyin=pinyin.spelled(name),
        )
        if above is not None and above.division == place.division:
            _rows(place).filter(code=parent).update(is_leaf=False)
        _note(actor, now, "add", (place, code), {"new": {"name": name, "parent": parent}})
    cache.forget()
    return value


@audit.refusals("masterdata.change_value", "masterdata.value")
def change(
    *,
    actor: Actor,
    place: Place,
    code: str,
    now: datetime,
    name: str,
    valid_from: date | None = None,
    valid_to: date | None = None,
) -> Value:
    """Another name or other dates; code and place in the tree never change within a year."""
    value = _held(actor, place, code, "修改值")
    with transaction.atomic():
        before = {"name": value.name, "from": value.valid_from, "to": value.valid_to}
        value.name, value.pinyin = _name(name), pinyin.spelled(name)
        value.valid_from, value.valid_to = valid_from, valid_to
        value.save(update_fields=["name", "pinyin", "valid_from", "valid_to"])
        _spell_out_below(value)
        after = {"name": name, "from": valid_from, "to": valid_to}
        _note(actor, now, "change", (place, code), {"old": before, "new": after})
    cache.forget()
    return value


@audit.refusals("masterdata.stop_value", "masterdata.value")
def stop(*, actor: Actor, place: Place, code: str, now: datetime) -> Value:
    """Not to be chosen any more in that year; what uses it stays readable."""
    value = _held(actor, place, code, "停用值")
    below = [
        entry
        for entry in values.catalogue(place.value_set, place.fiscal_year).children(
            code, division=place.division
        )
        if entry.is_enabled
    ]
    if below:
        raise errors.VALUE_IN_USE.refuse(
            set=value.value_set.name, code=code, count=len(below), example=below[0].label
        )
    return _switch(actor, place, value, now, to=False)


@audit.refusals("masterdata.restart_value", "masterdata.value")
def restart(*, actor: Actor, place: Place, code: str, now: datetime) -> Value:
    """A stopped value may be chosen again, if its parent may."""
    value = _held(actor, place, code, "启用值")
    known = values.catalogue(place.value_set, place.fiscal_year)
    above = known.find(value.parent_code, division=place.division) if value.parent_code else None
    if value.parent_code and (above is None or not above.is_enabled):
        raise errors.NO_PARENT.refuse(
            code=code, parent=value.parent_code, year=place.fiscal_year, set=known.name
        )
    return _switch(actor, place, value, now, to=True)


def _switch(actor: Actor, place: Place, value: Value, now: datetime, *, to: bool) -> Value:
    with transaction.atomic():
        value.is_enabled = to
        value.save(update_fields=["is_enabled"])
        settle_leaves(place)
        _note(actor, now, "restart" if to else "stop", (place, value.code), {"name": value.name})
    cache.forget()
    return value


def settle_leaves(place: Place) -> None:
    """A value is a leaf when no enabled value of the same owner hangs below it."""
    rows = _rows(place)
    parents = rows.filter(is_enabled=True).exclude(parent_code="").values("parent_code")
    rows.filter(code__in=parents, is_leaf=True).update(is_leaf=False)
    rows.exclude(code__in=parents).filter(is_leaf=False).update(is_leaf=True)


def _spell_out_below(value: Value) -> None:
    """Full names of the value and of everything of its owner below it."""
    place = Place(value.value_set_id, value.fiscal_year, value.division)
    rows = list(_rows(place))
    by_parent: dict[str, list[Value]] = {}
    for row in rows:
        by_parent.setdefault(row.parent_code, []).append(row)
    known = values.catalogue(value.value_set_id, value.fiscal_year)
    above = known.find(value.parent_code, division=value.division) if value.parent_code else None
    value.full_name = f"{above.full_name}-{value.name}"[:600] if above else value.name
    changed, todo = [value], [value]
    while todo:
        parent = todo.pop()
        for row in by_parent.get(parent.code, []):
            row.full_name = f"{parent.full_name}-{row.name}"[:600]
            changed.append(row)
            todo.append(row)
    Value.objects.bulk_update(changed, ["full_name"], batch_size=500)


def _held(actor: Actor, place: Place, code: str, action: str) -> Value:
    known = values.catalogue(place.value_set, place.fiscal_year)
    keeping.demand_owner(actor, action, division=place.division, set_name=known.name)
    found = _rows(place).select_related("value_set").filter(code=code).first()
    if found is None:
        raise errors.UNKNOWN_VALUE.refuse(set=known.name, code=code, year=place.fiscal_year)
    return found


def _rows(place: Place) -> QuerySet[Value]:
    return Value.objects.filter(
        value_set__code=place.value_set, fiscal_year=place.fiscal_year, division=place.division
    )


def _name(name: str) -> str:
    text = name.strip()
    if not 1 <= len(text) <= NAME_MAX:
        reason = f"共 {len(text)} 个字，应为 1 至 {NAME_MAX} 个字"
        raise errors.BAD_TEXT.refuse("name", label="名称", reason=reason)
    return text


def _note(
    actor: Actor, now: datetime, action: str, target: tuple[Place, str], detail: dict[str, Any]
) -> None:
    place, code = target
    keeping.note(
        actor=actor,
        now=now,
        action=f"{action}_value",
        target=("value", place.key(code)),
        detail=detail,
    )

"""名录查阅 reading registers: filtered pages by key, counts, branches of a tree, one record.

Nothing here writes, and nothing is shown that the register's `rows` and the row-level security of
the actor's scope leave out; the caller has applied that scope.
"""

import base64
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Count, Exists, F, OuterRef, Q, Value
from django.utils import timezone

from shucai.base.errors import Finding, Refused
from shucai.kernel.document.listing import RowCompare
from shucai.kernel.identity.actor import Actor
from shucai.kernel.identity.models import User
from shucai.kernel.masterdata.models import Unit
from shucai.kernel.pages import errors
from shucai.kernel.pages.access import duty_names
from shucai.kernel.pages.register import Filter, Register, find_register
from shucai.kernel.pages.register_facts import (
    FLAGS,
    facts,
    field_of,
    filter_label,
    filter_name,
    joins,
    key_of,
)

SIZES: Final = (20, 50, 100, 200)
SIZE_MAX: Final = 200
COUNT_MAX: Final = 10_000
EXPORT_MAX: Final = 20_000
SPANS: Final = ("date", "instant", "money")
SEARCH_WORDS_MAX: Final = 6


@dataclass(frozen=True, slots=True)
class Query:
    """What a list is asked for. `filters` are texts by the filter's name; spans have two, ending
    in `_from` and `_to`. `parent` is the key of the record whose branch is wanted."""

    register: Register
    actor: Actor
    filters: Mapping[str, Sequence[str]] = field(default_factory=dict)
    text: str = ""
    sort: str = ""
    cursor: str = ""
    size: int = 50
    parent: str = ""
    is_tree: bool = False


@dataclass(frozen=True, slots=True)
class Page:
    """Records; cursors are empty at the ends. In a tree, each record has `has_children`."""

    rows: list[Any]
    next: str
    previous: str


def found_or_refused(code: str) -> Register:
    register = find_register(code)
    if register is None:
        raise errors.UNKNOWN_REGISTER.refuse(register=code[:60])
    return register


def refuse_without_duty(register: Register, actor: Actor) -> None:
    if not register.may_read(actor):
        raise errors.NO_DUTY.refuse(
            label="查阅",
            register=register.name,
            duty=duty_names(register.readers),
            position=actor.position_name,
        )


def base(register: Register, actor: Actor) -> models.QuerySet[Any]:
    """Everything of the register that the actor may see."""
    return register.rows(actor) if register.rows else register.model._default_manager.all()


def one(register: Register, actor: Actor, key: str) -> Any:
    """The record of that key. Raises Refused where there is none, or none for this actor."""
    found = many(register, actor, [key])
    return found[0]


def many(register: Register, actor: Actor, keys: Sequence[str]) -> list[Any]:
    """The records in the order of their keys; all that are missing are told at once."""
    known = field_of(register.model, register.key)
    wanted = {}
    for key in keys:
        try:
            if "\x00" in key:
                continue
            wanted[key] = known.to_python(key) if known is not None else key
            if known is not None:
                known.run_validators(wanted[key])
        except ValidationError:
            wanted.pop(key, None)
    rows = base(register, actor).filter(**{f"{register.key}__in": list(wanted.values())})
    by_key = {key_of(register, row): row for row in rows.select_related(*joins(register))}
    missing = [
        errors.NO_RECORD.at(key=key[:60], register=register.name, position=actor.position_name)
        for key in keys
        if str(wanted.get(key, "")) not in by_key
    ]
    if missing:
        raise Refused(missing)
    return [by_key[str(wanted[key])] for key in keys]


def page(query: Query) -> Page:
    """One page in the order asked for; the tie is broken by the primary key."""
    order = _order(query)
    backwards, anchor = _decoded(query.register, query.cursor, order)
    steps = [_Step(one.path, one.descending != backwards, one.is_nullable) for one in order]
    rows = selected(query)
    if anchor is not None:
        rows = rows.filter(_beyond(steps, anchor, backwards=backwards))
    size = min(max(query.size, 1), SIZE_MAX)
    rows = rows.select_related(*joins(query.register))
    found = list(rows.order_by(*[one.expression(backwards) for one in steps])[: size + 1])
    more, found = len(found) > size, found[:size]
    if backwards:
        found.reverse()
    has_next, has_previous = (True, more) if backwards else (more, anchor is not None)
    return Page(
        rows=found,
        next=_encoded(False, order, found[-1]) if found and has_next else "",
        previous=_encoded(True, order, found[0]) if found and has_previous else "",
    )


def count(query: Query) -> int:
    """How many records are selected; stops at COUNT_MAX."""
    return selected(replace(query, is_tree=False, parent="")).order_by()[:COUNT_MAX].count()


def counts(query: Query, one: Filter) -> dict[str, int]:
    """How many records stand under each value of a filter, the other filters kept."""
    name = filter_name(query.register, one)
    others = {key: value for key, value in query.filters.items() if key != name}
    rows = selected(replace(query, filters=others, is_tree=False, parent="")).order_by()
    if rows[:COUNT_MAX].count() >= COUNT_MAX:
        return {}
    found = rows.values(one.field).annotate(n=Count("*")).values_list(one.field, "n")
    return {("1" if v else "0") if isinstance(v, bool) else str(v): n for v, n in found}


def keys(query: Query, *, limit: int) -> list[str]:
    """The keys of the whole selection, for commands on “all that match”."""
    rows = selected(replace(query, is_tree=False, parent="")).order_by("pk")
    return [str(key) for key in rows.values_list(query.register.key, flat=True)[:limit]]


def every(query: Query, *, limit: int) -> list[Any]:
    """The records of the whole selection in order, for exports."""
    order = [step.expression(False) for step in _order(query)]
    rows = selected(replace(query, is_tree=False, parent=""))
    return list(rows.select_related(*joins(query.register)).order_by(*order)[:limit])


def selected(query: Query) -> models.QuerySet[Any]:
    """The records the query means, unordered. Raises Refused for filters that can't be read."""
    register = query.register
    rows = base(register, query.actor)
    findings: list[Finding] = []
    for one in register.filters:
        for condition in _conditions(query, one, findings):
            rows = rows.filter(condition)
    if findings:
        raise Refused(findings)
    for word in query.text.replace("\x00", " ").split()[:SEARCH_WORDS_MAX]:
        rows = rows.filter(_contains(register, word))
    return _branch(query, rows) if query.is_tree and register.parent else rows


def _contains(register: Register, word: str) -> Q:
    found = Q()
    for path in register.search.split():
        found |= Q(**{f"{path}__icontains": word})
    return found


# ------------------------------------------------------------------ filters


def _conditions(query: Query, one: Filter, findings: list[Finding]) -> list[Q]:
    name = filter_name(query.register, one)
    if one.entry in SPANS:
        return [
            condition
            for end in ("from", "to")
            for said in _said(query, f"{name}_{end}")[:1]
            for condition in _bound(query.register, one, said, f"{name}_{end}", findings)
        ]
    given = _said(query, name)
    if not given:
        return []
    try:
        return [_equal(query, one, given)]
    except (ValueError, ValidationError):
        label = filter_label(query.register, one)
        wanted = "整数" if one.entry == "integer" else "可以查询的值"
        findings.append(errors.BAD_FILTER.at(name, label=label, value=given[0][:40], wanted=wanted))
        return []


def _said(query: Query, name: str) -> list[str]:
    """The texts given for a filter; what no database text can hold is left out of them."""
    plain = [text.replace("\x00", "").strip() for text in query.filters.get(name, ())]
    return [text for text in plain if text]


def _bound(
    register: Register, one: Filter, said: str, place: str, findings: list[Finding]
) -> list[Q]:
    if not said:
        return []
    is_lower = place.endswith("_from")
    try:
        if one.entry == "money":
            bound: Any = Decimal(said.replace(",", ""))
        else:
            bound = date.fromisoformat(said.replace("/", "-"))
    except (ValueError, InvalidOperation):
        wanted = "金额" if one.entry == "money" else "日期，例如 2026-01-31"
        label = filter_label(register, one)
        findings.append(errors.BAD_FILTER.at(place, label=label, value=said[:40], wanted=wanted))
        return []
    if one.entry == "instant":
        day = bound if is_lower else bound + timedelta(days=1)
        bound = timezone.make_aware(datetime.combine(day, time.min))
        return [Q(**{f"{one.field}__{'gte' if is_lower else 'lt'}": bound})]
    return [Q(**{f"{one.field}__{'gte' if is_lower else 'lte'}": bound})]


def _equal(query: Query, one: Filter, given: Sequence[str]) -> Q:
    known = field_of(query.register.model, one.field)
    if one.entry == "text":
        lookup = "icontains" if one.lookup == "exact" else one.lookup
        return Q(**{f"{one.field}__{lookup}": given[0]})
    if one.entry == "unit":
        codes = [said.split(" ", maxsplit=1)[0] for said in given]
        target = getattr(known, "related_model", None)
        return Q(**{f"{one.field}{'__code' if target is Unit else ''}__in": codes})
    if one.entry == "user":
        return _person(one, known, given[0])
    if one.entry == "value":
        given = [said.split(" ", maxsplit=1)[0] for said in given]
    if one.entry == "flag":
        return Q(**{one.field: given[0] == "1"})
    if one.lookup != "exact":
        return Q(**{f"{one.field}__{one.lookup}": _typed(known, given[0])})
    if one.entry == "choices":
        return Q(**{f"{one.field}__overlap": list(given)})
    return Q(**{f"{one.field}__in": [_typed(known, said) for said in given[:50]]})


def _typed(known: models.Field[Any, Any] | None, said: str) -> Any:
    while known is not None and known.is_relation:
        known = known.target_field  # type: ignore[attr-defined]  # a foreign key has one
    if known is None:
        return said
    value = known.to_python(said)
    if isinstance(value, int) and not isinstance(value, bool):
        known.run_validators(value)
    return value


def _person(one: Filter, known: models.Field[Any, Any] | None, said: str) -> Q:
    """By login or name; a person may be kept as a key or as a foreign key."""
    login = said.split(" ", maxsplit=1)[0]
    people = User.objects.filter(Q(username=login.lower()) | Q(name=said))
    if known is not None and isinstance(known, models.CharField):
        return Q(**{f"{one.field}__in": [login, said]})
    return Q(**{f"{one.field}__in": list(people.values_list("pk", flat=True)[:100])})


def options(register: Register, one: Filter, actor: Actor) -> list[tuple[str, str]]:
    """What a filter offers: its own options, those of the model's field, or yes and no."""
    if one.options is not None:
        return [(str(value), str(text)) for value, text in one.options(actor, None)]
    known = field_of(register.model, one.field)
    if one.entry == "flag" or isinstance(known, models.BooleanField):
        return list(FLAGS)
    return [(str(value), str(text)) for value, text in getattr(known, "flatchoices", None) or ()]


# ------------------------------------------------------------------ trees


def _branch(query: Query, rows: models.QuerySet[Any]) -> models.QuerySet[Any]:
    """The roots that the actor sees, or the children of `parent`; each knows if it has some."""
    register = query.register
    known = field_of(register.model, register.parent)
    is_key = known is not None and known.is_relation
    code = "pk" if is_key else register.parent.removeprefix("parent_")
    everything = rows
    below = everything.filter(**{register.parent: OuterRef(code)}).order_by()
    if query.parent:
        above = one(register, query.actor, query.parent)
        rows = rows.filter(**{register.parent: getattr(above, code)})
    elif is_key:
        over = everything.filter(pk=OuterRef(f"{register.parent}_id")).order_by()
        rows = rows.filter(Q(**{f"{register.parent}__isnull": True}) | ~Exists(over))
    else:
        rows = rows.filter(Q(**{register.parent: ""}))
    found: models.QuerySet[Any] = rows.annotate(has_children=Exists(below))
    return found


def ancestors(register: Register, actor: Actor, record: Any) -> list[Any]:
    """From the root down to the record's parent, as far as the actor sees them."""
    known = field_of(register.model, register.parent) if register.parent else None
    if known is None or not known.is_relation:
        return []
    found: list[Any] = []
    seen = {record.pk}
    above = getattr(record, f"{register.parent}_id")
    while above is not None and above not in seen and len(found) < 20:
        row = base(register, actor).filter(pk=above).first()
        if row is None:
            break
        seen.add(above)
        found.insert(0, row)
        above = getattr(row, f"{register.parent}_id")
    return found


# ------------------------------------------------------------------ order and place


@dataclass(frozen=True, slots=True)
class _Step:
    """One field of the order. Nothing comes after everything, whichever way."""

    path: str
    descending: bool
    is_nullable: bool

    def expression(self, backwards: bool) -> Any:
        if not self.is_nullable:
            return F(self.path).desc() if self.descending else F(self.path).asc()
        last: dict[str, Any] = {"nulls_first": True} if backwards else {"nulls_last": True}
        return F(self.path).desc(**last) if self.descending else F(self.path).asc(**last)


def sorts(register: Register) -> list[str]:
    """The columns a list can be put in order by."""
    return [name for name, one in facts(register).items() if one.is_sortable]


def _order(query: Query) -> list[_Step]:
    """The column asked for, else the declared order; then the primary key."""
    register = query.register
    wanted = query.sort.removeprefix("-")
    said = [query.sort] if wanted in sorts(register) else register.order.split()
    steps = []
    for one in said:
        path = one.removeprefix("-")
        steps.append(_Step(path, one.startswith("-"), _is_nullable(register, path)))
    last = steps[-1].descending if steps else True
    if not steps or steps[-1].path not in ("pk", register.model._meta.pk.name):
        steps.append(_Step("pk", last, False))
    return steps


def _is_nullable(register: Register, path: str) -> bool:
    parts = path.split("__")
    known = [field_of(register.model, "__".join(parts[:end])) for end in range(1, len(parts) + 1)]
    return any(one is None or one.null for one in known)


def _beyond(steps: Sequence[_Step], anchor: Sequence[Any], *, backwards: bool) -> Q | RowCompare:
    """Everything after the anchor. One row comparison where an index can follow it."""
    same_way = len({one.descending for one in steps}) == 1
    if same_way and not any(one.is_nullable for one in steps):
        keys = [F(one.path) for one in steps]
        values = [Value(value) for value in anchor]
        return RowCompare(*keys, *values, operator="<" if steps[0].descending else ">")
    found, equal = Q(pk__in=[]), Q()
    for one, value in zip(steps, anchor, strict=True):
        found |= equal & _after(one, value, backwards=backwards)
        equal &= Q(**{f"{one.path}__isnull": True}) if value is None else Q(**{one.path: value})
    return found


def _after(one: _Step, value: Any, *, backwards: bool) -> Q:
    if value is None:
        return Q(**{f"{one.path}__isnull": False}) if backwards else Q(pk__in=[])
    further = Q(**{f"{one.path}__{'lt' if one.descending else 'gt'}": value})
    if one.is_nullable and not backwards:
        further |= Q(**{f"{one.path}__isnull": True})
    return further


def _encoded(backwards: bool, order: Sequence[_Step], record: Any) -> str:
    values: list[str | None] = []
    for one in order:
        current = record
        for part in one.path.split("__"):
            current = getattr(current, part, None)
        if isinstance(current, models.Model):
            current = current.pk
        is_time = isinstance(current, date | datetime)
        values.append(None if current is None else current.isoformat() if is_time else str(current))
    said = json.dumps([int(backwards), [one.path for one in order], values], ensure_ascii=False)
    return base64.urlsafe_b64encode(said.encode()).decode().rstrip("=")


def _decoded(
    register: Register, cursor: str, order: Sequence[_Step]
) -> tuple[bool, list[Any] | None]:
    """Direction and values; a cursor of another order is refused, not guessed at."""
    if not cursor:
        return False, None
    try:
        raw = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        backwards, paths, values = json.loads(raw)
        if paths != [one.path for one in order]:
            raise errors.BAD_CURSOR.refuse()
        typed = [
            None if value is None else _anchored(register, one.path, str(value))
            for one, value in zip(order, values, strict=True)
        ]
    except (ValueError, TypeError, ValidationError):
        raise errors.BAD_CURSOR.refuse() from None
    return bool(backwards), typed


def _anchored(register: Register, path: str, said: str) -> Any:
    known = field_of(register.model, path)
    while known is not None and known.is_relation:
        known = known.target_field  # type: ignore[attr-defined]  # a foreign key has one
    return known.to_python(said) if known is not None else said

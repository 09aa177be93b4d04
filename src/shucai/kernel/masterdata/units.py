"""预算单位 units: the tree people pick from, and the changes of a unit that carry its rows along.

A unit stays in its division for good, since documents do. Its path changes only through the
database function, which carries every scoped row of the subtree in the same transaction.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from django.apps import apps
from django.db import OperationalError, connection, transaction
from django.db.models import Q, QuerySet

from shucai.kernel import audit
from shucai.kernel.identity import scope
from shucai.kernel.identity.actor import Actor, subtree
from shucai.kernel.identity.models import Appointment
from shucai.kernel.masterdata import errors, keeping, pinyin
from shucai.kernel.masterdata.models import Division, Unit, UnitSuccession

_CODE: Final = re.compile(r"^[0-9A-Za-z]{1,20}$")
RESULTS_MAX: Final = 200
BOUND_MAX: Final = 10_000
PATH_MAX: Final = 120


@dataclass(frozen=True, slots=True)
class Carried:
    """How many rows of each table a moved unit took along."""

    unit: Unit
    old_path: str
    rows: dict[str, int]


@dataclass(frozen=True, slots=True)
class Succeeded:
    """A merger or split, and the appointments that still point at the units that ended.

    Rights need two persons, balances need a document of their own; both are named, not moved.
    """

    units: tuple[Unit, ...]
    appointments: tuple[Appointment, ...]


def divisions() -> list[Division]:
    """Every division in tree order."""
    return list(Division.objects.order_by("path")[:1_000])


def division_name(code9: str) -> str:
    found = Division.objects.filter(code9=code9).values_list("name", flat=True).first()
    return found or ""


def visible(actor: Actor) -> QuerySet[Unit]:
    """Enabled units in the subtree and office of the acting position."""
    low, high = actor.range
    rows = Unit.objects.filter(path__gte=low, path__lt=high, is_enabled=True)
    return rows.filter(office=actor.office) if actor.office else rows


def children(*, actor: Actor, parent: int | None = None) -> list[Unit]:
    """One level of the tree: below `parent`, or the top units the actor sees."""
    rows = visible(actor).order_by("code")
    if parent is not None:
        return list(rows.filter(parent_id=parent)[:2_000])
    seen = visible(actor)
    return list(rows.exclude(parent__in=seen.values("pk"))[:2_000])


def search(*, actor: Actor, text: str, limit: int = 50) -> list[Unit]:
    """Units by code prefix, words of the name, pinyin initials or full pinyin."""
    wanted = "".join(text.lower().split())
    rows = visible(actor).order_by("path")
    if wanted:
        rows = rows.filter(
            Q(code__istartswith=wanted)
            | Q(name__contains=wanted)
            | Q(short_name__contains=wanted)
            | Q(pinyin__startswith=wanted)
            | Q(pinyin__contains=f" {wanted}")
        )
    return list(rows[: min(limit, RESULTS_MAX)])


def find(*, actor: Actor, code: str) -> Unit:
    """The unit with that code in the actor's range; refuses others."""
    low, high = actor.range
    rows = Unit.objects.filter(code=code, path__gte=low, path__lt=high).order_by("-is_enabled")
    own = rows.filter(division_code=actor.division).first()
    found = own or rows.first()
    if found is None:
        raise errors.UNIT_UNKNOWN.refuse(key=code)
    return found


def find_at(*, actor: Actor, path: str) -> Unit:
    """The unit at that path in the actor's range; refuses others."""
    low, high = actor.range
    found = Unit.objects.filter(path=path).filter(path__gte=low, path__lt=high).first()
    if found is None:
        raise errors.UNIT_UNKNOWN.refuse(key=path)
    return found


@audit.refusals("masterdata.add_unit", "masterdata.unit")
def add(
    *,
    actor: Actor,
    parent: int,
    code: str,
    name: str,
    now: datetime,
    facts: dict[str, Any] | None = None,
) -> Unit:
    """A new unit below `parent`. `facts`: short_name, kind, office, valid_from."""
    keeping.demand_keeper(actor, "新增单位")
    above = _covered(actor, parent)
    code, said = code.strip(), facts or {}
    if not _CODE.match(code):
        reason = f"{code or '（空）'} 应为 1 至 20 位字母和数字"
        raise errors.BAD_TEXT.refuse("code", label="单位编码", reason=reason)
    taken = Unit.objects.filter(division_code=above.division_code, code=code).first()
    if taken is not None:
        raise errors.UNIT_TAKEN.refuse(
            "code", code=code, division=above.division_code, name=taken.name
        )
    with transaction.atomic():
        unit = Unit.objects.create(
            code=code,
            name=_name(name),
            short_name=str(said.get("short_name", ""))[:60],
            pinyin=pinyin.spelled(name, limit=300),
            division_code=above.division_code,
            parent=above,
            path=f"{above.path}/{code}",
            level=above.level + 1,
            kind=str(said.get("kind", above.kind))[:20],
            office=str(said.get("office", above.office))[:20],
            valid_from=said.get("valid_from"),
        )
        _note(actor, now, "add_unit", unit, {"new": {"name": name, "path": unit.path}})
    return unit


@audit.refusals("masterdata.rename_unit", "masterdata.unit")
def rename(*, actor: Actor, unit: int, name: str, now: datetime, short_name: str = "") -> Unit:
    """Another name; earlier documents keep showing the unit, by its present name."""
    keeping.demand_keeper(actor, "修改单位")
    found = _covered(actor, unit)
    with transaction.atomic():
        old = found.name
        found.name, found.pinyin = _name(name), pinyin.spelled(name, limit=300)
        found.short_name = short_name[:60]
        found.save(update_fields=["name", "pinyin", "short_name"])
        _note(actor, now, "rename_unit", found, {"old": old, "new": name})
    return found


@audit.refusals("masterdata.stop_unit", "masterdata.unit")
def stop(*, actor: Actor, unit: int, on: date, now: datetime) -> Unit:
    """No new business from `on`; what there is stays and can be finished."""
    keeping.demand_keeper(actor, "停用单位")
    found = _covered(actor, unit)
    _demand_no_children(found)
    with transaction.atomic():
        found.is_enabled, found.valid_to = False, on
        found.save(update_fields=["is_enabled", "valid_to"])
        _note(actor, now, "stop_unit", found, {"on": on.isoformat()})
    return found


@audit.refusals("masterdata.move_unit", "masterdata.unit")
def move(*, actor: Actor, unit: int, parent: int, on: date, reason: str, now: datetime) -> Carried:
    """The unit with everything below it hangs under another parent of its division (调整隶属).

    Documents, ledger accounts, to-do items and appointments go along; places and amounts stay.
    """
    keeping.demand_keeper(actor, "调整隶属")
    new_path = judged_move(actor, unit, parent)
    found, above = _covered(actor, unit), _covered(actor, parent)
    old_path = found.path
    try:
        with transaction.atomic():
            scope.apply(actor)
            rows = _carry(found, above, new_path, actor=actor, now=now)
            UnitSuccession.objects.create(
                kind="moved",
                source=found,
                target=found,
                old_path=old_path,
                new_path=new_path,
                effective_date=on,
                reason=reason.strip()[:200],
                actor_id=actor.user_id,
                at=now,
            )
            detail = {"old": old_path, "new": new_path, "reason": reason, "rows": rows}
            _note(actor, now, "move_unit", found, detail)
    except OperationalError as error:
        raise errors.UNIT_BUSY.refuse(unit=found.name) from error
    found.refresh_from_db()
    return Carried(unit=found, old_path=old_path, rows=rows)


def _carry(
    unit: Unit, above: Unit, new_path: str, *, actor: Actor, now: datetime
) -> dict[str, int]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT name, moved FROM masterdata_move_unit(%s, %s, %s, %s, %s)",
            [unit.pk, above.pk, new_path, actor.user_id, now],
        )
        return {str(name): int(moved) for name, moved in cursor.fetchall() if moved}


def _move_fault(unit: Unit, above: Unit, new_path: str) -> tuple[str, str] | None:
    low, high = subtree(unit.path)
    if above.division_code != unit.division_code:
        reason = f"区划不同：{unit.division_code} 与 {above.division_code}，单据的区划不会改变"
        return reason, "请在新区划新设单位，再办理分立"
    if low <= above.path < high:
        return f"{above.name}就是该单位或其下级", "请选择其他上级"
    if not above.is_enabled:
        return f"{above.name}已停用", "请选择启用的上级"
    if unit.parent_id == above.pk:
        return "该单位已经隶属于此", "不需要办理"
    if len(new_path) > PATH_MAX:
        return f"路径共 {len(new_path)} 位，上限 {PATH_MAX} 位", "请选择层级较浅的上级"
    low, high = subtree(new_path)
    if Unit.objects.filter(path__gte=low, path__lt=high).exists():
        return f"路径 {new_path} 已被占用", "请选择其他上级"
    return None


@audit.refusals("masterdata.merge_units", "masterdata.unit")
def merge(
    *, actor: Actor, sources: Sequence[int], target: int, on: date, reason: str, now: datetime
) -> Succeeded:
    """The sources end on that day and are succeeded by the target (合并)."""
    keeping.demand_keeper(actor, "单位合并")
    into, ended = judged_merger(actor, sources, target)
    with transaction.atomic():
        for unit in ended:
            unit.is_enabled, unit.valid_to = False, on
            unit.save(update_fields=["is_enabled", "valid_to"])
            _succeed("merged", unit, into, actor=actor, on=on, reason=reason, now=now)
        detail = {"sources": [u.code for u in ended], "on": on.isoformat(), "reason": reason}
        _note(actor, now, "merge_units", into, detail)
    return Succeeded(units=(into,), appointments=tuple(_appointments_at(ended)))


@audit.refusals("masterdata.split_unit", "masterdata.unit")
def split(
    *,
    actor: Actor,
    source: int,
    targets: Sequence[int],
    on: date,
    reason: str,
    now: datetime,
    ends: bool = False,
) -> Succeeded:
    """The targets, set up before, succeed the source (分立); `ends` stops the source that day."""
    keeping.demand_keeper(actor, "单位分立")
    origin = _covered(actor, source)
    born = [_covered(actor, target) for target in targets]
    if not born or any(u.pk == origin.pk or not u.is_enabled for u in born):
        raise errors.UNIT_MERGE.refuse(unit=origin.name, reason="没有选择新单位，或所选单位已停用")
    if ends:
        _demand_no_children(origin)
    with transaction.atomic():
        for unit in born:
            _succeed("split", origin, unit, actor=actor, on=on, reason=reason, now=now)
        if ends:
            origin.is_enabled, origin.valid_to = False, on
            origin.save(update_fields=["is_enabled", "valid_to"])
        detail = {"targets": [u.code for u in born], "on": on.isoformat(), "ends": ends}
        _note(actor, now, "split_unit", origin, detail)
    return Succeeded(units=tuple(born), appointments=tuple(_appointments_at([origin])))


def _succeed(
    kind: str, source: Unit, target: Unit, *, actor: Actor, on: date, reason: str, now: datetime
) -> None:
    UnitSuccession.objects.create(
        kind=kind,
        source=source,
        target=target,
        old_path=source.path,
        new_path=target.path,
        effective_date=on,
        reason=reason.strip()[:200],
        actor_id=actor.user_id,
        at=now,
    )


def _appointments_at(units: Sequence[Unit]) -> QuerySet[Appointment]:
    rows = Appointment.objects.select_related("user", "position").filter(is_enabled=True)
    return rows.filter(scope_path__in=[unit.path for unit in units]).order_by("pk")


@dataclass(frozen=True, slots=True)
class Bound:
    """Rows of one kind that belong to a unit or to those below it; the count may be capped."""

    place: str
    count: int
    is_capped: bool


def bound_to(actor: Actor, unit: int) -> list[Bound]:
    """What a move carries along and a merger or split leaves behind, within the scope."""
    found = _covered(actor, unit)
    low, high = subtree(found.path)
    rows: list[tuple[str, QuerySet[Any]]] = [
        ("启用的下级单位", Unit.objects.filter(path__gt=f"{found.path}/", path__lt=high)),
        (
            "岗位任职",
            Appointment.objects.filter(scope_path__gte=low, scope_path__lt=high, is_enabled=True),
        ),
    ]
    for model in apps.get_models():
        if any(column.name == "unit_path" for column in model._meta.concrete_fields):
            inside = model._default_manager.filter(unit_path__gte=low, unit_path__lt=high)
            rows.append((str(model._meta.verbose_name), inside))
    bound = []
    for place, inside in rows:
        count = len(inside.order_by().values_list("pk")[: BOUND_MAX + 1])
        if count:
            bound.append(Bound(place, min(count, BOUND_MAX), count > BOUND_MAX))
    return bound


def judged_move(actor: Actor, unit: int, parent: int) -> str:
    """The path the unit would have below that parent. Raises Refused where it can't go."""
    found, above = _covered(actor, unit), _covered(actor, parent)
    new_path = f"{above.path}/{found.path.rsplit('/', 1)[-1]}"
    fault = _move_fault(found, above, new_path)
    if fault:
        raise errors.UNIT_MOVE.refuse(
            unit=found.name, parent=above.name, reason=fault[0], remedy=fault[1]
        )
    return new_path


def judged_merger(actor: Actor, sources: Sequence[int], target: int) -> tuple[Unit, list[Unit]]:
    """The unit that stays and those that end. Raises Refused where they can't be merged."""
    into = _covered(actor, target)
    ended = [_covered(actor, source) for source in sources]
    wrong = [u for u in ended if u.division_code != into.division_code or u.pk == into.pk]
    if wrong or not into.is_enabled or not ended:
        named = "、".join(u.name for u in wrong) or into.name
        reason = f"{named}与目标单位区划不同、相同或已停用"
        raise errors.UNIT_MERGE.refuse(unit=into.name, reason=reason)
    for unit in ended:
        _demand_no_children(unit)
    return into, ended


def history(unit: int) -> list[UnitSuccession]:
    """What the unit came from and what became of it, oldest first."""
    rows = UnitSuccession.objects.select_related("source", "target")
    return list(rows.filter(Q(source=unit) | Q(target=unit)).order_by("effective_date", "pk")[:500])


def _covered(actor: Actor, unit: int) -> Unit:
    low, high = actor.range
    found = Unit.objects.filter(pk=unit, path__gte=low, path__lt=high).first()
    if found is None:
        raise errors.UNIT_UNKNOWN.refuse(key=unit)
    return found


def _demand_no_children(unit: Unit) -> None:
    below = list(unit.children.filter(is_enabled=True).order_by("code")[:1_000])
    if below:
        raise errors.UNIT_STOP.refuse(unit=unit.name, count=len(below), example=below[0].name)


def _name(name: str) -> str:
    text = name.strip()
    if not 1 <= len(text) <= 120:
        reason = f"共 {len(text)} 个字，应为 1 至 120 个字"
        raise errors.BAD_TEXT.refuse("name", label="单位名称", reason=reason)
    return text


def _note(actor: Actor, now: datetime, action: str, unit: Unit, detail: dict[str, Any]) -> None:
    keeping.note(
        actor=actor,
        now=now,
        action=action,
        target=("unit", f"{unit.division_code}/{unit.code}"),
        detail=detail,
    )

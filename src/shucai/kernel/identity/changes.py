"""权限变更事项 kinds of changes of rights: what each needs, checks and would replace.

`read` turns what was typed into the payload the database function applies; `check` looks at the
people and positions as they stand, both when a change is proposed and when it is approved.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from django.forms.models import model_to_dict

from shucai.base.errors import Finding, Refused
from shucai.kernel import registry
from shucai.kernel.identity import duties, errors, separation, typed
from shucai.kernel.identity.acting import valid_on
from shucai.kernel.identity.actor import Actor
from shucai.kernel.identity.models import Appointment, Position, SecurityPolicy, User

PERSON: Final[dict[str, tuple[str, typed.Reader]]] = {
    "name": ("姓名", typed.text(40, least=1)),
    "phone": ("手机", typed.pattern(typed.PHONE, "不是电话号码")),
    "pinyin": ("拼音", typed.text(120)),
    "employee_no": ("工号", typed.pattern(typed.EMPLOYEE, "应为至多 30 位字母、数字、横线")),
}
PLACE: Final[dict[str, tuple[str, typed.Reader]]] = {
    "scope_path": ("数据范围", typed.pattern(typed.PATH, "不是单位路径")),
    "office": ("业务科室", typed.text(20)),
    "unit_code": ("单位编码", typed.text(20)),
    "unit_name": ("单位", typed.text(120)),
    "division": ("财政区划", typed.pattern(typed.DIVISION, "不是 9 位区划代码")),
    "valid_from": ("起", typed.day),
    "valid_to": ("止（不含）", typed.optional_day),
    "is_default": ("默认", typed.boolean),
    "fund_types": ("资金性质", typed.funds),
}
USER: Final[dict[str, tuple[str, typed.Reader]]] = {"user_id": ("用户", typed.integer)}
POSITION: Final[dict[str, tuple[str, typed.Reader]]] = {"position_id": ("岗位", typed.integer)}
APPOINTMENT: Final[dict[str, tuple[str, typed.Reader]]] = {
    "appointment_id": ("任职", typed.integer)
}
_FIGURES: Final = (
    "password_length",
    "password_classes",
    "password_history",
    "password_days",
    "failures",
    "lock_minutes",
    "idle_minutes",
    "session_hours",
    "sessions",
    "token_days",
    "password_single",
    "proof_after",
    "address_failures",
    "address_minutes",
)
_POLICY: Final[dict[str, tuple[str, typed.Reader]]] = {
    **{
        name: (str(SecurityPolicy._meta.get_field(name).verbose_name), typed.integer)  # type: ignore[union-attr]
        for name in _FIGURES
    },
    "excess": ("超出时", typed.choice(SecurityPolicy.EXCESS)),
    "profile": ("策略模板", typed.choice(SecurityPolicy.PROFILES)),
    "two_factors": ("双因素", typed.choice(SecurityPolicy.TWO_FACTORS)),
}


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of change: its Chinese name and its fields with label and reader."""

    code: str
    label: str
    fields: Mapping[str, tuple[str, typed.Reader]]
    gives_password: bool = False


def _kinds() -> dict[str, Kind]:
    table = [
        Kind("user.create", "新增用户", {"username": ("登录名", typed.username), **PERSON}, True),
        Kind("user.change", "修改用户", {**USER, **PERSON}),
        Kind("user.disable", "停用用户", USER),
        Kind("user.enable", "启用用户", USER),
        Kind("user.reset_password", "重置密码", USER, True),
        Kind(
            "position.create",
            "新增岗位",
            {
                "code": ("编码", typed.pattern(typed.CODE, "应为字母、数字、点、横线")),
                "name": ("岗位", typed.text(80, least=1)),
                "duties": ("职责", typed.codes_of),
            },
        ),
        Kind(
            "position.change",
            "修改岗位",
            {
                **POSITION,
                "name": ("岗位", typed.text(80, least=1)),
                "duties": ("职责", typed.codes_of),
            },
        ),
        Kind("position.disable", "停用岗位", POSITION),
        Kind("position.enable", "启用岗位", POSITION),
        Kind("appointment.create", "任职", {**USER, **POSITION, **PLACE}),
        Kind("appointment.change", "调整任职", {**APPOINTMENT, **PLACE}),
        Kind("appointment.end", "免去任职", APPOINTMENT),
        Kind("policy.change", "修改安全策略", _POLICY),
    ]
    return {kind.code: kind for kind in table}


KINDS: Final[dict[str, Kind]] = _kinds()


@dataclass(frozen=True, slots=True)
class Prepared:
    """A change ready to be proposed: payload, what it replaces, and the words for people."""

    payload: dict[str, Any]
    before: dict[str, Any]
    target: str
    summary: str


def read(kind: Kind, raw: Mapping[str, Any]) -> tuple[dict[str, Any], list[Finding]]:
    """The payload and the findings of fields that can't be read."""
    payload: dict[str, Any] = {}
    found: list[Finding] = []
    for name, (label, reader) in kind.fields.items():
        try:
            payload[name] = reader(raw.get(name))
        except typed.Bad as bad:
            value = str(raw.get(name) or "（空）")[:40]
            found.append(errors.BAD_FIELD.at(name, label=label, value=value, reason=str(bad)))
    start, end = payload.get("valid_from"), payload.get("valid_to")
    if start and end and end <= start:
        found.append(
            errors.BAD_FIELD.at(
                "valid_to", label="止（不含）", value=end, reason=f"不晚于起始日 {start}"
            )
        )
    return payload, found


def check(kind: Kind, payload: dict[str, Any], *, actor: Actor, on: date) -> Prepared:
    """The change against the people and positions as they stand; refuses what may not be."""
    subject = kind.code.split(".", maxsplit=1)[0]
    found = _CHECKS.get(kind.code) or _CHECKS[subject]
    return found(kind, payload, actor, on)


def add(kind: Kind, checked: "Check") -> None:
    """One more kind of change, with what looks at the people before it happens."""
    KINDS[kind.code] = kind
    _CHECKS[kind.code] = checked


def the_user(user_id: int, actor: Actor) -> User:
    """A user without appointments, or with one inside the officer's range."""
    low, high = actor.range
    user = User.objects.filter(pk=user_id).first()
    if user is not None:
        held = Appointment.objects.filter(user=user)
        if not held.exists() or held.filter(scope_path__gte=low, scope_path__lt=high).exists():
            return user
    raise errors.NOT_FOUND.refuse(noun="用户", key=user_id)


def the_position(position_id: int) -> Position:
    found = Position.objects.filter(pk=position_id).first()
    if found is None:
        raise errors.NOT_FOUND.refuse(noun="岗位", key=position_id)
    return found


def _check_user(kind: Kind, payload: dict[str, Any], actor: Actor, on: date) -> Prepared:
    if kind.code == "user.create":
        username = payload["username"]
        if User.objects.filter(username=username).exists():
            raise errors.TAKEN.refuse("username", noun="登录名", key=username)
        return Prepared(payload, {}, f"user:{username}", f"新增用户 {username} {payload['name']}")
    user = the_user(payload["user_id"], actor)
    before: dict[str, Any] = {name: getattr(user, name) for name in PERSON}
    if kind.code != "user.change":
        before = {"is_active": user.is_active}
    if kind.code == "user.disable":
        keep_officers(user, on)
    return Prepared(
        payload, before, f"user:{user.username}", f"{kind.label} {user.username} {user.name}"
    )


def keep_officers(user: User, on: date, *, but: int | None = None) -> None:
    """Refuses to take the last holder of an office of the three (三员) away."""
    own = Appointment.objects.filter(valid_on(on), user=user)
    ending = own.filter(pk=but) if but else own
    held = {code for a in ending.select_related("position") for code in a.held}
    for office in sorted(held & set(duties.OFFICERS)):
        others = Appointment.objects.filter(valid_on(on), position__duties__contains=[office])
        if not (others.exclude(pk=but) if but else others.exclude(user=user)).exists():
            raise errors.LAST_OFFICER.refuse(user=user.name, office=duties.name_of(office))


def _check_position(kind: Kind, payload: dict[str, Any], actor: Actor, on: date) -> Prepared:
    if "duties" in payload:
        _check_duties(payload["name"], payload["duties"])
    if kind.code == "position.create":
        if Position.objects.filter(code=payload["code"]).exists():
            raise errors.TAKEN.refuse("code", noun="岗位编码", key=payload["code"])
        named = "、".join(duties.name_of(code) for code in payload["duties"]) or "无职责"
        return Prepared(
            payload,
            {},
            f"position:{payload['code']}",
            f"新增岗位 {payload['name']}（{named}）"[:200],
        )
    position = the_position(payload["position_id"])
    before: dict[str, Any] = {"name": position.name, "duties": sorted(position.duties)}
    if kind.code == "position.change":
        _check_holders(position, payload["duties"], on)
    else:
        before = {"is_enabled": position.is_enabled}
        if kind.code == "position.enable":
            _check_duties(position.name, position.duties)
            _check_holders(position, position.duties, on)
    summary = f"{kind.label} {position.name}"
    return Prepared(payload, before, f"position:{position.code}", summary)


def _check_duties(name: str, codes: list[str]) -> None:
    for code in codes:
        if registry.find("duty", code) is None:
            raise errors.UNKNOWN_DUTY.refuse("duties", position=name, duty=code)
    for left, right in duties.conflicts(codes, separation.agreed()):
        raise incompatible(f"岗位“{name}”", left, right, "同在一个岗位")


def _check_holders(position: Position, codes: list[str], on: date) -> None:
    """Nobody who holds the position comes to hold excluding duties by the change."""
    rows = Appointment.objects.select_related("position", "user").filter(
        is_enabled=True, user__in=position.appointments.filter(is_enabled=True).values("user")
    )
    held: dict[int, list[Appointment]] = {}
    for appointment in rows.exclude(valid_to__lte=on).order_by("pk"):
        if appointment.position_id == position.pk:
            appointment.position.duties = list(codes)
        if appointment.position.is_enabled or appointment.position_id == position.pk:
            held.setdefault(appointment.user_id, []).append(appointment)
    agreed = separation.agreed()
    for appointments in held.values():
        pairs = separation.collisions([separation.holding_of(a) for a in appointments], agreed)
        for left, right, where in pairs:
            raise incompatible(appointments[0].user.name, left, right, where)


def incompatible(target: str, left: str, right: str, where: str) -> Exception:
    return errors.INCOMPATIBLE.refuse(
        target=target, left=duties.name_of(left), right=duties.name_of(right), where=where
    )


def _check_appointment(kind: Kind, payload: dict[str, Any], actor: Actor, on: date) -> Prepared:
    if kind.code == "appointment.create":
        user, position = the_user(payload["user_id"], actor), the_position(payload["position_id"])
        if not position.is_enabled:
            raise errors.NOT_FOUND.refuse(noun="启用的岗位", key=position.name)
        before: dict[str, Any] = {}
        others = None
        target = f"appointment:{user.username}:{position.code}:{payload['scope_path']}"
    else:
        found = Appointment.objects.select_related("position", "user").filter(
            pk=payload["appointment_id"]
        )
        appointment = found.first()
        if appointment is None or not actor.covers(appointment.scope_path, appointment.office):
            raise errors.NOT_FOUND.refuse(noun="任职", key=payload["appointment_id"])
        user, position, others = appointment.user, appointment.position, appointment.pk
        before = _plain(model_to_dict(appointment, fields=[*PLACE, "is_enabled"]))
        target = f"appointment:{appointment.pk}"
    if kind.code == "appointment.end":
        keep_officers(user, on, but=others)
        return Prepared(payload, before, target, f"免去 {user.name} 的“{position.name}”")
    if not actor.covers(payload["scope_path"], payload["office"]):
        raise errors.SCOPE_TOO_WIDE.refuse(
            "scope_path", path=payload["scope_path"], own=actor.scope_path or "无"
        )
    check_collisions(user, position, payload, other_than=others, on=on)
    place = payload["unit_name"] or payload["scope_path"]
    summary = f"{kind.label} {user.name}：{position.name}（{place}）"
    return Prepared(payload, before, target, summary[:200])


def check_collisions(
    user: User, position: Position, payload: dict[str, Any], *, other_than: int | None, on: date
) -> None:
    rows = Appointment.objects.select_related("position", "user").filter(
        user=user, is_enabled=True, position__is_enabled=True
    )
    held = [
        separation.holding_of(a) for a in rows.exclude(pk=other_than or 0).exclude(valid_to__lte=on)
    ]
    held.append(holding(position, payload))
    for left, right, where in separation.collisions(held, separation.agreed()):
        raise incompatible(user.name, left, right, where)


def holding(position: Position, payload: Mapping[str, Any]) -> separation.Holding:
    """What the appointment in the payload would give."""
    return separation.Holding(
        label=position.name,
        duties=frozenset(position.duties),
        scope_path=payload["scope_path"],
        office=payload["office"],
        valid_from=date.fromisoformat(payload["valid_from"]),
        valid_to=date.fromisoformat(payload["valid_to"]) if payload["valid_to"] else None,
    )


def _check_policy(kind: Kind, payload: dict[str, Any], actor: Actor, on: date) -> Prepared:
    limits = {"password_length": (8, 64), "password_classes": (1, 4), "password_history": (0, 24),
              "password_days": (0, 3650), "failures": (1, 20), "lock_minutes": (1, 1440),
              "idle_minutes": (1, 480), "session_hours": (1, 72), "sessions": (1, 20),
              "token_days": (1, 1825), "password_single": (8, 64), "proof_after": (1, 20),
              "address_failures": (5, 10_000), "address_minutes": (1, 1440)}  # fmt: skip
    found = [
        errors.BAD_FIELD.at(
            name,
            label=kind.fields[name][0],
            value=payload[name],
            reason=f"应在 {least} 至 {most} 之间",
        )
        for name, (least, most) in limits.items()
        if not least <= payload[name] <= most
    ]
    if found:
        raise Refused(found)
    known = SecurityPolicy.objects.filter(pk=1).first() or SecurityPolicy()
    before = _plain(model_to_dict(known, fields=list(kind.fields)))
    changed = [kind.fields[n][0] for n in kind.fields if before.get(n) != payload[n]]
    return Prepared(
        payload, before, "policy", f"修改安全策略：{'、'.join(changed) or '无变化'}"[:200]
    )


def _plain(facts: dict[str, Any]) -> dict[str, Any]:
    return {k: v.isoformat() if isinstance(v, date) else v for k, v in facts.items()}


Check = Callable[[Kind, dict[str, Any], Actor, date], Prepared]
_CHECKS: Final[dict[str, Check]] = {
    "user": _check_user,
    "position": _check_position,
    "appointment": _check_appointment,
    "policy": _check_policy,
}

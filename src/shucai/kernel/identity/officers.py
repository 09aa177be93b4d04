"""三员工作台 what the three officers see and do: people, changes, sessions. Pages by key."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from shucai.kernel import audit, registry
from shucai.kernel.identity import errors, login, separation
from shucai.kernel.identity.actor import Actor
from shucai.kernel.identity.duties import OFFICERS, SECURITY_ADMIN, SYSTEM_ADMIN, Duty, name_of
from shucai.kernel.identity.models import Appointment, LoginSession, Position, RightsChange, User
from shucai.kernel.identity.security import policy

PAGE: Final = 50


@dataclass(frozen=True, slots=True)
class Rows:
    """A page of records; `next` is passed back as `after` and 0 at the end."""

    rows: list[Any]
    next: int


def _demand_officer(actor: Actor, action: str) -> None:
    if not any(actor.can(duty) for duty in OFFICERS):
        needed = "、".join(name_of(duty) for duty in OFFICERS)
        raise errors.NOT_OFFICER.refuse(action=action, needed=needed, position=actor.position_name)


def _page(rows: QuerySet[Any], size: int) -> Rows:
    found = list(rows[: size + 1])
    more = len(found) > size
    return Rows(rows=found[:size], next=int(found[size - 1].pk) if more else 0)


def _in_range(actor: Actor) -> Q:
    low, high = actor.range
    return Q(appointments__scope_path__gte=low, appointments__scope_path__lt=high)


def users(*, actor: Actor, text: str = "", after: int = 0, size: int = PAGE) -> Rows:
    """Users within the officer's range and those without appointments; by name, login or pinyin."""
    _demand_officer(actor, "查看用户")
    visible = User.objects.filter(_in_range(actor) | Q(appointments__isnull=True))
    rows = User.objects.filter(pk__in=visible.values("pk"), pk__gt=after).order_by("pk")
    wanted = text.strip()
    if wanted:
        lowered = wanted.lower()
        rows = rows.filter(
            Q(username__startswith=lowered)
            | Q(name__contains=wanted)
            | Q(pinyin__startswith=lowered)
            | Q(pinyin__contains=f" {lowered}")
        )
    return _page(rows.prefetch_related("appointments__position"), size)


def user(*, actor: Actor, user_id: int) -> tuple[User, list[Appointment]]:
    """A user and all his appointments, ended ones too."""
    _demand_officer(actor, "查看用户")
    visible = User.objects.filter(_in_range(actor) | Q(appointments__isnull=True), pk=user_id)
    found = visible.distinct().first()
    if found is None:
        raise errors.NOT_FOUND.refuse(noun="用户", key=user_id)
    return found, list(found.appointments.select_related("position").order_by("-is_enabled", "pk"))


def positions(*, actor: Actor) -> list[Position]:
    _demand_officer(actor, "查看岗位")
    return list(Position.objects.order_by("code")[:1000])


def duties() -> list[Duty]:
    """Every declared duty, by code, for the position form."""
    return list(registry.all("duty").values())


def changes(*, actor: Actor, state: str = "", after: int = 0, size: int = PAGE) -> Rows:
    """Changes of rights, newest first."""
    _demand_officer(actor, "查看权限变更")
    rows = RightsChange.objects.order_by("-pk")
    if state:
        rows = rows.filter(state=state)
    if after:
        rows = rows.filter(pk__lt=after)
    return _page(rows, size)


def waiting_count(*, actor: Actor) -> int:
    """How many changes wait for this officer's decision."""
    return RightsChange.objects.filter(state="proposed").exclude(proposed_by=actor.user_id).count()


def sessions(*, actor: Actor, now: datetime, after: int = 0, size: int = PAGE) -> Rows:
    """Sessions that still hold, newest first, of users within the officer's range."""
    _demand_officer(actor, "查看会话")
    low, high = actor.range
    people = Appointment.objects.filter(scope_path__gte=low, scope_path__lt=high)
    rows = login.open_sessions(policy(), now=now).filter(user__in=people.values("user"))
    if after:
        rows = rows.filter(pk__lt=after)
    return _page(rows.select_related("user", "appointment__position").order_by("-pk"), size)


@audit.refusals("identity.force_out", "identity.session")
def session_count(*, actor: Actor, now: datetime) -> int:
    """How many sessions hold now, of users within the officer's range."""
    _demand_officer(actor, "查看会话")
    low, high = actor.range
    people = Appointment.objects.filter(scope_path__gte=low, scope_path__lt=high)
    return login.open_sessions(policy(), now=now).filter(user__in=people.values("user")).count()


def force_out(*, actor: Actor, session_id: int, reason: str, now: datetime) -> None:
    """Ends somebody's session at once; the auditor only watches."""
    if not (actor.can(SYSTEM_ADMIN) or actor.can(SECURITY_ADMIN)):
        needed = f"{name_of(SYSTEM_ADMIN)}、{name_of(SECURITY_ADMIN)}"
        raise errors.NOT_OFFICER.refuse(
            action="强制下线", needed=needed, position=actor.position_name
        )
    with transaction.atomic():
        found = LoginSession.objects.select_related("user").select_for_update(of=("self",))
        session = found.filter(pk=session_id, ended_at__isnull=True).first()
        low, high = actor.range
        if (
            session is None
            or not session.user.appointments.filter(
                scope_path__gte=low, scope_path__lt=high
            ).exists()
        ):
            raise errors.NOT_FOUND.refuse(noun="会话", key=session_id)
        session.ended_at, session.end_reason = now, "forced"
        session.save(update_fields=["ended_at", "end_reason"])
        detail = {"user": session.user.username, "reason": reason.strip()[:200]}
        audit.record([_row(actor, now, "identity.force_out", str(session.pk), detail)])


@audit.refusals("identity.unlock", "identity.user")
def unlock(*, actor: Actor, user_id: int, now: datetime) -> None:
    """Lifts a lock that wrong passwords brought about; no right changes by it."""
    if not actor.can(SYSTEM_ADMIN):
        raise errors.NOT_OFFICER.refuse(
            action="解锁", needed=name_of(SYSTEM_ADMIN), position=actor.position_name
        )
    with transaction.atomic():
        found, _ = user(actor=actor, user_id=user_id)
        found.failed_attempts, found.locked_until = 0, None
        found.save(update_fields=["failed_attempts", "locked_until"])
        audit.record([_row(actor, now, "identity.unlock", found.username, {})])


def collisions(*, actor: Actor, now: datetime) -> list[separation.Collision]:
    """Excluding duties in one hand, within the officer's range."""
    _demand_officer(actor, "查看不相容岗位")
    low, high = actor.range
    return separation.scan(on=timezone.localdate(now), lo=low, hi=high)


def _row(
    actor: Actor, now: datetime, action: str, target: str, detail: dict[str, Any]
) -> audit.AuditRow:
    return audit.AuditRow(
        actor=actor,
        at=now,
        action=action,
        target_type="identity.session" if action == "identity.force_out" else "identity.user",
        target=target,
        result="done",
        detail=detail,
    )

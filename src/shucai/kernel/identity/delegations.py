"""委托 delegations: a person lends duties of an appointment to a colleague between two days.

The deputy gets an appointment of his own beside his others, in the scope of the lender, and acts
in it as “岗位（代某某）”: steps and the trail show for whom. What ends the lender's appointment
ends the deputy's; either of them, or an officer, ends it at once.
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any, Final

from django.db import connection, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from shucai.kernel import audit
from shucai.kernel.identity import duties as duty_room
from shucai.kernel.identity import errors, rights, scope, separation
from shucai.kernel.identity.acting import appointments_of, valid_on
from shucai.kernel.identity.actor import Actor
from shucai.kernel.identity.models import Appointment, User
from shucai.kernel.identity.records import Delegation

DAYS_MAX: Final = 180


@audit.refusals("identity.delegate", "identity.delegation")
def delegate(
    *,
    actor: Actor,
    appointment_id: int | None,
    deputy_id: int,
    duties: Sequence[str] = (),
    valid_from: date,
    valid_to: date,
    reason: str,
    now: datetime,
) -> Delegation:
    """Lends the duties (all of the position for none) from `valid_from` to before `valid_to`."""
    rights.demand_reason(reason, "委托")
    today = timezone.localdate(now)
    source = _source(actor, appointment_id or actor.appointment_id or 0, now=now)
    wanted = _lendable(source, duties)
    _check_span(source, valid_from, valid_to, today)
    deputy = _deputy(actor, deputy_id, now=now)
    _check_deputy(source, deputy, wanted, span=(valid_from, valid_to), today=today)
    with transaction.atomic(), connection.cursor() as cursor:
        scope.apply(actor)
        cursor.execute(
            "SELECT identity_delegate(%s, %s, %s, %s::text[], %s, %s, %s, %s)",
            [
                actor.user_id,
                source.pk,
                deputy.pk,
                wanted,
                valid_from,
                valid_to,
                reason.strip()[:200],
                now,
            ],
        )
        made = Delegation.objects.select_related("deputy", "source__position").get(
            pk=cursor.fetchone()[0]
        )
        detail = {
            "deputy": deputy.username,
            "deputy_name": deputy.name,
            "position": source.position.name,
            "duties": wanted,
            "from": valid_from.isoformat(),
            "to": valid_to.isoformat(),
            "reason": reason.strip()[:200],
        }
        audit.record([_row(actor, now, "identity.delegate", made, detail)])
    return made


def _source(actor: Actor, appointment_id: int, *, now: datetime) -> Appointment:
    for one in appointments_of(user_id=actor.user_id, now=now):
        if one.pk == appointment_id and one.principal_id is None:
            return one
    raise errors.NOT_HELD.refuse(
        "appointment", appointment=appointment_id, user=actor.name, on=timezone.localdate(now)
    )


def _lendable(source: Appointment, wanted: Sequence[str]) -> list[str]:
    held = source.held
    for code in wanted:
        if code not in held:
            name = duty_room.name_of(code)
            raise errors.DELEGATION_DUTIES.refuse(
                "duties", duty=name, position=source.position.name
            )
    lent = sorted(set(wanted) or held)
    for code in lent:
        if code in duty_room.OFFICERS:
            raise errors.OFFICER_DUTY.refuse("duties", duty=duty_room.name_of(code))
    if not lent:
        raise errors.DELEGATION_DUTIES.refuse("duties", duty="无", position=source.position.name)
    return lent


def _check_span(source: Appointment, start: date, end: date, today: date) -> None:
    is_within = start >= source.valid_from and (source.valid_to is None or end <= source.valid_to)
    if not (today <= start < end and end - start <= timedelta(days=DAYS_MAX) and is_within):
        raise errors.DELEGATION_SPAN.refuse(
            "valid_to", start=start, end=end, today=today, days=DAYS_MAX
        )


def _deputy(actor: Actor, deputy_id: int, *, now: datetime) -> User:
    found = User.objects.filter(pk=deputy_id).first()
    reason = ""
    if found is None or not found.is_active:
        reason = "用户不存在或已停用"
    elif found.pk == actor.user_id:
        reason = "不能委托给本人"
    elif not appointments_of(user_id=found.pk, now=now):
        reason = "该用户没有有效的任职"
    if found is None or reason:
        name = found.name if found else str(deputy_id)
        raise errors.DELEGATION_DEPUTY.refuse("deputy", deputy=name, reason=reason)
    return found


def _check_deputy(
    source: Appointment, deputy: User, lent: list[str], *, span: tuple[date, date], today: date
) -> None:
    """The deputy never comes to hold duties that exclude each other."""
    rows = Appointment.objects.select_related("position", "user").filter(
        user=deputy, is_enabled=True, position__is_enabled=True
    )
    held = [separation.holding_of(a) for a in rows.exclude(valid_to__lte=today)]
    new = separation.Holding(
        label=f"{source.position.name}（代{source.user.name}）",
        duties=frozenset(lent),
        scope_path=source.scope_path,
        office=source.office,
        valid_from=span[0],
        valid_to=span[1],
    )
    for left, right, where in separation.collisions([*held, new], separation.agreed()):
        names = f"“{duty_room.name_of(left)}”与“{duty_room.name_of(right)}”不相容：{where}"
        raise errors.DELEGATION_DEPUTY.refuse("deputy", deputy=deputy.name, reason=names)


@audit.refusals("identity.end_delegation", "identity.delegation")
def end(*, actor: Actor, delegation_id: int, reason: str = "", now: datetime) -> Delegation:
    """Ends it at once: the next request of the deputy finds it gone."""
    with transaction.atomic(), connection.cursor() as cursor:
        scope.apply(actor)
        found = seen(actor).filter(pk=delegation_id).first()
        if found is None:
            raise errors.NOT_FOUND.refuse(noun="委托", key=delegation_id)
        if found.ended_at is not None or found.valid_to <= timezone.localdate(now):
            raise errors.DELEGATION_ENDED.refuse(
                id=delegation_id, at=found.ended_at or found.valid_to
            )
        cursor.execute(
            "SELECT identity_end_delegation(%s, %s, %s, %s, %s)",
            [found.pk, actor.user_id, actor.name, reason.strip()[:200], now],
        )
        detail = {"deputy": found.deputy.username, "reason": reason.strip()[:200]}
        audit.record([_row(actor, now, "identity.end_delegation", found, detail)])
        found.refresh_from_db()
    return found


def seen(actor: Actor) -> QuerySet[Delegation]:
    """One's own, given and taken; officers see all within their range."""
    rows = Delegation.objects.select_related("user", "deputy", "source__position", "appointment")
    if any(actor.can(code) for code in duty_room.OFFICERS):
        low, high = actor.range
        return rows.filter(unit_path__gte=low, unit_path__lt=high)
    return rows.filter(Q(user_id=actor.user_id) | Q(deputy_id=actor.user_id))


def taken(*, user_id: int, on: date) -> QuerySet[Appointment]:
    """The appointments a person acts in for others on that day."""
    rows = Appointment.objects.select_related("position", "user", "principal")
    return rows.filter(valid_on(on), user_id=user_id, principal__isnull=False).order_by("pk")


def _row(
    actor: Actor, now: datetime, action: str, made: Delegation, detail: dict[str, Any]
) -> audit.AuditRow:
    return audit.AuditRow(
        actor=actor,
        at=now,
        action=action,
        target_type="identity.delegation",
        target=str(made.pk),
        result="done",
        detail=detail,
    )

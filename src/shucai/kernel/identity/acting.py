"""当前岗位 acting: from a session, an appointment and a year to the actor of a request.

Everything is read anew for each request in one statement, so a change of rights acts at once.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any, Final

import psycopg
from django.db import connection, transaction
from django.db.models import Q
from django.utils import timezone

from shucai.kernel import audit
from shucai.kernel.calendar.models import CalendarPeriod
from shucai.kernel.identity import duties, errors, scope
from shucai.kernel.identity.actor import Actor
from shucai.kernel.identity.models import Appointment, LoginSession, held_of, title_of

_OFFICERS: Final = {"auditor": scope.AUDITOR, "officers": list(duties.OFFICERS)}
TOUCH_SECONDS: Final = 60
APPOINTMENTS_MAX: Final = 100


@dataclass(frozen=True, slots=True)
class Acting:
    """The actor of a request and what the channel needs to know about his session."""

    actor: Actor
    session_id: int
    username: str
    must_change_password: bool
    expires_at: datetime
    must_enrol: bool  # the policy wants a second factor and the password stood alone
    own_year: int  # the year of the session, where the request asked for another one
    must_read: bool = False  # an announcement has to be confirmed before any work
    preference: Any = None  # what the person has set under the key that was asked for


def digest_of(session_key: str) -> str:
    """What the table keeps of the secret key of a session."""
    return hashlib.sha256(session_key.encode()).hexdigest()


def valid_on(on: date) -> Q:
    """Appointments that count on that day."""
    return Q(
        Q(valid_to__isnull=True) | Q(valid_to__gt=on),
        is_enabled=True,
        valid_from__lte=on,
        position__is_enabled=True,
        user__is_active=True,
    )


def holding(codes: Iterable[str]) -> Q:
    """Appointments that give one of the duties, lent ones only where that duty was lent."""
    wanted = sorted(set(codes))
    return Q(Q(duties=[]) | Q(duties__overlap=wanted), position__duties__overlap=wanted)


def appointments_of(*, user_id: int, now: datetime) -> list[Appointment]:
    """The person's valid appointments with their positions, the default first."""
    rows = Appointment.objects.select_related("position", "user", "principal").filter(
        valid_on(timezone.localdate(now)), user_id=user_id
    )
    return list(rows.order_by("-is_default", "principal_id", "pk")[:APPOINTMENTS_MAX])


def fiscal_years() -> list[int]:
    """The years whose calendar has been opened, latest first."""
    rows = CalendarPeriod.objects.values_list("fiscal_year", flat=True)
    return sorted(rows.order_by("fiscal_year").distinct(), reverse=True)


def year_at(now: datetime) -> int:
    """The year of the day, or the nearest opened one before it."""
    today = timezone.localdate(now).year
    known = fiscal_years()
    earlier = [year for year in known if year <= today]
    return (earlier or known or [today])[0]


def actor_of(
    appointment: Appointment,
    *,
    fiscal_year: int,
    channel: str = "web",
    ip: str = "",
    trace_id: str = "",
) -> Actor:
    return Actor(
        user_id=appointment.user_id,
        name=appointment.user.name,
        position_name=appointment.title,
        duties=appointment.held,
        scope_path=appointment.scope_path,
        office=appointment.office,
        unit_code=appointment.unit_code,
        unit_name=appointment.unit_name,
        division=appointment.division,
        fiscal_year=fiscal_year,
        appointment_id=appointment.pk,
        channel=channel,
        ip=ip,
        trace_id=trace_id,
        fund_types=frozenset(appointment.fund_types),
        principal_id=appointment.principal.user_id if appointment.principal else None,
    )


def actor_for(
    *,
    user_id: int,
    appointment_id: int | None,
    fiscal_year: int | None,
    now: datetime,
    channel: str = "web",
    ip: str = "",
    trace_id: str = "",
) -> Actor:
    """The person in that appointment (his default one for None) and year (of the day for None).

    Refuses an appointment that is somebody else's or has ended, and a year that is not opened.
    """
    known = appointments_of(user_id=user_id, now=now)
    chosen = [a for a in known if appointment_id is None or a.pk == appointment_id]
    if not chosen:
        name = known[0].user.name if known else str(user_id)
        raise errors.NOT_YOURS.refuse(user=name, on=timezone.localdate(now))
    year = year_at(now) if fiscal_year is None else _opened(fiscal_year)
    return actor_of(chosen[0], fiscal_year=year, channel=channel, ip=ip, trace_id=trace_id)


def _opened(year: int) -> int:
    known = fiscal_years()
    if known and year not in known:
        raise errors.UNKNOWN_YEAR.refuse(year=year, known="、".join(map(str, known)))
    return year


_SESSION: Final = """
SELECT s.id, s.user_id, s.started_at, s.seen_at, s.fiscal_year, s.appointment_id,
       u.username, u.name, u.is_active, u.must_change_password, u.password_changed_at,
       p.idle_minutes, p.session_hours, p.password_days,
       a.id, o.name, o.duties, a.scope_path, a.office, a.unit_code, a.unit_name, a.division,
       set_config('shucai.lo', coalesce(a.scope_path, ''), true),
       set_config('shucai.hi', coalesce(a.scope_path || '0', ''), true),
       set_config('shucai.office', coalesce(a.office, ''), true),
       set_config('shucai.auditor',
                  CASE WHEN %(auditor)s = ANY (o.duties) THEN 'on' ELSE '' END, true),
       set_config('shucai.user', s.user_id::text, true),
       a.fund_types, a.principal_name, a.duties, a.principal_id,
       CASE WHEN a.principal_id IS NULL THEN NULL ELSE
         (SELECT b.user_id FROM identity_appointment b WHERE b.id = a.principal_id) END,
       s.must_read,
       s.method, s.method = 'password' AND (p.two_factors = 'all'
         OR (p.two_factors = 'officers' AND o.duties && %(officers)s)), f.value::text
  FROM identity_loginsession s
  JOIN identity_user u ON u.id = s.user_id
  JOIN identity_securitypolicy p ON p.id = 1
  LEFT JOIN identity_appointment a
    ON a.id = coalesce(%(appointment)s, s.appointment_id) AND a.user_id = s.user_id
   AND a.is_enabled AND a.valid_from <= %(today)s
   AND (a.valid_to IS NULL OR a.valid_to > %(today)s)
   AND EXISTS (SELECT 1 FROM identity_position e WHERE e.id = a.position_id AND e.is_enabled)
  LEFT JOIN identity_position o ON o.id = a.position_id
  LEFT JOIN identity_preference f ON f.user_id = s.user_id AND f.key = %(preference)s
 WHERE s.session_key = %(key)s AND s.ended_at IS NULL
"""


def resolve(
    session_key: str,
    *,
    now: datetime,
    appointment_id: int | None = None,
    fiscal_year: int | None = None,
    channel: str = "web",
    ip: str = "",
    trace_id: str = "",
    preference: str = "",
) -> Acting | None:
    """Who acts behind a session key, or None when the session no longer holds.

    The appointment and year of the session count unless the request names others. A session
    that has run out is ended here, with its reason. Where the caller holds a transaction, the
    actor's scope applies to the rest of it. `preference` names a setting of the person that the
    page needs. All in one statement, since every request makes it.
    """
    asked = {"key": digest_of(session_key), "appointment": appointment_id}
    row = _session_row({**asked, "today": timezone.localdate(now), "preference": preference})
    if row is None or _ended(row, now=now):
        return None
    year = int(row[4] or year_at(now))
    wanted = year if fiscal_year in (None, year) else _opened(int(fiscal_year or year))
    actor = _actor(row, year=wanted, now=now, asked=appointment_id)
    if actor is None:
        _end(row[0], now, "disabled")
        return None
    if (now - row[3]).total_seconds() >= TOUCH_SECONDS:
        LoginSession.objects.filter(pk=row[0], seen_at__lt=now).update(seen_at=now)
    changed, days = row[10], row[13]
    method = row[-3]
    old = bool(days and changed and changed + timedelta(days=days) <= now)
    return Acting(
        actor=replace(actor, channel=channel, ip=ip, trace_id=trace_id),
        session_id=row[0],
        username=row[6],
        must_change_password=bool(row[9]) or (old and method != "certificate"),
        must_enrol=bool(row[-2]),
        must_read=bool(row[32]) and not actor.duties & frozenset(duties.OFFICERS),
        expires_at=row[2] + timedelta(hours=row[12]),
        own_year=year,
        preference=json.loads(row[-1]) if row[-1] else None,
    )


def _session_row(asked: Mapping[str, Any]) -> tuple[Any, ...] | None:
    """One prepared statement: planning its joins anew would cost more than running it."""
    connection.close_if_health_check_failed()  # a write enters outside a transaction
    connection.ensure_connection()
    with connection.wrap_database_errors, psycopg.Cursor(connection.connection) as cursor:
        cursor.execute(_SESSION, {**asked, **_OFFICERS}, prepare=True)
        return cursor.fetchone()


def _ended(row: tuple[Any, ...], *, now: datetime) -> bool:
    started, seen, is_active, idle, hours = row[2], row[3], row[8], row[11], row[12]
    for reason, over in (
        ("disabled", not is_active),
        ("expired", now >= started + timedelta(hours=hours)),
        ("idle", now >= seen + timedelta(minutes=idle)),
    ):
        if over:
            _end(row[0], now, reason)
            return True
    return False


def _end(session_id: int, now: datetime, reason: str) -> None:
    LoginSession.objects.filter(pk=session_id, ended_at__isnull=True).update(
        ended_at=now, end_reason=reason
    )


def _actor(row: tuple[Any, ...], *, year: int, now: datetime, asked: int | None) -> Actor | None:
    """The joined appointment; where it has ended, the person's default one; None without any."""
    if row[14] is not None:
        return Actor(
            user_id=row[1],
            name=row[7],
            position_name=title_of(row[15], row[28]),
            duties=held_of(tuple(row[16]), tuple(row[29])),
            scope_path=row[17],
            office=row[18],
            unit_code=row[19],
            unit_name=row[20],
            division=row[21],
            fiscal_year=year,
            appointment_id=row[14],
            fund_types=frozenset(row[27]),
            principal_id=row[31],
        )
    if asked is not None:
        raise errors.NOT_YOURS.refuse(user=row[7], on=timezone.localdate(now))
    known = appointments_of(user_id=row[1], now=now)
    if not known:
        return None
    LoginSession.objects.filter(pk=row[0]).update(appointment=known[0])
    actor = actor_of(known[0], fiscal_year=year)
    if connection.in_atomic_block:
        scope.apply(actor)
    return actor


def switch(
    session_key: str,
    *,
    now: datetime,
    appointment_id: int | None = None,
    fiscal_year: int | None = None,
) -> Actor:
    """The session goes on in another appointment or year; refuses what is not the person's."""
    session = LoginSession.objects.get(session_key=digest_of(session_key), ended_at__isnull=True)
    actor = actor_for(
        user_id=session.user_id,
        appointment_id=appointment_id or session.appointment_id,
        fiscal_year=fiscal_year or session.fiscal_year,
        now=now,
        ip=session.ip,
    )
    before = {"appointment": session.appointment_id, "year": session.fiscal_year}
    session.appointment_id, session.fiscal_year = actor.appointment_id, actor.fiscal_year
    after = {"appointment": actor.appointment_id, "year": actor.fiscal_year}
    with transaction.atomic():
        session.save(update_fields=["appointment", "fiscal_year"])
        audit.record(
            [
                audit.AuditRow(
                    actor=actor,
                    at=now,
                    action="identity.switch",
                    target_type="identity.session",
                    target=str(session.pk),
                    result="done",
                    detail={"old": before, "new": after},
                )
            ]
        )
    return actor

"""会话 sessions: beginning one in the default appointment, how many a person may hold, his own.

The secret key of a session is known to the browser only; the table keeps its digest.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from shucai.base.errors import Refused
from shucai.kernel import audit
from shucai.kernel.identity import acting, credential_errors, errors, passwords, throttle
from shucai.kernel.identity.actor import Actor
from shucai.kernel.identity.models import Appointment, LoginSession, SecurityPolicy, User
from shucai.kernel.identity.security import policy

AGENT_MAX: Final = 200
OWN_MAX: Final = 50


@dataclass(frozen=True, slots=True)
class Visit:
    """A browser that wants in: where from, when. `bound` is the secret of its cookie."""

    ip: str
    agent: str
    now: datetime
    trace_id: str = ""
    bound: str = ""


@dataclass(frozen=True, slots=True)
class Previous:
    """The sign-in before this one, and the failures since, for the person to recognise."""

    at: datetime
    ip: str
    failures: int


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A session that has just begun. `session_key` is the secret; it is not stored."""

    session_key: str
    session: LoginSession
    user: User
    must_change_password: bool
    expires_at: datetime
    previous: Previous | None = None


def enter(user: User, rules: SecurityPolicy, visit: Visit, *, method: str) -> SignedIn | Refused:
    """A session of the user, who has shown everything he had to; his row is locked."""
    appointments = acting.appointments_of(user_id=user.pk, now=visit.now)
    if not appointments:
        on = timezone.localdate(visit.now)
        return errors.NO_APPOINTMENT.refuse(username=user.username, on=on)
    refusal = _make_room(user, rules, now=visit.now)
    if refusal is not None:
        return refusal
    return _begin(user, appointments[0], rules, visit, method=method)


def _begin(
    user: User, appointment: Appointment, rules: SecurityPolicy, visit: Visit, *, method: str
) -> SignedIn:
    now = visit.now
    before = _previous(user)
    user.failed_attempts, user.locked_until, user.last_login_at = 0, None, now
    user.save(update_fields=["failed_attempts", "locked_until", "last_login_at"])
    key = secrets.token_urlsafe(32)
    session = LoginSession.objects.create(
        session_key=acting.digest_of(key),
        user=user,
        appointment=appointment,
        fiscal_year=acting.year_at(now),
        started_at=now,
        seen_at=now,
        ip=visit.ip[:45],
        agent=visit.agent[:AGENT_MAX],
        method=method,
    )
    until = passwords.expires_at(user, rules)
    overdue = until is not None and until <= now and method != "certificate"
    return SignedIn(
        session_key=key,
        session=session,
        user=user,
        must_change_password=user.must_change_password or overdue,
        expires_at=now + timedelta(hours=rules.session_hours),
        previous=before,
    )


def _previous(user: User) -> Previous | None:
    last = LoginSession.objects.filter(user=user).order_by("-started_at", "-pk").first()
    if last is None:
        return None
    failures = throttle.failures_since(user.username, since=last.started_at)
    return Previous(at=last.started_at, ip=last.ip, failures=failures)


def open_sessions(rules: SecurityPolicy, *, now: datetime) -> QuerySet[LoginSession]:
    """Sessions that still hold: not ended, not idle for too long, not too old."""
    return LoginSession.objects.filter(
        ended_at__isnull=True,
        seen_at__gt=now - timedelta(minutes=rules.idle_minutes),
        started_at__gt=now - timedelta(hours=rules.session_hours),
    )


def _make_room(user: User, rules: SecurityPolicy, *, now: datetime) -> Refused | None:
    """Ends the oldest sessions, or refuses the new one, where there would be too many."""
    held = list(open_sessions(rules, now=now).filter(user=user).order_by("-started_at", "-pk"))
    if len(held) < rules.sessions:
        return None
    if rules.excess == "refuse":
        return errors.TOO_MANY_SESSIONS.refuse(
            username=user.username, count=len(held), limit=rules.sessions
        )
    oldest = [session.pk for session in held[rules.sessions - 1 :]]
    LoginSession.objects.filter(pk__in=oldest).update(ended_at=now, end_reason="replaced")
    return None


def own(*, actor: Actor, now: datetime) -> tuple[list[LoginSession], list[LoginSession]]:
    """The person's sessions that hold now, and his last ones that have ended, newest first."""
    rows = LoginSession.objects.filter(user_id=actor.user_id).select_related(
        "appointment__position"
    )
    held = list(open_sessions(policy(), now=now).filter(user_id=actor.user_id).order_by("-pk"))
    known = {session.pk for session in held}
    ended = [s for s in rows.order_by("-pk")[:OWN_MAX] if s.pk not in known]
    return held[:OWN_MAX], ended[:20]


@audit.refusals("identity.end_session", "identity.session")
def end_own(*, actor: Actor, session_id: int, now: datetime) -> None:
    """The person ends one of his sessions, at once."""
    with transaction.atomic():
        rows = LoginSession.objects.select_for_update().filter(
            pk=session_id, user_id=actor.user_id, ended_at__isnull=True
        )
        session = rows.first()
        if session is None:
            raise credential_errors.NOT_OWN_SESSION.refuse(id=session_id)
        session.ended_at, session.end_reason = now, "own"
        session.save(update_fields=["ended_at", "end_reason"])
        audit.record(
            [
                audit.AuditRow(
                    actor=actor,
                    at=now,
                    action="identity.end_session",
                    target_type="identity.session",
                    target=str(session.pk),
                    result="done",
                )
            ]
        )

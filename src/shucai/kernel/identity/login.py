"""登录 signing in and out: lockout, limits of a session, forced end. Passwords are argon2.

The secret key of a session is known to the browser only; the table keeps its digest.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from shucai.base.errors import Refused
from shucai.kernel import audit
from shucai.kernel.identity import acting, errors, passwords
from shucai.kernel.identity.actor import Actor
from shucai.kernel.identity.models import Appointment, LoginSession, SecurityPolicy, User
from shucai.kernel.identity.security import policy

AGENT_MAX: Final = 200
USERNAME_MAX: Final = 40


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A session that has just begun. `session_key` is the secret; it is not stored."""

    session_key: str
    session: LoginSession
    user: User
    must_change_password: bool
    expires_at: datetime


def sign_in(
    username: str, password: str, *, ip: str, agent: str, now: datetime, trace_id: str = ""
) -> SignedIn:
    """A new session, in the person's default appointment.

    Refuses a wrong name or password (the same words for both), a locked or stopped user, one
    without an appointment, and one with too many sessions where the policy says so. What was
    refused is counted and audited although nobody is signed in.
    """
    wanted = username.strip().lower()[:USERNAME_MAX]
    with transaction.atomic():
        rules = policy()
        user = User.objects.select_for_update(no_key=True).filter(username=wanted).first()
        done = _attempt(user, wanted, password, rules=rules, ip=ip, agent=agent, now=now)
        audit.record([_row(user, wanted, done, ip=ip, agent=agent, now=now, trace_id=trace_id)])
    if isinstance(done, Refused):
        raise done
    return done


def _attempt(
    user: User | None,
    username: str,
    password: str,
    *,
    rules: SecurityPolicy,
    ip: str,
    agent: str,
    now: datetime,
) -> SignedIn | Refused:
    wrong = errors.BAD_CREDENTIALS.refuse(failures=rules.failures, minutes=rules.lock_minutes)
    if user is None or not user.is_active:
        make_password(password)  # as slow as a real comparison, so that names can't be guessed
        return wrong
    if user.locked_until is not None and now < user.locked_until:
        return _locked(user, rules)
    if not user.check_password(password):
        passwords.note_failure(user, rules, now=now)
        return _locked(user, rules) if user.locked_until and now < user.locked_until else wrong
    appointments = acting.appointments_of(user_id=user.pk, now=now)
    if not appointments:
        on = timezone.localdate(now)
        return errors.NO_APPOINTMENT.refuse(username=username, on=on)
    refusal = _make_room(user, rules, now=now)
    if refusal is not None:
        return refusal
    return _begin(user, appointments[0], rules=rules, ip=ip, agent=agent, now=now)


def _begin(
    user: User,
    appointment: Appointment,
    *,
    rules: SecurityPolicy,
    ip: str,
    agent: str,
    now: datetime,
) -> SignedIn:
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
        ip=ip[:45],
        agent=agent[:AGENT_MAX],
    )
    until = passwords.expires_at(user, rules)
    return SignedIn(
        session_key=key,
        session=session,
        user=user,
        must_change_password=user.must_change_password or (until is not None and until <= now),
        expires_at=now + timedelta(hours=rules.session_hours),
    )


def _locked(user: User, rules: SecurityPolicy) -> Refused:
    until = timezone.localtime(user.locked_until).strftime("%Y-%m-%d %H:%M")
    return errors.LOCKED.refuse(username=user.username, failures=rules.failures, until=until)


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


def sign_out(session_key: str, *, now: datetime, trace_id: str = "") -> bool:
    """Ends the session; False when it had ended before."""
    with transaction.atomic():
        found = LoginSession.objects.select_related("user").filter(
            session_key=acting.digest_of(session_key), ended_at__isnull=True
        )
        session = found.select_for_update(of=("self",)).first()
        if session is None:
            return False
        session.ended_at, session.end_reason = now, "signed_out"
        session.save(update_fields=["ended_at", "end_reason"])
        actor = bare_actor(session.user, ip=session.ip, trace_id=trace_id)
        audit.record([_session_row(actor, now, "identity.sign_out", session)])
    return True


def sweep(*, now: datetime) -> int:
    """Ends what has run out, so that the list of sessions tells the truth; for the nightly job."""
    rules = policy()
    held = LoginSession.objects.filter(ended_at__isnull=True)
    old = held.filter(started_at__lte=now - timedelta(hours=rules.session_hours))
    ended = old.update(ended_at=now, end_reason="expired")
    idle = held.filter(seen_at__lte=now - timedelta(minutes=rules.idle_minutes))
    stopped = held.filter(user__is_active=False)
    return (
        ended
        + idle.update(ended_at=now, end_reason="idle")
        + stopped.update(ended_at=now, end_reason="disabled")
    )


def farewell(session_key: str) -> str:
    """Why the session ended, in words for the sign-in page; empty when it holds."""
    session = LoginSession.objects.filter(session_key=acting.digest_of(session_key)).first()
    if session is None or session.ended_at is None or session.end_reason == "signed_out":
        return ""
    return {
        "idle": "长时间没有操作，已自动退出，请重新登录",
        "expired": "本次登录已到最长时限，请重新登录",
        "replaced": "该用户已在别处登录，本处已退出",
        "forced": "管理员已将本次登录下线",
        "disabled": "用户已停用",
        "password": "密码已更改，请用新密码登录",
    }[session.end_reason]


def bare_actor(user: User, *, ip: str = "", trace_id: str = "") -> Actor:
    """A person before any position was chosen; may do nothing."""
    return Actor(
        user_id=user.pk,
        name=user.name,
        position_name="",
        duties=frozenset(),
        scope_path="",
        office="",
        unit_code="",
        unit_name="",
        division="",
        fiscal_year=0,
        ip=ip,
        trace_id=trace_id,
    )


def _row(
    user: User | None,
    username: str,
    done: SignedIn | Refused,
    *,
    ip: str,
    agent: str,
    now: datetime,
    trace_id: str,
) -> audit.AuditRow:
    nobody = User(pk=0, username=username, name=username)
    refused = isinstance(done, Refused)
    detail = {"agent": agent[:AGENT_MAX]}
    if isinstance(done, Refused):
        detail["code"] = done.code
    return audit.AuditRow(
        actor=bare_actor(user or nobody, ip=ip, trace_id=trace_id),
        at=now,
        action="identity.sign_in",
        target_type="identity.user",
        target=username,
        result="refused" if refused else "done",
        detail=detail,
    )


def _session_row(actor: Actor, now: datetime, action: str, session: LoginSession) -> audit.AuditRow:
    return audit.AuditRow(
        actor=actor,
        at=now,
        action=action,
        target_type="identity.session",
        target=str(session.pk),
        result="done",
        detail={"user": session.user.username},
    )

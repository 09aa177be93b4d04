"""登录 signing in and out: by password, with a second step where one is due. Passwords are argon2.

Whatever is refused is counted and audited although nobody is signed in, and answers don't tell
whether a name exists.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.contrib.auth.hashers import make_password
from django.db import transaction

from shucai.base.errors import Refused
from shucai.kernel import audit
from shucai.kernel.identity import (
    acting,
    errors,
    factors,
    passwords,
    sessions,
    throttle,
    tickets,
)
from shucai.kernel.identity import credential_errors as credential
from shucai.kernel.identity.actor import Actor
from shucai.kernel.identity.models import LoginSession, NameTrial, SecurityPolicy, User
from shucai.kernel.identity.security import policy
from shucai.kernel.identity.sessions import SignedIn, Visit, open_sessions
from shucai.kernel.identity.throttle import Proof, Shown

__all__ = ["SecondStep", "SignedIn", "Visit", "open_sessions", "proof_for", "sign_in", "sign_out"]

USERNAME_MAX: Final = 40
SECOND: Final = "second"
SECOND_SECONDS: Final = 300
_UNCOUNTED: Final = frozenset({"IDN-1004", "IDN-1005", "IDN-1008", "IDN-1009"})


@dataclass(frozen=True, slots=True)
class SecondStep:
    """The password was right; a code of the second factor is due. The ticket goes with it."""

    ticket: str


def sign_in(
    username: str,
    password: str,
    *,
    ip: str,
    agent: str,
    now: datetime,
    trace_id: str = "",
    bound: str = "",
    shown: Shown = Shown(),  # noqa: B008 (immutable)
) -> SignedIn | SecondStep:
    """A new session, in the person's default appointment, or the step that is still due.

    Refuses a wrong name or password (the same words for both), a locked name, an address with too
    many failures, a missing proof, a user without an appointment, and one with too many sessions
    where the policy says so.
    """
    wanted = username.strip().lower()[:USERNAME_MAX]
    visit = Visit(ip=ip, agent=agent, now=now, trace_id=trace_id, bound=bound)
    with transaction.atomic():
        rules = policy()
        user = _active(username=wanted)
        counted = user or throttle.trial_of(wanted, now=now)
        done = _may_try(counted, rules, visit, shown) or _attempt(
            user, counted, password, rules=rules, visit=visit
        )
        settle(done, user, wanted, visit, action="identity.sign_in")
    if isinstance(done, Refused):
        raise done
    return done


def confirm(ticket: str, code: str, *, visit: Visit) -> SignedIn:
    """The second step: a TOTP or recovery code. Wrong ones count like wrong passwords."""
    with transaction.atomic():
        rules = policy()
        user, done = None, None
        try:
            known = tickets.opened(
                SECOND, ticket, bound=visit.bound, now=visit.now, seconds=SECOND_SECONDS
            )
            user = _active(pk=known.facts["u"])
            done = _second(user, known, code, rules=rules, visit=visit)
        except Refused as refused:
            done = refused
        settle(done, user, user.username if user else "", visit, action="identity.second_factor")
    if isinstance(done, Refused):
        raise done
    return done


def proof_for(username: str, *, ip: str, bound: str, now: datetime) -> Proof | None:
    """What the next attempt with that name from that address has to show."""
    wanted = username.strip().lower()[:USERNAME_MAX]
    counted: User | NameTrial | None = None
    if wanted:
        counted = User.objects.filter(username=wanted, is_active=True).first()
        if counted is None:
            counted = NameTrial.objects.filter(name=throttle.digest_of(wanted)).first()
    level = throttle.weight(counted, ip=ip, rules=policy(), now=now)
    return throttle.asked(level, bound=bound, now=now)


def _active(**named: object) -> User | None:
    rows = User.objects.select_for_update(no_key=True)
    return rows.filter(is_active=True, **named).first()


def _may_try(
    counted: User | NameTrial, rules: SecurityPolicy, visit: Visit, shown: Shown
) -> Refused | None:
    """Before anything is compared: the address, the lock, the proof."""
    now = visit.now
    refusal = throttle.address_refusal(visit.ip, rules, now=now)
    if refusal is not None:
        return refusal
    if counted.locked_until is not None and now < counted.locked_until:
        return passwords.locked(counted, rules)
    level = throttle.weight(counted, ip=visit.ip, rules=rules, now=now)
    return throttle.demand(level, shown, bound=visit.bound, now=now)


def _attempt(
    user: User | None,
    counted: User | NameTrial,
    password: str,
    *,
    rules: SecurityPolicy,
    visit: Visit,
) -> SignedIn | SecondStep | Refused:
    if user is None:
        make_password(password)  # as slow as a real comparison, so that names can't be guessed
    elif user.check_password(password):
        if factors.of_user(user.pk) is None:
            return sessions.enter(user, rules, visit, method="password")
        return SecondStep(_second_ticket(user, visit))
    passwords.note_failure(counted, rules, now=visit.now)
    if counted.locked_until is not None and visit.now < counted.locked_until:
        return passwords.locked(counted, rules)
    return errors.BAD_CREDENTIALS.refuse(failures=rules.failures, minutes=rules.lock_minutes)


def _second_ticket(user: User, visit: Visit) -> str:
    """Dies with the password it was given for."""
    return tickets.issue(
        SECOND, bound=visit.bound, now=visit.now, u=user.pk, p=_trace_of(user.password)
    )


def _trace_of(password: str) -> str:
    return throttle.digest_of(password)[:16]


def _second(
    user: User | None, known: tickets.Ticket, code: str, *, rules: SecurityPolicy, visit: Visit
) -> SignedIn | Refused:
    if user is None or known.facts["p"] != _trace_of(user.password):
        return credential.TICKET_OVER.refuse(seconds=SECOND_SECONDS)
    if user.locked_until is not None and visit.now < user.locked_until:
        return passwords.locked(user, rules)
    shown = factors.show(user, code, rules=rules, now=visit.now)
    if isinstance(shown, Refused):
        return shown
    tickets.spend(known, now=visit.now)
    return sessions.enter(user, rules, visit, method=shown)


def settle(
    done: SignedIn | SecondStep | Refused,
    user: User | None,
    username: str,
    visit: Visit,
    *,
    action: str,
) -> None:
    """The trail of an attempt, and the count of a failed one."""
    if isinstance(done, Refused) and done.code not in _UNCOUNTED:
        throttle.note(ip=visit.ip, username=username, code=done.code, now=visit.now)
    if isinstance(done, SecondStep):
        action = "identity.first_factor"
    audit.record([attempt_row(user, username, done, visit, action=action)])


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
    throttle.purge(now=now)
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
        "own": "本人已在别处结束本次登录",
        "factor": "登录凭据已变更，请重新登录",
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


def attempt_row(
    user: User | None,
    username: str,
    done: SignedIn | SecondStep | Refused,
    visit: Visit,
    *,
    action: str,
) -> audit.AuditRow:
    """The row of an attempt: by whom it may have been, from where, and with what result."""
    nobody = User(pk=0, username=username, name=username)
    detail: dict[str, str] = {"agent": visit.agent[: sessions.AGENT_MAX]}
    if isinstance(done, Refused):
        detail["code"] = done.code
    if isinstance(done, SignedIn):
        detail["method"] = done.session.method
    return audit.AuditRow(
        actor=bare_actor(user or nobody, ip=visit.ip, trace_id=visit.trace_id),
        at=visit.now,
        action=action,
        target_type="identity.user",
        target=username,
        result="refused" if isinstance(done, Refused) else "done",
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

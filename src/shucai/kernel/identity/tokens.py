"""接口令牌 API tokens: a machine acts as its owner in one appointment, within scopes, for a time.

The secret is shown once; the table keeps its digest.
"""

import hashlib
import ipaddress
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from shucai.kernel import audit
from shucai.kernel.identity import acting, errors
from shucai.kernel.identity.actor import Actor
from shucai.kernel.identity.duties import SECURITY_ADMIN, SYSTEM_ADMIN
from shucai.kernel.identity.models import ApiToken, Application
from shucai.kernel.identity.security import policy

PREFIX: Final = "sct_"
TOKENS_MAX: Final = 20
TOUCH_SECONDS: Final = 60
OVERLAP_MAX: Final = 30
SCOPES: Final = {
    "documents.read": "查阅单据",
    "documents.write": "录入和修改草稿",
    "documents.act": "办理单据",
    "ledger.read": "查阅台账余额",
    "values.read": "查阅基础数据",
    "jobs.read": "查阅任务进度",
    "registers.read": "查阅名录",
    "registers.act": "办理名录的操作",
    "questions.ask": "提问并取得带依据的结论",
}
_SCOPE: Final = re.compile(r"^(\*|[a-z_]+(\.[a-z_]+)*(:[a-z_]+(\.[a-z_]+)*)?)$")


@dataclass(frozen=True, slots=True)
class Created:
    """A new token. `secret` can't be shown a second time."""

    id: int
    secret: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Found:
    """The token behind a secret and the actor it stands for."""

    id: int
    name: str
    scopes: frozenset[str]
    actor: Actor
    application: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What a token is made with."""

    name: str
    user_id: int
    appointment_id: int
    scopes: Sequence[str] = field(default_factory=tuple)
    expires_at: datetime
    application_id: int | None = None


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


@audit.refusals("identity.create_token", "identity.token")
def create(
    *,
    actor: Actor,
    name: str,
    scopes: Sequence[str],
    expires_at: datetime,
    now: datetime,
    appointment_id: int | None = None,
) -> Created:
    """A token of the actor's own, in the acting appointment or another one of his."""
    days = policy().token_days
    if not now < expires_at <= now + timedelta(days=days):
        raise errors.TOKEN_SPAN.refuse("expires_at", name=name, until=expires_at, days=days)
    wanted = sorted(set(scopes))
    if not wanted or not all(_SCOPE.match(scope) for scope in wanted):
        raise errors.TOKEN_SCOPES.refuse("scopes", name=name, scopes="、".join(wanted) or "（无）")
    chosen = acting.actor_for(
        user_id=actor.user_id,
        appointment_id=appointment_id or actor.appointment_id,
        fiscal_year=None,
        now=now,
    )
    with transaction.atomic():
        held = ApiToken.objects.filter(
            user_id=actor.user_id,
            application=None,
            revoked_at__isnull=True,
            expires_at__gt=now,
        ).count()
        if held >= TOKENS_MAX:
            raise errors.TOKEN_LIMIT.refuse(name=name, count=held, limit=TOKENS_MAX)
        made = make(
            Terms(
                name=name,
                user_id=actor.user_id,
                appointment_id=chosen.appointment_id or 0,
                scopes=wanted,
                expires_at=expires_at,
            ),
            now=now,
        )
        detail: dict[str, object] = {"scopes": wanted, "expires_at": expires_at.isoformat()}
        token = ApiToken.objects.get(pk=made.id)
        audit.record([_row(actor, now, "identity.create_token", token, detail)])
    return made


def make(terms: Terms, *, now: datetime) -> Created:
    """The token with a fresh secret; whoever calls has decided that it may be."""
    secret = PREFIX + secrets.token_urlsafe(32)
    token = ApiToken.objects.create(
        name=terms.name.strip()[:80],
        user_id=terms.user_id,
        appointment_id=terms.appointment_id,
        digest=_digest(secret),
        scopes=list(terms.scopes),
        expires_at=terms.expires_at,
        created_at=now,
        application_id=terms.application_id,
    )
    return Created(id=token.pk, secret=secret, expires_at=terms.expires_at)


@audit.refusals("identity.rotate_token", "identity.token")
def rotate(*, actor: Actor, token_id: int, overlap_days: int, now: datetime) -> Created:
    """A new secret for the same use and as long a life; the old one works on for some days.

    One's own token, or the key of an application for the system administrator.
    """
    with transaction.atomic():
        token = ApiToken.objects.select_for_update(no_key=True).filter(pk=token_id).first()
        may = token is not None and (
            actor.can(SYSTEM_ADMIN)
            if token.application_id is not None
            else token.user_id == actor.user_id
        )
        if token is None or not may:
            raise errors.NOT_FOUND.refuse(noun="令牌", key=token_id)
        if token.revoked_at is not None or token.expires_at <= now:
            state = "吊销" if token.revoked_at is not None else "到期"
            raise errors.TOKEN_ENDED.refuse(name=token.name, state=state)
        until = now + (token.expires_at - token.created_at)
        made = make(
            Terms(
                name=token.name,
                user_id=token.user_id,
                appointment_id=token.appointment_id,
                scopes=token.scopes,
                expires_at=until,
                application_id=token.application_id,
            ),
            now=now,
        )
        days = min(max(overlap_days, 0), OVERLAP_MAX)
        token.expires_at = min(token.expires_at, now + timedelta(days=days))
        token.save(update_fields=["expires_at"])
        detail: dict[str, object] = {"new": made.id, "overlap": days}
        audit.record([_row(actor, now, "identity.rotate_token", token, detail)])
    return made


def find(secret: str, *, now: datetime, ip: str = "", trace_id: str = "") -> Found | None:
    """The token and its actor; None for one that is unknown, expired, revoked or without rights."""
    if not secret.startswith(PREFIX):
        return None
    token = (
        ApiToken.objects.select_related(
            "appointment__position",
            "appointment__user",
            "appointment__principal",
            "application",
        )
        .filter(digest=_digest(secret), revoked_at__isnull=True, expires_at__gt=now)
        .first()
    )
    if token is None or not _holds(token, now=now) or not _admits(token.application, ip):
        return None
    if token.last_used_at is None or (now - token.last_used_at).total_seconds() >= TOUCH_SECONDS:
        ApiToken.objects.filter(pk=token.pk).update(last_used_at=now)
    actor = acting.actor_of(
        token.appointment,
        fiscal_year=acting.year_at(now),
        channel="api",
        ip=ip,
        trace_id=trace_id,
    )
    scopes, application = frozenset(token.scopes), token.application
    if application is not None:
        scopes &= frozenset(application.scopes)
    return Found(
        id=token.pk,
        name=token.name,
        scopes=scopes,
        actor=actor,
        application=application.code if application else "",
    )


def verify(secret: str, *, now: datetime) -> Actor | None:
    """The actor behind the secret, or None."""
    found = find(secret, now=now)
    return found.actor if found else None


def _holds(token: ApiToken, *, now: datetime) -> bool:
    """The appointment still counts; read from the joined rows."""
    held, on = token.appointment, timezone.localdate(now)
    return (
        held.is_enabled
        and held.position.is_enabled
        and held.user.is_active
        and held.valid_from <= on
        and (held.valid_to is None or on < held.valid_to)
    )


def _admits(application: Application | None, ip: str) -> bool:
    """The application is in use, on the terms last approved, and called from its addresses."""
    if application is None:
        return True
    is_used = "active" in (application.state, application.state_before)
    if not is_used or not application.addresses:
        return is_used
    try:
        come_from = ipaddress.ip_address(ip)
    except ValueError:
        return False
    return any(come_from in ipaddress.ip_network(one) for one in application.addresses)


def visible(actor: Actor) -> QuerySet[ApiToken]:
    """The tokens of positions in the officer's range."""
    low, high = actor.range
    rows = ApiToken.objects.select_related("user", "appointment__position", "application")
    return rows.filter(appointment__scope_path__gte=low, appointment__scope_path__lt=high)


def state_of(token: ApiToken, *, now: datetime) -> str:
    if token.revoked_at is not None:
        return "已吊销"
    return "已到期" if token.expires_at <= now else "有效"


def of_user(user_id: int) -> list[ApiToken]:
    """The person's tokens, newest first."""
    rows = ApiToken.objects.select_related("appointment__position").filter(
        user_id=user_id, application=None
    )
    return list(rows.order_by("-pk")[: TOKENS_MAX * 5])


@audit.refusals("identity.revoke_token", "identity.token")
def revoke(*, actor: Actor, token_id: int, now: datetime) -> None:
    """Ends a token at once: one's own, or anybody's for the administrators."""
    with transaction.atomic():
        token = ApiToken.objects.select_for_update(no_key=True).filter(pk=token_id).first()
        own = token is not None and token.user_id == actor.user_id
        if token is None or not (own or actor.can(SYSTEM_ADMIN) or actor.can(SECURITY_ADMIN)):
            raise errors.NOT_FOUND.refuse(noun="令牌", key=token_id)
        if token.revoked_at is None:
            token.revoked_at = now
            token.save(update_fields=["revoked_at"])
            audit.record([_row(actor, now, "identity.revoke_token", token, {})])


def _row(
    actor: Actor, now: datetime, action: str, token: ApiToken, detail: dict[str, object]
) -> audit.AuditRow:
    return audit.AuditRow(
        actor=actor,
        at=now,
        action=action,
        target_type="identity.token",
        target=str(token.pk),
        result="done",
        detail={"name": token.name, "user": token.user_id, **detail},
    )

"""接口令牌 API tokens: a machine acts as its owner in one appointment, within scopes, for a time.

The secret is shown once; the table keeps its digest.
"""

import hashlib
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction
from django.utils import timezone

from shucai.kernel import audit
from shucai.kernel.identity import acting, errors
from shucai.kernel.identity.actor import Actor
from shucai.kernel.identity.duties import SECURITY_ADMIN, SYSTEM_ADMIN
from shucai.kernel.identity.models import ApiToken
from shucai.kernel.identity.security import policy

PREFIX: Final = "sct_"
TOKENS_MAX: Final = 20
TOUCH_SECONDS: Final = 60
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
    secret = PREFIX + secrets.token_urlsafe(32)
    with transaction.atomic():
        held = ApiToken.objects.filter(
            user_id=actor.user_id, revoked_at__isnull=True, expires_at__gt=now
        ).count()
        if held >= TOKENS_MAX:
            raise errors.TOKEN_LIMIT.refuse(name=name, count=held, limit=TOKENS_MAX)
        token = ApiToken.objects.create(
            name=name.strip()[:80],
            user_id=actor.user_id,
            appointment_id=chosen.appointment_id or 0,
            digest=_digest(secret),
            scopes=wanted,
            expires_at=expires_at,
            created_at=now,
        )
        detail: dict[str, object] = {"scopes": wanted, "expires_at": expires_at.isoformat()}
        audit.record([_row(actor, now, "identity.create_token", token, detail)])
    return Created(id=token.pk, secret=secret, expires_at=expires_at)


def find(secret: str, *, now: datetime, ip: str = "", trace_id: str = "") -> Found | None:
    """The token and its actor; None for one that is unknown, expired, revoked or without rights."""
    if not secret.startswith(PREFIX):
        return None
    token = (
        ApiToken.objects.select_related(
            "appointment__position", "appointment__user", "appointment__principal"
        )
        .filter(digest=_digest(secret), revoked_at__isnull=True, expires_at__gt=now)
        .first()
    )
    if token is None or not _holds(token, now=now):
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
    return Found(id=token.pk, name=token.name, scopes=frozenset(token.scopes), actor=actor)


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


def of_user(user_id: int) -> list[ApiToken]:
    """The person's tokens, newest first."""
    rows = ApiToken.objects.select_related("appointment__position").filter(user_id=user_id)
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

"""准入 access: who asks, with which token, for what, how often, and under which trace id.

No cookie is read and none is set: a browser can't be made to act here on somebody's behalf.
"""

import re
import secrets
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final, cast

from django.conf import settings
from django.db import connection
from django.http import HttpRequest
from ninja.security import HttpBearer

from shucai.edge import clock
from shucai.edge.api import errors
from shucai.kernel.identity import acting, tokens
from shucai.kernel.identity.actor import Actor

BODY_MAX: Final = 8 * 1024 * 1024
KEY_MAX: Final = 64
SCOPES: Final = tokens.SCOPES
_TRACE: Final = re.compile(r"^[A-Za-z0-9_.-]{8,64}$")
_ETAG: Final = re.compile(r'^(?:W/)?"(\d{1,9})"$')


@dataclass(frozen=True, slots=True)
class Caller:
    """The person behind the token, in his position, at this instant."""

    actor: Actor
    token_id: int
    token_name: str
    scopes: frozenset[str]
    now: datetime
    application: str = ""  # the code of the external application whose key it is

    @property
    def today(self) -> date:
        return clock.day(self.now)

    def may(self, scope: str, *, kind: str = "") -> bool:
        """Scopes may be narrowed to a domain, a type or a register: `documents.act:payment`."""
        wanted = {"*", scope}
        if kind:
            wanted |= {f"{scope}:{kind}", f"{scope}:{kind.split('.', maxsplit=1)[0]}"}
        return bool(wanted & self.scopes)


class Bearer(HttpBearer):
    """Authorization: Bearer …; the token decides user, position and scope."""

    def __call__(self, request: HttpRequest) -> Any:
        kind, _, token = request.headers.get("Authorization", "").partition(" ")
        if kind.lower() != "bearer" or not token.strip():
            raise errors.NO_TOKEN.refuse()
        return self.authenticate(request, token.strip())

    def authenticate(self, request: HttpRequest, token: str) -> Caller:
        now = clock.now()
        found = tokens.find(token, now=now, ip=address_of(request), trace_id=trace_of(request))
        if found is None:
            raise errors.BAD_TOKEN.refuse()
        who = Caller(
            actor=_in_year(request, found.actor, now),
            token_id=found.id,
            token_name=found.name,
            scopes=frozenset(found.scopes),
            now=now,
            application=found.application,
        )
        _take_allowance(request, who)
        return who


def caller(request: HttpRequest) -> Caller:
    return cast(Caller, request.auth)  # type: ignore[attr-defined]  # set by ninja


def demand_scope(request: HttpRequest, scope: str, *, kind: str = "") -> None:
    """Raises Refused when the token may not be used for this."""
    who = caller(request)
    if not who.may(scope, kind=kind):
        raise errors.NO_SCOPE.refuse(
            token=who.token_name,
            scope=SCOPES[scope],
            granted="、".join(SCOPES.get(s, s) for s in sorted(who.scopes)) or "无",
        )


def limits() -> tuple[int, int]:
    """Requests a second in the long run, and at once."""
    return getattr(settings, "API_RATE", 20), getattr(settings, "API_BURST", 200)


def _take_allowance(request: HttpRequest, who: Caller) -> None:
    """One bucket per token, shared by all processes; the answer goes into the headers."""
    rate, burst = limits()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT is_granted, left_over FROM api_take(%s, %s, %s, %s)",
            [who.token_id, rate, burst, who.now],
        )
        is_granted, left = cursor.fetchone()
    request.allowance = max(0, int(left))  # type: ignore[attr-defined]
    if not is_granted:
        raise errors.RATE.refuse(rate=rate, burst=burst, wait=max(1, round((1 - left) / rate)))


def trace_of(request: HttpRequest) -> str:
    """The caller's trace id if it is a plausible one, else a new one; joins log, audit, answer."""
    given = request.headers.get("X-Trace-Id", "")
    known = given if _TRACE.match(given) else getattr(request, "trace_id", "")
    request.trace_id = known or secrets.token_hex(12)  # type: ignore[attr-defined]
    return str(request.trace_id)  # type: ignore[attr-defined]


def address_of(request: HttpRequest) -> str:
    return str(request.META.get("REMOTE_ADDR", ""))


def idempotency_key(request: HttpRequest) -> str:
    """The caller's key, made his own: two persons may use the same text."""
    given = request.headers.get("Idempotency-Key")
    if given is None:
        return ""
    if not 0 < len(given) <= KEY_MAX or not (given.isascii() and given.isprintable()):
        raise errors.BAD_KEY.refuse(length=len(given))
    return f"api:{caller(request).actor.user_id}:{given}"[:80]


def seen_version(request: HttpRequest) -> int | None:
    """The version named by If-Match; None without one or for `*`."""
    given = request.headers.get("If-Match")
    if given is None or given.strip() == "*":
        return None
    found = _ETAG.match(given.strip())
    if found is None:
        raise errors.BAD_VERSION.refuse(given=given[:40])
    return int(found[1])


def etag(version: int) -> str:
    return f'"{version}"'


def _in_year(request: HttpRequest, actor: Actor, now: datetime) -> Actor:
    """The same position in the year asked for, which must have been opened."""
    given = request.headers.get("Fiscal-Year")
    if given is None or given == str(actor.fiscal_year):
        return actor
    if not (given.isascii() and given.isdigit() and 2000 <= int(given[:9]) <= 2100):
        raise errors.BAD_YEAR.refuse(given=given[:20])
    return acting.actor_for(
        user_id=actor.user_id,
        appointment_id=actor.appointment_id,
        fiscal_year=int(given),
        now=now,
        channel=actor.channel,
        ip=actor.ip,
        trace_id=actor.trace_id,
    )

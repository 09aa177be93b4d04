"""凭条 tickets: what the server hands a browser before anybody is signed in, to be shown again.

A ticket is signed, belongs to one browser (`bound`), has a purpose and a short life, and is spent
once. Nothing is stored when it is issued, so strangers can't fill the database by asking.
"""

import base64
import hashlib
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import connection
from django.utils.crypto import constant_time_compare, salted_hmac

from shucai.kernel.identity import credential_errors as errors
from shucai.kernel.identity.credentials import SpentTicket

TEXT_MAX: Final = 2000
KEPT: Final = timedelta(days=1)
_MAC: Final = 32


@dataclass(frozen=True, slots=True)
class Ticket:
    """An opened ticket. `facts` are what the issuer put in."""

    text: str
    issued_at: datetime
    facts: Mapping[str, Any]


def issue(purpose: str, *, bound: str, now: datetime, **facts: Any) -> str:
    said = {"n": secrets.token_urlsafe(12), "t": int(now.timestamp()), **facts}
    raw = json.dumps(said, separators=(",", ":"), ensure_ascii=False).encode()
    body = base64.urlsafe_b64encode(raw).decode().rstrip("=")
    return f"{body}.{_mac(purpose, bound, body)}"


def opened(purpose: str, text: str, *, bound: str, now: datetime, seconds: int) -> Ticket:
    """Refuses a ticket that is forged, of another browser, for something else, or too old."""
    over = errors.TICKET_OVER.refuse(seconds=seconds)
    body, _, mac = text.partition(".")
    if len(text) > TEXT_MAX or not constant_time_compare(mac, _mac(purpose, bound, body)):
        raise over
    said = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
    issued_at = datetime.fromtimestamp(said["t"], tz=now.tzinfo)
    if not issued_at - timedelta(seconds=1) <= now <= issued_at + timedelta(seconds=seconds):
        raise over
    facts = {name: value for name, value in said.items() if name not in ("n", "t")}
    return Ticket(text=text, issued_at=issued_at, facts=facts)


def spend(ticket: Ticket, *, now: datetime) -> None:
    """Refuses a second time, whichever of two comes first."""
    digest = hashlib.sha256(ticket.text.encode()).hexdigest()
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO identity_spentticket (digest, spent_at) VALUES (%s, %s)"
            " ON CONFLICT (digest) DO NOTHING",
            [digest, now],
        )
        if cursor.rowcount != 1:
            raise errors.TICKET_SPENT.refuse()


def purge(*, now: datetime) -> int:
    """Forgets spent tickets that would be too old anyway."""
    return SpentTicket.objects.filter(spent_at__lt=now - KEPT).delete()[0]


def _mac(purpose: str, bound: str, body: str) -> str:
    said = salted_hmac(f"shucai.ticket.{purpose}", f"{bound}\0{body}", algorithm="sha256")
    return said.hexdigest()[:_MAC]

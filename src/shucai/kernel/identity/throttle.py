"""猜测的限制 what stops guessing: counting by name and by address, and proofs that cost something.

A name nobody has is counted and locked like any other, in the same words, so that the answers
don't tell which names exist. From the third failure on, a browser has to find a number (proof of
work); without script, waiting serves instead.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Protocol

from django.db.models import Count, Max, Min
from django.utils import timezone
from django.utils.crypto import salted_hmac

from shucai.base.errors import Refused
from shucai.kernel.identity import credential_errors as errors
from shucai.kernel.identity import tickets
from shucai.kernel.identity.credentials import NameTrial, SignInFailure
from shucai.kernel.identity.models import SecurityPolicy

PURPOSE: Final = "proof"
PROOF_SECONDS: Final = 600
BITS_LEAST: Final = 14
BITS_MOST: Final = 20
WAIT_SECONDS: Final = 15
WAIT_MOST: Final = 60
ADDRESS_STEP: Final = 10  # failures of one address that weigh as much as one of a name
FAILURES_KEPT: Final = timedelta(days=180)
TRIALS_KEPT: Final = timedelta(days=1)


class Counted(Protocol):
    """A user, or a name that nobody has."""

    failed_attempts: int
    locked_until: datetime | None


@dataclass(frozen=True, slots=True)
class Proof:
    """What a browser has to do: find a number, or wait. `ticket` goes back with the answer."""

    ticket: str
    bits: int
    seconds: int


@dataclass(frozen=True, slots=True)
class Shown:
    """What a browser says it has done."""

    ticket: str = ""
    number: str = ""


def digest_of(username: str) -> str:
    """Names are typed by mistake into wrong fields: only a keyed digest is kept."""
    return salted_hmac("shucai.name", username, algorithm="sha256").hexdigest()


def trial_of(username: str, *, now: datetime) -> NameTrial:
    """The count of a name that nobody has, its row locked."""
    name = digest_of(username)
    NameTrial.objects.get_or_create(name=name, defaults={"seen_at": now})
    trial = NameTrial.objects.select_for_update().get(name=name)
    trial.seen_at = now  # written with the count
    return trial


def note(*, ip: str, username: str, code: str, now: datetime) -> None:
    """One more failure from that address for that name."""
    SignInFailure.objects.create(at=now, ip=ip[:45], name=digest_of(username), code=code)


def failures_since(username: str, *, since: datetime | None) -> int:
    rows = SignInFailure.objects.filter(name=digest_of(username))
    return rows.filter(at__gt=since).count() if since else rows.count()


def address_refusal(ip: str, rules: SecurityPolicy, *, now: datetime) -> Refused | None:
    """Too many failures from one address within the window, whatever the names."""
    count, first, _ = _address(ip, rules, now=now)
    if count < rules.address_failures or first is None:
        return None
    until = timezone.localtime(first + timedelta(minutes=rules.address_minutes))
    return errors.ADDRESS_BUSY.refuse(
        ip=ip,
        minutes=rules.address_minutes,
        count=count,
        limit=rules.address_failures,
        until=until.strftime("%H:%M"),
    )


def _address(
    ip: str, rules: SecurityPolicy, *, now: datetime
) -> tuple[int, datetime | None, datetime | None]:
    if not ip:  # no address, no neighbours
        return 0, None, None
    since = now - timedelta(minutes=rules.address_minutes)
    found = SignInFailure.objects.filter(ip=ip[:45], at__gt=since).aggregate(
        count=Count("pk"), first=Min("at"), last=Max("at")
    )
    return found["count"], found["first"], found["last"]


def weight(counted: Counted | None, *, ip: str, rules: SecurityPolicy, now: datetime) -> int:
    """How hard a proof is due; 0 for none."""
    of_address = _address(ip, rules, now=now)[0] // ADDRESS_STEP
    of_name = 0
    if counted is not None:
        of_name = max(0, counted.failed_attempts - rules.proof_after + 1)
    return max(of_address, of_name)


def asked(level: int, *, bound: str, now: datetime) -> Proof | None:
    """A proof to be shown at the next attempt; None where none is due."""
    if level <= 0:
        return None
    bits, seconds = _price(level)
    ticket = tickets.issue(PURPOSE, bound=bound, now=now, k=bits, w=seconds)
    return Proof(ticket=ticket, bits=bits, seconds=seconds)


def _price(level: int) -> tuple[int, int]:
    """Zero bits to be found, or seconds to be waited."""
    return min(BITS_LEAST + 2 * (level - 1), BITS_MOST), min(WAIT_SECONDS * level, WAIT_MOST)


def demand(level: int, shown: Shown, *, bound: str, now: datetime) -> Refused | None:
    """A refusal unless the proof due was shown; a good proof is spent."""
    if level <= 0:
        return None
    bits, seconds = _price(level)
    needed = errors.PROOF_NEEDED.refuse(seconds=seconds)
    if not shown.ticket:
        return needed
    try:
        ticket = tickets.opened(PURPOSE, shown.ticket, bound=bound, now=now, seconds=PROOF_SECONDS)
        waited = now >= ticket.issued_at + timedelta(seconds=seconds)
        if not waited and not solves(ticket.text, shown.number, bits=bits):
            return needed
        tickets.spend(ticket, now=now)
    except Refused as refused:
        return refused
    return None


def solves(ticket: str, number: str, *, bits: int) -> bool:
    """SHA-256 of ticket and number begins with that many zero bits."""
    if not (number.isascii() and number.isdigit() and len(number) <= 15):
        return False
    found = hashlib.sha256(f"{ticket}:{number}".encode()).digest()
    return int.from_bytes(found, "big") >> (256 - bits) == 0


def purge(*, now: datetime) -> int:
    """Forgets failures after half a year, and names nobody has after a day."""
    old = SignInFailure.objects.filter(at__lt=now - FAILURES_KEPT).delete()[0]
    stale = NameTrial.objects.filter(seen_at__lt=now - TRIALS_KEPT)
    return old + stale.delete()[0] + tickets.purge(now=now)

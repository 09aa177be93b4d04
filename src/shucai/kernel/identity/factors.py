"""双因素 second factor: TOTP codes of a phone (RFC 6238), and recovery codes that work once.

The secret is kept encrypted under a key of the instance. A code is accepted within half a minute
either way, and never twice.
"""

import base64
import hmac
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import pyotp
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.db import transaction
from django.utils import timezone
from django.utils.crypto import salted_hmac

from shucai.base.errors import Refused
from shucai.kernel import audit
from shucai.kernel.identity import credential_errors as errors
from shucai.kernel.identity import passwords, tickets
from shucai.kernel.identity.actor import Actor
from shucai.kernel.identity.credentials import RecoveryCode, SecondFactor
from shucai.kernel.identity.models import LoginSession, SecurityPolicy, User
from shucai.kernel.identity.security import policy

ISSUER: Final = "数财 Shucai"
STEP: Final = 30
WINDOW: Final = 1  # steps before and after
CODES: Final = 10
ENROL_SECONDS: Final = 900
PURPOSE: Final = "enrol"
CODE_LENGTH: Final = 10
_LETTERS: Final = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"


@dataclass(frozen=True, slots=True)
class Offer:
    """A secret to be put into a phone; it counts after a code of it was shown with the ticket."""

    ticket: str
    secret: str
    address: str  # otpauth://, for a QR code


@dataclass(frozen=True, slots=True)
class Answer:
    """What the person sends back: the ticket, a code of the new secret, one of the present one."""

    ticket: str
    code: str
    present: str = ""
    bound: str = ""


@dataclass(frozen=True, slots=True)
class Enrolled:
    """Done. The recovery codes are shown this once."""

    codes: Sequence[str]


def of_user(user_id: int) -> SecondFactor | None:
    return SecondFactor.objects.filter(user_id=user_id).first()


def codes_left(user_id: int) -> int:
    return RecoveryCode.objects.filter(user_id=user_id, used_at__isnull=True).count()


def offer(*, actor: Actor, username: str, bound: str, now: datetime) -> Offer:
    """A fresh secret, not stored yet: the ticket carries it, sealed."""
    secret = pyotp.random_base32()
    ticket = tickets.issue(PURPOSE, bound=bound, now=now, u=actor.user_id, s=_sealed(secret))
    return Offer(ticket=ticket, secret=secret, address=_address(secret, username))


def again(ticket: str, *, username: str, bound: str, now: datetime) -> Offer:
    """The same offer, for a page that is shown a second time after a mistyped code."""
    found = tickets.opened(PURPOSE, ticket, bound=bound, now=now, seconds=ENROL_SECONDS)
    secret = _unsealed(found.facts["s"])
    return Offer(ticket=ticket, secret=secret, address=_address(secret, username))


def _address(secret: str, username: str) -> str:
    return pyotp.TOTP(secret).provisioning_uri(name=username, issuer_name=ISSUER)


@audit.refusals("identity.enrol_factor", "identity.user")
def enrol(*, actor: Actor, answer: Answer, now: datetime, session_id: int) -> Enrolled:
    """Turns the offered secret into the person's second factor; every other session of his ends.

    Replacing a factor takes a code of the present one too.
    """
    with transaction.atomic():
        user = User.objects.select_for_update(no_key=True).get(pk=actor.user_id)
        refusal = _enrolling(user, answer, now=now)
        if refusal is None:
            codes = _new_codes(user.pk, now=now)
            mine = LoginSession.objects.filter(user=user, ended_at__isnull=True)
            mine.exclude(pk=session_id).update(ended_at=now, end_reason="factor")
            mine.filter(pk=session_id, method="password").update(method="totp")
            audit.record([_row(actor, now, "identity.enrol_factor", user)])
    if refusal is not None:
        raise refusal
    return Enrolled(codes)


def _enrolling(user: User, answer: Answer, *, now: datetime) -> Refused | None:
    """Failures are counted and kept, so they are returned, not raised."""
    found = tickets.opened(
        PURPOSE, answer.ticket, bound=answer.bound, now=now, seconds=ENROL_SECONDS
    )
    if found.facts["u"] != user.pk:
        raise errors.TICKET_OVER.refuse(seconds=ENROL_SECONDS)
    rules = policy()
    if user.locked_until is not None and now < user.locked_until:
        return passwords.locked(user, rules)
    known = SecondFactor.objects.select_for_update().filter(user=user).first()
    if known is not None:
        if not answer.present:
            on = timezone.localtime(known.enrolled_at).date()
            raise errors.FACTOR_KNOWN.refuse("present", on=on)
        shown = show(user, answer.present, rules=rules, now=now)
        if isinstance(shown, Refused):
            return shown
    secret = _unsealed(found.facts["s"])
    step = _step_of(secret, answer.code.strip(), now=now)
    if step is None:
        passwords.note_failure(user, rules, now=now)
        return errors.CODE_WRONG.refuse("code", failures=rules.failures, minutes=rules.lock_minutes)
    tickets.spend(found, now=now)
    SecondFactor.objects.update_or_create(
        user=user, defaults={"secret": _sealed(secret), "enrolled_at": now, "last_step": step}
    )
    return None


def _new_codes(user_id: int, *, now: datetime) -> list[str]:
    RecoveryCode.objects.filter(user_id=user_id, used_at__isnull=True).update(used_at=now)
    codes = ["".join(secrets.choice(_LETTERS) for _ in range(CODE_LENGTH)) for _ in range(CODES)]
    RecoveryCode.objects.bulk_create(
        [RecoveryCode(user_id=user_id, digest=_digest(user_id, code)) for code in codes]
    )
    return [f"{code[:5]}-{code[5:]}" for code in codes]


def show(user: User, code: str, *, rules: SecurityPolicy, now: datetime) -> str | Refused:
    """How the code was good, `totp` or `recovery`; or why not, counted like a wrong password.

    The user's row is locked by the caller, so two showing one code at once are one after the other.
    """
    known = SecondFactor.objects.select_for_update().filter(user=user).first()
    if known is None:
        raise errors.FACTOR_NONE.refuse(username=user.username)
    typed = "".join(ch for ch in code.upper() if ch.isalnum())
    if len(typed) == CODE_LENGTH and _use_recovery(user.pk, typed, now=now):
        return "recovery"
    step = _step_of(_unsealed(known.secret), typed, now=now)
    if step is None:
        passwords.note_failure(user, rules, now=now)
        if user.locked_until is not None and now < user.locked_until:
            return passwords.locked(user, rules)
        return errors.CODE_WRONG.refuse("code", failures=rules.failures, minutes=rules.lock_minutes)
    if step <= known.last_step:
        passwords.note_failure(user, rules, now=now)
        return errors.CODE_REPLAYED.refuse("code")
    known.last_step = step
    known.save(update_fields=["last_step"])
    return "totp"


def _step_of(secret: str, code: str, *, now: datetime) -> int | None:
    """The time step whose code this is."""
    if len(code) != 6 or not (code.isascii() and code.isdigit()):
        return None
    here = int(now.timestamp()) // STEP
    totp = pyotp.TOTP(secret)
    found = None
    for step in range(here - WINDOW, here + WINDOW + 1):
        if hmac.compare_digest(totp.generate_otp(step), code):
            found = step
    return found


def _use_recovery(user_id: int, typed: str, *, now: datetime) -> bool:
    rows = RecoveryCode.objects.filter(
        user_id=user_id, digest=_digest(user_id, typed), used_at__isnull=True
    )
    return rows.update(used_at=now) == 1


def _digest(user_id: int, code: str) -> str:
    return salted_hmac("shucai.recovery", f"{user_id}:{code}", algorithm="sha256").hexdigest()


def _key() -> bytes:
    return salted_hmac("shucai.factor", "key", algorithm="sha256").digest()


def _sealed(secret: str) -> str:
    nonce = secrets.token_bytes(12)
    return base64.b64encode(nonce + AESGCM(_key()).encrypt(nonce, secret.encode(), None)).decode()


def _unsealed(text: str) -> str:
    raw = base64.b64decode(text)
    try:
        return AESGCM(_key()).decrypt(raw[:12], raw[12:], None).decode()
    except InvalidTag:
        raise errors.FACTOR_UNREADABLE.refuse() from None


def _row(actor: Actor, now: datetime, action: str, user: User) -> audit.AuditRow:
    return audit.AuditRow(
        actor=actor,
        at=now,
        action=action,
        target_type="identity.user",
        target=user.username,
        result="done",
    )

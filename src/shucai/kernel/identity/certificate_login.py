"""证书登录 signing in by certificate: the holder of the key signs what this server has just said.

The signature is checked before anything is told about bindings, so only the holder of a key
learns whose it is or was. The key with its PIN counts as two factors.
"""

import binascii
from base64 import urlsafe_b64decode
from dataclasses import dataclass
from typing import Final

from django.db import transaction
from django.utils import timezone

from shucai.base.errors import Refused
from shucai.kernel.identity import certificates, login, passwords, sessions, throttle, tickets
from shucai.kernel.identity import credential_errors as errors
from shucai.kernel.identity.certificates import Read
from shucai.kernel.identity.credentials import UserCertificate
from shucai.kernel.identity.crypto import ALGORITHMS, provider
from shucai.kernel.identity.models import User
from shucai.kernel.identity.security import policy
from shucai.kernel.identity.sessions import SignedIn, Visit

PURPOSE: Final = "certificate"
SECONDS: Final = 120
PREFIX: Final = "shucai-sign-in:"
ANSWER_MAX: Final = 40_000


@dataclass(frozen=True, slots=True)
class Answered:
    """What a key or tool returned: the certificate and the signature of the challenge."""

    certificate: bytes
    signature: bytes


def challenge(*, visit: Visit) -> str:
    """What is to be signed, as UTF-8: bound to the browser, good once, for two minutes."""
    return PREFIX + tickets.issue(PURPOSE, bound=visit.bound, now=visit.now)


def parsed(text: str) -> Answered:
    """The one line that tools print: certificate and signature in base64url, with a dot."""
    said = "".join(text.split())
    certificate, _, signature = said.partition(".")
    try:
        if not certificate or not signature or len(said) > ANSWER_MAX:
            raise ValueError
        return Answered(_decoded(certificate), _decoded(signature))
    except (ValueError, binascii.Error):
        raise errors.CERTIFICATE_UNREADABLE.refuse("answer", size=len(said)) from None


def _decoded(text: str) -> bytes:
    plain = text.rstrip("=").replace("+", "-").replace("/", "_")
    return urlsafe_b64decode(plain + "=" * (-len(plain) % 4))


def sign_in(said: str, answer: str, *, visit: Visit) -> SignedIn:
    """A session of the certificate's user. Each way to fail has its own code in the trail."""
    with transaction.atomic():
        user, known = None, None
        done: SignedIn | Refused
        try:
            busy = throttle.address_refusal(visit.ip, policy(), now=visit.now)
            if busy is not None:
                raise busy
            known = _shown(said, answer, visit=visit)
            user, binding = _bound_user(known, visit=visit)
            done = _enter(user, binding, visit=visit)
        except Refused as refused:
            done = refused
        target = user.username if user else (f"证书 {known.serial}" if known else "")
        action = "identity.certificate_sign_in"
        login.settle(done, user, target[:80], visit, action=action)
    if isinstance(done, Refused):
        raise done
    return done


def _shown(said: str, answer: str, *, visit: Visit) -> Read:
    """The certificate whose key signed our challenge, trusted now."""
    ticket = tickets.opened(
        PURPOSE, said.removeprefix(PREFIX), bound=visit.bound, now=visit.now, seconds=SECONDS
    )
    tickets.spend(ticket, now=visit.now)
    answered = parsed(answer)
    known = certificates.read(answered.certificate)
    certificates.demand_trusted(known, now=visit.now)
    text = (PREFIX + ticket.text).encode()
    if not provider().verify(known.algorithm, known.public, text, answered.signature):
        raise errors.SIGNATURE_WRONG.refuse(algorithm=ALGORITHMS[known.algorithm])
    return known


def _bound_user(known: Read, *, visit: Visit) -> tuple[User, UserCertificate]:
    rows = UserCertificate.objects.filter(fingerprint=known.fingerprint)
    binding = rows.order_by("revoked_at").last()
    alive = rows.filter(revoked_at__isnull=True).first()
    if alive is None and binding is not None and binding.revoked_at is not None:
        on = timezone.localtime(binding.revoked_at).date()
        raise errors.BINDING_ENDED.refuse(serial=known.serial, on=on)
    user = None
    if alive is not None:
        users = User.objects.select_for_update(no_key=True)
        user = users.filter(pk=alive.user_id, is_active=True).first()
    if alive is None or user is None:
        raise errors.CERTIFICATE_UNBOUND.refuse(serial=known.serial)
    return user, alive


def _enter(user: User, binding: UserCertificate, *, visit: Visit) -> SignedIn:
    rules = policy()
    if user.locked_until is not None and visit.now < user.locked_until:
        raise passwords.locked(user, rules)
    done = sessions.enter(user, rules, visit, method="certificate")
    if isinstance(done, Refused):
        raise done
    binding.last_used_at = visit.now
    binding.save(update_fields=["last_used_at"])
    return done

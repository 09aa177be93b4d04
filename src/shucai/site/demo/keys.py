"""演示密钥 keys of the demo: an authority of the instance's own, and key files for some people.

Made from the secret of the instance, so loading again makes the same keys; they lie in its data
directory and nowhere else. Binding them is a change of rights like any other, by two officers.
"""

import hmac
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from django.conf import settings

from shucai.kernel.identity import acting, rights
from shucai.kernel.identity.crypto import keyfile, provider
from shucai.kernel.identity.crypto.provider import ECDSA, SM2
from shucai.kernel.identity.models import User
from shucai.site.demo import authority
from shucai.site.demo.authority import Holder, Span
from shucai.site.private import write_private

PIN: Final = "202600"
YEARS: Final = timedelta(days=3 * 365)
HOLDERS: Final = (("jingban", ECDSA), ("shenhe", SM2), ("anquan", ECDSA))


def folder() -> Path:
    return Path(settings.DATA) / "demo-keys"


def make(*, now: datetime, say: Callable[[str], None]) -> list[str]:
    """Authority, key files and bindings; the names of the files. Skips what can't be had here."""
    span = Span(now.replace(microsecond=0) - timedelta(days=1), now + YEARS)
    roots: dict[str, Holder] = {}
    made = []
    for username, algorithm in HOLDERS:
        missing = provider().missing().get(algorithm)
        user = User.objects.filter(username=username).first()
        if missing:
            say(f"不做 {username} 的 {algorithm} 密钥：{missing}")
        if missing or user is None:
            continue
        if algorithm not in roots:
            name = f"演示根证书 {algorithm.split('-')[0].upper()}"
            roots[algorithm] = authority.authority(
                name, algorithm=algorithm, seed=_seed(algorithm), span=span
            )
        holder = authority.issue(
            roots[algorithm], user.name, algorithm=algorithm, seed=_seed(username), span=span
        )
        made.append(_write(username, holder))
        _bind(user, holder, now=now)
    _trust(list(roots.values()))
    return made


def _seed(word: str) -> bytes:
    key = settings.SECRET_KEY.encode()
    return hmac.new(key, f"shucai.demo.{word}".encode(), "sha256").digest()


def _write(username: str, holder: Holder) -> str:
    folder().mkdir(parents=True, exist_ok=True)
    place = folder() / f"{username}.json"
    text = keyfile.written(
        algorithm=holder.algorithm,
        private=holder.private,
        certificate=holder.certificate,
        pin=PIN,
        holder=username,
    )
    write_private(place, text)
    return place.name


def _bind(user: User, holder: Holder, *, now: datetime) -> None:
    """Proposed by the demo's system administrator, approved by its security administrator."""
    officers = [
        acting.actor_for(
            user_id=User.objects.get(username=name).pk,
            appointment_id=None,
            fiscal_year=None,
            now=now,
            channel="job",
        )
        for name in ("xitong", "anquan")
    ]
    change = rights.propose(
        actor=officers[0],
        kind="certificate.bind",
        payload={"user_id": user.pk, "certificate": holder.pem},
        reason="演示软密钥",
        now=now,
    )
    rights.approve(actor=officers[1], change_id=change.pk, opinion="演示", now=now)


def _trust(roots: list[Holder]) -> None:
    """Nothing is overwritten: a bundle somebody has put there stays."""
    bundle = Path(settings.CA_BUNDLE)
    if roots and not bundle.exists():
        bundle.parent.mkdir(parents=True, exist_ok=True)
        bundle.write_text("\n".join(root.pem for root in roots), "ascii")

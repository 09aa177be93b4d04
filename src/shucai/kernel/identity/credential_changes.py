"""凭据变更事项 changes of rights on credentials: binding and revoking certificates, second factors.

Added to the kinds of `changes` when the app starts.
"""

from datetime import date
from typing import Any, Final

from shucai.base.errors import Refused
from shucai.kernel.identity import certificates, changes, errors, typed
from shucai.kernel.identity import credential_errors as credential
from shucai.kernel.identity.actor import Actor
from shucai.kernel.identity.changes import Kind, Prepared
from shucai.kernel.identity.credentials import SecondFactor, UserCertificate
from shucai.kernel.identity.crypto import ALGORITHMS

# Read from the certificate, never typed; shown to whoever decides.
DERIVED: Final = ("subject", "issuer", "serial", "algorithm", "not_before", "not_after")


def _certificate(raw: Any) -> str:
    try:
        return certificates.read(str(raw or "").encode()).pem
    except Refused:
        raise typed.Bad("不是 PEM 格式的证书") from None


def _derived(raw: Any) -> str:
    return str(raw or "")


_DERIVED_FIELDS: Final[dict[str, tuple[str, typed.Reader]]] = {
    "subject": ("证书主题", _derived),
    "issuer": ("颁发者", _derived),
    "serial": ("序列号", _derived),
    "algorithm": ("算法", _derived),
    "not_before": ("生效时间", _derived),
    "not_after": ("到期时间", _derived),
}
KINDS: Final = (
    Kind(
        "certificate.bind",
        "绑定证书",
        {**changes.USER, "certificate": ("证书", _certificate), **_DERIVED_FIELDS},
    ),
    Kind(
        "certificate.revoke",
        "解除证书",
        {"certificate_id": ("证书", typed.integer), "why": ("解除原因", typed.text(100, least=2))},
    ),
    Kind("factor.reset", "重置双因素", changes.USER),
)


def add() -> None:
    """Makes the kinds known."""
    for kind in KINDS:
        changes.add(kind, _check_factor if kind.code == "factor.reset" else _check_certificate)


def _check_certificate(kind: Kind, payload: dict[str, Any], actor: Actor, on: date) -> Prepared:
    if kind.code == "certificate.revoke":
        return _check_revocation(kind, payload, actor)
    user = changes.the_user(payload["user_id"], actor)
    if not user.is_active:
        raise errors.NOT_FOUND.refuse("user_id", noun="启用的用户", key=user.name)
    known = certificates.read(payload["certificate"].encode())
    if known.valid_to.date() <= on:
        raise credential.CERTIFICATE_SPAN.refuse(
            "certificate",
            subject=known.subject,
            start=known.valid_from.date(),
            end=known.valid_to.date(),
        )
    taken = UserCertificate.objects.select_related("user").filter(
        fingerprint=known.fingerprint, revoked_at__isnull=True
    )
    held = taken.first()
    if held is not None:
        raise credential.CERTIFICATE_TAKEN.refuse(
            "certificate", serial=known.serial, user=held.user.name
        )
    facts = {
        "subject": known.subject,
        "issuer": known.issuer,
        "serial": known.serial[:64],
        "algorithm": known.algorithm,
        "not_before": known.valid_from.isoformat(),
        "not_after": known.valid_to.isoformat(),
        "fingerprint": known.fingerprint,
    }
    name = ALGORITHMS[known.algorithm]
    summary = f"绑定证书 {user.username} {user.name}：{name}，序列号 {known.serial}"
    target = f"certificate:{known.fingerprint}"
    return Prepared({**payload, **facts}, {}, target, summary[:200])


def _check_revocation(kind: Kind, payload: dict[str, Any], actor: Actor) -> Prepared:
    rows = UserCertificate.objects.select_related("user")
    held = rows.filter(pk=payload["certificate_id"], revoked_at__isnull=True).first()
    if held is None:
        raise errors.NOT_FOUND.refuse(noun="有效的证书绑定", key=payload["certificate_id"])
    user = changes.the_user(held.user_id, actor)
    summary = f"解除证书 {user.username} {user.name}：序列号 {held.serial}"
    before = {"serial": held.serial, "subject": held.subject}
    return Prepared(payload, before, f"certificate:{held.fingerprint}", summary[:200])


def _check_factor(kind: Kind, payload: dict[str, Any], actor: Actor, on: date) -> Prepared:
    user = changes.the_user(payload["user_id"], actor)
    known = SecondFactor.objects.filter(user=user).first()
    if known is None:
        raise credential.FACTOR_NONE.refuse("user_id", username=user.username)
    before = {"enrolled_at": known.enrolled_at.isoformat()}
    summary = f"重置双因素 {user.username} {user.name}"
    return Prepared(payload, before, f"factor:{user.username}", summary)

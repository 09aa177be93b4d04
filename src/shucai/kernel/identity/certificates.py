"""证书 certificates: reading X.509, and whether one is to be trusted now.

Trust comes from a file of certificates (the bundle) and, where there is one, a file of revocation
lists; both are named in the settings and read anew when they change. Signatures are checked by
the provider, so SM2 chains work like RSA ones.
"""

import re
from base64 import b64decode
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtensionOID
from django.conf import settings

from shucai.base.crypto import der
from shucai.base.errors import Refused
from shucai.kernel.identity import credential_errors as errors
from shucai.kernel.identity.crypto import ALGORITHMS, provider
from shucai.kernel.identity.crypto.provider import ECDSA, RSA, SIGNATURE_OIDS, SM2

SIZE_MAX: Final = 16_384
DEPTH_MAX: Final = 4
BUNDLE_MAX: Final = 1_000
_PEM: Final = re.compile(r"-----BEGIN CERTIFICATE-----(.+?)-----END CERTIFICATE-----", re.DOTALL)
_LIST: Final = re.compile(r"-----BEGIN X509 CRL-----.+?-----END X509 CRL-----", re.DOTALL)
_EC_KEY: Final = "1.2.840.10045.2.1"
_CURVES: Final = {"1.2.156.10197.1.301": SM2, "1.2.840.10045.3.1.7": ECDSA}
_NAMES: Final = {"2.5.4.3": "CN", "2.5.4.10": "O", "2.5.4.11": "OU", "2.5.4.6": "C",
                 "2.5.4.8": "ST", "2.5.4.7": "L", "2.5.4.5": "SERIALNUMBER"}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Read:
    """A certificate as far as the platform looks into it."""

    x509: x509.Certificate
    der: bytes
    public: bytes  # SubjectPublicKeyInfo
    algorithm: str  # what its key signs with
    fingerprint: str
    serial: str
    issuer: str
    subject: str
    valid_from: datetime
    valid_to: datetime

    @property
    def pem(self) -> str:
        return self.x509.public_bytes(Encoding.PEM).decode()


def read(raw: bytes) -> Read:
    """DER or PEM; refuses what is none, and keys the platform knows no algorithm for."""
    unreadable = errors.CERTIFICATE_UNREADABLE.refuse("certificate", size=len(raw))
    if len(raw) > SIZE_MAX:
        raise unreadable
    try:
        found = _PEM.search(raw.decode("ascii", "replace"))
        encoded = b64decode(found.group(1)) if found else raw
        return _facts(x509.load_der_x509_certificate(encoded))
    except (ValueError, TypeError, KeyError):
        raise unreadable from None


def _facts(known: x509.Certificate) -> Read:
    public = _public_of(known)
    return Read(
        x509=known,
        der=known.public_bytes(Encoding.DER),
        public=public,
        algorithm=_algorithm_of(public),
        fingerprint=known.fingerprint(hashes.SHA256()).hex(),
        serial=f"{known.serial_number:X}",
        issuer=spelled(known.issuer),
        subject=spelled(known.subject),
        valid_from=known.not_valid_before_utc,
        valid_to=known.not_valid_after_utc,
    )


def _public_of(known: x509.Certificate) -> bytes:
    """Taken from the bytes, since the library doesn't know the SM2 curve."""
    fields = der.parts(known.tbs_certificate_bytes)
    skipped = 1 if fields[0][0] == 0xA0 else 0  # the version, where it is written
    return fields[skipped + 5]


def _algorithm_of(public: bytes) -> str:
    kind, *parameters = der.parts(der.parts(public)[0])
    if kind == der.oid("1.2.840.113549.1.1.1"):
        return RSA
    curves = {der.oid(dotted): algorithm for dotted, algorithm in _CURVES.items()}
    if kind == der.oid(_EC_KEY) and parameters:
        return curves[parameters[0]]
    raise KeyError("unknown kind of key")


def spelled(name: x509.Name) -> str:
    """`CN=…, O=…`, the most particular part first."""
    parts = [f"{_NAMES.get(a.oid.dotted_string, a.oid.dotted_string)}={a.value!s}" for a in name]
    return ", ".join(reversed(parts))[:300]


def demand_trusted(known: Read, *, now: datetime) -> None:
    """Refuses a certificate that may not sign in now: chain, span, revocation, use of its key."""
    off = provider().missing().get(known.algorithm)
    if off:
        raise errors.ALGORITHM_OFF.refuse(algorithm=ALGORITHMS[known.algorithm], reason=off)
    chain = _chain(known, bundle(), now=now)
    for one in (known, *chain):
        if not one.valid_from <= now < one.valid_to:
            raise errors.CERTIFICATE_SPAN.refuse(
                subject=one.subject, start=one.valid_from.date(), end=one.valid_to.date()
            )
    _demand_usage(known)
    for one, issuer in zip((known, *chain), chain, strict=False):
        _demand_not_revoked(one, issuer, now=now)


def _chain(known: Read, trusted: Sequence[Read], *, now: datetime) -> list[Read]:
    """The issuers up to one that signed itself, all of the bundle."""
    chain: list[Read] = []
    one = known
    while len(chain) < DEPTH_MAX:
        able = [t for t in trusted if _may_issue(t, one)]
        able.sort(key=lambda t: not t.valid_from <= now < t.valid_to)
        if not able:
            break
        chain.append(able[0])
        if able[0].x509.subject == able[0].x509.issuer:
            return chain
        one = able[0]
    raise errors.CERTIFICATE_FOREIGN.refuse(issuer=one.issuer, count=len(trusted))


def _may_issue(issuer: Read, issued: Read) -> bool:
    return (
        issuer.x509.subject == issued.x509.issuer
        and _is_authority(issuer)
        and _signed_by(issued, issuer)
    )


def _signed_by(issued: Read, issuer: Read) -> bool:
    said = issued.x509
    algorithm = SIGNATURE_OIDS.get(said.signature_algorithm_oid.dotted_string, "")
    return algorithm == issuer.algorithm and provider().verify(
        algorithm, issuer.public, said.tbs_certificate_bytes, said.signature
    )


def _is_authority(known: Read) -> bool:
    basic = _extension(known.x509, ExtensionOID.BASIC_CONSTRAINTS)
    usage = _extension(known.x509, ExtensionOID.KEY_USAGE)
    return basic is not None and basic.ca and (usage is None or usage.key_cert_sign)


def _demand_usage(known: Read) -> None:
    """A certificate that says what it is for has to say signing, and not be an authority."""
    usage = _extension(known.x509, ExtensionOID.KEY_USAGE)
    basic = _extension(known.x509, ExtensionOID.BASIC_CONSTRAINTS)
    if basic is not None and basic.ca:
        raise errors.CERTIFICATE_USAGE.refuse(usage="颁发证书")
    if usage is not None and not usage.digital_signature:
        raise errors.CERTIFICATE_USAGE.refuse(usage="不含数字签名")
    purposes = _extension(known.x509, ExtensionOID.EXTENDED_KEY_USAGE)
    if purposes is not None and not {"1.3.6.1.5.5.7.3.2", "2.5.29.37.0"} & {
        one.dotted_string for one in purposes
    }:
        raise errors.CERTIFICATE_USAGE.refuse(usage="不含客户端身份鉴别")


def _extension(known: x509.Certificate, oid: x509.ObjectIdentifier) -> Any:
    try:
        return known.extensions.get_extension_for_oid(oid).value
    except (x509.ExtensionNotFound, ValueError):
        return None


def _demand_not_revoked(known: Read, issuer: Read, *, now: datetime) -> None:
    """Where the issuer has a list, it must be good and of now: an old list proves nothing."""
    for listed in revocations():
        if listed.issuer != issuer.x509.subject:
            continue
        until = listed.next_update_utc
        algorithm = SIGNATURE_OIDS.get(listed.signature_algorithm_oid.dotted_string, "")
        good = algorithm == issuer.algorithm and provider().verify(
            algorithm, issuer.public, listed.tbs_certlist_bytes, listed.signature
        )
        if not good or (until is not None and now >= until):
            on = until.date() if until else "—"
            raise errors.CERTIFICATE_LIST_OLD.refuse(issuer=issuer.subject, on=on)
        entry = listed.get_revoked_certificate_by_serial_number(known.x509.serial_number)
        if entry is not None and entry.revocation_date_utc <= now:
            raise errors.CERTIFICATE_REVOKED.refuse(
                serial=known.serial, on=entry.revocation_date_utc.date()
            )


# The two files. Paths are settings; what is in them is kept until they change.


def bundle() -> Sequence[Read]:
    """The trusted certificates; none where the file is missing."""
    return _bundle(*_stamp(settings.CA_BUNDLE))


def revocations() -> Sequence[x509.CertificateRevocationList]:
    """The revocation lists, every issuer's in one file."""
    return _revocations(*_stamp(settings.CA_REVOCATIONS))


def _stamp(path: str | Path) -> tuple[str, int, int]:
    try:
        found = Path(path).stat()
    except OSError:
        return str(path), 0, 0
    return str(path), found.st_mtime_ns, found.st_size


@lru_cache(maxsize=4)
def _bundle(path: str, changed: int, size: int) -> tuple[Read, ...]:
    if not size:
        return ()
    text = Path(path).read_text("ascii", "replace")
    found = []
    for one in _PEM.finditer(text):
        try:
            found.append(read(one.group(0).encode()))
        except Refused:
            continue  # an authority with an algorithm the platform doesn't know
        if len(found) >= BUNDLE_MAX:
            break
    return tuple(found)


@lru_cache(maxsize=4)
def _revocations(path: str, changed: int, size: int) -> tuple[x509.CertificateRevocationList, ...]:
    if not size:
        return ()
    text = Path(path).read_text("ascii", "replace")
    return tuple(x509.load_pem_x509_crl(one.group(0).encode()) for one in _LIST.finditer(text))

"""演示颁发机构 a certificate authority for the demo and the tests: never one to be trusted.

Keys come from a seed, so an instance makes the same ones again. The library builds the
certificates; where SM2 is to stand in one, its parts are put in place of the library's.
"""

import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_der_private_key,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from shucai.base.crypto import curve, der
from shucai.kernel.identity.crypto import provider
from shucai.kernel.identity.crypto.provider import ECDSA, SM2

ORGANISATION: Final = "数财演示"
_P256_ORDER: Final = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


@dataclass(frozen=True, slots=True)
class Holder:
    """A key with its certificate, both DER; an authority or a person."""

    name: str
    algorithm: str
    private: bytes
    public: bytes
    certificate: bytes

    @property
    def pem(self) -> str:
        return x509.load_der_x509_certificate(self.certificate).public_bytes(Encoding.PEM).decode()


@dataclass(frozen=True, slots=True)
class Span:
    """From when to when a certificate holds."""

    start: datetime
    end: datetime


def key_pair(algorithm: str, seed: bytes) -> tuple[bytes, bytes]:
    """PKCS #8 and SubjectPublicKeyInfo; RSA keys can't be made from a seed and are fresh."""
    number = int.from_bytes(hashlib.sha512(seed).digest(), "big")
    if algorithm == SM2:
        secret = number % (curve.N - 2) + 1
        return curve.private_der(secret), curve.public_der(curve.public_of(secret))
    key: Any
    if algorithm == ECDSA:
        key = ec.derive_private_key(number % (_P256_ORDER - 1) + 1, ec.SECP256R1())
    else:
        key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    private = key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    public = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return private, public


def authority(name: str, *, algorithm: str, seed: bytes, span: Span) -> Holder:
    """An authority that signed itself."""
    private, public = key_pair(algorithm, seed)
    bare = Holder(name, algorithm, private, public, b"")
    usage = _usage(key_cert_sign=True, crl_sign=True)
    return _certified(bare, bare, span=span, usage=usage, is_authority=True)


def issue(
    issuer: Holder,
    name: str,
    *,
    algorithm: str,
    seed: bytes,
    span: Span,
    signs: bool = True,
) -> Holder:
    """A person's certificate, for signing or (to be refused) for encrypting."""
    private, public = key_pair(algorithm, seed)
    bare = Holder(name, algorithm, private, public, b"")
    usage = _usage(digital_signature=True) if signs else _usage(key_encipherment=True)
    return _certified(bare, issuer, span=span, usage=usage, is_authority=False)


def revocation_list(issuer: Holder, revoked: list[Holder], *, span: Span) -> str:
    """A list in PEM of what the authority takes back at the beginning of `span`."""
    builder = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(_name(issuer.name))
        .last_update(span.start)
        .next_update(span.end)
    )
    for one in revoked:
        entry = x509.RevokedCertificateBuilder().serial_number(
            x509.load_der_x509_certificate(one.certificate).serial_number
        )
        builder = builder.add_revoked_certificate(entry.revocation_date(span.start).build())
    stand_in: Any = _stand_in(issuer)
    listed = builder.sign(stand_in, hashes.SHA256())
    encoded = listed.public_bytes(Encoding.DER)
    if issuer.algorithm == SM2:
        encoded = _signed_anew(listed.tbs_certlist_bytes, issuer, swaps={1: _SM2_NAME})
    return x509.load_der_x509_crl(encoded).public_bytes(Encoding.PEM).decode()


_SM2_NAME: Final = der.sequence(der.oid(curve.SIGNATURE_OID))


def _certified(
    bare: Holder, issuer: Holder, *, span: Span, usage: x509.KeyUsage, is_authority: bool
) -> Holder:
    serial = hmac.new(issuer.public, bare.public, hashlib.sha256).digest()[:16]
    builder = (
        x509.CertificateBuilder()
        .subject_name(_name(bare.name))
        .issuer_name(_name(issuer.name))
        .public_key(_stand_in(bare).public_key())
        .serial_number(int.from_bytes(serial, "big") >> 1 | 1)
        .not_valid_before(span.start)
        .not_valid_after(span.end)
        .add_extension(x509.BasicConstraints(ca=is_authority, path_length=None), critical=True)
        .add_extension(usage, critical=True)
    )
    if not is_authority:
        client = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH])
        builder = builder.add_extension(client, critical=False)
    made = builder.sign(_stand_in(issuer), hashes.SHA256())
    encoded = made.public_bytes(Encoding.DER)
    if SM2 in (bare.algorithm, issuer.algorithm):
        swaps = {6: bare.public}
        if issuer.algorithm == SM2:
            swaps[2] = _SM2_NAME
        encoded = _signed_anew(made.tbs_certificate_bytes, issuer, swaps=swaps)
    return Holder(bare.name, bare.algorithm, bare.private, bare.public, encoded)


def _signed_anew(signed: bytes, issuer: Holder, *, swaps: dict[int, bytes]) -> bytes:
    """The same statement with some parts replaced, signed by the issuer."""
    fields = der.parts(signed)
    for place, part in swaps.items():
        fields[place] = part
    statement = der.sequence(*fields)
    names = {SM2: _SM2_NAME, ECDSA: der.sequence(der.oid("1.2.840.10045.4.3.2"))}
    signature = provider().sign(issuer.algorithm, issuer.private, statement)
    return der.sequence(statement, names[issuer.algorithm], der.bit_string(signature))


def _stand_in(holder: Holder) -> Any:
    """The library's form of the key; for SM2, which it doesn't know, any key of its own."""
    if holder.algorithm == SM2:
        return ec.derive_private_key(7, ec.SECP256R1())
    return load_der_private_key(holder.private, password=None)


def _name(common: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "CN"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, ORGANISATION),
            x509.NameAttribute(NameOID.COMMON_NAME, common),
        ]
    )


def _usage(**said: bool) -> x509.KeyUsage:
    none = dict.fromkeys(
        ("digital_signature", "content_commitment", "key_encipherment", "data_encipherment",
         "key_agreement", "key_cert_sign", "crl_sign", "encipher_only", "decipher_only"),
        False,
    )  # fmt: skip
    return x509.KeyUsage(**{**none, **said})

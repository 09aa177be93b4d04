"""密码服务接口 the interface of cryptographic services: algorithms, providers and signers.

A provider verifies for the platform and may sign with keys it is handed. A signer holds one key
that never leaves it, such as a USB key (智能密码钥匙): it shows its certificate and signs.
"""

from collections.abc import Mapping
from typing import Final, Protocol

SM2: Final = "sm2-sm3"
ECDSA: Final = "ecdsa-sha256"
RSA: Final = "rsa-sha256"
ALGORITHMS: Final[Mapping[str, str]] = {
    SM2: "SM2（SM3 摘要）",
    ECDSA: "ECDSA P-256（SHA-256 摘要）",
    RSA: "RSA（SHA-256 摘要）",
}
SIGNATURE_OIDS: Final[Mapping[str, str]] = {
    "1.2.156.10197.1.501": SM2,
    "1.2.840.10045.4.3.2": ECDSA,
    "1.2.840.113549.1.1.11": RSA,
}
DIGESTS: Final[Mapping[str, str]] = {SM2: "sm3", ECDSA: "sha256", RSA: "sha256"}
RSA_BITS_MIN: Final = 2048


class Provider(Protocol):
    """Signs, verifies and digests. Keys are DER: PKCS #8 and SubjectPublicKeyInfo."""

    code: str
    name: str
    is_certified: bool

    def missing(self) -> Mapping[str, str]:
        """Algorithm → why it is not offered and what helps."""
        ...

    def digest(self, algorithm: str, data: bytes) -> bytes: ...

    def sign(self, algorithm: str, private: bytes, data: bytes) -> bytes: ...

    def verify(self, algorithm: str, public: bytes, data: bytes, signature: bytes) -> bool: ...


class Signer(Protocol):
    """A key that stays where it is: only its certificate and its signatures come out."""

    @property
    def certificate(self) -> bytes:
        """The X.509 certificate, DER."""
        ...

    def sign(self, data: bytes) -> bytes:
        """The signature of `data`, made after the holder has shown he is there (PIN)."""
        ...

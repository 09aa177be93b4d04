"""密码服务的选用 which provider serves, after it has passed its test with known answers.

An algorithm that fails is switched off, alone, and says so; signing in by password goes on.
"""

import hashlib
import logging
from base64 import b64decode
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Final

from shucai.base.crypto import curve, der
from shucai.kernel.identity.crypto.provider import ECDSA, RSA, SM2, Provider
from shucai.kernel.identity.crypto.software import Software

log = logging.getLogger("shucai.crypto")

MESSAGE: Final = b"message digest"
# GB/T 32918.5-2017, appendix A.2
SM2_SECRET: Final = 0x3945208F7B2144B13F36E38AC6D39F95889393692860B51A42FB81EF4DF7C5B8
SM2_SIGNATURE: Final = der.sequence(
    der.integer(0xF5A03B0648D2C4630EEAC513E1BB81A15944DA3827D5B74143AC7EACEEE720B3),
    der.integer(0xB1B6AA29DF212FD8763182BC0D421CA1BB9038FD1F7F42D4840B69C485BBC1AA),
)
SM3_OF_ABC: Final = "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"
SHA256_OF_ABC: Final = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
# RFC 6979, A.2.5: P-256 with SHA-256, message "sample"
ECDSA_PUBLIC: Final = der.sequence(
    der.sequence(der.oid("1.2.840.10045.2.1"), der.oid("1.2.840.10045.3.1.7")),
    der.bit_string(
        bytes.fromhex(
            "0460fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6"
            "7903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299"
        )
    ),
)
ECDSA_SIGNATURE: Final = der.sequence(
    der.integer(0xEFD48B2AACB6A8FD1140DD9CD45E81D69D2C877B56AAF991C34D0EA84EAF3716),
    der.integer(0xF7CB1C942D657C41D436C7A1B6E29F65F3E900DBB9AFF4064DC4AB2F843ACDA8),
)
# Made once by another implementation (the openssl command).
RSA_PUBLIC: Final = b64decode(
    b"MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAvHSeDV5UxefsHG2DevXKxVwKd0GpmcKW286P7xwZOhe2"
    b"P8iVh0Qm6zGf+VHdUCGfhsKNv3T2edVKnr448bZqMDH42Ukc38+Oyiuu1zynYTWmnKd0oMfVUcUbnS9DSwMt28xp"
    b"OmoK1FxM79a7E70LgF8goWp9pqrtENb4Ad25PXu58mgAWA7KtdcO8BoJ+LiYQybLHhIA7x6wqBJooV9Gbq1HXwxY"
    b"JRxt5esqQNQuJN14le/YlZNBGCvLRpWLtxjTvHZU+EzKCxHP5dpz4A4pdPamW1QWDutwe+ZkH/UB7CkBt1pE9xC4"
    b"MtfQVif9XklPub1WautpuAav9/w03rS1MwIDAQAB"
)
RSA_SIGNATURE: Final = b64decode(
    b"aOZTzs5J8f6uAfgG4hYz2p5NQQTcn7u4clwQjYGce1rZKIoXrQdmKWru/VFklKJaQjbN2/9I/fvjPIYwrL4y6zuj"
    b"d1qLEwVj8RspgcJZczI0dwoAgEvCiUlC1C8he5D5HIbuQj96jlxeMWKu/jyWvCsAPT8vZyMzYNnV+pvXIjyxaWpF"
    b"TTnbvBArevFrGw5KBWg7eZM9WfGEkJF1SBvUW+NrmFNhVeIfzpZwdnZt3CeRXmYDXKXcyZJTssfOdAjKvERD3ljk"
    b"MLF4upLL2+QT/Y9lrc2iRGEEf0ycX2TzoyWQXkcgUCJ5Coez0gujfHnXdkKU5IsiwNvPXm3WcLzAzw=="
)


class Tested:
    """A provider less the algorithms that failed their test."""

    def __init__(self, inner: Provider) -> None:
        self.inner = inner
        self.code, self.name, self.is_certified = inner.code, inner.name, inner.is_certified
        self._missing = {**inner.missing(), **_failed(inner)}

    def missing(self) -> Mapping[str, str]:
        return dict(self._missing)

    def digest(self, algorithm: str, data: bytes) -> bytes:
        return self.inner.digest(algorithm, data)

    def sign(self, algorithm: str, private: bytes, data: bytes) -> bytes:
        if algorithm in self._missing:
            raise ValueError(self._missing[algorithm])
        return self.inner.sign(algorithm, private, data)

    def verify(self, algorithm: str, public: bytes, data: bytes, signature: bytes) -> bool:
        return algorithm not in self._missing and self.inner.verify(
            algorithm, public, data, signature
        )


def _failed(inner: Provider) -> dict[str, str]:
    """The algorithms with a wrong answer; what is missing anyway is not asked."""
    tests: dict[str, Callable[[Provider], bool]] = {SM2: _sm2, ECDSA: _ecdsa, RSA: _rsa}
    found = {}
    for algorithm, holds in tests.items():
        if algorithm in inner.missing():
            continue
        try:
            good = holds(inner)
        except (ValueError, OSError) as fault:
            log.error("self test of %s: %s", algorithm, fault)
            good = False
        if not good:
            found[algorithm] = "启动自检未通过，已停用。请检查密码库的版本和完整性后重新启动"
    return found


def _sm2(inner: Provider) -> bool:
    """The vector of the standard, and a fresh signature checked by the other implementation."""
    public = curve.public_of(SM2_SECRET)
    fresh = inner.sign(SM2, curve.private_der(SM2_SECRET), MESSAGE)
    return (
        inner.digest(SM2, b"abc").hex() == SM3_OF_ABC
        and inner.verify(SM2, curve.public_der(public), MESSAGE, SM2_SIGNATURE)
        and not inner.verify(SM2, curve.public_der(public), b"other", SM2_SIGNATURE)
        and curve.verify(public, MESSAGE, fresh)
    )


def _ecdsa(inner: Provider) -> bool:
    return (
        inner.digest(ECDSA, b"abc").hex() == SHA256_OF_ABC
        and inner.verify(ECDSA, ECDSA_PUBLIC, b"sample", ECDSA_SIGNATURE)
        and not inner.verify(ECDSA, ECDSA_PUBLIC, b"other", ECDSA_SIGNATURE)
    )


def _rsa(inner: Provider) -> bool:
    return (
        hashlib.sha256(b"abc").hexdigest() == SHA256_OF_ABC
        and inner.verify(RSA, RSA_PUBLIC, MESSAGE, RSA_SIGNATURE)
        and not inner.verify(RSA, RSA_PUBLIC, b"other", RSA_SIGNATURE)
    )


@lru_cache
def provider() -> Provider:
    """The provider of this process, tested once."""
    tested = Tested(Software())
    for algorithm, reason in tested.missing().items():
        log.warning("%s is switched off: %s", algorithm, reason)
    return tested

"""软件密码模块 the software provider: libcrypto for SM2, `cryptography` for the rest.

It is for development, demonstration and places without a duty to use certified modules; it is
never called certified. A certified module takes its place behind the same interface.
"""

import hashlib
from collections.abc import Mapping
from typing import Any, Final

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import load_der_private_key, load_der_public_key

from shucai.base.crypto import curve, sm2
from shucai.kernel.identity.crypto.provider import DIGESTS, ECDSA, RSA, RSA_BITS_MIN, SM2

UNCERTIFIED: Final = "软件密码模块（未经检测认证，用于开发和演示）"


class Software:
    """Everything in this process; keys are handed in and not kept."""

    code = "software"
    name = UNCERTIFIED
    is_certified = False

    def missing(self) -> Mapping[str, str]:
        reason = sm2.missing()
        return {SM2: reason} if reason else {}

    def digest(self, algorithm: str, data: bytes) -> bytes:
        return hashlib.new(DIGESTS[algorithm], data).digest()

    def sign(self, algorithm: str, private: bytes, data: bytes) -> bytes:
        if algorithm == SM2:
            return sm2.sign(private, data)
        key: Any = load_der_private_key(private, password=None)
        if algorithm == ECDSA and isinstance(key, ec.EllipticCurvePrivateKey):
            return key.sign(data, ec.ECDSA(hashes.SHA256()))
        if algorithm == RSA and isinstance(key, rsa.RSAPrivateKey):
            return key.sign(data, padding.PKCS1v15(), hashes.SHA256())
        raise ValueError(f"not a key of {algorithm}")

    def verify(self, algorithm: str, public: bytes, data: bytes, signature: bytes) -> bool:
        """False for whatever does not hold: another key, another algorithm, nonsense."""
        if algorithm == SM2:
            return _is_sm2(public) and sm2.verify(public, data, signature)
        try:
            key: Any = load_der_public_key(public)
            if algorithm == ECDSA and _is_p256(key):
                key.verify(signature, data, ec.ECDSA(hashes.SHA256()))
                return True
            if algorithm == RSA and isinstance(key, rsa.RSAPublicKey):
                key.verify(signature, data, padding.PKCS1v15(), hashes.SHA256())
                return key.key_size >= RSA_BITS_MIN
        except (InvalidSignature, UnsupportedAlgorithm, ValueError):
            return False
        return False


def _is_sm2(public: bytes) -> bool:
    try:
        return curve.on_curve(curve.point_of(public))
    except ValueError:
        return False


def _is_p256(key: Any) -> bool:
    return isinstance(key, ec.EllipticCurvePublicKey) and isinstance(key.curve, ec.SECP256R1)

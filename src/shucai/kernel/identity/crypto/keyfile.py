"""软密钥文件 key files: a private key under a PIN and its certificate, for demonstration and tests.

One JSON format for every algorithm, which browsers can open too: PBKDF2 and AES-GCM. A key in a
file can be copied; whoever needs a key that can't be uses a USB key behind the same `Signer`.
"""

import json
import secrets
from base64 import b64decode, b64encode, urlsafe_b64encode
from typing import Any, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.pbkdf2 import PBKDF2HMAC

from shucai.kernel.identity.crypto.provider import ALGORITHMS, Signer
from shucai.kernel.identity.crypto.service import provider

FORMAT: Final = "shucai-key-1"
ROUNDS: Final = 600_000
ROUNDS_MAX: Final = 5_000_000
SIZE_MAX: Final = 65_536


class BadKeyFile(ValueError):
    """Not a key file, or the PIN is wrong; the text is for people."""


def written(*, algorithm: str, private: bytes, certificate: bytes, pin: str, holder: str) -> str:
    """The file's text. `private` is PKCS #8, `certificate` DER."""
    salt, nonce = secrets.token_bytes(16), secrets.token_bytes(12)
    sealed = AESGCM(_key(pin, salt, ROUNDS)).encrypt(nonce, private, None)
    said = {
        "format": FORMAT,
        "notice": "软密钥文件，仅供演示和测试",
        "holder": holder,
        "algorithm": algorithm,
        "certificate": _text(certificate),
        "kdf": {"name": "PBKDF2-SHA256", "salt": _text(salt), "rounds": ROUNDS},
        "cipher": {"name": "AES-256-GCM", "nonce": _text(nonce), "sealed": _text(sealed)},
    }
    return json.dumps(said, ensure_ascii=False, indent=1) + "\n"


class KeyFile:
    """A signer whose key lies in a file."""

    def __init__(self, text: str, pin: str) -> None:
        said = _read(text)
        self.algorithm: str = said["algorithm"]
        self.certificate = b64decode(said["certificate"])
        kdf, cipher = said["kdf"], said["cipher"]
        key = _key(pin, b64decode(kdf["salt"]), kdf["rounds"])
        try:
            sealed = b64decode(cipher["sealed"])
            self._private = AESGCM(key).decrypt(b64decode(cipher["nonce"]), sealed, None)
        except InvalidTag:
            raise BadKeyFile("PIN 不正确") from None

    def sign(self, data: bytes) -> bytes:
        return provider().sign(self.algorithm, self._private, data)


def answer(signer: Signer, challenge: str) -> str:
    """The one line that goes into the sign-in page: certificate and signature."""
    signature = signer.sign(challenge.strip().encode())
    return f"{_line(signer.certificate)}.{_line(signature)}"


def _read(text: str) -> dict[str, Any]:
    if len(text) > SIZE_MAX:
        raise BadKeyFile(f"文件共 {len(text)} 个字符，上限 {SIZE_MAX} 个")
    try:
        said = json.loads(text)
        known = said["format"] == FORMAT and said["algorithm"] in ALGORITHMS
        rounds = int(said["kdf"]["rounds"])
    except (ValueError, TypeError, KeyError):
        raise BadKeyFile("不是软密钥文件") from None
    if not known or not 1 <= rounds <= ROUNDS_MAX:
        raise BadKeyFile("不是本版本认得的软密钥文件")
    found: dict[str, Any] = said
    return found


def _key(pin: str, salt: bytes, rounds: int) -> bytes:
    return PBKDF2HMAC(hashes.SHA256(), 32, salt, rounds).derive(pin.encode())


def _text(raw: bytes) -> str:
    return b64encode(raw).decode()


def _line(raw: bytes) -> str:
    return urlsafe_b64encode(raw).decode().rstrip("=")

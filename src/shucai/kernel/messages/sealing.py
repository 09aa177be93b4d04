"""密钥的封存 sealing: secrets of outside targets are kept encrypted under a key of the instance."""

import base64
import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.utils.crypto import salted_hmac

from shucai.kernel.messages import errors


def fresh() -> str:
    return secrets.token_urlsafe(32)


def sealed(secret: str) -> str:
    nonce = secrets.token_bytes(12)
    return base64.b64encode(nonce + AESGCM(_key()).encrypt(nonce, secret.encode(), None)).decode()


def unsealed(text: str, *, name: str) -> str:
    raw = base64.b64decode(text)
    try:
        return AESGCM(_key()).decrypt(raw[:12], raw[12:], None).decode()
    except InvalidTag:
        raise errors.UNREADABLE.refuse(name=name) from None


def _key() -> bytes:
    return salted_hmac("shucai.webhook", "key", algorithm="sha256").digest()

"""密码服务 cryptographic services: one provider behind one interface, tested when it starts."""

from shucai.kernel.identity.crypto.provider import ALGORITHMS, Provider, Signer
from shucai.kernel.identity.crypto.service import provider

__all__ = ["ALGORITHMS", "Provider", "Signer", "provider"]

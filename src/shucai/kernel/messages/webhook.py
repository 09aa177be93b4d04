"""外部推送 webhook: a signed POST to a registered address, and to no inner one by mistake.

The host is resolved once, every address it has must be public (or the host be listed in
SHUCAI_WEBHOOK_PRIVATE), and the connection goes to the very address that was looked at, so a
name that changes its mind gains nothing. Redirects are not followed.
"""

import hashlib
import hmac
import http.client
import ipaddress
import json
import socket
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from urllib.parse import SplitResult, urlsplit

from django.conf import settings

from shucai.kernel.messages import errors

TIMEOUT: Final = 10
ANSWER_MAX: Final = 2_000
_AGAIN: Final = frozenset({408, 425, 429})


class Failed(Exception):
    """It did not arrive. `is_final` when trying again would change nothing."""

    def __init__(self, reason: str, *, is_final: bool = False) -> None:
        self.is_final = is_final
        super().__init__(reason)


@dataclass(frozen=True, slots=True)
class Post:
    """What is sent where. `id` is the same at every attempt: the receiver drops a repetition."""

    url: str
    secret: str
    id: str
    event: str
    payload: Mapping[str, Any]


def refuse_bad(url: str) -> None:
    """An address that could never be used is refused when it is registered."""
    wrong = fault_of(url)
    if wrong:
        raise errors.BAD_URL.refuse("url", url=url[:120], reason=wrong)


def fault_of(url: str) -> str:
    """What speaks against the address, or nothing."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return "不是完整的地址"
    if not parts.hostname or parts.username or parts.password or parts.fragment:
        return "地址须含主机名，不含账号和片段"
    if parts.scheme != "https" and not (parts.scheme == "http" and _is_listed(parts)):
        return "只允许 https"
    if port is not None and not 0 < port < 65_536:
        return "端口不成立"
    return "" if _addresses(parts) else "主机名没有可用的公网地址"


def signature(secret: str, stamp: str, body: bytes) -> str:
    return hmac.new(secret.encode(), f"{stamp}.".encode() + body, hashlib.sha256).hexdigest()


def send(post: Post, *, now: datetime) -> None:
    """Returns once the receiver has said 2xx. Raises Failed otherwise."""
    wrong = fault_of(post.url)
    if wrong:
        raise Failed(wrong, is_final=True)
    parts = urlsplit(post.url)
    body = json.dumps(post.payload, ensure_ascii=False).encode()
    stamp = str(int(now.timestamp()))
    headers = {
        "Content-Type": "application/json; charset=utf-8",
        "User-Agent": "Shucai",
        "X-Shucai-Delivery": post.id,
        "X-Shucai-Event": post.event,
        "X-Shucai-Timestamp": stamp,
        "X-Shucai-Signature": f"sha256={signature(post.secret, stamp, body)}",
    }
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    link = _link(parts)
    try:
        link.request("POST", path, body=body, headers=headers)
        answer = link.getresponse()
        said = answer.read(ANSWER_MAX).decode("utf-8", "replace")
    except (OSError, http.client.HTTPException) as fault:
        raise Failed(f"{type(fault).__name__}：{fault}") from fault
    finally:
        link.close()
    if not 200 <= answer.status < 300:
        is_final = answer.status < 500 and answer.status not in _AGAIN
        raise Failed(f"对方答复 {answer.status}：{said[:200]}", is_final=is_final)


def _link(parts: SplitResult) -> http.client.HTTPConnection:
    host = str(parts.hostname)
    address = (_addresses(parts) or [""])[0]
    if parts.scheme == "https":
        return _Pinned(host, parts.port or 443, address)
    return http.client.HTTPConnection(address, parts.port or 80, timeout=TIMEOUT)


class _Pinned(http.client.HTTPSConnection):
    """Speaks to one address under the name that its certificate must bear."""

    def __init__(self, host: str, port: int, address: str) -> None:
        self._trust = ssl.create_default_context()
        super().__init__(host, port, timeout=TIMEOUT, context=self._trust)
        self._address = address

    def connect(self) -> None:
        plain = socket.create_connection((self._address, self.port), timeout=TIMEOUT)
        self.sock = self._trust.wrap_socket(plain, server_hostname=self.host)


def _is_listed(parts: SplitResult) -> bool:
    host = str(parts.hostname).lower()
    named = {host, f"{host}:{parts.port}"}
    return bool(named & set(settings.WEBHOOK_PRIVATE))


def _addresses(parts: SplitResult) -> list[str]:
    """What the host resolves to, if all of it may be called."""
    port = parts.port or (443 if parts.scheme == "https" else 80)
    try:
        found = socket.getaddrinfo(str(parts.hostname), port, type=socket.SOCK_STREAM)
    except OSError:
        return []
    addresses = list(dict.fromkeys(str(one[4][0]).partition("%")[0] for one in found))
    if _is_listed(parts):
        return addresses
    if all(_is_public(one) for one in addresses):
        return addresses
    return []


def _is_public(address: str) -> bool:
    one = ipaddress.ip_address(address)
    mapped = getattr(one, "ipv4_mapped", None)
    known = mapped or one
    return known.is_global and not known.is_multicast

"""探测 probe: asks a web server whether it answers, never waiting for it.

The supervisor looks at all parts several times a second, so it can't wait for one of them: the
probe sends one request and looks for the answer on later calls.
"""

import select
import socket
import time
from contextlib import suppress
from typing import Final

PATIENCE_SECONDS: Final = 20.0
_ANY: Final = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 (compared, not bound)


class WebProbe:
    """Call it until it says True: then a request was answered without a fault of the server."""

    def __init__(self, host: str, port: int, *, path: str = "/login") -> None:
        self._address = (_ANY.get(host, host), port)
        self._request = f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
        self._asked: socket.socket | None = None
        self._since = 0.0

    def __call__(self) -> bool:
        if self._asked is None:
            self._ask()
            return False
        if not select.select([self._asked], [], [], 0)[0]:
            if time.monotonic() - self._since > PATIENCE_SECONDS:
                self.close()
            return False
        said = b""
        with suppress(OSError):
            said = self._asked.recv(64)
        self.close()
        return is_answer(said)

    def close(self) -> None:
        """Forgets the request."""
        if self._asked is not None:
            self._asked.close()
            self._asked = None

    def _ask(self) -> None:
        with suppress(OSError):
            asked = socket.create_connection(self._address, timeout=1)
            asked.sendall(self._request.encode())
            self._asked, self._since = asked, time.monotonic()


def is_answer(said: bytes) -> bool:
    """A status line below 500: `HTTP/1.1 302 Found`."""
    words = said.split(maxsplit=2)
    return len(words) > 1 and words[0].startswith(b"HTTP/") and b"100" <= words[1] < b"500"

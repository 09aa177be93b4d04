"""查毒 virus scanning: an interface, and a client of the clamd daemon.

The setting FILE_SCANNER is empty (nothing is scanned, and the file says so) or the address of a
clamd: `unix:/run/clamav/clamd.sock` or `tcp:127.0.0.1:3310`. A scanner that can't be reached
stops uploads; it never lets them pass.
"""

import socket
from pathlib import Path
from typing import Final, Protocol

from django.conf import settings

from shucai.base.errors import Unavailable

CHUNK: Final = 64 * 1024
TIMEOUT: Final = 60


class Scanner(Protocol):
    """Looks at a stored content."""

    def threat(self, path: Path) -> str:
        """The name of what was found, or nothing. Raises Unavailable when it can't tell."""
        ...


class Clamd:
    """Streams the content to a clamd (command INSTREAM)."""

    def __init__(self, address: str) -> None:
        self._kind, _, self._rest = address.partition(":")

    def _connect(self) -> socket.socket:
        if self._kind == "unix":
            link = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            link.settimeout(TIMEOUT)
            try:
                link.connect(self._rest)
            except OSError:
                link.close()
                raise
            return link
        host, _, port = self._rest.rpartition(":")
        return socket.create_connection((host, int(port)), timeout=TIMEOUT)

    def threat(self, path: Path) -> str:
        try:
            with self._connect() as link, path.open("rb") as file:
                link.sendall(b"zINSTREAM\0")
                while part := file.read(CHUNK):
                    link.sendall(len(part).to_bytes(4, "big") + part)
                link.sendall(bytes(4))
                answer = b""
                while part := link.recv(4096):
                    answer += part
        except OSError as failure:
            raise Unavailable("查毒服务暂时连接不上，请稍后再上传", retry_after=60) from failure
        said = answer.decode("utf-8", "replace").strip("\0\n ")
        if said.endswith("OK"):
            return ""
        if said.endswith("FOUND"):
            return said.removeprefix("stream:").removesuffix("FOUND").strip()
        raise Unavailable("查毒服务没有给出结果，请稍后再上传", retry_after=60)


def scanner() -> Scanner | None:
    """The one that is configured, if any."""
    address = getattr(settings, "FILE_SCANNER", "")
    return Clamd(address) if address else None

"""存储 storage: contents by SHA-256 below the data folder, outside of what the web serves.

A content appears whole or not at all: it is written aside, flushed to the disk and renamed.
"""

import hashlib
import os
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

from django.conf import settings

CHUNK: Final = 1024 * 1024
_INCOMING: Final = "incoming"


@dataclass(frozen=True, slots=True)
class Held:
    """A content on its way in, still under a temporary name."""

    path: Path
    sha256: str
    size: int


def root() -> Path:
    return Path(settings.DATA) / "files"


def path_of(sha256: str) -> Path:
    return root() / sha256[:2] / sha256[2:4] / sha256


def receive(content: BinaryIO, *, limit: int) -> Held:
    """Takes the content in, reading at most one byte more than `limit`."""
    incoming = root() / _INCOMING
    incoming.mkdir(parents=True, exist_ok=True, mode=0o700)
    digest, size = hashlib.sha256(), 0
    with tempfile.NamedTemporaryFile(dir=incoming, delete=False) as file:
        try:
            while part := content.read(min(CHUNK, limit + 1 - size)):
                digest.update(part)
                size += len(part)
                file.write(part)
                if size > limit:
                    break
            file.flush()
            os.fsync(file.fileno())
        except BaseException:
            Path(file.name).unlink(missing_ok=True)
            raise
    return Held(path=Path(file.name), sha256=digest.hexdigest(), size=size)


def keep(held: Held) -> None:
    """Gives the content its name; an equal content that is there already stays."""
    target = path_of(held.sha256)
    if target.exists() and target.stat().st_size == held.size:
        held.path.unlink(missing_ok=True)
        # Young again, so that the sweep of unreferenced contents leaves it to its new row.
        os.utime(target)
        return
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    held.path.replace(target)
    for folder in (target.parent, target.parent.parent):
        _flush_folder(folder)


def drop(held: Held) -> None:
    held.path.unlink(missing_ok=True)


def _flush_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def contents() -> Iterator[Path]:
    """Every content that is kept."""
    if root().is_dir():
        for path in sorted(root().glob("??/??/*")):
            if path.is_file():
                yield path


def leftovers() -> Iterator[Path]:
    """Uploads that were broken off."""
    folder = root() / _INCOMING
    if folder.is_dir():
        yield from (path for path in folder.iterdir() if path.is_file())


def digest_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()

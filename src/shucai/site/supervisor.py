"""看护 supervisor: starts the parts, brings a killed one back, stops them in order."""

import shutil
import socket
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from shucai.site import errors
from shucai.site.instance import Instance, now, stamp
from shucai.site.process import Child, tail

TICK: Final = 0.2
FIRST_DELAY: Final = 0.3
LONGEST_DELAY: Final = 10.0
STEADY_SECONDS: Final = 30.0  # after which a part's failures are forgotten
START_SECONDS: Final = 60.0
STOP_SECONDS: Final = 30.0
LOG_BYTES_MAX: Final = 10 * 1024 * 1024
LOGS_KEPT: Final = 5
ROTATE_EVERY: Final = 10.0


@dataclass
class Part:
    """A process to keep alive. `ready` is asked only while it starts; `needs` must run first."""

    name: str
    spawn: Callable[[], Child]
    ready: Callable[[], bool]
    log: Path
    needs: Sequence[str] = ()
    state: str = "stopped"
    since: datetime | None = None
    child: Child | None = None
    delay: float = FIRST_DELAY
    due: float = 0.0
    begun: float = field(default=0.0)

    def facts(self) -> dict[str, Any]:
        living = self.child if self.state in ("starting", "running", "stopping") else None
        return {
            "name": self.name,
            "state": self.state,
            "pid": living.pid if living else None,
            "since": stamp(self.since) if self.since else None,
        }


class Supervisor:
    """Owns the parts of one instance."""

    def __init__(self, instance: Instance, *, url: str) -> None:
        self.instance = instance
        self.url = url
        self.ready = False
        self.parts: list[Part] = []
        self.outside: list[dict[str, Any]] = []
        self._rotated = 0.0

    def add_outside(self, name: str) -> None:
        """A part that somebody else keeps alive."""
        self.outside.append({"name": name, "state": "external", "pid": None, "since": stamp(now())})
        self._tell()

    def start(self, parts: Sequence[Part]) -> None:
        """Adds the parts and returns when all of them run."""
        self.parts += parts
        deadline = time.monotonic() + START_SECONDS
        while any(part.state != "running" for part in parts):
            self.tick()
            if time.monotonic() > deadline:
                late = next(part for part in parts if part.state != "running")
                raise errors.PART_FAILED.refuse(
                    part=late.name,
                    seconds=int(START_SECONDS),
                    tail=tail(late.log),
                    log=str(late.log),
                )
            time.sleep(TICK / 2)

    def watch(self) -> None:
        """For ever: keeps every part alive."""
        while True:
            self.tick()
            time.sleep(TICK)

    def tick(self) -> None:
        """One look at everything."""
        for part in self.parts:
            self._look_at(part)
        if time.monotonic() - self._rotated > ROTATE_EVERY:
            self._rotated = time.monotonic()
            for log in self.instance.log.glob("*.log"):
                rotate(log)

    def stop(self) -> None:
        """Whoever needs others goes first; nothing is left."""
        for wave in (True, False):
            going = [part for part in self.parts if bool(part.needs) is wave and part.child]
            for part in going:
                self._turn(part, "stopping")
                if part.child:
                    part.child.ask_to_stop()
            deadline = time.monotonic() + STOP_SECONDS
            for part in going:
                if part.child:
                    part.child.wait(deadline - time.monotonic())
                    part.child.kill()
                self._turn(part, "stopped")

    def _look_at(self, part: Part) -> None:
        moment = time.monotonic()
        if part.child is not None and part.child.exit_code() is not None:
            self._bury(part)
        if part.state in ("stopped", "restarting"):
            if moment >= part.due and self._has_what_it_needs(part):
                part.child, part.begun = part.spawn(), moment
                self._turn(part, "starting")
        elif part.state == "starting":
            if part.ready():
                self._turn(part, "running")
            elif moment - part.begun > START_SECONDS and part.child is not None:
                part.child.kill()
        elif moment - part.begun > STEADY_SECONDS:
            part.delay = FIRST_DELAY

    def _bury(self, part: Part) -> None:
        """Its process has ended by itself: sweep up what it left and try again, ever less often."""
        if part.child is None:
            return
        self._note(f"{part.name} 结束，退出码 {part.child.exit_code()}，{part.delay:.1f} 秒后重启")
        part.child.kill()
        part.child = None
        part.due = time.monotonic() + part.delay
        part.delay = min(part.delay * 2, LONGEST_DELAY)
        self._turn(part, "restarting")

    def _has_what_it_needs(self, part: Part) -> bool:
        return all(one.state == "running" for one in self.parts if one.name in part.needs)

    def _turn(self, part: Part, state: str) -> None:
        part.state, part.since = state, now()
        self._note(f"{part.name} {state} {part.child.pid if part.child else ''}".rstrip())
        self._tell()

    def _tell(self) -> None:
        self.instance.write_report(
            url=self.url,
            ready=self.ready,
            parts=[*self.outside, *(part.facts() for part in self.parts)],
        )

    def announce(self, *, ready: bool) -> None:
        """Tells who is in charge here, and whether the city may be entered."""
        self.ready = ready
        self._tell()

    def _note(self, text: str) -> None:
        with (self.instance.log / "supervisor.log").open("a", encoding="utf-8") as log:
            log.write(f"{stamp(now())} {text}\n")


def port_problem(host: str, port: int) -> OSError | None:
    """Why the address cannot be listened on; None when it can."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind((host, port))
            trial.listen(1)
        except (OSError, OverflowError) as fault:
            return fault if isinstance(fault, OSError) else OSError(str(fault))
    return None


def free_port(host: str, after: int) -> int:
    """The next port that can be listened on, to be proposed."""
    for port in range(max(after, 8000) + 1, 65536):
        if port_problem(host, port) is None:
            return port
    return 0


def rotate(log: Path, *, limit: int = LOG_BYTES_MAX, kept: int = LOGS_KEPT) -> None:
    """Copies and empties a full log in place: its writers keep their open file."""
    with suppress(FileNotFoundError):
        if log.stat().st_size < limit:
            return
        for number in range(kept - 1, 0, -1):
            older = log.with_name(f"{log.name}.{number}")
            if older.exists():
                older.replace(log.with_name(f"{log.name}.{number + 1}"))
        shutil.copyfile(log, log.with_name(f"{log.name}.1"))
        with log.open("r+b") as stream:
            stream.truncate(0)

"""子进程 child processes: in a session of their own, ended with their parent, logged to a file."""

import ctypes
import os
import signal
import subprocess
import sys
import time
import warnings
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_PR_SET_PDEATHSIG: Final = 1
_LIBC: Final = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


@dataclass(frozen=True, slots=True)
class OsUser:
    """Whom a child runs as, when the parent is root."""

    name: str
    uid: int
    gid: int


def die_with_parent(number: int) -> Callable[[], None]:
    """For `preexec_fn`: the kernel sends `number` when the parent is gone, however it went."""
    parent = os.getpid()

    def ask() -> None:
        if _LIBC is not None:
            _LIBC.prctl(_PR_SET_PDEATHSIG, number)
        if os.getppid() != parent:
            os._exit(1)

    return ask


class Child:
    """One process and what it started.

    `stop_signal` asks it to end in good order; `orphan_signal` (the same unless given) is what
    the kernel sends when this process is gone.
    """

    def __init__(
        self,
        command: Sequence[str],
        *,
        log: Path,
        environment: Mapping[str, str],
        stop_signal: int = signal.SIGTERM,
        orphan_signal: int | None = None,
        user: OsUser | None = None,
        cwd: Path | None = None,
    ) -> None:
        self.stop_signal = stop_signal
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("ab") as out, warnings.catch_warnings():
            # Python 3.12 warns of threads beside `preexec_fn`; ours only makes two system calls.
            warnings.simplefilter("ignore", DeprecationWarning)
            self._popen = subprocess.Popen(  # noqa: S603 (commands of the launcher)
                command,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                env=dict(environment),
                cwd=cwd,
                start_new_session=True,
                preexec_fn=die_with_parent(orphan_signal or stop_signal),  # noqa: PLW1509
                user=user.uid if user else None,
                group=user.gid if user else None,
                extra_groups=[] if user else None,
            )

    @property
    def pid(self) -> int:
        return self._popen.pid

    def exit_code(self) -> int | None:
        """None while it runs."""
        return self._popen.poll()

    def ask_to_stop(self) -> None:
        if self.exit_code() is None:
            self._popen.send_signal(self.stop_signal)

    def wait(self, seconds: float) -> bool:
        """Whether it has ended within `seconds`."""
        with suppress(subprocess.TimeoutExpired):
            self._popen.wait(max(0.0, seconds))
        return self.exit_code() is not None

    def kill(self) -> None:
        """Ends it and whatever it left in its session."""
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, signal.SIGKILL)
        self._popen.wait()


def alive(pid: int) -> bool:
    """Is there such a process, other than a zombie?"""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    except OSError:
        return _signalled(pid)
    return state not in ("Z", "X")


def _signalled(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def wait_until(condition: Callable[[], bool], *, seconds: float, every: float = 0.05) -> bool:
    """Polls; whether the condition came true in time."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(every)
    return condition()


def tail(log: Path, *, limit: int = 4_000) -> str:
    """The last line of a log that says something."""
    try:
        with log.open("rb") as stream:
            stream.seek(max(0, log.stat().st_size - limit))
            text = stream.read().decode("utf-8", "replace")
    except OSError:
        return "（没有日志）"
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[-1][-300:] if lines else "（日志为空）"

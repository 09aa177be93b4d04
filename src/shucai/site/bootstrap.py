"""首次运行 the first run: makes .venv from requirements.lock, then hands over to the command.

Runs on the machine's own python3 with the standard library only.
"""

import fcntl
import os
import shutil
import sys
from pathlib import Path
from typing import IO, NoReturn

from shucai.base.errors import Refused
from shucai.site import environment, errors, packages
from shucai.site.steps import Progress

ROOT = Path(__file__).resolve().parents[3]
VENV = ROOT / ".venv"
LOCK = ROOT / "requirements.lock"
DISK_MB_MIN = 1024


def main() -> NoReturn:
    """Never returns: this process becomes the command."""
    try:
        prepare(Progress(sys.stderr))
    except Refused as refused:
        print(refused, file=sys.stderr)
        sys.exit(2)
    except KeyboardInterrupt:
        print("已中断，重新运行即可继续", file=sys.stderr)
        sys.exit(2)
    python = str(environment.python_of(VENV))
    inherited = dict(os.environ)
    inherited.pop("PYTHONHOME", None)
    inherited["PYTHONPATH"] = str(ROOT / "src")
    os.execve(  # noqa: S606 (ourselves, in the right environment)
        python, [python, "-P", "-m", "shucai.site.command", *sys.argv[1:]], inherited
    )


def prepare(progress: Progress) -> None:
    """Installs the locked packages when the list has changed; one process at a time."""
    if environment.is_current(VENV, LOCK):
        return
    check_place()
    with (ROOT / ".shucai/environment.lock").open("a") as lock:
        wait_for(lock, progress)
        if environment.is_current(VENV, LOCK):
            return
        with progress.step("Python 运行环境") as say:
            if not environment.can_make() and packages.may_install():
                packages.install(["python3-venv"], say=say)
            # Never cleared while it serves: a running city may be using it.
            if not environment.usable(VENV):
                environment.make(VENV)
            environment.install(VENV, LOCK, say=say)
            environment.mark(VENV, LOCK)


def check_place() -> None:
    """Room on the disk, and the right to write there."""
    free = shutil.disk_usage(ROOT).free // (1024 * 1024)
    if free < DISK_MB_MIN:
        raise errors.DISK_FULL.refuse(folder=str(ROOT), free=str(free), needed=str(DISK_MB_MIN))
    try:
        (ROOT / ".shucai").mkdir(exist_ok=True)
        (ROOT / ".shucai/environment.lock").touch()
    except OSError:
        user = os.environ.get("USER") or str(os.geteuid())
        raise errors.NOT_WRITABLE.refuse(user=user, folder=str(ROOT)) from None


def wait_for(lock: IO[str], progress: Progress) -> None:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        progress.say("另一个进程正在准备运行环境，等待中……")
        fcntl.flock(lock, fcntl.LOCK_EX)


if __name__ == "__main__":
    main()

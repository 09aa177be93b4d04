"""运行环境 Python environments from hash-locked lists, made with the standard library only.

Works where python3-venv is missing: `venv --without-pip` plus the system's `pip3 --python`.
"""

import hashlib
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from shucai.site import errors

MARK: Final = "shucai-lock.txt"


def python_of(environment: Path) -> Path:
    return environment / "bin" / "python"


def lock_hash(lock: Path) -> str:
    """Changes with the list and with the Python that reads it."""
    version = f"{sys.version_info.major}.{sys.version_info.minor} {sys.platform}"
    return hashlib.sha256(version.encode() + lock.read_bytes()).hexdigest()


def is_current(environment: Path, lock: Path) -> bool:
    """Was this list (or a longer one that includes it) installed there, for this Python?"""
    try:
        marks = (environment / MARK).read_text("utf-8").split()
    except OSError:
        return False
    return lock_hash(lock) in marks and python_of(environment).exists()


def mark(environment: Path, *locks: Path) -> None:
    """Remembers what the environment holds."""
    (environment / MARK).write_text("\n".join(map(lock_hash, locks)) + "\n", "utf-8")


def usable(environment: Path) -> bool:
    """Does its Python run, and is it the same as this one?"""
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    ask = "import sys; print('%d.%d' % sys.version_info[:2])"
    try:
        return _run([str(python_of(environment)), "-c", ask]).stdout.strip() == version
    except OSError:
        return False


def can_make() -> bool:
    """Debian's bare python3 has neither ensurepip nor pip."""
    whole = _run([sys.executable, "-c", "import venv, ensurepip"]).returncode == 0
    return whole or _system_pip() is not None


def make(environment: Path) -> None:
    """A fresh virtual environment at `environment`; whatever stood there is replaced."""
    whole = _run([sys.executable, "-m", "venv", "--clear", str(environment)])
    if whole.returncode == 0:
        return
    if _system_pip() is None:
        raise errors.PIP_MISSING.refuse()
    bare = _run([sys.executable, "-m", "venv", "--clear", "--without-pip", str(environment)])
    if bare.returncode != 0:
        raise errors.PIP_FAILED.refuse(code=bare.returncode, tail=last_line(bare.stdout))


def install(environment: Path, lock: Path, *, say: Callable[[str], None] = lambda _: None) -> None:
    """Installs the locked list with the environment's own pip or the system's; nothing compiles."""
    command = [
        *(*_pip(environment), "install", "--disable-pip-version-check", "--no-input"),
        *("--progress-bar", "off", "--only-binary", ":all:"),
        *("--require-hashes", "--requirement", str(lock)),
    ]
    code, lines = follow(command, say=lambda line: say(_pip_progress(line)))
    if code == 0:
        return
    fault = last_line("\n".join(line for line in lines if line.startswith("ERROR")) or lines[-1])
    if "No matching distribution" in fault and not any(map(_is_about_network, lines)):
        version = f"{sys.version_info.major}.{sys.version_info.minor}"
        raise errors.NO_WHEEL.refuse(python=version, tail=fault)
    raise errors.PIP_FAILED.refuse(code=code, tail=fault)


def follow(
    command: Sequence[str],
    *,
    say: Callable[[str], None],
    environment: dict[str, str] | None = None,
    cwd: Path | None = None,
) -> tuple[int, list[str]]:
    """Runs a command, passing on each line as it comes; its exit code and all lines."""
    lines = []
    with subprocess.Popen(  # noqa: S603 (commands of the launcher)
        command,
        text=True,
        errors="replace",
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env=environment,
        cwd=cwd,
    ) as running:
        try:
            for line in running.stdout or ():
                lines.append(line.rstrip())
                say(lines[-1])
        except BaseException:
            running.terminate()
            raise
    return running.returncode, lines or ["（没有输出）"]


def last_line(text: str) -> str:
    """The last line that says something, for a refusal's one sentence."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[-1][:300] if lines else "（没有输出）"


def _is_about_network(line: str) -> bool:
    """pip also says “no matching distribution” when it could not ask anybody."""
    return any(word in line for word in ("Retrying (", "Connection", "resolution", "SSLError"))


def _pip_progress(line: str) -> str:
    """`Collecting django==5.2 (from …)` → `django==5.2`; other lines say nothing."""
    words = line.split()
    return words[1] if len(words) > 1 and words[0] in ("Collecting", "Installing") else ""


def _pip(environment: Path) -> list[str]:
    own = [str(python_of(environment)), "-m", "pip"]
    if _run([*own, "--version"]).returncode == 0:
        return own
    system = _system_pip()
    if system is None:
        raise errors.PIP_MISSING.refuse()
    return [*system, "--python", str(python_of(environment))]


def _system_pip() -> list[str] | None:
    if _run([sys.executable, "-m", "pip", "--version"]).returncode == 0:
        return [sys.executable, "-m", "pip"]
    found = shutil.which("pip3") or shutil.which("pip")
    return [found] if found else None


def _run(command: Sequence[str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603 (fixed commands)
        command, check=False, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )

"""运行环境 Python environments, made with the standard library only.

Works where python3-venv is missing: `venv --without-pip` plus the system's `pip3 --python`.
"""

import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from shucai.site import errors


def python_of(environment: Path) -> Path:
    return environment / "bin" / "python"


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


def install(environment: Path, arguments: Sequence[str]) -> None:
    """`pip install arguments` into the environment, with its own pip or the system's."""
    python = python_of(environment)
    own = _run([str(python), "-m", "pip", "--version"])
    if own.returncode == 0:
        pip = [str(python), "-m", "pip"]
    else:
        system = _system_pip()
        if system is None:
            raise errors.PIP_MISSING.refuse()
        pip = [*system, "--python", str(python)]
    done = _run([*pip, "install", "--quiet", "--disable-pip-version-check", *arguments])
    if done.returncode != 0:
        raise errors.PIP_FAILED.refuse(code=done.returncode, tail=last_line(done.stdout))


def last_line(text: str) -> str:
    """The last line that says something, for a refusal's one sentence."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[-1][:300] if lines else "（没有输出）"


def _system_pip() -> list[str] | None:
    if _run([sys.executable, "-m", "pip", "--version"]).returncode == 0:
        return [sys.executable, "-m", "pip"]
    found = shutil.which("pip3") or shutil.which("pip")
    return [found] if found else None


def _run(command: Sequence[str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603 (fixed commands)
        command, check=False, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )

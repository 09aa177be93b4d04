"""登记处 registry: what has been declared, by kind and code; faults are collected, not raised.

Declarations happen at import; `problems()` is read by the start-up checks, so that one start
tells every fault at once, with file and line.
"""

import inspect
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class DeclarationProblem:
    """A fault of a declaration: where it stands and what to change."""

    kind: str
    code: str
    message: str
    fix: str
    where: str = ""


_DECLARED: dict[str, dict[str, Any]] = {}
_WHERE: dict[tuple[str, str], str] = {}
_PROBLEMS: list[DeclarationProblem] = []
_CHECKS: list[Callable[[], None]] = []


def caller() -> str:
    """File and line of the declaration, the first frame outside kernel and kit."""
    for frame in inspect.stack()[1:]:
        path = Path(frame.filename)
        if "kernel" not in path.parts and "kit" not in path.parts and path.name != "<string>":
            return f"{path.name}:{frame.lineno}"
    return ""


def declare(kind: str, code: str, obj: Any, *, where: str = "") -> None:
    """Makes `obj` known; a second, different object under the same code is a problem."""
    shelf = _DECLARED.setdefault(kind, {})
    if code in shelf and shelf[code] is not obj:
        report(kind=kind, code=code, message="代码重复声明", fix="改用另一个代码", where=where)
        return
    shelf[code] = obj
    _WHERE[kind, code] = where


def report(*, kind: str, code: str, message: str, fix: str, where: str = "") -> None:
    """Keeps a fault for the start-up checks."""
    found = DeclarationProblem(kind, code, message, fix, where or _WHERE.get((kind, code), ""))
    if found not in _PROBLEMS:
        _PROBLEMS.append(found)


def inspect_with(check: Callable[[], None]) -> None:
    """A room's own check of its declarations, run at start-up when everything is declared."""
    if check not in _CHECKS:
        _CHECKS.append(check)


def examine() -> list[DeclarationProblem]:
    """Runs every room's check and tells all faults found so far."""
    for check in _CHECKS:
        check()
    return problems()


def problems() -> list[DeclarationProblem]:
    return list(_PROBLEMS)


def where(kind: str, code: str) -> str:
    return _WHERE.get((kind, code), "")


def get(kind: str, code: str) -> Any:
    """The declared object. Raises KeyError when nothing has that code."""
    return _DECLARED[kind][code]


def find(kind: str, code: str) -> Any | None:
    return _DECLARED.get(kind, {}).get(code)


def all(kind: str) -> dict[str, Any]:
    """Everything of a kind, by code, in code order."""
    return dict(sorted(_DECLARED.get(kind, {}).items()))


def forget(kind: str, codes: Iterable[str]) -> None:
    """For tests that declare a type of their own."""
    for code in codes:
        _DECLARED.get(kind, {}).pop(code, None)
        _PROBLEMS[:] = [p for p in _PROBLEMS if (p.kind, p.code) != (kind, code)]

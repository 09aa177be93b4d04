"""功能清单 functions: all 250, where each is found, which tests prove it.

Proven means: at least one scenario or browser test that names the function passed when it was
last run.
"""

import ast
import csv
import json
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from shucai.kernel.configuration.declare import kinds
from shucai.kernel.document.declare import types
from shucai.kernel.pages.declare import menus
from shucai.kernel.pages.register import registers

ROOT: Final = Path(__file__).resolve().parents[4]
LIST: Final = Path(__file__).with_name("functions.csv")
RESULTS: Final = ROOT / ".shucai" / "test-results.json"
PROVING: Final = ("tests/scenarios/", "tests/browser/")


@dataclass(frozen=True, slots=True)
class Function:
    """One row of the list."""

    id: str
    system: str
    domain: str
    module: str
    name: str


def listed() -> list[Function]:
    with LIST.open(encoding="utf-8", newline="") as lines:
        return [Function(**row) for row in csv.DictReader(lines)]


def pages() -> dict[str, str]:
    """The page of each function that a menu item, a document type or a register claims."""
    found: dict[str, str] = {}
    for menu in menus():
        for item in menu.items:
            for one in item.covers:
                found.setdefault(one, item.page)
    for kind in types().values():
        for one in kind.covers:
            found.setdefault(one, f"/d/{kind.code}/")
    for register in registers().values():
        for one in register.covers:
            found.setdefault(one, f"/r/{register.code}/")
    for configured in kinds().values():
        for one in configured.covers:
            found.setdefault(one, f"/configuration/{configured.code}/")
    return found


def marked(root: Path = ROOT) -> dict[str, list[str]]:
    """The tests that name each function, read from the source of the tests."""
    found: dict[str, list[str]] = defaultdict(list)
    for path in sorted((root / "tests").rglob("test_*.py")):
        place = path.relative_to(root).as_posix()
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for name, ids in _marks(tree.body, _module_marks(tree), ""):
            for one in ids:
                found[one].append(f"{place}::{name}")
    return found


def _marks(body: list[ast.stmt], outer: set[str], prefix: str) -> Iterator[tuple[str, set[str]]]:
    for node in body:
        if isinstance(node, ast.ClassDef) and node.name.startswith("Test"):
            own = outer | _ids(node.decorator_list)
            yield from _marks(node.body, own, f"{prefix}{node.name}::")
        elif isinstance(node, ast.FunctionDef) and node.name.startswith("test"):
            ids = outer | _ids(node.decorator_list)
            if ids:
                yield f"{prefix}{node.name}", ids


def _module_marks(tree: ast.Module) -> set[str]:
    """`pytestmark = pytest.mark.function(…)` or a list of marks."""
    found: set[str] = set()
    for node in tree.body:
        names = [t.id for t in getattr(node, "targets", []) if isinstance(t, ast.Name)]
        if isinstance(node, ast.Assign) and names == ["pytestmark"]:
            marks = node.value.elts if isinstance(node.value, ast.List) else [node.value]
            found |= _ids(marks)
    return found


def _ids(decorators: list[ast.expr]) -> set[str]:
    return {
        str(argument.value)
        for one in decorators
        if isinstance(one, ast.Call)
        and isinstance(one.func, ast.Attribute)
        and one.func.attr == "function"
        for argument in one.args
        if isinstance(argument, ast.Constant)
    }


def passed(path: Path = RESULTS) -> set[str]:
    """The tests that passed when last run, without the values they were parametrised with."""
    try:
        tests = json.loads(path.read_text(encoding="utf-8"))["tests"]
    except (OSError, ValueError, LookupError, TypeError):
        return set()
    good: set[str] = set()
    bad: set[str] = set()
    for name, said in tests.items():
        plain = name.split("[", maxsplit=1)[0]
        (good if said.get("outcome") == "passed" else bad).add(plain)
    return good - bad


def report(root: Path = ROOT, results: Path = RESULTS) -> list[dict[str, Any]]:
    """One row per function of the list, in its order."""
    where, tests, good = pages(), marked(root), passed(results)
    return [
        {
            "id": one.id,
            "name": one.name,
            "page": where.get(one.id, ""),
            "tests": tests.get(one.id, []),
            "proven": any(
                name in good and name.startswith(PROVING) for name in tests.get(one.id, [])
            ),
        }
        for one in listed()
    ]

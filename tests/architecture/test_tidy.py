"""House style as a failing test: what may not stand in the source, and how long things may be.

Exceptions live in violations.toml, each with a reason and an owner; the list may only shrink.
"""

import ast
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src" / "shucai"
FILE_MAX, DOCUMENT_MAX, FUNCTION_MAX, POSITIONAL_MAX = 500, 400, 70, 5
BANNED_FILES = {"utils.py", "helpers.py", "common.py", "misc.py"}
BANNED_CALLS = {"eval", "exec", "float", "GenericForeignKey"}
CLOCKS = {("datetime", "now"), ("datetime", "utcnow"), ("date", "today"), ("timezone", "now")}
WRITES = {"save", "delete", "update", "create", "bulk_create", "bulk_update", "get_or_create"}


@dataclass(frozen=True, order=True)
class Untidy:
    """One fault: where, and which rule it breaks."""

    path: str
    rule: str
    line: int

    def __str__(self) -> str:
        return f"{self.path}:{self.line} {self.rule}"


def sources() -> list[Path]:
    return [p for p in sorted(SOURCE.rglob("*.py")) if "migrations" not in p.parts]


def faults_of(path: Path) -> list[Untidy]:
    name = str(path.relative_to(SOURCE))
    text = path.read_text(encoding="utf-8")
    tree = ast.parse(text)
    found = [Untidy(name, rule, line) for rule, line in _file_faults(path, text, tree)]
    for node in ast.walk(tree):
        found += [Untidy(name, rule, line) for rule, line in _node_faults(path, node)]
    return found


def _file_faults(path: Path, text: str, tree: ast.Module) -> Iterator[tuple[str, int]]:
    lines = text.count("\n")
    limit = DOCUMENT_MAX if "documents" in path.parts else FILE_MAX
    if lines > limit:
        yield f"file has {lines} lines, at most {limit}", 1
    if path.name in BANNED_FILES:
        yield "file name says nothing", 1
    if text.strip() and ast.get_docstring(tree) is None:
        yield "module has no docstring", 1


def _node_faults(path: Path, node: ast.AST) -> Iterator[tuple[str, int]]:
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        yield from _function_faults(node)
    elif isinstance(node, ast.Call):
        yield from _call_faults(path, node)
    elif isinstance(node, ast.ExceptHandler) and node.type is None:
        yield "bare except", node.lineno
    elif isinstance(node, ast.Assign | ast.AugAssign):
        yield from _assignment_faults(path, node)
    elif (
        isinstance(node, ast.Attribute)
        and node.attr == "objects"
        and "domains" in path.parts
        and path.name not in {"commands.py", "queries.py"}
    ):
        yield "query in a domain outside queries and commands", node.lineno


def _function_faults(node: ast.FunctionDef | ast.AsyncFunctionDef) -> Iterator[tuple[str, int]]:
    length = (node.end_lineno or node.lineno) - node.lineno + 1
    if length > FUNCTION_MAX:
        yield f"function {node.name} has {length} lines, at most {FUNCTION_MAX}", node.lineno
    positional = [a for a in (*node.args.posonlyargs, *node.args.args) if a.arg not in _OWN]
    if len(positional) > POSITIONAL_MAX:
        yield f"function {node.name} takes {len(positional)} positional arguments", node.lineno


_OWN = {"self", "cls"}


def _call_faults(path: Path, node: ast.Call) -> Iterator[tuple[str, int]]:
    storey = path.relative_to(SOURCE).parts[0]
    name = node.func
    if isinstance(name, ast.Name) and name.id in BANNED_CALLS and not _measures(path, name.id):
        yield f"{name.id}()", node.lineno
    if not isinstance(name, ast.Attribute):
        return
    owner = name.value.id if isinstance(name.value, ast.Name) else ""
    if (owner, name.attr) in CLOCKS and storey in {"base", "kernel", "domains", "kit"}:
        yield f"{owner}.{name.attr}() reads the clock", node.lineno
    if name.attr in WRITES and storey == "domains" and path.name != "commands.py":
        yield f".{name.attr}() in a domain", node.lineno
    executes = name.attr in {"execute", "executemany"} and bool(node.args)
    if executes and isinstance(node.args[0], ast.JoinedStr):
        yield "formatted SQL", node.lineno
    if name.attr == "on_commit" and any(isinstance(a, ast.Lambda) for a in node.args):
        yield "lambda in on_commit", node.lineno


def _measures(path: Path, call: str) -> bool:
    """`float` is banned for the sake of money; rates and seconds of the bench are no money."""
    return call == "float" and path.is_relative_to(SOURCE / "edge" / "bench")


def _assignment_faults(path: Path, node: ast.Assign | ast.AugAssign) -> Iterator[tuple[str, int]]:
    if "domains" not in path.parts:
        return
    targets = node.targets if isinstance(node, ast.Assign) else [node.target]
    for target in targets:
        if isinstance(target, ast.Attribute) and target.attr == "state":
            yield "assigns state", node.lineno


def allowed() -> set[tuple[str, str]]:
    text = (Path(__file__).parent / "violations.toml").read_text(encoding="utf-8")
    entries = tomllib.loads(text).get("violation", [])
    assert all(entry["reason"] and entry["owner"] for entry in entries)
    return {(entry["path"], entry["rule"]) for entry in entries}


def test_source_is_tidy() -> None:
    known = allowed()

    found = [f for path in sources() for f in faults_of(path) if (f.path, f.rule) not in known]

    assert not found, "\n".join(str(fault) for fault in sorted(found))


def test_violations_still_exist() -> None:
    found = {(f.path, f.rule) for path in sources() for f in faults_of(path)}

    assert allowed() <= found, "violations.toml may only shrink: take out what is mended"


@pytest.mark.parametrize(
    ("code", "rule"),
    [
        ("x = eval('1')", "eval()"),
        ("try:\n    pass\nexcept:\n    pass", "bare except"),
        ("cursor.execute(f'SELECT {x}')", "formatted SQL"),
        ("on_commit_(lambda: 1)", ""),
        ("transaction.on_commit(lambda: 1)", "lambda in on_commit"),
        ("x = float('1')", "float()"),
        ("t = datetime.now()", "datetime.now() reads the clock"),
    ],
)
def test_tidy_sees_planted_faults(code: str, rule: str) -> None:
    path = SOURCE / "kernel" / "planted.py"

    found = [r for node in ast.walk(ast.parse(code)) for r, _ in _node_faults(path, node)]

    assert found == ([rule] if rule else [])


def test_only_the_bench_may_measure_in_floats() -> None:
    (call,) = (n for n in ast.walk(ast.parse("x = float('1')")) if isinstance(n, ast.Call))

    assert not list(_node_faults(SOURCE / "edge" / "bench" / "planted.py", call))
    assert list(_node_faults(SOURCE / "edge" / "api" / "planted.py", call))


ASSERTING = {"raises", "warns", "expect", "fail"} | {
    "call_and_validate",  # schemathesis compares the answer with its description
    "run_state_machine_as_test",  # hypothesis runs the invariants of a machine
}


def silent_tests(tree: ast.Module) -> list[tuple[str, int]]:
    """Tests that assert nothing, neither themselves nor by a function of their own module."""
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    telling = {node.name for node in functions if _asserts(node, ASSERTING)}
    return [
        (node.name, node.lineno)
        for node in functions
        if node.name.startswith("test") and not _asserts(node, ASSERTING | telling)
    ]


def _asserts(function: ast.FunctionDef, names: set[str]) -> bool:
    return any(
        isinstance(node, ast.Assert)
        or (isinstance(node, ast.Call) and _called(node) in names - {function.name})
        for node in ast.walk(function)
    )


def _called(call: ast.Call) -> str:
    if isinstance(call.func, ast.Name):
        return call.func.id
    if isinstance(call.func, ast.Attribute) and call.func.attr in ASSERTING:
        return call.func.attr
    return ""


def test_every_test_asserts_something() -> None:
    found = [
        f"{path.relative_to(ROOT)}:{line} {name} asserts nothing"
        for path in sorted((ROOT / "tests").rglob("test_*.py"))
        for name, line in silent_tests(ast.parse(path.read_text(encoding="utf-8")))
    ]

    assert not found, "\n".join(found)


@pytest.mark.parametrize(
    ("code", "silent"),
    [
        ("def test_a():\n    work()", ["test_a"]),
        ("def test_a():\n    assert work()", []),
        ("def test_a():\n    with pytest.raises(ValueError):\n        work()", []),
        ("def test_a():\n    refusal()\ndef refusal():\n    assert work()", []),
        ("def test_a():\n    page.refusal()\ndef refusal():\n    assert work()", ["test_a"]),
        ("class TestA:\n    def test_b(self):\n        expect(page)", []),
    ],
)
def test_tidy_sees_tests_that_assert_nothing(code: str, silent: list[str]) -> None:
    assert [name for name, _ in silent_tests(ast.parse(code))] == silent

"""Whatever the code imports is in the locked list that users install."""

import ast
import importlib.metadata
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def imported(folder: Path) -> dict[str, Path]:
    """Top-level names of foreign modules, each with a file that imports it."""
    found: dict[str, Path] = {}
    for path in folder.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                names = [node.module]
            else:
                continue
            found |= {name.split(".")[0]: path for name in names}
    return {
        name: path
        for name, path in found.items()
        if name not in sys.stdlib_module_names and name not in ("shucai", "tests")
    }


def locked(name: str) -> set[str]:
    text = (ROOT / name).read_text(encoding="utf-8")
    return {normal(found) for found in re.findall(r"^([\w.-]+)==", text, re.M)}


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def missing(folder: str, lock: str) -> dict[str, str]:
    providers = importlib.metadata.packages_distributions()
    known = locked(lock)
    return {
        module: str(path.relative_to(ROOT))
        for module, path in imported(ROOT / folder).items()
        if not {normal(one) for one in providers.get(module, [module])} & known
    }


def test_what_the_program_imports_is_locked() -> None:
    assert missing("src", "requirements.lock") == {}


def test_what_the_tests_import_is_locked() -> None:
    assert missing("tests", "requirements-dev.lock") == {}


def test_the_list_for_tests_includes_the_list_for_users() -> None:
    assert locked("requirements.lock") <= locked("requirements-dev.lock")

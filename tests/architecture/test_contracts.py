"""The import contracts of pyproject.toml hold, and each of them catches a planted violation."""

import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
SETTINGS = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]
CONTRACTS: list[dict[str, Any]] = SETTINGS["importlinter"]["contracts"]

# Which file to append to (or make), what to write, and the number of the contract it breaks.
PLANTED = [
    ("edge/clock.py", "from shucai.domains.payment import errors as planted", 1),
    ("base/money.py", "from shucai.kernel import registry as planted", 1),
    ("loft/__init__.py", '"""A storey nobody planned."""', 1),
    ("domains/payment/errors.py", "from shucai.domains.allotment import errors as planted", 2),
    ("domains/payment/helpers.py", '"""A room no domain has."""', 3),
    ("domains/payment/errors.py", "from shucai.domains.payment import pages as planted", 3),
    ("kernel/audit/trail.py", "from shucai.kernel.ledger import posting as planted", 4),
    ("kernel/attic/__init__.py", '"""A room the kernel does not have."""', 4),
    ("base/period.py", "import django as planted", 5),
    ("domains/payment/terms.py", "from shucai.kernel.ledger import terms as planted", 6),
]


def lint(source: Path, *, cache: Path) -> tuple[int, str]:
    """Exit code and words of lint-imports over `source`."""
    done = subprocess.run(
        [str(Path(sys.executable).with_name("lint-imports")), "--cache-dir", str(cache)],
        cwd=source.parent,
        capture_output=True,
        text=True,
        check=False,
        env={"PYTHONPATH": str(source), "PATH": os.environ.get("PATH", "")},
    )
    return done.returncode, done.stdout + done.stderr


def test_import_contracts_hold(tmp_path: Path) -> None:
    code, said = lint(ROOT / "src", cache=tmp_path)

    assert code == 0, said


@pytest.fixture(scope="module")
def copied(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the Python source to spoil, with a cache that only the spoilt files miss."""
    folder = tmp_path_factory.mktemp("planted")
    shutil.copy(ROOT / "pyproject.toml", folder)
    shutil.copytree(
        ROOT / "src", folder / "src", ignore=shutil.ignore_patterns("__pycache__", "static")
    )
    return folder / "src"


@pytest.mark.parametrize(
    ("name", "text", "number"), PLANTED, ids=[f"{number} {name}" for name, _, number in PLANTED]
)
def test_a_planted_violation_is_caught(copied: Path, name: str, text: str, number: int) -> None:
    path = copied / "shucai" / name
    before = path.read_text(encoding="utf-8") if path.exists() else None
    path.parent.mkdir(exist_ok=True)
    path.write_text(f"{before or ''}\n{text}\n", encoding="utf-8")

    code, said = lint(copied, cache=copied.parent / "cache")

    _restore(path, before)
    (contract,) = (one["name"] for one in CONTRACTS if one["name"].startswith(f"{number} "))
    assert code == 1, said
    assert f"{contract} BROKEN" in " ".join(said.split()), said


def _restore(path: Path, before: str | None) -> None:
    if before is not None:
        path.write_text(before, encoding="utf-8")
    elif path.name == "__init__.py":
        shutil.rmtree(path.parent)
    else:
        path.unlink()


def test_every_contract_has_a_planted_violation() -> None:
    planted = {number for _, _, number in PLANTED}

    assert planted == {int(one["name"].split()[0]) for one in CONTRACTS}

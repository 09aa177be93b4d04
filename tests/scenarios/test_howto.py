"""docs/howto/add-a-document-type.md, followed word by word in a copy of the house."""

import json
import re
import shutil
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path

import pytest
from tests.database_server import Place

ROOT = Path(__file__).resolve().parents[2]
BLOCK = re.compile(r"`([\w./]+)`:\n\n```\w+\n(.*?)```", re.DOTALL)
COPIED = ("src", "tests", "docs", "seeds", "pyproject.toml")


@pytest.fixture
def house(tmp_path: Path) -> Path:
    """A copy of the project with the files of the walk-through put in."""
    copy = tmp_path / "house"
    skipped = shutil.ignore_patterns("__pycache__", "*.pyc")
    for name in COPIED:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, copy / name, ignore=skipped)
        else:
            shutil.copy2(source, copy / name)
    text = (ROOT / "docs" / "howto" / "add-a-document-type.md").read_text(encoding="utf-8")
    blocks = BLOCK.findall(text)
    assert [Path(name).suffix for name, _ in blocks] == [".py", ".toml"]
    for name, content in blocks:
        with (copy / name).open("a", encoding="utf-8") as file:
            file.write(("\n" if name.endswith(".toml") else "") + content)
    return copy


def run(house: Path, place: Place, *args: str) -> str:
    environment = place.environment("postgres")
    environment |= {
        "PYTHONPATH": str(house / "src"),
        "SHUCAI_TEST_PLACE": json.dumps(asdict(place)),
    }
    environment.pop("SHUCAI_TEST_SERVER", None)
    done = subprocess.run(
        [sys.executable, "-W", "ignore", *args],
        cwd=house,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-4000:]
    return done.stdout


@pytest.mark.function("PLAT-007")
def test_one_file_makes_a_document_type(house: Path, database_place: Place) -> None:
    made = run(
        house,
        database_place,
        *("-m", "shucai.site.manage", "makemigrations", "payment", "-n", "cash_advance"),
    )
    assert "Create model CashAdvance" in made

    tested = run(
        house,
        database_place,
        *("-m", "pytest", "-q", "-p", "no:cacheprovider", "tests/conformance"),
        *("tests/architecture/test_glossary.py", "-k", "payment.advance"),
    )
    passed = re.search(r"(\d+) passed", tested)
    assert passed is not None
    assert int(passed[1]) >= 50, tested[-2000:]

    known = run(house, database_place, "-c", KNOWN)
    assert "payment.advance 备用金借款 /d/payment.advance/" in known


KNOWN = """
import os
os.environ["DJANGO_SETTINGS_MODULE"] = "shucai.site.settings"
import django
django.setup()
from shucai.kernel.pages.declare import menus
for menu in menus():
    for item in menu.items:
        print(item.code, item.name, item.page)
"""

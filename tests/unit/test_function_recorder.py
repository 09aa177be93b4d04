"""The proof of functions is recorded by every run, by one process and by several."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from shucai.edge.cli.functions import passed
from tests import plugin_functions

TESTS = """
import pytest

@pytest.mark.function("PLAT-001", "PLAT-002")
def test_good():
    pass

@pytest.mark.function("PLAT-003")
@pytest.mark.parametrize("one", [1, 2])
def test_bad(one):
    assert one == 1

def test_unmarked():
    pass
"""
CONFIGURATION = "[pytest]\nmarkers = function(*ids): named\naddopts = --strict-config\n"


def test_the_recorder_is_active_in_this_run(pytestconfig: pytest.Config) -> None:
    assert pytestconfig.pluginmanager.hasplugin("tests.plugin_functions")
    is_worker = hasattr(pytestconfig, "workerinput")
    assert pytestconfig.pluginmanager.hasplugin("shucai-functions") is not is_worker


@pytest.mark.parametrize("processes", [0, 2])
def test_outcomes_of_marked_tests_are_kept_beside_earlier_ones(
    tmp_path: Path, processes: int
) -> None:
    (tmp_path / "test_some.py").write_text(TESTS, encoding="utf-8")
    (tmp_path / "pytest.ini").write_text(CONFIGURATION, encoding="utf-8")
    kept = tmp_path / plugin_functions.PLACE
    kept.parent.mkdir()
    earlier = {"test_else.py::test_a": {"functions": ["PLAT-009"], "outcome": "passed"}}
    kept.write_text(json.dumps({"at": "", "tests": earlier}), encoding="utf-8")

    ended = _run(tmp_path, "-n", str(processes))

    assert ended.returncode == 1, ended.stdout
    said = json.loads(kept.read_text(encoding="utf-8"))
    assert {name: told["outcome"] for name, told in said["tests"].items()} == {
        "test_else.py::test_a": "passed",
        "test_some.py::test_good": "passed",
        "test_some.py::test_bad[1]": "passed",
        "test_some.py::test_bad[2]": "failed",
    }
    assert passed(kept) == {"test_else.py::test_a", "test_some.py::test_good"}


def _run(place: Path, *words: str) -> subprocess.CompletedProcess[str]:
    root = Path(plugin_functions.__file__).parents[1]
    command = [sys.executable, "-m", "pytest", "-q", "-p", "tests.plugin_functions", *words]
    return subprocess.run(
        [*command, "-p", "no:django", str(place)],
        cwd=place,
        env={"PYTHONPATH": str(root), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )

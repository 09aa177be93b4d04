"""功能证明 proof of functions: which tests name which functions, and how they last ended.

Outcomes go to `.shucai/test-results.json`; `shucai functions` reads them. A run of some tests
replaces the outcomes of those tests only.
"""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

MARK = "function"
PLACE = Path(".shucai") / "test-results.json"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        ids = [str(one) for mark in item.iter_markers(MARK) for one in mark.args]
        if ids:
            item.user_properties.append((MARK, sorted(set(ids))))


class Recorder:
    """Collects the outcome of every marked test, from workers too."""

    def __init__(self, root: Path) -> None:
        self._path = root / PLACE
        self._found: dict[str, dict[str, Any]] = {}

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        ids = dict(report.user_properties).get(MARK)
        if ids is None:
            return
        known = self._found.setdefault(report.nodeid, {"functions": ids, "outcome": "passed"})
        if report.outcome != "passed":
            known["outcome"] = report.outcome

    def pytest_sessionfinish(self) -> None:
        if not self._found:
            return
        tests = {**_earlier(self._path), **self._found}
        self._path.parent.mkdir(parents=True, exist_ok=True)
        said = {"at": datetime.now(UTC).isoformat(timespec="seconds"), "tests": tests}
        text = json.dumps(said, ensure_ascii=False, indent=1, sort_keys=True)
        partial = self._path.with_suffix(".part")
        partial.write_text(text, encoding="utf-8")
        partial.replace(self._path)


def _earlier(path: Path) -> dict[str, Any]:
    try:
        known = json.loads(path.read_text(encoding="utf-8"))["tests"]
    except (OSError, ValueError, LookupError, TypeError):
        return {}
    return dict(known) if isinstance(known, dict) else {}


def pytest_configure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        config.pluginmanager.register(Recorder(config.rootpath), "shucai-functions")

"""Every refusal keeps its code for ever, is written kindly, and is met somewhere in a test."""

import re
from pathlib import Path

import pytest

from shucai.base.errors import Problem
from shucai.edge.cli import documentation

ROOT = Path(__file__).resolve().parents[2]
PROBLEMS = documentation.problems()
every_problem = pytest.mark.parametrize("problem", PROBLEMS, ids=[p.code for p in PROBLEMS])
# The one remedy that truly is asking somebody stands in words of its own.
BANNED = ("！", "失败", "成功", "请联系管理员", "非法")


@every_problem
def test_texts_are_chinese_and_calm(problem: Problem) -> None:
    for text in (problem.what, problem.why, problem.fix):
        assert not any(word in text for word in BANNED), text
        assert not re.search(r"(?<![0-9])[,;:!?]", re.sub(r"\{[^}]*\}", "", text)), text


@every_problem
def test_fix_is_a_next_step(problem: Problem) -> None:
    assert "请" in problem.fix or problem.fix.startswith("{")


@every_problem
def test_texts_survive_their_own_data(problem: Problem) -> None:
    finding = problem.at(**dict.fromkeys(problem.names, "甲"))

    assert problem.code in finding.text
    assert "{" not in finding.text


def test_each_code_is_met_in_a_test() -> None:
    said = "\n".join(
        p.read_text(encoding="utf-8")
        for p in (ROOT / "tests").rglob("*.py")
        if p.name != "test_error_catalogue.py"
    )

    missing = [p.code for p in PROBLEMS if p.code not in said]

    assert missing == []

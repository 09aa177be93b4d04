"""Project name rules: names matched and composed by parts, with the letters counted."""

from typing import Any

import pytest

from shucai.kernel.configuration.declare import Place
from shucai.kernel.masterdata import project_name_parts as parts
from shucai.kernel.masterdata import project_names

PLACE = Place(project_names.CODE, project_names.EVERY)
NAMING = project_names.Naming(
    division="440600000", fiscal_year=2026, unit_name="市第一中学", unit_short="一中"
)
FILLING = {"year": "2026", "unit": "一中", "unit_name": "市第一中学", "category": ""}
PARTS = [
    {"kind": "year"},
    {"kind": "fixed", "text": "年"},
    {"kind": "unit", "optional": True},
    {"kind": "typed", "text": "业务内容", "low": 2, "high": 20},
    {"kind": "choice", "text": "项目、经费、补助"},
]
RULE = {**project_names.standard(PLACE), "parts": PARTS, "follow": True, "most": 30}


def wrong(name: str, **more: Any) -> list[str]:
    return [one.code for one in project_names.judge(name, {**RULE, **more}, NAMING)]


@pytest.mark.parametrize(
    ("name", "reached", "wanted"),
    [
        ("2026年一中校舍维修项目", 13, ""),
        ("2026年市第一中学校舍维修经费", 16, ""),
        ("2026年校舍维修补助", 11, ""),
        ("2025年校舍维修项目", 0, "“2026”"),
        ("2026一中校舍维修项目", 4, "“年”"),
        ("2026年一中校舍维修", 11, "“项目” 或 “经费” 或 “补助”"),
        ("2026年一中校舍项目二期", 11, "结尾"),
    ],
)
def test_a_name_is_matched_part_by_part(name: str, reached: int, wanted: str) -> None:
    assert parts.matched(name, PARTS, FILLING)[1] == wanted
    assert parts.matched(name, PARTS, FILLING)[0] <= len(name)
    assert wanted or parts.matched(name, PARTS, FILLING) == (reached, wanted)


def test_many_blanks_in_a_row_take_no_time() -> None:
    rows = [{"kind": "typed", "text": "甲"}] * 60 + [{"kind": "fixed", "text": "完"}]

    assert parts.matched("甲" * 120, rows, FILLING)[1] == "“完”"
    assert parts.matched("甲" * 119 + "完", rows, FILLING) == (120, "")


def test_every_fault_of_a_name_is_told_with_figures() -> None:
    forbidden = [{"word": "其他", "why": "不明确"}]
    content = {**RULE, "forbidden": forbidden, "is_strict": True, "signs": "（）", "least": 8}
    found = project_names.judge("其他#支出", {**content, "follow": False}, NAMING)

    assert [one.code for one in found] == ["MAS-8001", "MAS-8003", "MAS-8004"]
    assert found[0].why == "“其他#支出”有 5 个字，至少 8 个字"
    assert "第 3 个字是“#”" in found[2].why
    assert wrong("2026年一中校舍维修项目") == []
    assert wrong("2026年" + "校" * 31 + "项目") == ["MAS-8002", "MAS-8005"]


def test_a_name_is_composed_of_its_blanks() -> None:
    made = parts.composed(PARTS, ["校舍维修", "经费"], FILLING)
    short = parts.composed(PARTS, ["校"], FILLING)
    other = parts.composed(PARTS, ["校舍维修", "工程"], FILLING)

    assert made == ("2026年一中校舍维修经费", [])
    assert "填写了 1 个字，应为 2 至 20 个字" in short[1][0].why
    assert "只能是项目、经费、补助之一" in other[1][0].why


def test_names_that_differ_by_spaces_and_width_are_alike() -> None:
    likeness = project_names.likeness

    assert likeness("校舍维修（二期） ") == likeness("校舍 维修(二期)")
    assert likeness("校舍维修一期") != likeness("校舍维修二期")


@pytest.mark.parametrize(
    ("more", "code", "place"),
    [
        ({"least": 40}, "MAS-8011", "least"),
        ({"parts": [{"kind": "fixed"}]}, "MAS-8012", "parts[1].text"),
        ({"parts": [{"kind": "typed", "text": "内容", "low": 9, "high": 3}]}, "MAS-8011",
         "parts[1].low"),
        ({"parts": []}, "MAS-8013", "parts"),
        ({"templates": [{"name": "很长" * 20}]}, "MAS-8014", "templates[1].name"),
    ],
)  # fmt: skip
def test_a_rule_that_cannot_be_kept_is_refused(more: dict[str, Any], code: str, place: str) -> None:
    found = project_names.check(PLACE, {**RULE, **more})

    assert [(one.code, one.place) for one in found] == [(code, place)]


def test_a_repeated_name_is_told_only_where_the_rule_asks() -> None:
    existing = ["教材印刷", "校舍维修（二期）"]

    def told(name: str, repeat: str) -> list[str]:
        content = {**RULE, "repeat": repeat}
        return [f.code for f in project_names.repeated(name, content, NAMING, existing)]

    assert told("教材印刷", "alike") == []
    assert told("教材印刷", "same") == ["MAS-8006"]
    assert told("校舍维修(二期)", "alike") == ["MAS-8006"]
    assert told("课桌采购", "same") == []

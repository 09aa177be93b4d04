"""公式: what accountants write is computed exactly; what can't be computed is told at its place."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from shucai.base import formula
from shucai.base.errors import Refused

FACTS: dict[str, Any] = {
    "资金性质": "111",
    "金额": Decimal("50000.00"),
    "可用额度": Decimal("32000.00"),
    "业务日期": date(2026, 3, 4),
    "用途": "会议接待费",
    "备注": None,
    "C5": 1,
    "C6": Decimal("2.50"),
    "C7": None,
    "表一!D1": 7,
    "1月 支出": 12,
    "明细": [Decimal("1.10"), Decimal("2.20")],
}
# fmt: off
VALUES = [
    ('IF(资金性质 = "111", 金额 <= 可用额度, TRUE)', False),
    ("=SUM(C5:C7) * 10%",                            Decimal("0.35")),
    ("如果（资金性质＝“111”，金额－可用额度，0）",    Decimal(18000)),
    ("0.1 + 0.2 = 0.3",                              True),
    ("1 / 3 * 3 = 1",                                False),
    ("ROUND(2.345, 2)",                              Decimal("2.35")),
    ("ROUND(-2.5)",                                  Decimal(-3)),
    ("ROUND(1250, -2)",                              Decimal(1300)),
    ("ROUNDUP(2.01)",                                Decimal(3)),
    ("ROUNDDOWN(-2.99)",                             Decimal(-2)),
    ("INT(-1.5)",                                    Decimal(-2)),
    ("MOD(-7, 3)",                                   Decimal(2)),
    ("SIGN(可用额度 - 金额)",                        Decimal(-1)),
    ("ABS(可用额度 - 金额)",                         Decimal(18000)),
    ("-2 ^ 2",                                       Decimal(4)),
    ("2 ^ -1",                                       Decimal("0.5")),
    ("10 - 2 - 3",                                   Decimal(5)),
    ("2 + 3 * 4",                                    Decimal(14)),
    ("[1月 支出] + 表一!D1",                         Decimal(19)),
    ("SUM(明细)",                                    Decimal("3.30")),
    ("COUNT(C5:C7)",                                 Decimal(2)),
    ("AVERAGE(C5:C7)",                               Decimal("1.75")),
    ("MAX(0, 可用额度 - 金额)",                      Decimal(0)),
    ("MIN(C5:C7)",                                   Decimal(1)),
    ('IN(资金性质, "111", "112")',                   True),
    ("BETWEEN(C6, 1, 3)",                            True),
    ("AND(C5 = 1, C6 > 2)",                          True),
    ("AND(FALSE, 1 / 0 = 1)",                        False),
    ("OR(TRUE, 1 / 0 = 1)",                          True),
    ("NOT(C5 = 1)",                                  False),
    ("IFERROR(金额 / (C5 - 1), 0)",                  Decimal(0)),
    ("COALESCE(备注, C7, 9)",                        Decimal(9)),
    ("ISBLANK(备注)",                                True),
    ('备注 = ""',                                    True),
    ("C7 = 0",                                       True),
    ('LEFT(资金性质, 2) & "X" & 3.50',               "11X3.5"),
    ('RIGHT("abc", 2)',                              "bc"),
    ('MID("44060400", 3, 2)',                        "06"),
    ("LEN(用途)",                                    Decimal(5)),
    ('TRIM("　 a ")',                                "a"),
    ('UPPER("ab") & LOWER("CD")',                    "ABcd"),
    ('CONCAT("文", 1, TRUE)',                        "文1真"),
    ('STARTS("2050201", "204", "205")',              True),
    ('ENDS("第一小学", "小学")',                     True),
    ('包含(用途, "招待", "接待")',                   True),
    ('VALUE("1,200.50")',                            Decimal("1200.50")),
    ("CAPITALS(10500.5)",                            "壹万零伍佰元伍角整"),
    ("业务日期 >= DATE(2026, 1, 1)",                 True),
    ("业务日期 + 28",                                date(2026, 4, 1)),
    ("业务日期 - DATE(2026, 1, 1)",                  Decimal(62)),
    ('DATEVALUE("2026年3月4日") = 业务日期',         True),
    ('DATEVALUE("20260304") = 业务日期',             True),
    ("YEAR(业务日期) * 100 + MONTH(业务日期)",       Decimal(202603)),
    ("DAY(业务日期) + QUARTER(业务日期)",            Decimal(5)),
    ("DAYS(业务日期, DATE(2026, 3, 1))",             Decimal(3)),
    ("EDATE(DATE(2026, 1, 31), 1)",                  date(2026, 2, 28)),
    ("EOMONTH(业务日期, -1)",                        date(2026, 2, 28)),
]
FAULTS = [
    ("1 / 0",               "FML-1005", "公式[0:5]"),
    ("金额 / (C5 - 1)",     "FML-1005", "公式[0:13]"),
    ("AVERAGE(C7)",         "FML-1005", "公式[0:11]"),
    ("0 ^ -1",              "FML-1005", "公式[0:6]"),
    ("1 + 用途",            "FML-1006", "公式[0:6]"),
    ('金额 = "50000"',      "FML-1006", "公式[0:12]"),
    ("IF(金额, 1, 2)",      "FML-1006", "公式[0:12]"),
    ("ROUND(用途)",         "FML-1006", "公式[0:9]"),
    ("TRUE < FALSE",        "FML-1006", "公式[0:12]"),
    ("明细 + 1",            "FML-1006", "公式[0:6]"),
    ("YEAR(备注)",          "FML-1007", "公式[0:8]"),
    ("1 + 金頭",            "FML-1002", "公式[4:6]"),
    ("IFERROR(金頭, 1)",    "FML-1002", "公式[8:10]"),
    ("1 + ROUNDX(2)",       "FML-1003", "公式[4:13]"),
    ("ROUND()",             "FML-1004", "公式[0:7]"),
    ("PI(1)",               "FML-1003", "公式[0:5]"),
    ("1 2",                 "FML-1001", "公式[2:3]"),
    ("(1 +",                "FML-1001", "公式[4:4]"),
    ("",                    "FML-1001", "公式[0:0]"),
    ('"abc',                "FML-1001", "公式[0:1]"),
    ("1 = 1 = 1",           "FML-1001", "公式[6:7]"),
    ("SUM(C8:C5)",          "FML-1001", "公式[4:9]"),
    ("SUM(A1:ZZ99999)",     "FML-1008", "公式[4:14]"),
    ("DATE(2026, 2, 30)",   "FML-1009", "公式[0:17]"),
    ("LEFT(用途, 1.5)",     "FML-1009", "公式[0:13]"),
    ('VALUE("一百")',       "FML-1009", "公式[0:11]"),
    ("9 ^ 999 ^ 9",         "FML-1009", "公式[0:11]"),
    ("MIN(C7)",             "FML-1009", "公式[0:7]"),
]
# fmt: on


@pytest.mark.parametrize(("text", "value"), VALUES)
def test_values(text: str, value: object) -> None:
    assert formula.evaluate(text, FACTS) == value


@pytest.mark.parametrize(("text", "code", "place"), FAULTS)
def test_what_cannot_be_computed_is_a_finding_at_its_place(
    text: str, code: str, place: str
) -> None:
    with pytest.raises(Refused) as refused:
        formula.evaluate(text, FACTS)

    (finding,) = refused.value.findings
    assert (finding.code, finding.place) == (code, place)
    assert "{" not in finding.text


def test_every_function_has_help_and_an_example_that_parses() -> None:
    covered = " ".join(text for text, _ in VALUES)

    for function in formula.FUNCTIONS.values():
        assert function.help
        assert formula.check(function.example) == []
        assert function.name in covered or function.chinese in covered


def test_chinese_and_english_names_are_the_same_function() -> None:
    assert formula.evaluate("合计(1, 2)", {}) == formula.evaluate("sum(1, 2)", {}) == 3


def test_a_float_is_no_fact() -> None:
    with pytest.raises(Refused, match="float"):
        formula.evaluate("x", {"x": 0.1})


def test_a_condition_must_be_true_or_false() -> None:
    with pytest.raises(Refused, match="条件的结果需要真假值，得到的是数值"):
        formula.holds("金额", FACTS)


def test_a_missing_value_can_be_refused() -> None:
    assert formula.evaluate("C7 + 1", FACTS) == 1

    with pytest.raises(Refused, match="“C7”没有值"):
        formula.evaluate("C7 + 1", FACTS, missing="refuse")
    assert formula.evaluate("COALESCE(C7, 5) + 1", FACTS, missing="refuse") == 6
    assert formula.evaluate("ISBLANK(C7)", FACTS, missing="refuse") is True


def test_a_long_sum_is_not_deep_but_deep_nesting_is_refused() -> None:
    assert formula.evaluate(" + ".join(["1"] * 900), {}) == 900

    with pytest.raises(Refused, match="嵌套层数为 65，上限为 64"):
        formula.evaluate("ABS(" * 70 + "1" + ")" * 70, {})
    with pytest.raises(Refused, match="上限为 4000"):
        formula.evaluate("1" * 4001, {})


def test_check_tells_all_problems_with_places_and_likely_names() -> None:
    found = formula.check("SUM(金頭, X) + FOO(1) + ROUND()", FACTS)

    assert [(f.code, f.place) for f in found] == [
        ("FML-1002", "公式[4:6]"),
        ("FML-1002", "公式[8:9]"),
        ("FML-1003", "公式[13:19]"),
        ("FML-1004", "公式[22:29]"),
    ]
    assert "“金额”" in found[0].fix


def test_names_in_a_formula() -> None:
    assert formula.names_in("IF(甲 > 0, SUM(C5:C6), [乙 丙])") == {"甲", "C5", "C6", "乙 丙"}


def test_an_explanation_shows_figures_down_to_the_names() -> None:
    said = list(formula.explain("金额 - 可用额度 * 2", FACTS).lines())

    assert said == [
        "金额 - 可用额度 * 2 = 50,000 - 64,000 = -14,000",
        "　金额 = 50,000",
        "　可用额度 * 2 = 32,000 * 2 = 64,000",
        "　　可用额度 = 32,000",
    ]


def test_an_explanation_shows_only_the_branch_taken_and_where_it_failed() -> None:
    step = formula.explain('IF(资金性质 = "111", 金额 / (C5 - 1), 用途)', FACTS)

    assert step.finding is not None
    assert step.finding.code == "FML-1005"
    assert [s.text for s in step.steps] == ['资金性质 = "111"', "金额 / (C5 - 1)"]
    assert step.as_dict()["steps"][1]["value"] is None


def test_an_unreadable_formula_is_explained_by_its_finding() -> None:
    step = formula.explain("1 +", FACTS)

    assert step.finding is not None
    assert step.finding.code == "FML-1001"

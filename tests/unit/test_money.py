"""金额: exact, parsed as people type it, and written in capitals as the bank rules say."""

from decimal import Decimal

import pytest

from shucai.base import money
from shucai.base.errors import Refused


@pytest.mark.parametrize(
    ("typed", "amount"),
    [
        ("1234.5", "1234.50"),
        ("1,234.50", "1234.50"),
        (" ￥１２，３４５．６７ ", "12345.67"),
        ("(1,000)", "-1000.00"),
        ("-0", "0.00"),
        (".5", "0.50"),
        ("100元", "100.00"),
    ],
)
def test_amounts_are_read_as_people_type_them(typed: str, amount: str) -> None:
    parsed = money.parse(typed)

    assert parsed == Decimal(amount)
    assert parsed.as_tuple().exponent == -2


@pytest.mark.parametrize("typed", ["", "abc", "1,23", "1.2.3", "--1", "1e3", "NaN", "一百", "."])
def test_other_text_is_refused(typed: str) -> None:
    with pytest.raises(Refused) as refused:
        money.parse(typed)

    assert refused.value.code == "MNY-1001"


def test_amounts_are_never_rounded() -> None:
    with pytest.raises(Refused, match="小数超过两位") as refused:
        money.exact("0.005")

    assert refused.value.code == "MNY-1002"


def test_amounts_beyond_the_column_are_refused() -> None:
    with pytest.raises(Refused, match="最大金额为 9,999,999,999,999,999") as refused:
        money.exact(money.LIMIT + Decimal("0.01"))

    assert refused.value.code == "MNY-1003"


@pytest.mark.parametrize("value", [Decimal("NaN"), Decimal("Infinity"), "x"])
def test_what_is_no_number_is_no_amount(value: Decimal | str) -> None:
    with pytest.raises(Refused) as refused:
        money.exact(value)

    assert refused.value.code == "MNY-1001"


# fmt: off
CAPITALS = [  # the first five are the examples of the bank rules
    ("1409.50",             "壹仟肆佰零玖元伍角整"),
    ("6007.14",             "陆仟零柒元壹角肆分"),
    ("16409.02",            "壹万陆仟肆佰零玖元零贰分"),
    ("325.04",              "叁佰贰拾伍元零肆分"),
    ("107000.53",           "壹拾万柒仟元伍角叁分"),
    ("0",                   "零元整"),
    ("0.05",                "伍分"),
    ("0.50",                "伍角整"),
    ("10",                  "壹拾元整"),
    ("10500",               "壹万零伍佰元整"),
    ("1005000",             "壹佰万伍仟元整"),
    ("100000001",           "壹亿零壹元整"),
    ("1000000000000",       "壹万亿元整"),
    ("-20.10",              "负贰拾元壹角整"),
    ("9000000000000000.99", "玖仟万亿元玖角玖分"),
]
# fmt: on


@pytest.mark.parametrize(("amount", "capitals"), CAPITALS)
def test_capitals(amount: str, capitals: str) -> None:
    assert money.capitals(Decimal(amount)) == capitals

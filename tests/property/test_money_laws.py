"""金额: fen and yuan, shown and parsed are inverse; capitals agree with a slow reference."""

import re
from decimal import Decimal

from hypothesis import example, given
from hypothesis import strategies as st

from shucai.base import money

CENTS = st.integers(-(10**18) + 1, 10**18 - 1)


@given(CENTS)
def test_fen_and_yuan_are_inverse(cents: int) -> None:
    assert money.fen(money.yuan(cents)) == cents


@given(CENTS)
def test_what_is_shown_can_be_typed_again(cents: int) -> None:
    amount = money.yuan(cents)

    assert money.parse(money.shown(amount)) == amount


def reference(amount: Decimal) -> str:
    """Digit by digit with every unit written out, then the collapsing rules one after another."""
    digits, units = "零壹贰叁肆伍陆柒捌玖", ["", "拾", "佰", "仟"]
    sections = ["", "万", "亿", "万"]
    whole, cents = divmod(int(abs(amount) * 100), 100)
    text = ""
    for place, digit in enumerate(reversed(str(whole))):
        section, inner = divmod(place, 4)
        mark = sections[section] if inner == 0 else ""
        text = digits[int(digit)] + units[inner] + mark + text
    text = re.sub("零[仟佰拾]", "零", text)
    if whole >= 10**12:  # 万亿: the section below keeps its 亿 even when it is empty
        text = re.sub("零+万(?=.*亿)", "万", text)
    text = re.sub("零+亿", "亿", text)
    text = re.sub("零+万", "万", text)
    text = re.sub("亿万", "亿零", text)
    text = re.sub("零+", "零", text)
    text = text.rstrip("零")
    tail = ("零" if whole and cents < 10 else "") if cents else ""
    if cents >= 10:
        tail += digits[cents // 10] + "角"
    tail += digits[cents % 10] + "分" if cents % 10 else "整"
    body = text + "元" if whole else ("零元" if not cents else "")
    return ("负" if amount < 0 else "") + body + tail


@given(CENTS)
@example(1000000100)
@example(10**14)
@example(10**17 + 5)
def test_capitals_agree_with_the_reference(cents: int) -> None:
    amount = money.yuan(cents)

    assert money.capitals(amount) == reference(amount)

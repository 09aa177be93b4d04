"""金额 money: exact yuan as `Decimal` with two places, exact fen as `int`, and how both are shown.

Nothing here rounds: an amount with more than two places, or outside numeric(18,2), is refused.
"""

import re
from decimal import Decimal, InvalidOperation
from typing import Final

from shucai.base.errors import Problem

LIMIT: Final = Decimal("9999999999999999.99")
_FEN: Final = Decimal("0.01")
_SPACES: Final = str.maketrans("", "", " \u00a0\u3000\t\n")
_FULL_WIDTH: Final = str.maketrans("０１２３４５６７８９．，－＋（）￥", "0123456789.,-+()¥")
_PLAIN: Final = re.compile(r"[+-]?(\d+|\d{1,3}(,\d{3})+)?(\.\d*)?")

NOT_AN_AMOUNT = Problem(
    code="MNY-1001",
    what="“{text}”不是金额",
    why="金额只能由数字、小数点、千分位逗号和正负号组成",
    fix="请按 12345.67 的样式填写",
)
TOO_FINE = Problem(
    code="MNY-1002",
    what="金额 {text} 不能精确到分",
    why="小数超过两位，系统不四舍五入金额",
    fix="请保留两位小数后重新填写",
)
TOO_LARGE = Problem(
    code="MNY-1003",
    what="金额 {text} 超出范围",
    why="可表示的最大金额为 {limit} 元",
    fix="请核对金额单位是否误填为元以下或多写了位数",
)


def parse(text: str) -> Decimal:
    """Yuan from what people type: full-width digits, thousands separators, ¥, (…) for minus."""
    said = text.translate(_FULL_WIDTH).translate(_SPACES).removeprefix("¥").removesuffix("元")
    negative = said.startswith("(") and said.endswith(")")
    said = said[1:-1] if negative else said
    if not _PLAIN.fullmatch(said) or not any(c.isdigit() for c in said):
        raise NOT_AN_AMOUNT.refuse(text=text[:40])
    value = exact(Decimal(said.replace(",", "")))
    return -value if negative and value else value


def exact(value: Decimal | int | str) -> Decimal:
    """The same amount with exactly two places. Raises Refused for finer or larger amounts."""
    try:
        amount = Decimal(value)
    except InvalidOperation:
        raise NOT_AN_AMOUNT.refuse(text=str(value)[:40]) from None
    if not amount.is_finite():
        raise NOT_AN_AMOUNT.refuse(text=str(value))
    if abs(amount) > LIMIT:
        raise TOO_LARGE.refuse(text=str(value)[:40], limit=LIMIT)
    two_places = amount.quantize(_FEN)
    if two_places != amount:
        raise TOO_FINE.refuse(text=str(value))
    return two_places if two_places else abs(two_places)  # no negative zero


def fen(amount: Decimal) -> int:
    """Whole fen of an exact amount in yuan."""
    return int(exact(amount).scaleb(2))


def yuan(cents: int) -> Decimal:
    """Yuan of whole fen."""
    return exact(Decimal(cents).scaleb(-2))


def shown(amount: Decimal) -> str:
    """12,345.67: thousands separators and two places."""
    return f"{exact(amount):,.2f}"


_DIGITS: Final = "零壹贰叁肆伍陆柒捌玖"
_PLACES: Final = ("仟", "佰", "拾", "")


def capitals(amount: Decimal) -> str:
    """人民币大写: 壹万零伍佰元整, by the rules for bills (《支付结算办法》附一).

    One 零 stands for any run of inner zeros; 整 follows 元 or 角, never 分.
    """
    cents = fen(amount)
    whole, rest = divmod(abs(cents), 100)
    tenths, hundredths = divmod(rest, 10)
    text = "负" if cents < 0 else ""
    if whole or not rest:
        text += _integer(whole) + "元"
    if not rest:
        return text + "整"
    if tenths:
        text += _DIGITS[tenths] + "角"
    elif whole:
        text += "零"
    return text + (_DIGITS[hundredths] + "分" if hundredths else "整")


def _integer(number: int) -> str:
    for size, unit in ((10**8, "亿"), (10**4, "万")):
        if number >= size:
            high, low = divmod(number, size)
            gap = "零" if 0 < low < size // 10 else ""
            return _integer(high) + unit + (gap + _integer(low) if low else "")
    return _below_ten_thousand(number)


def _below_ten_thousand(number: int) -> str:
    if number == 0:
        return "零"
    text = "".join(
        _DIGITS[int(digit)] + (_PLACES[place] if digit != "0" else "")
        for place, digit in enumerate(f"{number:04}")
    )
    return re.sub("零+", "零", text).strip("零")

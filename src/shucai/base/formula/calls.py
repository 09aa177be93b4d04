"""函数的做法 what the functions do; their names, arguments and help stand in the table.

Lazy functions get thunks: callables that compute the argument when asked.
"""

import re
from calendar import monthrange
from collections.abc import Callable
from datetime import date
from decimal import ROUND_DOWN, ROUND_FLOOR, ROUND_HALF_UP, ROUND_UP, Decimal
from typing import Final

from shucai.base import money
from shucai.base.errors import Refused
from shucai.base.formula import values
from shucai.base.formula.errors import BAD_VALUE, DIVISION_BY_ZERO, MISSING, UNKNOWN_NAME, Fault
from shucai.base.formula.values import CONTEXT, Value, flat, number, whole

Thunk = Callable[[], Value]

_NUMBER: Final = re.compile(r"[+-]?([0-9]+|[0-9]{1,3}(,[0-9]{3})+)(\.[0-9]+)?")
_DAY: Final = re.compile(r"([0-9]{4})([-/.年]?)([0-9]{1,2})(?:\2|月)([0-9]{1,2})日?")


def if_(condition: Thunk, then: Thunk, otherwise: Thunk) -> Value:
    return then() if values.truth(condition(), "条件") else otherwise()


def and_(*conditions: Thunk) -> bool:
    return all(values.truth(condition(), "条件") for condition in conditions)


def or_(*conditions: Thunk) -> bool:
    return any(values.truth(condition(), "条件") for condition in conditions)


def not_(condition: bool) -> bool:
    return not condition


def if_error(wanted: Thunk, otherwise: Thunk) -> Value:
    """Only what can't be computed is replaced; a misspelt name stays a finding."""
    try:
        return wanted()
    except Fault as fault:
        if fault.problem is UNKNOWN_NAME:
            raise
        return otherwise()


def _or_blank(wanted: Thunk) -> Value:
    try:
        return wanted()
    except Fault as fault:
        if fault.problem is not MISSING:
            raise
        return None


def coalesce(*wanted: Thunk) -> Value:
    for thunk in wanted:
        found = _or_blank(thunk)
        if found is not None and found != "":
            return found
    return None


def is_blank(wanted: Thunk) -> bool:
    found = _or_blank(wanted)
    return found is None or found == "" or (isinstance(found, tuple) and not any_known(found))


def any_known(found: tuple[values.Scalar, ...]) -> bool:
    return any(item is not None and item != "" for item in found)


def in_(wanted: Value, *choices: Value) -> bool:
    return any(values.equal(wanted, choice) for choice in flat(choices))


def between(wanted: Value, low: Value, high: Value) -> bool:
    at_most = values.OPERATORS["<="]
    return bool(at_most(low, wanted)) and bool(at_most(wanted, high))


def _numbers(found: tuple[Value, ...]) -> list[Decimal]:
    return [number(item, "数值") for item in flat(found) if item is not None]


def sum_(*found: Value) -> Decimal:
    return sum(_numbers(found), Decimal(0))


def count(*found: Value) -> Decimal:
    return Decimal(sum(item is not None and item != "" for item in flat(found)))


def average(*found: Value) -> Decimal:
    numbers = _numbers(found)
    if not numbers:
        raise Fault(DIVISION_BY_ZERO)
    return sum(numbers, Decimal(0)) / len(numbers)


def _some(found: tuple[Value, ...]) -> list[Decimal]:
    numbers = _numbers(found)
    if not numbers:
        raise Fault(BAD_VALUE, reason="没有可比较的数值")
    return numbers


def min_(*found: Value) -> Decimal:
    return min(_some(found))


def max_(*found: Value) -> Decimal:
    return max(_some(found))


def sign(amount: Decimal) -> Decimal:
    return Decimal((amount > 0) - (amount < 0))


def _rounded(amount: Decimal, digits: Value, rounding: str) -> Decimal:
    places = whole(digits, "位数", least=-18, most=18)
    return amount.quantize(Decimal(1).scaleb(-places), rounding=rounding, context=CONTEXT) + 0


def round_(amount: Decimal, digits: Value = None) -> Decimal:
    return _rounded(amount, digits, ROUND_HALF_UP)


def round_up(amount: Decimal, digits: Value = None) -> Decimal:
    return _rounded(amount, digits, ROUND_UP)


def round_down(amount: Decimal, digits: Value = None) -> Decimal:
    return _rounded(amount, digits, ROUND_DOWN)


def int_(amount: Decimal) -> Decimal:
    return amount.to_integral_value(rounding=ROUND_FLOOR)


def mod(amount: Decimal, divisor: Decimal) -> Decimal:
    if not divisor:
        raise Fault(DIVISION_BY_ZERO)
    return amount - divisor * int_(amount / divisor)


def len_(said: str) -> Decimal:
    return Decimal(len(said))


def left(said: str, size: Value = Decimal(1)) -> str:
    return said[: whole(size, "个数")]


def right(said: str, size: Value = Decimal(1)) -> str:
    wanted = whole(size, "个数")
    return said[-wanted:] if wanted else ""


def mid(said: str, start: Value, size: Value) -> str:
    first = whole(start, "起点", least=1) - 1
    return said[first : first + whole(size, "个数")]


def trim(said: str) -> str:
    return said.strip(" \u3000\t")


def concat(*found: Value) -> str:
    return "".join(values.text(item) for item in flat(found))


def starts(said: str, *wanted: str) -> bool:
    return said.startswith(wanted)


def ends(said: str, *wanted: str) -> bool:
    return said.endswith(wanted)


def contains(said: str, *wanted: str) -> bool:
    return any(piece in said for piece in wanted)


def value(said: Value) -> Value:
    if said is None or isinstance(said, Decimal):
        return said
    plain = values.text(said, "文字").strip()
    if not _NUMBER.fullmatch(plain):
        raise Fault(BAD_VALUE, reason=f"文字“{plain[:20]}”不是数值")
    return Decimal(plain.replace(",", ""))


def capitals(amount: Decimal) -> str:
    try:
        return money.capitals(amount)
    except Refused as refused:
        raise Fault(BAD_VALUE, reason=refused.findings[0].why) from None


def _date(year_: int, month_: int, day_: int) -> date:
    try:
        return date(year_, month_, day_)
    except ValueError:
        raise Fault(BAD_VALUE, reason=f"没有 {year_} 年 {month_} 月 {day_} 日") from None


def date_(year_: Decimal, month_: Decimal, day_: Decimal) -> date:
    return _date(
        whole(year_, "年", least=1, most=9999),
        whole(month_, "月", least=1, most=12),
        whole(day_, "日", least=1, most=31),
    )


def date_value(said: Value) -> Value:
    if said is None or isinstance(said, date):
        return said
    found = _DAY.fullmatch(values.text(said, "文字").strip())
    if found is None or (not found[2] and len(found[0]) != 8):
        raise Fault(BAD_VALUE, reason=f"文字“{values.text(said)[:20]}”不是日期")
    return _date(int(found[1]), int(found[3]), int(found[4]))


def year(day_: date) -> Decimal:
    return Decimal(day_.year)


def month(day_: date) -> Decimal:
    return Decimal(day_.month)


def day(day_: date) -> Decimal:
    return Decimal(day_.day)


def quarter(day_: date) -> Decimal:
    return Decimal((day_.month + 2) // 3)


def days(later: date, earlier: date) -> Decimal:
    return Decimal((later - earlier).days)


def _month_after(start: date, months: Value) -> tuple[int, int]:
    total = start.year * 12 + start.month - 1 + whole(months, "月数", least=-12_000, most=12_000)
    if not 12 <= total < 120_000:
        raise Fault(BAD_VALUE, reason="日期超出公元 1 年至 9999 年")
    return total // 12, total % 12 + 1


def e_date(start: date, months: Value) -> date:
    year_, month_ = _month_after(start, months)
    return date(year_, month_, min(start.day, monthrange(year_, month_)[1]))


def eo_month(start: date, months: Value = None) -> date:
    year_, month_ = _month_after(start, months)
    return date(year_, month_, monthrange(year_, month_)[1])

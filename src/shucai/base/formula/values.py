"""公式的值 values: numbers (exact), text, truth, dates, lists, and blank; how they combine.

A blank counts as 0 in sums and as "" in text, as in a spreadsheet. Text never turns into a
number by itself: "12" + 1 is a finding, not 13.
"""

import decimal
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from shucai.base.formula.errors import BAD_VALUE, DIVISION_BY_ZERO, MISSING, WRONG_TYPE, Fault

Scalar = Decimal | str | bool | date | None
Value = Scalar | tuple[Scalar, ...]

# Sixty digits hold any sum and product of amounts exactly; only division and powers round.
CONTEXT: Final = decimal.Context(
    prec=60,
    rounding=decimal.ROUND_HALF_EVEN,
    Emin=-999,
    Emax=999,
    traps=[decimal.DivisionByZero, decimal.InvalidOperation, decimal.Overflow],
)
_TYPES: Final = {"number": "数值", "text": "文字", "bool": "真假值", "date": "日期"}


def taken(raw: Any) -> Value:
    """A fact as a value. A float is refused: money would not be exact any more."""
    if raw is None or isinstance(raw, str | bool | Decimal):
        return raw
    if isinstance(raw, int):
        return Decimal(raw)
    if isinstance(raw, date) and not isinstance(raw, datetime):
        return raw
    if isinstance(raw, list | tuple):
        return tuple(scalar(taken(item)) for item in raw)
    wanted = "数值、文字、真假值或日期"
    raise Fault(WRONG_TYPE, operand="名称的值", wanted=wanted, found=type(raw).__name__)


def scalar(value: Value) -> Scalar:
    if isinstance(value, tuple):
        raise Fault(WRONG_TYPE, operand="此处", wanted="单个值", found=f"{len(value)} 个值的区域")
    return value


def kind(value: Value) -> str:
    """The word for the type of a value, in messages."""
    match value:
        case None:
            return "空值"
        case bool():
            return "真假值"
        case Decimal():
            return "数值"
        case str():
            return f"文字“{value[:20]}”"
        case date():
            return "日期"
        case _:
            return f"{len(value)} 个值的区域"


def number(value: Value, place: str = "此处") -> Decimal:
    if isinstance(value, Decimal):
        return value
    if value is None:
        return Decimal(0)
    raise Fault(WRONG_TYPE, operand=place, wanted="数值", found=kind(value))


def text(value: Value, place: str = "此处") -> str:
    """Text of a value as `&` joins it."""
    match value:
        case str():
            return value
        case None:
            return ""
        case bool():
            return "真" if value else "假"
        case Decimal():
            return plain(value)
        case date():
            return value.isoformat()
        case _:
            raise Fault(WRONG_TYPE, operand=place, wanted="文字", found=kind(value))


def truth(value: Value, place: str = "此处") -> bool:
    if isinstance(value, bool):
        return value
    if value is None:
        return False
    raise Fault(WRONG_TYPE, operand=place, wanted="真假值", found=kind(value))


def day(value: Value, place: str = "此处") -> date:
    if isinstance(value, date):
        return value
    if value is None:
        raise Fault(MISSING)
    raise Fault(WRONG_TYPE, operand=place, wanted="日期", found=kind(value))


def whole(value: Value, place: str = "此处", *, least: int = 0, most: int = 32_767) -> int:
    """A whole number within bounds, for digits, positions and counts."""
    amount = number(value, place)
    if amount != amount.to_integral_value() or not least <= amount <= most:
        raise Fault(BAD_VALUE, reason=f"{place}应为 {least} 至 {most} 的整数，得到 {plain(amount)}")
    return int(amount)


def plain(value: Decimal) -> str:
    """Digits without exponent or superfluous zeros."""
    said = f"{value:f}"
    said = said.rstrip("0").rstrip(".") if "." in said else said
    return "0" if said in ("-0", "") else said


def shown(value: Value) -> str:
    """How explanations show a value."""
    match value:
        case None:
            return "空"
        case bool() | date():
            return text(value)
        case Decimal():
            said = f"{value:,.2f}" if value == round(value, 2) else plain(value)
            return said.removesuffix(".00") if value == value.to_integral_value() else said
        case str():
            return f"“{value}”"
        case _:
            few = "、".join(shown(item) for item in value[:5])
            return f"{few} 等 {len(value)} 个值" if len(value) > 5 else few or "没有值"


def flat(values: tuple[Value, ...]) -> Iterator[Scalar]:
    """All single values, lists opened, in order."""
    for value in values:
        if isinstance(value, tuple):
            yield from value
        else:
            yield value


def equal(left: Value, right: Value) -> bool:
    one, two = scalar(left), scalar(right)
    if one is None or two is None:
        return _blank_equals(two if one is None else one)
    if _family(one) is not _family(two):
        raise _unlike(one, two)
    return one == two


def _unlike(one: Value, two: Value) -> Fault:
    found = f"{kind(one)}与{kind(two)}"
    return Fault(WRONG_TYPE, operand="比较两边", wanted="同一类型", found=found)


def _blank_equals(other: Scalar) -> bool:
    return other is None or (not isinstance(other, date) and not other)


def _family(value: Scalar) -> type:
    return next(t for t in (bool, Decimal, str, date) if isinstance(value, t))


def _before(left: Value, right: Value, *, or_equal: bool) -> bool:
    one, two = scalar(left), scalar(right)
    known = two if one is None else one
    match known:
        case None:
            return or_equal
        case bool():
            raise Fault(WRONG_TYPE, operand="大小比较", wanted="数值、文字或日期", found="真假值")
        case Decimal():
            a: Any = number(one, "比较两边")
            b: Any = number(two, "比较两边")
        case str():
            both = (one is None or isinstance(one, str)) and (two is None or isinstance(two, str))
            if not both:
                raise _unlike(one, two)
            a, b = one or "", two or ""
        case _:
            a, b = day(one, "比较两边"), day(two, "比较两边")
    return bool(a <= b if or_equal else a < b)


def _plus(left: Value, right: Value) -> Value:
    if isinstance(left, date):
        return _shifted(left, right, 1)
    return number(left, "加号左边") + number(right, "加号右边")


def _minus(left: Value, right: Value) -> Value:
    if isinstance(left, date):
        if isinstance(right, date):
            return Decimal((left - right).days)
        return _shifted(left, right, -1)
    return number(left, "减号左边") - number(right, "减号右边")


def _shifted(start: date, days: Value, sign: int) -> date:
    count = whole(days, "天数", least=-1_000_000, most=1_000_000)
    try:
        return start + timedelta(days=sign * count)
    except OverflowError:
        raise Fault(BAD_VALUE, reason="日期超出公元 1 年至 9999 年") from None


def _times(left: Value, right: Value) -> Value:
    return number(left, "乘号左边") * number(right, "乘号右边")


def _over(left: Value, right: Value) -> Value:
    divisor = number(right, "除号右边")
    if not divisor:
        raise Fault(DIVISION_BY_ZERO)
    return number(left, "除号左边") / divisor


def _to_the(left: Value, right: Value) -> Value:
    base, exponent = number(left, "底数"), number(right, "指数")
    if not base and exponent < 0:
        raise Fault(DIVISION_BY_ZERO)
    if not base and not exponent:
        return Decimal(1)
    if abs(exponent) > 1000:
        raise Fault(BAD_VALUE, reason=f"指数应在 -1000 至 1000 之间，得到 {plain(exponent)}")
    return base**exponent


OPERATORS: Final[dict[str, Callable[[Value, Value], Value]]] = {
    "=": equal,
    "<>": lambda left, right: not equal(left, right),
    "<": lambda left, right: _before(left, right, or_equal=False),
    "<=": lambda left, right: _before(left, right, or_equal=True),
    ">": lambda left, right: _before(right, left, or_equal=False),
    ">=": lambda left, right: _before(right, left, or_equal=True),
    "&": lambda left, right: text(left) + text(right),
    "+": _plus,
    "-": _minus,
    "*": _times,
    "/": _over,
    "^": _to_the,
}


def arithmetic_fault(failure: decimal.DecimalException) -> Fault:
    """What `decimal` refuses, as a finding."""
    if isinstance(failure, decimal.DivisionByZero):
        return Fault(DIVISION_BY_ZERO)
    return Fault(BAD_VALUE, reason="结果超出可表示的范围")

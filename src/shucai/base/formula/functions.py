"""函数表 functions: every function of the language in one table, with its Chinese name and help.

A signature reads `名称:类型`, `?` after the type for an optional argument and `*` for any number.
Types: number, text, bool, date, any; `thunk` is an argument computed only when it is needed.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from shucai.base.formula import calls, values
from shucai.base.formula.errors import ARGUMENTS, Fault
from shucai.base.formula.values import Value

_COERCED: Final[dict[str, Callable[[Value, str], Any]]] = {
    "number": values.number,
    "text": values.text,
    "bool": values.truth,
    "date": values.day,
}


@dataclass(frozen=True, slots=True)
class Parameter:
    name: str
    type: str
    optional: bool = False
    many: bool = False


@dataclass(frozen=True)
class Function:
    """One row of the table."""

    name: str
    chinese: str
    signature: str
    help: str
    example: str
    call: Callable[..., Any]

    @cached_property
    def parameters(self) -> tuple[Parameter, ...]:
        found = []
        for word in self.signature.split():
            name, kind = word.split(":")
            plain = kind.rstrip("?*")
            found.append(Parameter(name, plain, "?" in kind, "*" in kind))
        return tuple(found)

    @cached_property
    def is_lazy(self) -> bool:
        return any(p.type == "thunk" for p in self.parameters)

    @property
    def usage(self) -> str:
        """ROUND(数值, [位数])"""
        shown = (
            f"[{p.name}]" if p.optional else f"{p.name}, …" if p.many else p.name
            for p in self.parameters
        )
        return f"{self.name}({', '.join(shown)})"

    def check_count(self, count: int) -> None:
        """Raises Fault when the function can't take that many arguments."""
        least = sum(not p.optional for p in self.parameters)
        many = any(p.many for p in self.parameters)
        if count >= least and (many or count <= len(self.parameters)):
            return
        if many:
            wanted = f"至少 {least} 个参数"
        elif least == len(self.parameters):
            wanted = f" {least} 个参数" if least else "零个参数"
        else:
            wanted = f" {least} 至 {len(self.parameters)} 个参数"
        raise Fault(ARGUMENTS, name=self.name, wanted=wanted, count=count, usage=self.usage)

    def parameter(self, place: int) -> Parameter:
        return self.parameters[min(place, len(self.parameters) - 1)]

    def apply(self, arguments: list[Value]) -> Value:
        """The result for computed arguments, each first brought to its declared type."""
        ready = []
        for place, argument in enumerate(arguments):
            parameter = self.parameter(place)
            coerce = _COERCED.get(parameter.type)
            ready.append(coerce(argument, parameter.name) if coerce else argument)
        result: Value = self.call(*ready)
        return result


# fmt: off
_ROWS: Final = (
    # 判断 logic
    Function("IF", "如果", "条件:thunk 成立时:thunk 不成立时:thunk",
             "条件成立取第二个值，否则取第三个值；只计算用到的那个",
             'IF(金额 > 0, "有", "无")', calls.if_),
    Function("AND", "且", "条件:thunk*",
             "全部条件成立时为真；遇到不成立即止", "AND(金额 > 0, 金额 <= 100)", calls.and_),
    Function("OR", "或", "条件:thunk*",
             "任一条件成立时为真；遇到成立即止", "OR(金额 = 0, 金额 > 100)", calls.or_),
    Function("NOT", "非", "条件:bool", "条件不成立时为真", "NOT(金额 = 0)", calls.not_),
    Function("IFERROR", "若出错", "值:thunk 替代值:thunk", "第一个值算不出时取第二个值",
             "IFERROR(支出 / 预算, 0)", calls.if_error),
    Function("COALESCE", "缺省", "值:thunk*",
             "从左到右第一个不为空的值", "COALESCE(调整数, 年初数, 0)", calls.coalesce),
    Function("ISBLANK", "为空", "值:thunk",
             "没有值或为空文字时为真", "ISBLANK(用途)", calls.is_blank),
    Function("IN", "属于", "值:any 备选值:any*", "值与任一备选值相等时为真",
             'IN(资金性质, "111", "112")', calls.in_),
    Function("BETWEEN", "介于", "值:any 下限:any 上限:any", "下限 ≤ 值 ≤ 上限时为真",
             "BETWEEN(月份, 1, 12)", calls.between),
    # 汇总 totals
    Function("SUM", "合计", "数值:any*", "全部数值之和，空值不计", "SUM(C5:C8)", calls.sum_),
    Function("AVERAGE", "平均", "数值:any*",
             "全部数值的平均数，空值不计", "AVERAGE(C5:C8)", calls.average),
    Function("COUNT", "计数", "值:any*", "不为空的值的个数", "COUNT(C5:C8)", calls.count),
    Function("MIN", "最小", "数值:any*",
             "最小的数值，空值不计", "MIN(可用额度, 金额)", calls.min_),
    Function("MAX", "最大", "数值:any*", "最大的数值，空值不计", "MAX(0, 余额)", calls.max_),
    # 数值 numbers
    Function("ABS", "绝对值", "数值:number", "去掉负号", "ABS(借方 - 贷方)", abs),
    Function("SIGN", "符号", "数值:number",
             "正数为 1，零为 0，负数为 -1", "SIGN(差额)", calls.sign),
    Function("ROUND", "四舍五入", "数值:number 位数:number?", "按位数四舍五入，缺省取整数",
             "ROUND(金额 / 3, 2)", calls.round_),
    Function("ROUNDUP", "进位", "数值:number 位数:number?",
             "按位数远离零进位", "ROUNDUP(2.01)", calls.round_up),
    Function("ROUNDDOWN", "舍去", "数值:number 位数:number?",
             "按位数向零舍去", "ROUNDDOWN(2.99)", calls.round_down),
    Function("INT", "取整", "数值:number", "不大于数值的最大整数", "INT(-1.5)", calls.int_),
    Function("MOD", "取余", "数值:number 除数:number",
             "除后的余数，符号随除数", "MOD(7, 3)", calls.mod),
    # 文字 text
    Function("LEN", "长度", "文字:text", "字符个数", "LEN(收款人账号)", calls.len_),
    Function("LEFT", "左取", "文字:text 个数:number?", "左边若干个字符，缺省一个",
             'LEFT(功能分类, 3) = "205"', calls.left),
    Function("RIGHT", "右取", "文字:text 个数:number?",
             "右边若干个字符，缺省一个", "RIGHT(单号, 6)", calls.right),
    Function("MID", "中取", "文字:text 起点:number 个数:number",
             "从起点（第一个字符为 1）取若干个字符", "MID(区划, 3, 2)", calls.mid),
    Function("TRIM", "去空格", "文字:text", "去掉首尾空格", "TRIM(用途)", calls.trim),
    Function("UPPER", "大写", "文字:text", "字母变为大写", "UPPER(代码)", str.upper),
    Function("LOWER", "小写", "文字:text", "字母变为小写", "LOWER(代码)", str.lower),
    Function("CONCAT", "连接", "文字:any*",
             "依次连接，与 & 相同", 'CONCAT(文号, "-", 行号)', calls.concat),
    Function("STARTS", "开头是", "文字:text 开头:text*", "以任一开头起始时为真",
             'STARTS(功能分类, "205", "206")', calls.starts),
    Function("ENDS", "结尾是", "文字:text 结尾:text*",
             "以任一结尾收束时为真", 'ENDS(单位名称, "学校")', calls.ends),
    Function("CONTAINS", "包含", "文字:text 片段:text*", "含有任一片段时为真",
             'CONTAINS(用途, "招待", "接待")', calls.contains),
    Function("VALUE", "转数值", "文字:any",
             "文字变为数值，允许千分位逗号", 'VALUE("1,200.50")', calls.value),
    Function("CAPITALS", "大写金额", "金额:number",
             "人民币大写金额", "CAPITALS(1200)", calls.capitals),
    # 日期 dates
    Function("DATE", "日期", "年:number 月:number 日:number",
             "由年月日得到日期", "DATE(2026, 12, 31)", calls.date_),
    Function("DATEVALUE", "转日期", "文字:any", "2026-12-31 或 20261231 样式的文字变为日期",
             'DATEVALUE("2026-12-31")', calls.date_value),
    Function("YEAR", "年份", "日期:date", "日期的年", "YEAR(业务日期)", calls.year),
    Function("MONTH", "月份数", "日期:date", "日期的月", "MONTH(业务日期)", calls.month),
    Function("DAY", "日数", "日期:date", "日期的日", "DAY(业务日期)", calls.day),
    Function("QUARTER", "季度", "日期:date",
             "日期所在季度，1 至 4", "QUARTER(业务日期)", calls.quarter),
    Function("DAYS", "相差天数", "后日期:date 前日期:date", "后日期减前日期的天数",
             "DAYS(业务日期, DATE(2026, 1, 1))", calls.days),
    Function("EDATE", "加月", "日期:date 月数:number", "向后（负数向前）推若干个月，月末不越界",
             "EDATE(起始日期, 12)", calls.e_date),
    Function("EOMONTH", "月末", "日期:date 月数:number?",
             "若干个月后那个月的最后一天，缺省为当月", "EOMONTH(业务日期)", calls.eo_month),
)
# fmt: on

FUNCTIONS: Final[Mapping[str, Function]] = {row.name: row for row in _ROWS}
_BY_WORD: Final = {word: row for row in _ROWS for word in (row.name, row.chinese)}


def find(word: str) -> Function | None:
    """By English name in any case, or by Chinese name."""
    return _BY_WORD.get(word.upper())


def words() -> frozenset[str]:
    return frozenset(_BY_WORD)

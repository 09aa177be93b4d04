"""公式的拒绝 refusals of formulas. Their place is `公式[start:end]`, in characters."""

from typing import Any

from shucai.base.errors import Finding, Problem

Span = tuple[int, int]

SYNTAX = Problem(
    code="FML-1001",
    what="公式第 {column} 个字符处写法有误",
    why="此处出现{found}，不能继续读下去",
    fix="此处可以写{expected}；请检查括号、引号和逗号是否成对",
)
UNKNOWN_NAME = Problem(
    code="FML-1002",
    what="公式中的“{name}”没有定义",
    why="可用的名称中没有它",
    fix="{hint}",
)
UNKNOWN_FUNCTION = Problem(
    code="FML-1003",
    what="没有函数“{name}”",
    why="函数表中没有它",
    fix="{hint}",
)
ARGUMENTS = Problem(
    code="FML-1004",
    what="函数 {name} 的参数个数不对",
    why="需要{wanted}，写了 {count} 个",
    fix="请按 {usage} 的写法填写",
)
DIVISION_BY_ZERO = Problem(
    code="FML-1005",
    what="“{text}”的除数为零",
    why="零不能作除数",
    fix="请用 IF 先判断除数是否为零，或用 IFERROR 给出替代值",
)
WRONG_TYPE = Problem(
    code="FML-1006",
    what="“{text}”不能计算",
    why="{operand}需要{wanted}，得到的是{found}",
    fix="请检查引用的名称是否正确，必要时用 VALUE、DATEVALUE 转换",
)
MISSING = Problem(
    code="FML-1007",
    what="“{text}”没有值",
    why="该公式规定缺少值时不作计算",
    fix="请先补填，或在公式中用 COALESCE 给出替代值",
)
TOO_BIG = Problem(
    code="FML-1008",
    what="公式太长或嵌套太深",
    why="{measure}为 {size}，上限为 {limit}",
    fix="请拆成几个公式，或减少嵌套",
)
BAD_VALUE = Problem(
    code="FML-1009",
    what="“{text}”不能计算",
    why="{reason}",
    fix="请检查参数的取值范围",
)


class Fault(Exception):
    """A problem met while computing, raised by operations and placed by the node around them.

    It never leaves the package: callers get Refused with the finding.
    """

    def __init__(self, problem: Problem, **data: Any) -> None:
        self.problem = problem
        self.data = data
        self.span: Span | None = None
        super().__init__(problem.code)

    def inside(self, span: Span, text: str) -> "Fault":
        """The innermost node that knows where it stands wins."""
        if self.span is None:
            self.span = span
            if "text" in self.problem.names:
                self.data.setdefault("text", text)
        return self

    def finding(self) -> Finding:
        start, end = self.span or (0, 0)
        return self.problem.at(f"公式[{start}:{end}]", **self.data)

"""读公式 parsing: text to syntax tree, or a finding at the character where reading stopped.

Full-width punctuation is read like half-width; a leading = is allowed.
"""

from dataclasses import replace
from decimal import Decimal
from functools import lru_cache
from typing import Any, Final, cast

from lark import (
    Lark,
    Token,
    Transformer,
    UnexpectedCharacters,
    UnexpectedInput,
    UnexpectedToken,
    v_args,
)

from shucai.base.formula import syntax
from shucai.base.formula.errors import SYNTAX, TOO_BIG, Fault, Span
from shucai.base.formula.syntax import Call, Chain, Literal, Name, Node, Percent, Range, Sign

LENGTH_MAX: Final = 4_000
DEPTH_MAX: Final = 64
CELLS_MAX: Final = 10_000

_GRAMMAR: Final = r"""
start: comparison
?comparison: text (COMPARE text)?    -> chain
?text: sum (JOIN sum)*               -> chain
?sum: product (PLUS_MINUS product)*  -> chain
?product: power (TIMES power)*       -> chain
?power: signed (POWER signed)*       -> chain
?signed: PLUS_MINUS signed           -> sign
       | percent
?percent: percent PERCENT            -> percent
        | atom
?atom: NUMBER                        -> number
     | STRING                        -> string
     | NAME                          -> name
     | QUOTED_NAME                   -> quoted_name
     | NAME COLON NAME               -> range
     | NAME LPAR RPAR                -> call
     | NAME LPAR comparison (COMMA comparison)* RPAR -> call
     | LPAR comparison RPAR          -> group

COMPARE: /<>|!=|≠|<=|≤|>=|≥|==|=|＝|<|＜|>|＞/
JOIN: "&" | "＆"
PLUS_MINUS: "+" | "-" | "＋" | "－"
TIMES: "*" | "/" | "＊" | "／" | "×" | "÷"
POWER: "^"
PERCENT: "%" | "％"
LPAR: "(" | "（"
RPAR: ")" | "）"
COMMA: "," | "，"
COLON: ":" | "："
NUMBER: /[0-9]+(\.[0-9]+)?/
STRING: /"(?:[^"]|"")*"/ | /“[^”]*”/
QUOTED_NAME: /\[[^\[\]\n]+\]/
NAME: /[^\W\d][\w.]*(?:![^\W\d][\w.]*)?/
%ignore /[\s\u3000]+/
"""
_SIGNS: Final = {
    "!=": "<>", "≠": "<>", "≤": "<=", "≥": ">=", "==": "=", "＝": "=", "＜": "<", "＞": ">",
    "＆": "&", "＋": "+", "－": "-", "＊": "*", "×": "*", "／": "/", "÷": "/",
}  # fmt: skip
_WORDS: Final = {
    "COMPARE": "比较号", "JOIN": "&", "PLUS_MINUS": "+ 或 -", "TIMES": "* 或 /", "POWER": "^",
    "PERCENT": "%", "LPAR": "左括号", "RPAR": "右括号", "COMMA": "逗号", "COLON": "冒号",
    "NUMBER": "数字", "STRING": "文字", "QUOTED_NAME": "[名称]", "NAME": "名称", "$END": "结尾",
}  # fmt: skip


def parse(text: str) -> Node:
    """The tree of `text`. Raises Fault with the place where reading stopped."""
    if len(text) > LENGTH_MAX:
        raise Fault(TOO_BIG, measure="字符数", size=len(text), limit=LENGTH_MAX).inside(
            (0, len(text)), ""
        )
    body = " " + text[1:] if text[:1] in ("=", "＝") else text
    try:
        return cast("Node", _parser().parse(body))
    except UnexpectedInput as failure:
        raise _syntax(text, failure) from None


def _syntax(text: str, failure: UnexpectedInput) -> Fault:
    """The finding at the first character that fits nowhere."""
    if isinstance(failure, UnexpectedToken) and failure.token.type != "$END":
        start, end = _at(failure.token)
    elif isinstance(failure, UnexpectedCharacters):
        start = failure.pos_in_stream or 0
        end = start + 1
    else:
        start = end = len(text)
    wanted = failure.accepts if isinstance(failure, UnexpectedToken) else ()
    names = "、".join(word for kind, word in _WORDS.items() if kind in wanted)
    return Fault(
        SYNTAX,
        column=start + 1,
        found=f"“{text[start : start + 12]}”" if start < len(text) else "结尾",
        expected=names or "数字、文字、名称和运算符",
    ).inside((start, end), "")


def _at(token: Token) -> Span:
    return (token.start_pos or 0, token.end_pos or 0)


def _level(span: Span, *below: Node) -> int:
    """The depth of a node above `below`. The limit holds before anything recurses."""
    level = 1 + max((syntax.depth(node) for node in below), default=0)
    if level > DEPTH_MAX:
        raise Fault(TOO_BIG, measure="嵌套层数", size=level, limit=DEPTH_MAX).inside(span, "")
    return level


def _range(first: str, last: str, span: Span) -> Node:
    size = syntax.size(first, last)
    if size == 0:
        raise Fault(
            SYNTAX,
            column=span[0] + 1,
            found=f"“{first}:{last}”",
            expected="由左上角到右下角的单元格区域，如 C5:D8",
        ).inside(span, "")
    if size > CELLS_MAX:
        raise Fault(TOO_BIG, measure="区域单元格数", size=size, limit=CELLS_MAX).inside(span, "")
    return Range(first, last, span)


@v_args(inline=True)
class _Builder(Transformer[Token, Node]):
    """Called bottom-up while parsing; holds no state, so one parser serves all threads."""

    def start(self, node: Node) -> Node:
        return node

    def chain(self, first: Node, *rest: Any) -> Node:
        if not rest:
            return first
        pairs = tuple(
            (_SIGNS.get(op, str(op)), operand)
            for op, operand in zip(rest[::2], rest[1::2], strict=True)
        )
        span = (first.span[0], pairs[-1][1].span[1])
        return Chain(first, pairs, span, _level(span, first, *rest[1::2]))

    def sign(self, op: Token, operand: Node) -> Node:
        span = (_at(op)[0], operand.span[1])
        return Sign(_SIGNS.get(op, str(op)), operand, span, _level(span, operand))

    def percent(self, operand: Node, sign: Token) -> Node:
        span = (operand.span[0], _at(sign)[1])
        return Percent(operand, span, _level(span, operand))

    def number(self, token: Token) -> Node:
        return Literal(Decimal(token), _at(token))

    def string(self, token: Token) -> Node:
        said = token[1:-1]
        return Literal(said.replace('""', '"') if token[0] == '"' else str(said), _at(token))

    def name(self, token: Token) -> Node:
        constant = syntax.CONSTANTS.get(token.upper())
        return Name(str(token), _at(token)) if constant is None else Literal(constant, _at(token))

    def quoted_name(self, token: Token) -> Node:
        return Name(str(token[1:-1]).strip(), _at(token))

    def range(self, first: Token, _: Token, last: Token) -> Node:
        return _range(str(first), str(last), (_at(first)[0], _at(last)[1]))

    def call(self, name: Token, _: Token, *rest: Any) -> Node:
        span = (_at(name)[0], _at(rest[-1])[1])
        arguments = tuple(rest[:-1:2])
        return Call(name.upper(), arguments, span, _level(span, *arguments))

    def group(self, left: Token, node: Node, right: Token) -> Node:
        return replace(node, span=(_at(left)[0], _at(right)[1]))


@lru_cache(maxsize=1)
def _parser() -> Lark:
    return Lark(_GRAMMAR, parser="lalr", lexer="basic", transformer=_Builder())

"""算公式 computing: a tree becomes one closure, kept, and called with the facts.

`walk` is the same computation with a record of every step; a property test holds them equal.
"""

import decimal
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import lru_cache, partial
from typing import Any, Literal

from shucai.base.formula import functions, syntax, values
from shucai.base.formula.errors import (
    MISSING,
    UNKNOWN_FUNCTION,
    UNKNOWN_NAME,
    WRONG_TYPE,
    Fault,
)
from shucai.base.formula.functions import Function
from shucai.base.formula.parse import parse
from shucai.base.formula.syntax import Call, Chain, Name, Node, Percent, Range, Sign
from shucai.base.formula.values import OPERATORS, Value

Missing = Literal["blank", "refuse"]


@dataclass(frozen=True, slots=True)
class Frame:
    """What one computation sees. With `missing="refuse"` a name without a value is a finding."""

    facts: Mapping[str, Any]
    missing: Missing = "blank"

    def read(self, name: str) -> Value:
        try:
            raw = self.facts[name]
        except KeyError:
            raise Fault(UNKNOWN_NAME, name=name, hint=hint(name, list(self.facts))) from None
        value = values.taken(raw)
        if value is None and self.missing == "refuse":
            raise Fault(MISSING)
        return value

    def cells(self, first: str, last: str) -> Value:
        return tuple(values.scalar(self.read(cell)) for cell in syntax.cells(first, last))


Closure = Callable[[Frame], Value]


def hint(word: str, known: list[str]) -> str:
    """The next step after a misspelt word."""
    near = get_close_matches(word, known, n=3, cutoff=0.5)
    if near:
        return f"是否要写{'、'.join(f'“{one}”' for one in near)}"
    few = "、".join(sorted(known)[:12])
    return f"可以写：{few}" if few else "请改用已定义的名称"


def function_of(node: Call, text: str) -> Function:
    """The function a call names, its number of arguments checked."""
    found = functions.find(node.function)
    if found is None:
        known = sorted(functions.words())
        raise Fault(UNKNOWN_FUNCTION, name=node.function, hint=hint(node.function, known)).inside(
            node.span, ""
        )
    try:
        found.check_count(len(node.arguments))
    except Fault as fault:
        raise fault.inside(node.span, "") from None
    return found


@lru_cache(maxsize=4096)
def compiled(text: str) -> Closure:
    """The closure of a formula, kept per process. Raises Fault for text that can't be computed."""
    return _closure(parse(text), text)


def _closure(node: Node, text: str) -> Closure:
    body = _body(node, text)
    if isinstance(node, syntax.Literal):
        return body
    start, end = node.span
    said = text[start:end]

    def placed(frame: Frame) -> Value:
        try:
            return body(frame)
        except Fault as fault:
            raise fault.inside((start, end), said)  # noqa: B904 (the same fault, now placed)
        except decimal.DecimalException as failure:
            raise values.arithmetic_fault(failure).inside((start, end), said) from None

    return placed


def _body(node: Node, text: str) -> Closure:
    match node:
        case syntax.Literal(value=value):
            return lambda frame: value
        case Name(name=name):
            return lambda frame: frame.read(name)
        case Range(first=first, last=last):
            return lambda frame: frame.cells(first, last)
        case Sign(op=op, operand=operand):
            inner = _closure(operand, text)
            return lambda frame: signed(op, inner(frame))
        case Percent(operand=operand):
            inner = _closure(operand, text)
            return lambda frame: percent(inner(frame))
        case Chain():
            return _chain(node, text)
        case Call():
            return _call(node, text)


def signed(op: str, value: Value) -> Value:
    amount = values.number(value, "正负号后")
    return -amount if op == "-" else amount


def percent(value: Value) -> Value:
    return values.number(value, "百分号前") / 100


def _chain(node: Chain, text: str) -> Closure:
    first = _closure(node.first, text)
    rest = [(OPERATORS[op], _closure(operand, text)) for op, operand in node.rest]
    if len(rest) == 1:
        operate, second = rest[0]
        return lambda frame: operate(first(frame), second(frame))

    def folded(frame: Frame) -> Value:
        value = first(frame)
        for operate, operand in rest:
            value = operate(value, operand(frame))
        return value

    return folded


def _call(node: Call, text: str) -> Closure:
    function = function_of(node, text)
    arguments = [_closure(argument, text) for argument in node.arguments]
    if function.is_lazy:
        return lambda frame: function.call(*(partial(one, frame) for one in arguments))
    return lambda frame: function.apply([one(frame) for one in arguments])


def evaluate(text: str, facts: Mapping[str, Any], missing: Missing) -> Value:
    """The value of a formula. Raises Fault, placed."""
    with decimal.localcontext(values.CONTEXT):
        return compiled(text)(Frame(facts, missing))


def holds(text: str, facts: Mapping[str, Any], missing: Missing) -> bool:
    """Whether a condition is true. A number or a text is no condition: Fault."""
    value = evaluate(text, facts, missing)
    if isinstance(value, bool):
        return value
    fault = Fault(WRONG_TYPE, operand="条件的结果", wanted="真假值", found=values.kind(value))
    raise fault.inside((0, len(text)), text)

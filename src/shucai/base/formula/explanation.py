"""为什么是 explaining: the computation of a formula, step by step, down to the names it read."""

import decimal
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from shucai.base.errors import Finding
from shucai.base.formula import syntax, values
from shucai.base.formula.compute import Frame, Missing, function_of, percent, signed
from shucai.base.formula.errors import Fault, Span
from shucai.base.formula.parse import parse
from shucai.base.formula.syntax import Call, Chain, Name, Node, Percent, Range, Sign
from shucai.base.formula.values import OPERATORS, Value


@dataclass(frozen=True, slots=True)
class Step:
    """One part of a formula: its text, the figures put in, what came out, what it rests on."""

    text: str
    figures: str
    value: Value
    span: Span
    steps: tuple["Step", ...] = ()
    finding: Finding | None = None

    @property
    def said(self) -> str:
        """本行 + 已付 = 50,000 + 18,000 = 68,000"""
        middle = f" = {self.figures}" if self.figures and self.figures != self.text else ""
        if self.finding is not None:
            return f"{self.text}{middle}：{self.finding.what}，{self.finding.why}"
        return f"{self.text}{middle} = {values.shown(self.value)}"

    def lines(self, indent: int = 0) -> Iterator[str]:
        """The tree as indented text."""
        yield "　" * indent + self.said
        for step in self.steps:
            yield from step.lines(indent + 1)

    def as_dict(self) -> dict[str, Any]:
        """Plain JSON for screens and the API; values as people read them."""
        return {
            "text": self.text,
            "figures": self.figures,
            "value": values.shown(self.value) if self.finding is None else None,
            "span": list(self.span),
            "said": self.said,
            "steps": [step.as_dict() for step in self.steps],
            "finding": self.finding.as_dict() if self.finding else None,
        }


def explain(text: str, facts: Mapping[str, Any], missing: Missing) -> Step:
    """The step tree of a formula. What can't be computed stands in the tree as a finding."""
    found: list[Step] = []
    try:
        tree = parse(text)
        with decimal.localcontext(values.CONTEXT):
            _Walk(text, Frame(facts, missing)).value(tree, found)
    except Fault as fault:
        if not found:
            finding = fault.finding()
            found.append(Step(text, "", None, fault.span or (0, len(text)), finding=finding))
    return found[0]


class _Walk:
    """One computation, recorded. Each node appends its step to the list of the node above."""

    def __init__(self, text: str, frame: Frame) -> None:
        self._text = text
        self._frame = frame

    def value(self, node: Node, above: list[Step]) -> Value:
        start, end = node.span
        said = self._text[start:end]
        below: list[Step] = []
        figures: list[str] = []
        try:
            value = self._compute(node, below, figures)
        except (Fault, decimal.DecimalException) as failure:
            fault = failure if isinstance(failure, Fault) else values.arithmetic_fault(failure)
            fault.inside(node.span, said)
            finding = fault.finding()
            above.append(Step(said, "".join(figures), None, node.span, tuple(below), finding))
            raise fault from None
        if not isinstance(node, syntax.Literal) or node.span == (0, len(self._text)):
            above.append(Step(said, "".join(figures), value, node.span, tuple(below)))
        return value

    def _compute(self, node: Node, below: list[Step], figures: list[str]) -> Value:
        match node:
            case syntax.Literal(value=value):
                return value
            case Name(name=name):
                return self._frame.read(name)
            case Range(first=first, last=last):
                return self._cells(first, last, below)
            case Sign(op=op, operand=operand):
                return signed(op, self.value(operand, below))
            case Percent(operand=operand):
                return percent(self.value(operand, below))
            case Chain():
                return self._chain(node, below, figures)
            case Call():
                return self._call(node, below, figures)

    def _cells(self, first: str, last: str, below: list[Step]) -> Value:
        for name in syntax.cells(first, last)[:_CELLS_SHOWN]:
            below.append(Step(name, "", self._frame.read(name), (0, 0)))
        return self._frame.cells(first, last)

    def _chain(self, node: Chain, below: list[Step], figures: list[str]) -> Value:
        value = self.value(node.first, below)
        figures.append(values.shown(value))
        for op, operand in node.rest:
            other = self.value(operand, below)
            figures.append(f" {op} {values.shown(other)}")
            value = OPERATORS[op](value, other)
        return value

    def _call(self, node: Call, below: list[Step], figures: list[str]) -> Value:
        function = function_of(node, self._text)
        thunks = [partial(self.value, argument, below) for argument in node.arguments]
        if function.is_lazy:
            result: Value = function.call(*thunks)
            return result
        arguments = [thunk() for thunk in thunks]
        shown = ", ".join(values.shown(argument) for argument in arguments)
        figures.append(f"{function.name}({shown})")
        return function.apply(arguments)


_CELLS_SHOWN = 50

"""公式语言 formula: one spreadsheet-like language for rules, routes, cells and cross-checks.

Names are looked up in the facts; numbers are exact; what can't be computed is refused with a
finding at its place in the formula. Nothing is ever executed but the functions of the table.
"""

from collections.abc import Collection, Mapping
from typing import Any

from shucai.base.errors import Finding, Refused
from shucai.base.formula import check as _check
from shucai.base.formula import compute, explanation, syntax
from shucai.base.formula.compute import Missing
from shucai.base.formula.errors import Fault
from shucai.base.formula.explanation import Step
from shucai.base.formula.functions import FUNCTIONS, Function
from shucai.base.formula.parse import parse as _parse
from shucai.base.formula.values import Value

__all__ = [
    "FUNCTIONS",
    "Function",
    "Missing",
    "Step",
    "Value",
    "canonical",
    "check",
    "evaluate",
    "explain",
    "holds",
    "names_in",
]


def holds(text: str, facts: Mapping[str, Any], *, missing: Missing = "blank") -> bool:
    """Whether the condition is true for these facts.

    Raises Refused when it can't be told: a condition that fails is never taken for yes or no.
    """
    try:
        return compute.holds(text, facts, missing)
    except Fault as fault:
        raise Refused([fault.finding()]) from None


def evaluate(text: str, facts: Mapping[str, Any], *, missing: Missing = "blank") -> Value:
    """The value of the formula. Raises Refused with the finding at its place.

    `missing` is what a name without a value means: "blank" counts as 0 and "" as in a
    spreadsheet, "refuse" is a finding unless COALESCE, ISBLANK or IFERROR deal with it.
    """
    try:
        return compute.evaluate(text, facts, missing)
    except Fault as fault:
        raise Refused([fault.finding()]) from None


def explain(text: str, facts: Mapping[str, Any], *, missing: Missing = "blank") -> Step:
    """The same computation as a tree of steps; a finding stands at the step that failed."""
    return explanation.explain(text, facts, missing)


def check(text: str, names: Collection[str] | None = None) -> list[Finding]:
    """The problems of a formula before it is kept; [] when there are none."""
    return _check.check(text, names)


def names_in(text: str) -> frozenset[str]:
    """The names the formula reads. Raises Refused when it can't be parsed."""
    try:
        return _check.names_in(text)
    except Fault as fault:
        raise Refused([fault.finding()]) from None


def canonical(text: str) -> str:
    """The formula printed in the one canonical way. Raises Refused when it can't be parsed."""
    try:
        return syntax.printed(_parse(text))
    except Fault as fault:
        raise Refused([fault.finding()]) from None

"""控制规则 control rule: a sentence about a document that is true, or yields findings."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from shucai.base.errors import Finding, Problem

Check = Callable[[Any, Any], Iterable[Finding]]


@dataclass(frozen=True, slots=True)
class Rule:
    """`check(doc, lines)` is pure: it reads the records it is given and writes nothing."""

    name: str
    problem: Problem
    on: frozenset[str]
    check: Check
    doc: str

    def __call__(self, doc: Any, lines: Any) -> list[Finding]:
        return list(self.check(doc, lines))


def rule(problem: Problem, *, on: str) -> Callable[[Check], Rule]:
    """Declares a rule for the moves named in `on` (separated by spaces)."""

    def wrap(check: Check) -> Rule:
        return Rule(
            name=getattr(check, "__name__", problem.code),
            problem=problem,
            on=frozenset(on.split()),
            check=check,
            doc=(check.__doc__ or "").strip(),
        )

    return wrap

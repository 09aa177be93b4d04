"""公式: printing and parsing are inverse; explaining computes exactly what evaluating computes."""

from datetime import date
from decimal import Decimal
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from shucai.base import formula
from shucai.base.errors import Finding, Refused
from shucai.base.formula.parse import parse
from shucai.base.formula.syntax import (
    Call,
    Chain,
    Literal,
    Name,
    Node,
    Percent,
    Range,
    Sign,
    printed,
)

FACTS: dict[str, Any] = {
    "甲": Decimal("12.50"), "乙": 3, "丙": None, "丁": "文字", "戊": date(2026, 5, 1), "己": True,
    "C1": 1, "C2": None, "C3": Decimal("0.01"), "某 名": Decimal(-7), "真": 1, "零": 0,
}  # fmt: skip

LITERALS = st.one_of(
    st.decimals(0, 10**6, places=2).map(Literal),
    st.text("a甲\"' ,()=", max_size=4).map(Literal),
    st.booleans().map(Literal),
)
NAMES = st.sampled_from([Name(name) for name in FACTS])
LEAVES = st.one_of(LITERALS, NAMES, st.just(Range("C1", "C3")))


def _chains(nodes: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
    def chain(operators: str, most: int) -> st.SearchStrategy[Node]:
        pair = st.tuples(st.sampled_from(operators.split()), nodes)
        rest = st.lists(pair, min_size=1, max_size=most).map(tuple)
        return st.builds(Chain, nodes, rest)

    return st.one_of(
        chain("= <> < <= > >=", 1), chain("&", 2), chain("+ -", 3), chain("* /", 3), chain("^", 1)
    )


def _calls(nodes: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
    def call(name: str) -> st.SearchStrategy[Node]:
        function = formula.FUNCTIONS[name]
        least = max(1, sum(not p.optional for p in function.parameters))
        many = any(p.many for p in function.parameters)
        most = least + 2 if many else len(function.parameters)
        return st.builds(
            Call, st.just(name), st.lists(nodes, min_size=least, max_size=most).map(tuple)
        )

    return st.sampled_from(sorted(formula.FUNCTIONS)).flatmap(call)


TREES: st.SearchStrategy[Node] = st.recursive(
    LEAVES,
    lambda nodes: st.one_of(
        st.builds(Sign, st.sampled_from("+-"), nodes),
        st.builds(Percent, nodes),
        _chains(nodes),
        _calls(nodes),
    ),
    max_leaves=12,
)


@given(TREES)
def test_what_is_printed_parses_to_the_same_tree(tree: Node) -> None:
    assert parse(printed(tree)) == tree


def outcome(text: str, missing: formula.Missing) -> tuple[Any, Finding | None]:
    try:
        return formula.evaluate(text, FACTS, missing=missing), None
    except Refused as refused:
        return None, refused.findings[0]


@given(TREES, st.sampled_from(["blank", "refuse"]))
def test_explaining_computes_what_evaluating_computes(tree: Node, missing: formula.Missing) -> None:
    text = printed(tree)

    step = formula.explain(text, FACTS, missing=missing)
    value, finding = outcome(text, missing)

    assert step.finding == finding
    assert step.value == value
    assert type(step.value) is type(value)


@given(st.text('甲C1:+-*/^&=<>()（），,"“”[]% 0.5SUMIF', max_size=30))
def test_any_text_is_a_value_or_a_refusal(text: str) -> None:
    problems = formula.check(text, FACTS)

    _, finding = outcome(text, "blank")
    assert finding is not None or problems == []

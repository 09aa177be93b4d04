"""编码树 trees of codes: level, leaf and full name follow from code and parent alone."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

LEVELS_MAX = 20


@dataclass(frozen=True, slots=True)
class Shape:
    """Where a value stands in its tree. `full_name` joins the names from the top."""

    level: int
    is_leaf: bool
    full_name: str


@dataclass(frozen=True, slots=True)
class Fault:
    """A code that fits into no tree, and why."""

    code: str
    reason: str


def shape(
    nodes: Mapping[str, tuple[str, str]], *, beside: Mapping[str, tuple[str, str]] | None = None
) -> tuple[dict[str, Shape], list[Fault]]:
    """Shapes of the nodes (code → name, parent code) and the codes that fit nowhere.

    `beside` holds nodes that may be parents but aren't shaped: standard values, for local ones.
    """
    known = {**(beside or {}), **nodes}
    parents = {parent for _, parent in nodes.values() if parent}
    found: dict[str, Shape] = {}
    faults: list[Fault] = []
    for code in nodes:
        chain = _chain(code, known)
        if isinstance(chain, str):
            faults.append(Fault(code, chain))
            continue
        names = [known[c][0] for c in chain]
        found[code] = Shape(
            level=len(chain), is_leaf=code not in parents, full_name="-".join(names)
        )
    return found, faults


def _chain(code: str, known: Mapping[str, tuple[str, str]]) -> list[str] | str:
    """Codes from the top down to `code`, or the reason why there are none."""
    chain: list[str] = []
    at = code
    while at:
        if at in chain:
            return "上级编码形成循环"
        if at not in known:
            return f"上级 {at} 不存在"
        if len(chain) >= LEVELS_MAX:
            return f"超过 {LEVELS_MAX} 级"
        chain.append(at)
        at = known[at][1]
    return chain[::-1]


def sorted_by_depth(shapes: Mapping[str, Shape]) -> Iterable[str]:
    """Parents before children, in code order within a level."""
    return sorted(shapes, key=lambda code: (shapes[code].level, code))

"""分级代码 codes by level: 2050201 is 类 205, 款 20502, 项 2050201.

A code rule is the list of lengths each level adds, e.g. (3, 2, 2).
"""

from collections.abc import Collection, Sequence
from itertools import accumulate

from shucai.base.errors import Problem

WRONG_LENGTH = Problem(
    code="COD-1001",
    what="代码 {code} 的长度不合编码规则",
    why="代码共 {length} 位，规则允许的长度为 {allowed} 位",
    fix="请按编码规则补足或删减位数",
)
EXHAUSTED = Problem(
    code="COD-1002",
    what="上级 {parent} 下没有可用的新代码",
    why="{width} 位顺序号已用到 {last}",
    fix="请停用不再使用的代码，或调整编码规则",
)


def lengths(rule: Sequence[int]) -> tuple[int, ...]:
    """Total lengths per level: (3, 2, 2) → (3, 5, 7)."""
    return tuple(accumulate(rule))


def level(code: str, rule: Sequence[int]) -> int:
    """1 for the top level. Raises Refused when the length fits no level."""
    allowed = lengths(rule)
    if len(code) not in allowed:
        raise WRONG_LENGTH.refuse(
            code=code, length=len(code), allowed="、".join(str(n) for n in allowed)
        )
    return allowed.index(len(code)) + 1


def parent(code: str, rule: Sequence[int]) -> str:
    """The code one level up; "" for the top level."""
    at = level(code, rule)
    return "" if at == 1 else code[: lengths(rule)[at - 2]]


def ancestors(code: str, rule: Sequence[int]) -> tuple[str, ...]:
    """All codes above, nearest last."""
    return tuple(code[:length] for length in lengths(rule)[: level(code, rule) - 1])


def proposed(parent_code: str, taken: Collection[str], rule: Sequence[int]) -> str:
    """The next free numeric code below `parent_code`, one above the highest taken."""
    at = level(parent_code, rule) if parent_code else 0
    if at >= len(rule):
        raise WRONG_LENGTH.refuse(
            code=parent_code, length=len(parent_code), allowed="小于末级的长度"
        )
    width = rule[at]
    used = [
        int(code[len(parent_code) :])
        for code in taken
        if len(code) == len(parent_code) + width
        and code.startswith(parent_code)
        and code[len(parent_code) :].isdecimal()
    ]
    following = max(used, default=0) + 1
    if len(str(following)) > width:
        raise EXHAUSTED.refuse(parent=parent_code or "根", width=width, last=following - 1)
    return f"{parent_code}{following:0{width}}"

"""语法树 syntax tree of a formula, and the canonical way to print it.

Chains are n-ary, so a sum of a thousand cells is one node and not a thousand levels deep.
Spans don't count when trees are compared: `parse(printed(tree)) == tree`.
"""

import re
from dataclasses import dataclass, field
from decimal import Decimal
from functools import lru_cache
from typing import Final

from shucai.base.formula.errors import Span

PLAIN_NAME: Final = re.compile(r"[^\W\d][\w.]*(![^\W\d][\w.]*)?")
CELL: Final = re.compile(r"((?:[^\W\d][\w.]*!)?)([A-Z]{1,3})([1-9][0-9]{0,4})")
CONSTANTS: Final = {"TRUE": True, "真": True, "FALSE": False, "假": False}
# Binding strength, loosest first: comparison, text, sum, product, power.
STRENGTH: Final = {
    **dict.fromkeys(("=", "<>", "<", "<=", ">", ">="), 1),
    "&": 2, "+": 3, "-": 3, "*": 4, "/": 4, "^": 5,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Literal:
    value: Decimal | str | bool
    span: Span = field(default=(0, 0), compare=False)


@dataclass(frozen=True, slots=True)
class Name:
    name: str
    span: Span = field(default=(0, 0), compare=False)


@dataclass(frozen=True, slots=True)
class Range:
    """C5:C8, a rectangle of cells."""

    first: str
    last: str
    span: Span = field(default=(0, 0), compare=False)


@dataclass(frozen=True, slots=True)
class Sign:
    op: str
    operand: "Node"
    span: Span = field(default=(0, 0), compare=False)
    depth: int = field(default=1, compare=False)


@dataclass(frozen=True, slots=True)
class Percent:
    operand: "Node"
    span: Span = field(default=(0, 0), compare=False)
    depth: int = field(default=1, compare=False)


@dataclass(frozen=True, slots=True)
class Chain:
    """first (op operand)*, operators of one strength, from left to right."""

    first: "Node"
    rest: tuple[tuple[str, "Node"], ...]
    span: Span = field(default=(0, 0), compare=False)
    depth: int = field(default=1, compare=False)


@dataclass(frozen=True, slots=True)
class Call:
    function: str
    arguments: tuple["Node", ...]
    span: Span = field(default=(0, 0), compare=False)
    depth: int = field(default=1, compare=False)


Node = Literal | Name | Range | Sign | Percent | Chain | Call


def depth(node: Node) -> int:
    """How many levels of nesting the node has; 1 for a number or a name."""
    return node.depth if isinstance(node, Sign | Percent | Chain | Call) else 1


def children(node: Node) -> tuple[Node, ...]:
    """The nodes directly below, from left to right."""
    match node:
        case Sign(operand=operand) | Percent(operand=operand):
            return (operand,)
        case Chain(first=first, rest=rest):
            return (first, *(operand for _, operand in rest))
        case Call(arguments=arguments):
            return arguments
        case _:
            return ()


def printed(node: Node) -> str:
    """Canonical text: half-width signs, one space around operators, only needed parentheses."""
    match node:
        case Literal(value=bool() as value):
            return "TRUE" if value else "FALSE"
        case Literal(value=Decimal() as value):
            return f"{value:f}"
        case Literal(value=value):
            return '"' + str(value).replace('"', '""') + '"'
        case Name(name=name):
            plain = PLAIN_NAME.fullmatch(name) and name.upper() not in CONSTANTS
            return name if plain else f"[{name}]"
        case Range(first=first, last=last):
            return f"{first}:{last}"
        case Sign(op=op, operand=operand):
            return op + _bound(operand, 6)
        case Percent(operand=operand):
            return _bound(operand, 7) + "%"
        case Chain(first=first, rest=rest):
            strength = STRENGTH[rest[0][0]] + 1
            parts = [_bound(first, strength)]
            parts += [f" {op} {_bound(operand, strength)}" for op, operand in rest]
            return "".join(parts)
        case Call(function=function, arguments=arguments):
            return f"{function}({', '.join(printed(a) for a in arguments)})"


def _bound(node: Node, least: int) -> str:
    """In parentheses when the node binds more loosely than its place demands."""
    match node:
        case Chain(rest=rest):
            strength = STRENGTH[rest[0][0]]
        case Sign():
            strength = 6
        case Percent():
            strength = 7
        case _:
            strength = 8
    return printed(node) if strength >= least else f"({printed(node)})"


def _rectangle(first: str, last: str) -> tuple[str, range, range]:
    """Sheet prefix, rows and columns; empty ranges when it is no rectangle."""
    one, two = CELL.fullmatch(first), CELL.fullmatch(last)
    if one is None or two is None or (two[1] and two[1] != one[1]):
        return "", range(0), range(0)
    rows = range(int(one[3]), int(two[3]) + 1)
    return one[1], rows, range(_column(one[2]), _column(two[2]) + 1)


def size(first: str, last: str) -> int:
    """How many cells a rectangle has; 0 when it isn't one. Nothing is built to count them."""
    _, rows, columns = _rectangle(first, last)
    return len(rows) * len(columns)


@lru_cache(maxsize=1024)
def cells(first: str, last: str) -> tuple[str, ...]:
    """The names of all cells of a rectangle, row by row."""
    sheet, rows, columns = _rectangle(first, last)
    return tuple(f"{sheet}{_letters(c)}{r}" for r in rows for c in columns)


def _column(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number


def _letters(number: int) -> str:
    text = ""
    while number:
        number, rest = divmod(number - 1, 26)
        text = chr(65 + rest) + text
    return text

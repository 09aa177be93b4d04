"""查公式 checking: what is wrong with a formula before it is kept, each at its place."""

from collections.abc import Collection, Iterator

from shucai.base.errors import Finding
from shucai.base.formula import compute, syntax
from shucai.base.formula.errors import UNKNOWN_NAME, Fault
from shucai.base.formula.parse import parse
from shucai.base.formula.syntax import Call, Name, Node, Range


def check(text: str, names: Collection[str] | None) -> list[Finding]:
    """All problems: writing, functions, arguments and, unless `names` is None, unknown names."""
    try:
        tree = parse(text)
    except Fault as fault:
        return [fault.finding()]
    known = None if names is None else frozenset(names)
    return [fault.finding() for node in every(tree) for fault in _faults(node, text, known)]


def every(node: Node) -> Iterator[Node]:
    """The node and all below it, from left to right."""
    yield node
    for child in syntax.children(node):
        yield from every(child)


def _faults(node: Node, text: str, known: frozenset[str] | None) -> Iterator[Fault]:
    match node:
        case Call():
            try:
                compute.function_of(node, text)
            except Fault as fault:
                yield fault
        case Name(name=name) if known is not None and name not in known:
            yield _unknown(name, known, node)
        case Range(first=first, last=last) if known is not None:
            missing = [cell for cell in syntax.cells(first, last) if cell not in known]
            if missing:
                yield _unknown(missing[0], known, node)


def _unknown(name: str, known: frozenset[str], node: Node) -> Fault:
    hint = compute.hint(name, sorted(known))
    return Fault(UNKNOWN_NAME, name=name, hint=hint).inside(node.span, "")


def names_in(text: str) -> frozenset[str]:
    """Every name a formula reads, cells of ranges included."""
    found: set[str] = set()
    for node in every(parse(text)):
        match node:
            case Name(name=name):
                found.add(name)
            case Range(first=first, last=last):
                found.update(syntax.cells(first, last))
    return frozenset(found)

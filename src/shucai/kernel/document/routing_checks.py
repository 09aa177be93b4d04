"""查路线 checking a route: duties, conditions, nodes nobody reaches, documents nobody decides on.

Conditions are tried on every case they tell apart: the constants they compare with, the values
just beside them, and every choice of a field.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from itertools import islice, product
from typing import Any, Final

from shucai.base import formula
from shucai.base.errors import Finding, Refused, shown
from shucai.base.formula.parse import parse
from shucai.base.formula.syntax import Call, Chain, Literal, Name, Sign
from shucai.base.formula.syntax import Node as Tree
from shucai.kernel import registry
from shucai.kernel.configuration.declare import Content, Place
from shucai.kernel.document import routing, writing
from shucai.kernel.document.declare import DocumentType
from shucai.kernel.document.permits import duty_name, readers
from shucai.kernel.identity.acting import holding, valid_on
from shucai.kernel.identity.actor import subtree
from shucai.kernel.identity.models import Appointment
from shucai.kernel.masterdata.models import Division
from shucai.kernel.workflow import errors
from shucai.kernel.workflow.declare import Move
from shucai.kernel.workflow.routes import Node

CASES_MAX: Final = 3_000
FINDINGS_MAX: Final = 20
OTHER: Final = "其他"
_CENT: Final = Decimal("0.01")
_MUCH: Final = Decimal(10) ** 13
_COMPARED: Final = frozenset({"=", "<>", "<", "<=", ">", ">="})
_JOINED: Final = frozenset({"AND", "OR", "NOT", "IF"})


def check(place: Place, content: Content) -> Sequence[Finding]:
    """Every fault that a route must not be published with."""
    subject = routing.subject(place.key)
    if subject is None:
        return [errors.NOT_A_ROUTE.at(reason=f"没有 {place.key} 这个环节")]
    kind, move = subject
    draft = routing.read(content)
    found = [*draft.findings, *_names(draft.nodes), *_duties(kind, move, draft.nodes)]
    wrong = [*_formulas(kind, draft.nodes)]
    return [*found, *(wrong or _reached(kind, place, draft.nodes))]


def _names(nodes: Sequence[Node]) -> Iterator[Finding]:
    first: dict[str, int] = {}
    for node in nodes:
        if node.name and node.name in first:
            yield errors.SAME_NAME.at(
                f"nodes[{node.seq}].name", seq=node.seq, other=first[node.name], node=node.name
            )
        first.setdefault(node.name, node.seq)


def _duties(kind: DocumentType, move: Move, nodes: Sequence[Node]) -> Iterator[Finding]:
    """Deciders must be able to see the document, and must not be its makers."""
    known = readers(kind)
    is_separate = {kind.flow[0].action, move.action} <= set(kind.separate)
    for node in nodes:
        for code in node.duties:
            at = f"nodes[{node.seq}].duties"
            said: dict[str, Any] = {"seq": node.seq, "node": node.name, "duty": duty_name(code)}
            if registry.find("duty", code) is None:
                yield errors.UNKNOWN_DUTY.at(at, seq=node.seq, node=node.name, duty=code)
            elif code not in known:
                names = "、".join(duty_name(one) for one in known)
                yield errors.FOREIGN_DUTY.at(at, type=kind.name, known=names, **said)
            elif code == kind.maker and is_separate:
                label = kind.flow[0].label
                yield errors.INCOMPATIBLE_DUTY.at(
                    at, type=kind.name, label=label, action=move.label, **said
                )


def _formulas(kind: DocumentType, nodes: Sequence[Node]) -> Iterator[Finding]:
    names = writing.fact_names(kind)
    for node in nodes:
        for one in formula.check(node.condition, names) if node.condition else ():
            yield errors.CONDITION.at(
                f"nodes[{node.seq}].condition",
                seq=node.seq,
                node=node.name,
                reason=f"{one.what}：{one.why}",
                remedy=one.fix,
            )


# Which cases there are


@dataclass(slots=True)
class _Told:
    """What conditions compare: constants by name; `is_exact` while nothing else is computed."""

    constants: dict[str, set[Any]] = field(default_factory=dict)
    is_exact: bool = True

    def look(self, tree: Tree) -> None:
        match tree:
            case Chain(first=Name(name=name), rest=((op, other),)) if op in _COMPARED:
                self._compare(name, other)
            case Chain(first=other, rest=((op, Name(name=name)),)) if op in _COMPARED:
                self._compare(name, other)
            case Call(function=function, arguments=arguments) if function.upper() in _JOINED:
                for one in arguments:
                    self.look(one)
            case Literal():
                pass
            case _:
                self.is_exact = False

    def _compare(self, name: str, other: Tree) -> None:
        match other:
            case Literal(value=value):
                self.constants.setdefault(name, set()).add(value)
            case Sign(op="-", operand=Literal(value=Decimal() as value)):
                self.constants.setdefault(name, set()).add(-value)
            case _:
                self.is_exact = False


def _told(nodes: Sequence[Node]) -> _Told:
    found = _Told()
    for node in nodes:
        for limit in (node.amount_from, node.amount_to):
            if limit is not None:
                found.constants.setdefault("金额", set()).add(limit)
        if node.condition:
            found.look(parse(node.condition))
            for name in formula.names_in(node.condition):
                found.constants.setdefault(name, set())
    return found


def _values(kind: DocumentType, place: Place, name: str, constants: set[Any]) -> list[Any]:
    """The values of a name that conditions may tell apart."""
    if name == "区划" and place.division:
        return [place.division]
    if name == "年度" and place.fiscal_year:
        return [Decimal(place.fiscal_year)]
    known = {str(f.verbose_name): f for f in kind.fields()}.get(name)
    choices = [value for value, _ in known.flatchoices] if known is not None else []
    if choices:
        return choices
    numbers = {one for one in constants if isinstance(one, Decimal)}
    if numbers or name in writing.NUMBERS:
        beside = {step for one in numbers for step in (one - _CENT, one, one + _CENT)}
        return sorted(one for one in {*beside, _CENT, _MUCH} if one > 0)
    return [*sorted(map(str, constants)), OTHER]


def _cases(
    kind: DocumentType, place: Place, constants: Mapping[str, set[Any]]
) -> tuple[list[dict[str, Any]], bool]:
    """The cases, and whether these are all."""
    names = sorted(constants)
    columns = [_values(kind, place, name, constants[name]) for name in names]
    found = [dict(zip(names, one, strict=True)) for one in islice(product(*columns), CASES_MAX + 1)]
    return found[:CASES_MAX], len(found) <= CASES_MAX


def _reached(kind: DocumentType, place: Place, nodes: Sequence[Node]) -> Iterator[Finding]:
    """Nodes that no document reaches, and documents that reach no node."""
    told = _told(nodes)
    cases, is_whole = _cases(kind, place, told.constants)
    blank = dict.fromkeys(writing.fact_names(kind))
    passing: dict[int, bool] = {node.seq: False for node in nodes}
    lost: dict[str, Any] | None = None
    for case in cases:
        is_met = False
        for node in nodes:
            try:
                if node.applies({**blank, **case}):
                    is_met = passing[node.seq] = True
            except Refused as refused:
                yield _undecided(node, case, refused.findings[0])
                return
        if not is_met and lost is None:
            lost = case
    for node in nodes:
        if not passing[node.seq] and is_whole and _told([node]).is_exact:
            reason = f"没有单据满足“{routing.conditions(node)}”"
            yield errors.NEVER.at(
                f"nodes[{node.seq}].condition", seq=node.seq, node=node.name, reason=reason
            )
    if lost is not None and nodes:
        yield errors.DEAD_END.at("nodes", example=_case(lost), count=len(nodes))


def _undecided(node: Node, case: Mapping[str, Any], said: Finding) -> Finding:
    return errors.CONDITION.at(
        f"nodes[{node.seq}].condition",
        seq=node.seq,
        node=node.name,
        reason=f"{_case(case)}时算不出来，{said.what}：{said.why}",
        remedy=said.fix,
    )


def _case(case: Mapping[str, Any]) -> str:
    return "、".join(f"{name}为 {shown(value)}" for name, value in case.items()) or "任何情况"


# Who is there to decide


@dataclass(frozen=True, slots=True)
class _Place:
    name: str
    path: str


def staffing(place: Place, content: Content, *, on: date) -> list[Finding]:
    """What a route can be published with, but not work with: nodes with nobody in office."""
    nodes = [node for node in routing.read(content).nodes if node.duties]
    wanted = sorted({code for node in nodes for code in node.duties})
    people = {code: _holders(code, on) for code in wanted}
    found: list[Finding] = []
    for one in _divisions(place):
        here = {code: _within(people[code], one.path) for code in wanted}
        found += _missing(one, nodes, here, on)
    return found[:FINDINGS_MAX]


def _missing(
    one: _Place, nodes: Sequence[Node], here: Mapping[str, set[int]], on: date
) -> Iterator[Finding]:
    for node in nodes:
        if not set().union(*(here[code] for code in node.duties)):
            yield errors.NOBODY.at(
                f"nodes[{node.seq}].duties",
                level="warn",
                seq=node.seq,
                node=node.name,
                division=one.name,
                duty=routing.duties(node),
                on=on.isoformat(),
            )
    for code, users in here.items():
        count = sum(node.duties == (code,) for node in nodes)
        if users and len(users) < count:
            yield errors.TOO_FEW.at(
                "nodes",
                level="warn",
                division=one.name,
                duty=duty_name(code),
                nodes=count,
                people=len(users),
            )


def _divisions(place: Place) -> list[_Place]:
    rows = Division.objects.filter(is_enabled=True).order_by("code9")
    if place.division:
        rows = rows.filter(code9=place.division)
    return [_Place(row.name, row.path) for row in rows if place.division or "/" in row.path]


def _holders(code: str, on: date) -> list[tuple[int, str]]:
    rows = Appointment.objects.filter(valid_on(on), holding([code]))
    return list(rows.values_list("user_id", "scope_path"))


def _within(holders: Sequence[tuple[int, str]], path: str) -> set[int]:
    """Those whose scope lies within the place, or holds it."""
    low, high = subtree(path)
    return {
        user
        for user, scope in holders
        if low <= scope < high or path == scope or path.startswith(scope + "/")
    }

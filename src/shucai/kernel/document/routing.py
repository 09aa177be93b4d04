"""路线配置 routes as configuration: what a route says, in data, in words, and as a plan.

Every review of a document type has a place of its own, `type:action`. Without a release the
move's own duty decides, in one node.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from shucai.base.errors import Finding
from shucai.kernel.configuration.declare import Content, Place
from shucai.kernel.document.declare import DocumentType, find_type, types
from shucai.kernel.document.permits import duty_name, readers
from shucai.kernel.workflow import errors
from shucai.kernel.workflow.declare import Move
from shucai.kernel.workflow.routes import Node, Plan

NODES_MAX: Final = 30
DUTIES_MAX: Final = 6
NAME_MAX: Final = 40
CONDITION_MAX: Final = 400
HOURS_MAX: Final = 24 * 60
MODES: Final = {"any": "任一人", "all": "会签"}
LABELS: Final = {
    "name": "名称",
    "duties": "职责",
    "mode": "方式",
    "condition": "条件",
    "amount_from": "金额起",
    "amount_to": "金额止",
    "hours": "时限",
}
_AMOUNT_MAX: Final = Decimal(10) ** 16


@dataclass(slots=True)
class Draft:
    """A content read: the nodes that could be read, and what is wrong with the others."""

    nodes: list[Node] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    remark: str = ""

    @property
    def plan(self) -> Plan:
        return Plan(None, tuple(self.nodes))


def keys() -> Mapping[str, str]:
    """Every review: the first move onward out of each state somebody is expected to act in."""
    return {
        f"{code}:{move.action}": f"{kind.name} · {move.label}"
        for code, kind in sorted(types().items())
        for move in reviews(kind)
    }


def reviews(kind: DocumentType) -> list[Move]:
    """The moves that a route may stand inside of, in the order of the flow."""
    found: dict[str, Move] = {}
    for state in dict.fromkeys(move.target for move in kind.flow):
        onward = next(iter(kind.moves_from(state)), None)
        if state != kind.initial and state not in kind.final and onward is not None:
            found.setdefault(onward.action, onward)
    return list(found.values())


def subject(key: str) -> tuple[DocumentType, Move] | None:
    """The type and the move that a key names."""
    code, _, action = key.partition(":")
    kind = find_type(code)
    move = kind.move(action) if kind is not None else None
    return (kind, move) if kind is not None and move is not None else None


def standard(place: Place) -> Content:
    """One node: whoever holds the duty of the move."""
    found = subject(place.key)
    if found is None:
        return {"nodes": [], "remark": ""}
    _, move = found
    return {"nodes": [data_of(Node(seq=1, name=move.label, duties=(move.by,)))], "remark": ""}


def data_of(node: Node) -> dict[str, Any]:
    """A node as a release keeps it."""

    def said(amount: Decimal | None) -> str:
        return "" if amount is None else f"{amount:.2f}"

    return {
        "name": node.name,
        "duties": list(node.duties),
        "mode": node.mode,
        "condition": node.condition,
        "amount_from": said(node.amount_from),
        "amount_to": said(node.amount_to),
        "hours": node.hours,
        "may_hand_over": node.may_hand_over,
        "may_add_signer": node.may_add_signer,
    }


def read(content: Content) -> Draft:
    """The nodes of a content, which may come from a file and say anything."""
    rows = content.get("nodes")
    if not isinstance(rows, list) or any(not isinstance(row, Mapping) for row in rows):
        return Draft(findings=[errors.NOT_A_ROUTE.at("nodes", reason="没有节点的清单")])
    unknown = sorted({*content} - {"nodes", "remark"})
    found = Draft(remark=str(content.get("remark", ""))[:400])
    if unknown:
        found.findings.append(errors.NOT_A_ROUTE.at(reason=f"含有未知内容 {'、'.join(unknown)}"))
    if not 1 <= len(rows) <= NODES_MAX:
        found.findings.append(errors.NODE_COUNT.at("nodes", count=len(rows), limit=NODES_MAX))
    for seq, row in enumerate(rows[:NODES_MAX], start=1):
        found.nodes.append(_node(seq, row, found.findings))
    return found


def _node(seq: int, row: Mapping[str, Any], findings: list[Finding]) -> Node:
    name = row.get("name")
    shown = name.strip() if isinstance(name, str) else ""

    def wrong(item: str, reason: str, remedy: str) -> None:
        findings.append(
            errors.NODE_FIELD.at(
                f"nodes[{seq}].{item}",
                seq=seq,
                node=shown[:NAME_MAX],
                label=LABELS[item],
                reason=reason,
                remedy=remedy,
            )
        )

    if not 1 <= len(shown) <= NAME_MAX:
        wrong("name", f"有 {len(shown)} 个字，应为 1 至 {NAME_MAX} 个字", "请填写节点名称")
    duties = _duties(row.get("duties"))
    if duties is None or not 1 <= len(duties) <= DUTIES_MAX:
        wrong("duties", f"应选择 1 至 {DUTIES_MAX} 个职责", "请选择办理该节点的职责")
    if row.get("mode") not in MODES:
        wrong("mode", f"“{row.get('mode')}”不是任一人或会签", "请重新选择")
    condition = row.get("condition", "")
    if not isinstance(condition, str) or len(condition) > CONDITION_MAX:
        wrong("condition", f"应为不超过 {CONDITION_MAX} 个字的公式", "请缩短条件")
        condition = ""
    hours = row.get("hours", 0)
    if not isinstance(hours, int) or isinstance(hours, bool) or not 0 <= hours <= HOURS_MAX:
        wrong("hours", f"应为 0 至 {HOURS_MAX} 的整数，0 为不限", "请改正时限")
        hours = 0
    limits = {}
    for item in ("amount_from", "amount_to"):
        limits[item], reason = amount_of(row.get(item, ""))
        if reason:
            wrong(item, reason, "请填写金额，不限时留空")
    return Node(
        seq=seq,
        name=shown[:NAME_MAX],
        duties=tuple(duties or ()),
        mode=str(row.get("mode")) if row.get("mode") in MODES else "any",
        condition=condition.strip(),
        hours=hours,
        may_hand_over=row.get("may_hand_over", True) is not False,
        may_add_signer=row.get("may_add_signer", True) is not False,
        **limits,
    )


def _duties(said: Any) -> list[str] | None:
    if not isinstance(said, list) or any(not isinstance(one, str) for one in said):
        return None
    return list(dict.fromkeys(said))


def amount_of(said: Any) -> tuple[Decimal | None, str]:
    """The amount, or what is wrong with it."""
    if said in ("", None):
        return None, ""
    if not isinstance(said, str):
        return None, f"“{said}”不是写成文字的金额"
    try:
        found = Decimal(said.replace(",", ""))
    except InvalidOperation:
        return None, f"“{said[:30]}”不是金额"
    if not found.is_finite() or not 0 <= found < _AMOUNT_MAX:
        return None, f"“{said[:30]}”超出范围"
    if found != found.quantize(Decimal("0.01")):
        return None, f"“{said[:30]}”超过两位小数"
    return found.quantize(Decimal("0.01")), ""


def limits(node: Node) -> str:
    """The amounts a node is for, in words; empty when it is for all."""
    if node.amount_from is not None and node.amount_to is not None:
        return f"{node.amount_from:,.2f} ≤ 金额 < {node.amount_to:,.2f}"
    if node.amount_from is not None:
        return f"金额 ≥ {node.amount_from:,.2f}"
    return f"金额 < {node.amount_to:,.2f}" if node.amount_to is not None else ""


def conditions(node: Node) -> str:
    """Everything that must hold for documents to stop at the node; empty for every document."""
    return " 且 ".join(part for part in (limits(node), node.condition) if part)


def duties(node: Node) -> str:
    return "、".join(duty_name(code) for code in node.duties)


def lines(content: Content) -> Mapping[str, str]:
    """A route in words, for reading and comparing."""
    draft = read(content)
    found: dict[str, str] = {}
    for node in draft.nodes:
        at = f"节点 {node.seq} · "
        found |= {
            f"{at}名称": node.name,
            f"{at}职责": duties(node),
            f"{at}方式": MODES[node.mode],
            f"{at}条件": conditions(node) or "所有单据",
            f"{at}时限": f"{node.hours} 小时" if node.hours else "不限",
            f"{at}转办": "可以" if node.may_hand_over else "不可以",
            f"{at}加签": "可以" if node.may_add_signer else "不可以",
        }
    return found | ({"说明": draft.remark} if draft.remark else {})


def offered(kind: DocumentType) -> Sequence[tuple[str, str]]:
    """Duties that may decide on documents of the type: those that may see them, but the maker's."""
    return [(code, duty_name(code)) for code in readers(kind) if code != kind.maker]

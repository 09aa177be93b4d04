"""落笔 writing: everything the pipeline writes for a batch, in one round trip."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

from shucai.base.arrays import literal
from shucai.kernel import audit
from shucai.kernel.document import errors
from shucai.kernel.document.action import Action, DocumentResult, shown
from shucai.kernel.document.declare import DocumentType
from shucai.kernel.document.work import Item
from shucai.kernel.ledger import wire

NUMBERS: Final = ("金额", "明细行数", "年度")


def fact_names(kind: DocumentType) -> tuple[str, ...]:
    """The names that formulas about documents of the type may use."""
    own = [str(field.verbose_name) for field in kind.fields()]
    return tuple(dict.fromkeys([*NUMBERS, "单位", "区划", "业务日期", "摘要", *own]))


def facts(item: Item) -> Mapping[str, Any]:
    """What formulas on routes and configured rules may name."""
    if item.facts is None:
        item.facts = _facts(item)
    return item.facts


def _facts(item: Item) -> Mapping[str, Any]:
    header = item.header
    return {
        "金额": header.amount,
        "明细行数": Decimal(len(item.lines)),
        "单位": header.unit.code,
        "区划": header.division,
        "年度": Decimal(header.fiscal_year),
        "业务日期": header.business_date,
        "摘要": header.summary,
        **{
            str(field.verbose_name): getattr(item.doc, field.attname)
            for field in item.doc._meta.concrete_fields
            if field.name not in {"header", "unit_path", "office"}
        },
    }


def ledger_key(action: Action, items: Sequence[Item]) -> str:
    """One key per state of the batch: versions make a later, equal move a different posting."""
    said = [action.type, action.name] + [(i.header.pk, i.header.version) for i in items]
    return hashlib.sha256(json.dumps(said).encode()).hexdigest()


def content(kind: DocumentType, item: Item) -> dict[str, Any]:
    """The document as plain JSON: amounts as text, references by id."""

    def plain(value: Any) -> Any:
        return value if value is None or isinstance(value, bool | int | str) else str(value)

    doc = {f.name: plain(getattr(item.doc, f.attname)) for f in kind.fields()}
    lines = [
        {"seq": line.seq, **{f.name: plain(getattr(line, f.attname)) for f in kind.line_fields()}}
        for line in item.lines
    ]
    said = {"fields": doc, "lines": lines, "amount": str(item.header.amount)}
    return {**said, "extra": item.header.extra} if item.header.extra else said


def alike(items: Sequence[Item]) -> list[list[Item]]:
    """Parts of a batch that settle the same to-do items: all, unless it signs for several duties.

    One signature settles one item, though the signer may hold more of the duties asked for.
    """
    waiting: dict[str, list[Item]] = {}
    whole = [item for item in items if not item.waits]
    for item in items:
        if item.waits:
            waiting.setdefault(item.signs, []).append(item)
    return [part for part in (whole, *waiting.values()) if part]


def written(kind: DocumentType, action: Action, items: Sequence[Item]) -> wire.Call:
    """What writes headers, steps, to-do items, versions, audit rows and messages of the batch.

    The items show from here on what will be written.
    """
    actor = action.actor
    rows = [_audit_row(kind, action, item) for item in items]
    bodies, leaves = audit.prepare(rows)
    todos = _todos(items, action)
    outbox = [
        (f"{kind.code}.{action.name}", item.address, json.dumps({"id": item.header.pk}))
        for item in items
        if item.completes
    ]
    move = items[0].move
    label = move.label if move else action.name
    said = [
        literal([item.header.pk for item in items]),
        literal([item.header.version for item in items]),
        literal([item.number for item in items]),
        literal([item.target for item in items]),
        literal([_node_after(item) for item in items]),
        literal([_route_after(item) for item in items]),
        literal([item.target == kind.initial for item in items]),
        literal([item.header.state for item in items]),
        literal([_content_kept(kind, item) for item in items]),
        literal([_findings(item) for item in items]),
        action.name,
        label,
        action.opinion,
        action.now,
        actor.user_id,
        actor.name,
        actor.position_name,
        *(literal(column) for column in todos),
        literal([item.header.pk for item in items if item.waits]),
        literal([items[0].signs] if items[0].waits else sorted(actor.duties)),
        literal(bodies),
        literal(["\\x" + leaf.hex() for leaf in leaves]),
        literal([topic for topic, _, _ in outbox]),
        literal([key for _, key, _ in outbox]),
        literal([payload for _, _, payload in outbox]),
    ]
    for item in items:
        item.header.version += 1
        item.header.number = item.header.number or item.number
        item.header.state = item.target
    return wire.Call(_APPLY, said)


_APPLY: Final = wire.Prepared(
    f"SELECT document_apply({', '.join(f'${place}' for place in range(1, 32))})"
)


def _findings(item: Item) -> str:
    return json.dumps(shown(item.findings), ensure_ascii=False) if item.findings else "[]"


def _route_after(item: Item) -> int | None:
    """A review goes on along the route it was entered with."""
    return item.header.route_id if item.waits or not item.completes else item.route_id


def _node_after(item: Item) -> int:
    if item.waits:
        return item.header.node
    return item.next_nodes[0][0].seq if item.next_nodes else 0


def _todos(items: Sequence[Item], action: Action) -> list[list[Any]]:
    """Parallel columns: header, duty, user, node, label, due, required."""
    columns: list[list[Any]] = [[], [], [], [], [], [], []]
    for item in items:
        for node, user in item.next_nodes:
            for duty in node.duties:
                due, required = node.due(action.now), node.mode == "all"
                until = due.isoformat() if due else None
                values = (item.header.pk, duty, user, node.seq, node.name, until, required)
                for column, value in zip(columns, values, strict=True):
                    column.append(value)
    return columns


def _content_kept(kind: DocumentType, item: Item) -> str | None:
    """What a document said when it left the draft becomes a version."""
    if not item.header.is_editable or item.target == kind.initial:
        return None
    return _encode(content(kind, item))


_encode: Final = json.JSONEncoder(ensure_ascii=False).encode  # `dumps` would make one each time


def _audit_row(kind: DocumentType, action: Action, item: Item) -> audit.AuditRow:
    return audit.AuditRow(
        actor=action.actor,
        at=action.now,
        action=f"{kind.code}.{action.name}",
        target_type=kind.code,
        target=item.address,
        result="done",
        detail={
            "id": item.header.pk,
            "old": {"state": item.header.state, "version": item.header.version},
            "new": {"state": item.target, "version": item.header.version + 1},
            "amount": str(item.header.amount),
            **({"opinion": action.opinion} if action.opinion else {}),
        },
    )


def result(kind: DocumentType, item: Item, *, blocked: int) -> DocumentResult:
    """The answer for one document; `blocked` counts the failures that stopped a whole batch."""
    findings = list(item.findings)
    ok = not item.refused and not blocked
    if blocked and not item.refused:
        findings.append(errors.OTHER_REFUSED.at(number=item.address, count=blocked))
    who = "、".join(node.name for node, _ in item.next_nodes) if ok else ""
    return DocumentResult(
        id=item.header.pk,
        number=item.address,
        ok=ok,
        state=(item.target or item.header.state) if ok else item.header.state,
        version=item.header.version,
        findings=shown(findings),
        next=who,
    )


def not_found(number: str, position: str) -> DocumentResult:
    finding = errors.NOT_FOUND.at(number=number, position=position)
    return DocumentResult(
        id=0, number=number, ok=False, state="", version=0, findings=shown([finding])
    )

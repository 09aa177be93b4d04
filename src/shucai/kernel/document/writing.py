"""落笔 writing: everything the pipeline writes for a batch, in one round trip."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Final

from django.db import connection

from shucai.kernel import audit
from shucai.kernel.document import errors
from shucai.kernel.document.action import Action, DocumentResult, shown
from shucai.kernel.document.declare import DocumentType
from shucai.kernel.document.work import Item


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
            field.verbose_name: getattr(item.doc, field.attname)
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
    return {"fields": doc, "lines": lines, "amount": str(item.header.amount)}


@dataclass(slots=True)
class Statements:
    """Statements that travel together as one string, in order."""

    texts: list[str] = field(default_factory=list)
    params: list[Any] = field(default_factory=list)

    def add(self, text: str, *params: Any) -> None:
        self.texts.append(text)
        self.params.extend(params)

    def send(self) -> None:
        if self.texts:
            with connection.cursor() as cursor:
                cursor.execute("; ".join(self.texts), self.params)


def write(
    kind: DocumentType, action: Action, items: Sequence[Item], statements: Statements
) -> None:
    """Headers, steps, to-do items, versions, audit rows and outbox messages of the batch."""
    actor = action.actor
    rows = [_audit_row(kind, action, item) for item in items]
    bodies, leaves = audit.prepare(rows)
    todos = _todos(items, action)
    leaving = [item for item in items if item.header.is_editable and item.target != kind.initial]
    if leaving:
        _keep_versions(kind, action, leaving, statements)
    outbox = [
        (f"{kind.code}.{action.name}", item.address, json.dumps({"id": item.header.pk}))
        for item in items
        if item.completes
    ]
    move = items[0].move
    label = move.label if move else action.name
    statements.add(
        _APPLY,
        [item.header.pk for item in items],
        [item.header.version for item in items],
        [item.number for item in items],
        [item.target for item in items],
        [_node_after(item) for item in items],
        [item.header.route_id for item in items],
        [item.target == kind.initial for item in items],
        [item.header.state for item in items],
        _json([shown(item.findings) for item in items]),
        action.name,
        label,
        action.opinion,
        action.now,
        actor.user_id,
        actor.name,
        actor.position_name,
        *todos,
        [item.header.pk for item in items if item.waits],
        sorted(actor.duties),
        _json(bodies),
        _json([leaf.hex() for leaf in leaves]),
        [topic for topic, _, _ in outbox],
        [key for _, key, _ in outbox],
        _json([payload for _, _, payload in outbox]),
    )
    for item in items:
        item.header.version += 1
        item.header.number = item.header.number or item.number
        item.header.state = item.target


# Long texts travel as one JSON array: quoting each of ten thousand takes seconds in Python.
_TEXTS: Final = "ARRAY(SELECT jsonb_array_elements_text(%s::jsonb))"
_OBJECTS: Final = "ARRAY(SELECT jsonb_array_elements(%s::jsonb))"
_BYTES: Final = "ARRAY(SELECT decode(x, 'hex') FROM jsonb_array_elements_text(%s::jsonb) AS x)"
_APPLY: Final = (
    "SELECT document_apply(%s::bigint[], %s::integer[], %s::text[], %s::text[],"
    f" %s::integer[], %s::bigint[], %s::boolean[], %s::text[], {_OBJECTS},"
    " %s, %s, %s, %s::timestamptz, %s::bigint, %s, %s,"
    " %s::bigint[], %s::text[], %s::bigint[], %s::integer[], %s::text[],"
    f" %s::timestamptz[], %s::boolean[], %s::bigint[], %s::text[], {_TEXTS}, {_BYTES},"
    f" %s::text[], %s::text[], {_TEXTS})"
)
_KEEP: Final = (
    "SELECT document_keep_version("
    f"%s::bigint[], %s::integer[], {_OBJECTS}, %s, %s, %s::timestamptz)"
)


def _json(values: Sequence[Any]) -> str:
    return json.dumps(values, ensure_ascii=False)


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
                values = (item.header.pk, duty, user, node.seq, node.name, due, required)
                for column, value in zip(columns, values, strict=True):
                    column.append(value)
    return columns


def _keep_versions(
    kind: DocumentType, action: Action, items: Sequence[Item], statements: Statements
) -> None:
    statements.add(
        _KEEP,
        [item.header.pk for item in items],
        [item.header.version for item in items],
        _json([content(kind, item) for item in items]),
        action.actor.user_id,
        action.actor.name,
        action.now,
    )


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

"""旁办 sideways actions: hand over, add a signer, hang and resume; the state does not move.

Each works on a list of documents, locks them like the pipeline does, and leaves a step and an
audit row. Who may act at the present node may do these too.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db import connection, transaction

from shucai.base.errors import Finding
from shucai.kernel import audit
from shucai.kernel.document import errors, rounds
from shucai.kernel.document.action import DOCUMENTS_MAX, DocumentResult, Outcome, shown
from shucai.kernel.document.declare import DocumentType
from shucai.kernel.document.models import Header
from shucai.kernel.document.permits import take_over
from shucai.kernel.document.work import lock_headers
from shucai.kernel.document.writing import not_found
from shucai.kernel.identity import scope
from shucai.kernel.identity.actor import Actor
from shucai.kernel.identity.models import User
from shucai.kernel.workflow.models import Todo
from shucai.kernel.workflow.routes import Routes

LABELS: Final = {
    "hand_over": "转办",
    "add_signer": "加签",
    "hang": "挂起",
    "resume": "解除挂起",
}


@dataclass(frozen=True, slots=True)
class Sideways:
    """One sideways action wanted for a list of documents of one type."""

    type: DocumentType
    numbers: Sequence[str]
    name: str
    actor: Actor
    now: datetime
    opinion: str = ""
    to_user: int | None = None  # for hand_over and add_signer


def run(wanted: Sideways) -> Outcome:
    """Acts on each document that allows it; the others come back with their reasons.

    Raises Refused for an unknown action, too many documents, or a person who can't be asked.
    """
    if wanted.name not in LABELS:
        known = "、".join(LABELS)
        raise errors.UNKNOWN_ACTION.refuse(type=wanted.type.name, action=wanted.name, known=known)
    if len(wanted.numbers) > DOCUMENTS_MAX:
        raise errors.TOO_MANY.refuse(count=len(wanted.numbers), limit=DOCUMENTS_MAX)
    with transaction.atomic():
        scope.apply(wanted.actor)
        person = _person(wanted)
        headers = lock_headers(wanted.type, wanted.numbers)
        todos = _open_todos(headers)
        results, good = [], []
        routes = {year: Routes(wanted.type.code, year) for year in {h.fiscal_year for h in headers}}
        for header in headers:
            findings = _findings(wanted, header, todos.get(header.pk, []))
            findings += _not_here(wanted, header, routes)
            if person is not None and not findings:
                findings = _unfit(wanted, header, person, todos[header.pk], routes)
            results.append(_result(header, findings))
            if not findings:
                good.append(header)
        if good:
            _write(wanted, good, person)
    met = {h.number for h in headers} | {f"~{h.pk}" for h in headers}
    missing = [n for n in dict.fromkeys(wanted.numbers) if n not in met]
    results += [not_found(number, wanted.actor.position_name) for number in missing]
    _record_refusals(wanted, [result for result in results if not result.ok])
    return Outcome(results=tuple(results))


def _record_refusals(wanted: Sideways, refused: Sequence[DocumentResult]) -> None:
    """A refused attempt leaves its audit row too."""
    rows = [
        audit.AuditRow(
            actor=wanted.actor,
            at=wanted.now,
            action=f"{wanted.type.code}.{wanted.name}",
            target_type=wanted.type.code,
            target=result.number,
            result="refused",
            detail={"findings": [finding["code"] for finding in result.findings]},
        )
        for result in refused
    ]
    if rows:
        with transaction.atomic():
            audit.record(rows)


def _person(wanted: Sideways) -> User | None:
    if wanted.name not in {"hand_over", "add_signer"}:
        return None
    asked = [] if wanted.to_user is None else [wanted.to_user]
    person = User.objects.filter(pk__in=asked, is_active=True).first()
    if person is None or person.pk == wanted.actor.user_id:
        shown_name = person.name if person else str(wanted.to_user or "未选择")
        raise errors.NO_SUCH_PERSON.refuse("to_user", label=LABELS[wanted.name], person=shown_name)
    return person


def _open_todos(headers: Sequence[Header]) -> dict[int, list[Todo]]:
    found: dict[int, list[Todo]] = {}
    for todo in Todo.objects.filter(header__in=[h.pk for h in headers], is_open=True):
        found.setdefault(todo.header_id, []).append(todo)
    return found


def _findings(wanted: Sideways, header: Header, todos: Sequence[Todo]) -> list[Finding]:
    actor, label = wanted.actor, LABELS[wanted.name]
    found = []
    if not todos:
        found.append(errors.NOBODY_ASKED.at(number=header.address, label=label))
    elif not any(t.user_id in actor.persons or actor.can(t.duty) for t in todos):
        found.append(
            errors.NO_DUTY.at(
                number=header.address,
                label=label,
                duty="、".join(dict.fromkeys(t.label for t in todos)),
                position=actor.position_name,
            )
        )
    if wanted.name == "hang" and header.is_hung:
        found.append(errors.HUNG.at(number=header.address, label=label))
    if wanted.name == "resume" and not header.is_hung:
        found.append(errors.NOT_HUNG.at(number=header.address))
    if len(wanted.opinion.strip()) < 2:
        found.append(
            errors.REASON_NEEDED.at(
                "opinion", number=header.address, label=label, length=len(wanted.opinion.strip())
            )
        )
    return found


def _not_here(wanted: Sideways, header: Header, routes: Mapping[int, Routes]) -> list[Finding]:
    """What the node of the route doesn't allow."""
    plan = routes[header.fiscal_year].by_id(header.route_id)
    node = plan.node(header.node) if plan is not None else None
    allowed = {"hand_over": "may_hand_over", "add_signer": "may_add_signer"}.get(wanted.name)
    if node is None or allowed is None or getattr(node, allowed):
        return []
    label = LABELS[wanted.name]
    return [errors.NODE_FORBIDS.at(number=header.address, label=label, node=node.name)]


def _unfit(
    wanted: Sideways,
    header: Header,
    person: User,
    todos: Sequence[Todo],
    routes: Mapping[int, Routes],
) -> list[Finding]:
    """Who has decided in this round is not asked again, and nobody is asked to sign twice."""
    plan = routes[header.fiscal_year].by_id(header.route_id)
    earlier = rounds.of(wanted.type, [header])[header.pk].bars(person.pk)
    if earlier is not None:
        return [rounds.finding(header, earlier, plan, label=todos[0].label)]
    actor, is_more = wanted.actor, wanted.name == "add_signer"
    given = [t for t in todos if t.user_id in actor.persons]
    given += [t for t in todos if t.user_id is None and actor.can(t.duty)]
    count = sum(t.user_id == person.pk for t in todos) + (1 if is_more else len(given))
    if count > 1 and (is_more or any(t.is_required for t in todos)):
        return [
            errors.SIGNS_TWICE.at(
                "to_user",
                number=header.address,
                label=LABELS[wanted.name],
                person=person.name,
                current=rounds.place(plan, header.node),
                count=count,
            )
        ]
    return []


def _write(wanted: Sideways, headers: Sequence[Header], person: User | None) -> None:
    take_over(wanted.actor, [header.pk for header in headers])
    bodies, leaves = audit.prepare([_audit_row(wanted, header, person) for header in headers])
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT document_sideways(%s::bigint[], %s, %s, %s, %s::timestamptz, %s::bigint, %s,"
            " %s, %s::bigint, %s::text[], %s::text[], %s::bytea[])",
            [
                [header.pk for header in headers],
                wanted.name,
                LABELS[wanted.name],
                wanted.opinion + (f"（{person.name}）" if person else ""),
                wanted.now,
                wanted.actor.user_id,
                wanted.actor.name,
                wanted.actor.position_name,
                person.pk if person else None,
                sorted(wanted.actor.duties),
                bodies,
                leaves,
            ],
        )


def _audit_row(wanted: Sideways, header: Header, person: User | None) -> audit.AuditRow:
    return audit.AuditRow(
        actor=wanted.actor,
        at=wanted.now,
        action=f"{wanted.type.code}.{wanted.name}",
        target_type=wanted.type.code,
        target=header.address,
        result="done",
        detail={
            "id": header.pk,
            "opinion": wanted.opinion,
            **({"to": person.pk, "to_name": person.name} if person else {}),
        },
    )


def _result(header: Header, findings: Sequence[Finding]) -> DocumentResult:
    return DocumentResult(
        id=header.pk,
        number=header.address,
        ok=not findings,
        state=header.state,
        version=header.version,
        findings=shown(findings),
    )

"""经过 history: what was done to a document, where it is now, and what is still to come.

Reads only; the caller has applied the actor's scope.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final, Literal

from shucai.kernel.document import writing
from shucai.kernel.document.declare import DocumentType
from shucai.kernel.document.models import Header, Version
from shucai.kernel.document.permits import duty_name
from shucai.kernel.document.reading import Dossier
from shucai.kernel.document.showing import Names
from shucai.kernel.identity.actor import Actor
from shucai.kernel.identity.colleagues import Colleague, holders
from shucai.kernel.identity.models import User
from shucai.kernel.workflow.declare import Move
from shucai.kernel.workflow.models import Step, Todo
from shucai.kernel.workflow.routes import Node, Routes, implied

Phase = Literal["done", "back", "now", "next"]
STEPS_MAX: Final = 200
PEOPLE_SHOWN: Final = 3


@dataclass(frozen=True, slots=True)
class Stop:
    """One place on the way: a step taken, the one waited for, or one that will follow."""

    phase: Phase
    label: str
    who: str = ""
    position: str = ""
    at: datetime | None = None
    opinion: str = ""
    findings: tuple[dict[str, Any], ...] = ()
    due_at: datetime | None = None
    people: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Change:
    """One value that differs between two versions; `before` or `after` empty when it had none."""

    place: str
    label: str
    before: str
    after: str


def timeline(dossier: Dossier, *, on: date | None = None) -> list[Stop]:
    """Steps in order, then who must act now, then what follows if nobody sends it back.

    With `on` the people who may act now are named.
    """
    return [*_taken(dossier), *_waiting(dossier, on), *_coming(dossier)]


def earlier_nodes(dossier: Dossier) -> list[tuple[int, str]]:
    """The nodes of the present review a document may be sent back to: place and name."""
    header = dossier.header
    plan = Routes(header.type, header.fiscal_year).by_id(header.route_id)
    nodes = plan.nodes if plan is not None else ()
    return [(node.seq, node.name) for node in nodes if node.seq < header.node]


def is_asked(dossier: Dossier, actor: Actor) -> bool:
    """Whether the document waits for this actor, by name or by duty."""
    open_ones = Todo.objects.filter(header=dossier.header, is_open=True)
    return any(
        todo.user_id in actor.persons or (todo.user_id is None and actor.can(todo.duty))
        for todo in open_ones
    )


def colleagues(dossier: Dossier, *, on: date, but: int) -> list[Colleague]:
    """Who else may act at the present node."""
    todos = Todo.objects.filter(header=dossier.header, is_open=True)
    duties = todos.values_list("duty", flat=True)
    header = dossier.header
    return holders(duties, unit_path=header.unit_path, office=header.office, on=on, but=but)


def _taken(dossier: Dossier) -> list[Stop]:
    kind, header = dossier.kind, dossier.header
    made = Stop(
        phase="done",
        label="录入",
        who=header.maker_name,
        at=header.created_at,
    )
    steps = Step.objects.filter(header=header).order_by("-pk")[:STEPS_MAX]
    return [made, *(_step(kind, step) for step in reversed(steps))]


def _step(kind: DocumentType, step: Step) -> Stop:
    move = kind.move(step.action, state=step.source)
    return Stop(
        phase="back" if move is not None and is_back(kind, move) else "done",
        label=step.label,
        who=step.actor_name,
        position=step.position_name,
        at=step.at,
        opinion=step.opinion,
        findings=tuple(step.findings),
    )


def is_back(kind: DocumentType, move: Move) -> bool:
    """Whether a move leads to a state declared earlier than the one it leaves."""
    order = list(kind.states.values)
    return order.index(move.target) < order.index(move.source)


def _waiting(dossier: Dossier, on: date | None) -> list[Stop]:
    """Open to-do items, those of one node told together."""
    nodes: dict[tuple[str, datetime], list[Todo]] = {}
    for todo in Todo.objects.filter(header=dossier.header, is_open=True).order_by("pk"):
        nodes.setdefault((todo.label, todo.arrived_at), []).append(todo)
    found = []
    for (label, arrived), todos in nodes.items():
        duties = "、".join(dict.fromkeys(duty_name(todo.duty) for todo in todos if todo.duty))
        due = min((todo.due_at for todo in todos if todo.due_at), default=None)
        people = _people(dossier, todos, on) if on else ()
        found.append(
            Stop(phase="now", label=label, who=duties, at=arrived, due_at=due, people=people)
        )
    if not found and dossier.header.is_editable:
        kind = dossier.kind
        found.append(Stop(phase="now", label=kind.flow[0].label, who=duty_name(kind.maker)))
    return found


def _people(dossier: Dossier, todos: Sequence[Todo], on: date) -> tuple[str, ...]:
    """The names of those asked: the person named, else the nearest holders of the duty."""
    header = dossier.header
    named = [todo.user_id for todo in todos if todo.user_id]
    if named:
        users = User.objects.filter(pk__in=named).values_list("name", flat=True)
        return tuple(users)
    found = holders(
        [todo.duty for todo in todos], unit_path=header.unit_path, office=header.office, on=on
    )
    return tuple(one.name for one in found[:PEOPLE_SHOWN])


def _coming(dossier: Dossier) -> list[Stop]:
    """The forward moves after the present one, with the nodes their routes would take."""
    kind, header = dossier.kind, dossier.header
    routes = Routes(kind.code, header.fiscal_year)
    facts = writing.facts(dossier.item)
    found: list[Stop] = []
    state, seq = header.state, header.node
    for _ in kind.flow:
        move = onward(kind, state)
        if move is None:
            break
        if state == header.state:
            plan = routes.entered(header.route_id, move.action)
        else:
            plan = routes.plan(move.action, header.division, header.unit_path)
        nodes: list[Node] = []
        node = plan.after(0 if state != header.state else seq, facts)
        while node is not None:
            nodes.append(node)
            node = plan.after(node.seq, facts)
        if state != header.state:
            nodes = nodes or [implied(move)]
        found += [
            Stop(phase="next", label=n.name, who="、".join(duty_name(d) for d in n.duties))
            for n in nodes
        ]
        state = move.target
    return found


def onward(kind: DocumentType, state: str) -> Move | None:
    """The first move out of a state that does not lead back; none from a final state."""
    if state in kind.final:
        return None
    return next((move for move in kind.moves_from(state) if not is_back(kind, move)), None)


def versions(header: Header) -> list[Version]:
    """What the document said at each submission, newest first."""
    return list(Version.objects.filter(header=header).order_by("-version")[:STEPS_MAX])


def difference(dossier: Dossier, *, older: Version, newer: Version) -> list[Change]:
    """Field by field, then line by line (by place), in the words people read."""
    was, now = older.content, newer.content
    kind, header = dossier.kind, dossier.header
    return [
        *_compare(kind.fields(), [was["fields"]], [now["fields"]], header=header, lines=False),
        *_compare(kind.line_fields(), was["lines"], now["lines"], header=header, lines=True),
    ]


def _compare(
    fields: Sequence[Any],
    older: Sequence[dict[str, Any]],
    newer: Sequence[dict[str, Any]],
    *,
    header: Header,
    lines: bool,
) -> list[Change]:
    records = [*older, *newer]
    names = Names(fields, records, fiscal_year=header.fiscal_year, division=header.division)
    found = []
    for place in range(max(len(older), len(newer))):
        was = older[place] if place < len(older) else {}
        now = newer[place] if place < len(newer) else {}
        for known in fields:
            before = names.show(known, was.get(known.name)).full if was else ""
            after = names.show(known, now.get(known.name)).full if now else ""
            if before != after:
                where = f"第 {place + 1} 行" if lines else ""
                found.append(Change(where, str(known.verbose_name), before, after))
    return found

"""准许 permission for a move: duty, state, version, separation; all told at once."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from shucai.base.errors import Finding
from shucai.kernel import registry
from shucai.kernel.document import errors, rounds
from shucai.kernel.document.action import Action
from shucai.kernel.document.declare import DocumentType
from shucai.kernel.document.work import Item, account_fields
from shucai.kernel.identity.actor import Actor
from shucai.kernel.workflow.declare import Move
from shucai.kernel.workflow.models import Step, Todo
from shucai.kernel.workflow.routes import Node, Routes, implied


@dataclass(frozen=True, slots=True)
class OpenTodo:
    """An open to-do item of a document in the batch."""

    user_id: int | None
    duty: str
    is_required: bool


@dataclass(slots=True)
class Past:
    """What happened to the documents: separated moves of this actor, and open to-do items."""

    earlier: dict[int, set[str]] = field(default_factory=lambda: defaultdict(set))
    todos: dict[int, list[OpenTodo]] = field(default_factory=lambda: defaultdict(list))

    def inherit(self, actor: Actor) -> None:
        """What was asked of the person acted for is asked of the deputy."""
        if actor.principal_id is not None:
            for header_id, todos in self.todos.items():
                self.todos[header_id] = [
                    replace(todo, user_id=actor.user_id)
                    if todo.user_id == actor.principal_id
                    else todo
                    for todo in todos
                ]

    def asked(self, header_id: int) -> set[int | None]:
        """Persons the work was handed to or who were asked to sign as well."""
        return {todo.user_id for todo in self.todos.get(header_id, ())}

    def required(self, header_id: int) -> list[OpenTodo]:
        """Those whose decisions the node needs one and all (会签, 加签)."""
        return [todo for todo in self.todos.get(header_id, ()) if todo.is_required]

    def signature(self, header_id: int, actor: Actor) -> OpenTodo | None:
        """The one required item the actor's decision settles: his own, else one of a duty."""
        wanted = self.required(header_id)
        own = next((todo for todo in wanted if todo.user_id == actor.user_id), None)
        return own or next(
            (todo for todo in wanted if todo.user_id is None and actor.can(todo.duty)), None
        )

    def signs(self, header_id: int, actor: Actor) -> str:
        """The duty the decision settles; "" when the person was asked by name."""
        one = self.signature(header_id, actor)
        return one.duty if one is not None and one.user_id is None else ""

    def waits_for_others(self, header_id: int) -> bool:
        """Whether the node also needs the decision of somebody else (会签, 加签)."""
        return len(self.required(header_id)) > 1


def past_of(kind: DocumentType, action: Action, items: Sequence[Item]) -> Past:
    """Read for documents that were not opened as a batch."""
    past = Past()
    ids = [item.header.pk for item in items]
    steps = Step.objects.filter(
        header_id__in=ids, actor_id=action.actor.user_id, action__in=list(kind.separate)
    )
    for header_id, name in steps.values_list("header_id", "action"):
        past.earlier[header_id].add(name)
    todos = Todo.objects.filter(header_id__in=ids, is_open=True)
    told = todos.values_list("header_id", "user_id", "duty", "is_required")
    for header_id, user_id, duty, is_required in told:
        past.todos[header_id].append(OpenTodo(user_id, duty, is_required))
    past.inherit(action.actor)
    return past


def take_over(actor: Actor, header_ids: Sequence[int]) -> None:
    """A deputy's work settles what was asked by name of the person he acts for."""
    if actor.principal_id is not None:
        named = Todo.objects.filter(header_id__in=header_ids, user_id=actor.principal_id)
        named.filter(is_open=True).update(user_id=actor.user_id)


def authorise(
    kind: DocumentType,
    action: Action,
    items: Sequence[Item],
    routes: Routes,
    past: Past | None = None,
) -> None:
    """Adds to each item the findings that forbid the move, and the move and node if legal."""
    past = past or past_of(kind, action, items)
    for item in items:
        move = kind.move(action.name, state=item.header.state)
        if move is None or move.source != item.header.state:
            item.findings.append(_illegal(kind, action, item))
            continue
        item.move = move
        plan = routes.entered(item.header.route_id, move.action)
        item.node = plan.node(item.header.node) or implied(move)
        _check_version(action, item)
        _check_duty(action, item, move, item.node, past)
        _check_funds(kind, action, item, move)
        _check_separation(kind, action, item, move, past.earlier.get(item.header.pk, set()))
        if item.header.is_hung:
            item.findings.append(errors.HUNG.at(number=item.address, label=move.label))
        if action.name in kind.needs_reason and len(action.opinion.strip()) < 2:
            item.findings.append(
                errors.REASON_NEEDED.at(
                    "opinion",
                    number=item.address,
                    label=move.label,
                    length=len(action.opinion.strip()),
                )
            )
    if action.name not in kind.needs_reason:
        _check_round(kind, action, items, routes, past)


def readers(kind: DocumentType) -> tuple[str, ...]:
    """The duties that may see documents of a type: those of its domain and of its moves."""
    own = [code for code, one in registry.all("duty").items() if one.domain == kind.app_label]
    return tuple(dict.fromkeys([*own, *(move.by for move in kind.flow)]))


def duty_name(code: str) -> str:
    declared = registry.find("duty", code)
    return declared.name if declared is not None else code


def _illegal(kind: DocumentType, action: Action, item: Item) -> Finding:
    move = kind.move(action.name)
    needed = "、".join(dict.fromkeys(kind.state_label(s) for s in kind.sources(action.name)))
    return errors.ILLEGAL_MOVE.at(
        number=item.address,
        label=move.label if move else action.name,
        state=kind.state_label(item.header.state),
        needed=needed,
    )


def _check_version(action: Action, item: Item) -> None:
    seen = action.versions.get(item.address, action.versions.get(f"~{item.header.pk}"))
    if seen is not None and seen != item.header.version:
        item.findings.append(
            errors.STALE.at(number=item.address, seen=seen, current=item.header.version)
        )


def _check_duty(action: Action, item: Item, move: Move, node: Node, past: Past) -> None:
    duties = node.duties if move.action != "return" else (move.by, *node.duties)
    if action.actor.user_id in past.asked(item.header.pk):
        return
    if not any(action.actor.can(duty) for duty in duties):
        item.findings.append(
            errors.NO_DUTY.at(
                number=item.address,
                label=move.label,
                duty="、".join(duty_name(duty) for duty in duties),
                position=action.actor.position_name,
            )
        )


def _check_funds(kind: DocumentType, action: Action, item: Item, move: Move) -> None:
    """Nobody moves a line that draws on an account of a fund outside his position's."""
    if not action.actor.fund_types:
        return
    for known in account_fields(kind):
        for line in item.lines:
            account = getattr(line, known.name)
            if account is None or action.actor.draws_on(account.fund_type_code):
                continue
            item.findings.append(
                errors.FOREIGN_FUND.at(
                    f"lines[{line.seq}].{known.name}",
                    number=item.address,
                    label=move.label,
                    seq=line.seq,
                    account=account.number,
                    fund=account.fund_type_code,
                    own="、".join(sorted(action.actor.fund_types)),
                    position=action.actor.position_name,
                )
            )


def _check_separation(
    kind: DocumentType, action: Action, item: Item, move: Move, done: set[str]
) -> None:
    """No one does two of the separated moves on one document; making it counts as the first."""
    if action.name not in kind.separate:
        return
    if item.header.maker_id in action.actor.persons:
        done = done | {kind.flow[0].action}
    for other in sorted(done & set(kind.separate) - {action.name}):
        earlier = kind.move(other)
        item.findings.append(
            errors.SAME_PERSON.at(
                number=item.address,
                label=move.label,
                earlier=earlier.label if earlier else other,
                person=action.actor.name,
            )
        )


def _check_round(
    kind: DocumentType, action: Action, items: Sequence[Item], routes: Routes, past: Past
) -> None:
    """One person decides at one node of a review, once; only routes and signers need a look."""
    actor = action.actor
    wanted = [
        item
        for item in items
        if item.move is not None and (item.header.node > 0 or past.required(item.header.pk))
    ]
    known = rounds.of(kind, [item.header for item in wanted])
    for item in wanted:
        header, label = item.header, item.move.label if item.move else action.name
        plan = routes.by_id(header.route_id)
        earlier = known[header.pk].bars(*actor.persons)
        if earlier is not None:
            item.findings.append(rounds.finding(header, earlier, plan, label=label))
        elif past.required(header.pk) and past.signature(header.pk, actor) is None:
            item.findings.append(
                errors.NOT_A_SIGNER.at(
                    number=item.address,
                    label=label,
                    current=rounds.place(plan, header.node),
                    count=len(past.required(header.pk)),
                    person=actor.name,
                )
            )

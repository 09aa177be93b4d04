"""管道 pipeline: the only writer of states, steps and balances; batch first.

One transaction, always in this order: repeat? lock, authorise, legal move, rules, effects,
write. Preview is the same path, rolled back. Past the ledger nothing may refuse.
"""

import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Final
from uuid import UUID

from django.db import OperationalError, ProgrammingError, transaction

from shucai.kernel import audit
from shucai.kernel.document import (
    configuration,
    errors,
    numbering,
    repeats,
    required_files,
    writing,
)
from shucai.kernel.document.action import DOCUMENTS_MAX, Action, BalanceView, Outcome
from shucai.kernel.document.declare import DocumentType, find_type
from shucai.kernel.document.effects import open_line_accounts, postings, tell
from shucai.kernel.document.opening import Opened, open_batch
from shucai.kernel.document.permits import authorise, take_over
from shucai.kernel.document.type_settings import TypeSettings
from shucai.kernel.document.work import Item
from shucai.kernel.ledger import posting, wire
from shucai.kernel.ledger.models import LedgerAccount
from shucai.kernel.workflow.routes import Node, Routes, implied

ATTEMPTS: Final = 4
_RETRIED: Final = frozenset({"40001", "40P01", wire.LOST})


def run(action: Action) -> Outcome:
    """Makes one move for a list of documents and answers for each of them.

    Raises Refused when the request as a whole is not understood (unknown type or action, too
    many documents, a key used before for something else).
    """
    kind = kind_of(action)
    outcome = _retrying(lambda: _attempt(kind, action))
    refused = [result for result in outcome.results if not result.ok]
    if refused and not action.preview and not outcome.replayed:
        _record_refusals(kind, action, outcome)
    return outcome


def kind_of(action: Action) -> DocumentType:
    """The declared type of an action. Raises Refused for what is not understood."""
    kind = find_type(action.type)
    if kind is None:
        raise errors.UNKNOWN_TYPE.refuse(type=action.type)
    if action.name not in kind.actions:
        known = "、".join(kind.actions)
        raise errors.UNKNOWN_ACTION.refuse(type=kind.name, action=action.name, known=known)
    if len(action.numbers) > DOCUMENTS_MAX:
        raise errors.TOO_MANY.refuse(count=len(action.numbers), limit=DOCUMENTS_MAX)
    return kind


def _retrying(attempt: Callable[[], Outcome]) -> Outcome:
    """A deadlock or serialization failure is tried again; the user never sees one.

    So is a connection that has lost its prepared statements, as after some rollbacks.
    """
    for left in range(ATTEMPTS, 0, -1):
        try:
            return attempt()
        except (OperationalError, ProgrammingError) as failure:
            state = getattr(failure.__cause__, "sqlstate", "")
            if state not in _RETRIED or left == 1:
                raise
            if state != wire.LOST:
                time.sleep(0.02 * (ATTEMPTS - left + 1))
    raise AssertionError("unreachable")


def _attempt(kind: DocumentType, action: Action) -> Outcome:
    with transaction.atomic():
        opened = open_batch(kind, action)
        if opened.answered is not None:
            return Outcome.from_dict(opened.answered)
        outcome, calls = _batch(kind, action, opened)
        if action.mode == "atomic" and not outcome.ok:
            transaction.set_rollback(True)
            return outcome
        if action.key and not action.preview:
            calls.append(repeats.keeping(key=action.key, outcome=outcome.as_dict()))
        wire.ask(calls, commit=not action.preview)
        if action.preview:
            transaction.set_rollback(True)
        return outcome


def _batch(kind: DocumentType, action: Action, opened: Opened) -> tuple[Outcome, list[wire.Call]]:
    """Decides, posts, and says what is left to be written."""
    items = opened.items
    missing = _missing(action, items)
    year = items[0].header.fiscal_year if items else action.today.year
    routes = configuration.routes(opened.configuration, kind.code, year)
    opened.past.inherit(action.actor)
    authorise(kind, action, items, routes, opened.past)
    waiting = {i.header.pk for i in items if opened.past.waits_for_others(i.header.pk)}
    for item in items:
        if not item.refused:
            _plan(kind, action, item, routes, waiting)
            if item.waits:
                item.signs = opened.past.signs(item.header.pk, action.actor)
    settings = configuration.settings(opened.configuration, kind)
    required_files.check(settings, action, [item for item in items if not item.refused])
    _check_rules(kind, action, items, opened.configuration)
    if action.mode == "atomic" and (missing or any(item.refused for item in items)):
        return _answer(kind, action, items, missing, {}), []
    balances = _post(kind, action, [item for item in items if not item.refused], settings)
    good = [item for item in items if not item.refused]
    calls = []
    if good and not (action.mode == "atomic" and len(good) < len(items)):
        take_over(action.actor, [item.header.pk for item in good])
        calls = [writing.written(kind, action, part) for part in writing.alike(good)]
    return _answer(kind, action, items, missing, balances), calls


def _missing(action: Action, items: Sequence[Item]) -> list[str]:
    """Documents that do not exist and documents outside the scope are told alike."""
    known = {item.header.number for item in items} | {f"~{item.header.pk}" for item in items}
    return [number for number in dict.fromkeys(action.numbers) if number not in known]


def _plan(
    kind: DocumentType, action: Action, item: Item, routes: Routes, waiting: set[int]
) -> None:
    """Decides the state and node the document will be in, and who must act next."""
    move, header = item.move, item.header
    assert move is not None  # noqa: S101 (authorise refuses items without a legal move)
    item.target = move.target
    if action.to_node is not None:
        _plan_return_to_node(action, item, routes)
        return
    if item.header.pk in waiting and action.name not in kind.needs_reason:
        item.target, item.completes, item.waits = header.state, False, True
        return
    if item.node is not None and item.node.seq > 0:
        plan = routes.entered(header.route_id, move.action)
        is_onward = move.action not in kind.needs_reason
        following = plan.after(item.node.seq, writing.facts(item)) if is_onward else None
        if following is not None:
            item.target, item.completes = header.state, False
            item.next_nodes = [(following, None)]
            return
    item.next_nodes = _entered(kind, item, routes)


def _entered(kind: DocumentType, item: Item, routes: Routes) -> list[tuple[Node, int | None]]:
    """Who must act in the state just entered: the route's first node, or the move's duty."""
    if item.target == kind.initial:
        back = replace(implied(kind.flow[0]), name="退回修改")
        return [(back, item.header.maker_id)]
    onward = next((move for move in kind.moves_from(item.target)), None)
    if onward is None or item.target in kind.final:
        return []
    plan = routes.plan(onward.action, item.header.division, item.header.unit_path)
    first = plan.after(0, writing.facts(item)) if plan.nodes else None
    item.route_id = plan.id if first is not None else None
    return [(first or implied(onward), None)]


def _plan_return_to_node(action: Action, item: Item, routes: Routes) -> None:
    """Back to an earlier node of the same review: the state and the hold stay."""
    wanted = action.to_node or 0
    header = item.header
    plan = routes.by_id(header.route_id)
    node = plan.node(wanted) if plan else None
    if node is None or wanted >= header.node:
        item.findings.append(
            errors.NO_SUCH_NODE.at(number=item.address, node=wanted, current=header.node)
        )
        return
    item.target, item.completes, item.next_nodes = header.state, False, [(node, None)]


def _check_rules(
    kind: DocumentType, action: Action, items: Sequence[Item], version: UUID | None
) -> None:
    """Collects all findings of all rules; a warning without a reason becomes a refusal."""
    candidates = [item for item in items if not item.refused and item.completes]
    for rule in kind.rules:
        if action.name in rule.on:
            for item in candidates:
                item.findings.extend(rule.check(item.doc, item.lines))
    configured = configuration.rules(version, kind.code, action.name)
    for item in candidates:
        if not configured.is_empty:
            facts = writing.facts(item)
            item.findings.extend(configured.findings(item.header, facts, action.today))
        warnings = [f for f in item.findings if f.level == "warn"]
        if warnings and len(action.opinion.strip()) < 2 and not action.preview:
            item.findings.append(
                errors.WARNING_NEEDS_REASON.at("opinion", number=item.address, count=len(warnings))
            )


def _post(
    kind: DocumentType, action: Action, items: Sequence[Item], settings: TypeSettings
) -> dict[int, posting.Balance]:
    """Posts the batch; documents the ledger refuses get its reasons as findings.

    Numbers are drawn behind the postings. In one flight with them where a refusal undoes
    everything; else afterwards, so that a refused document leaves no gap.
    """
    effect = kind.posts.get(action.name)
    moved = [item for item in items if item.completes] if effect else []
    if effect is not None:
        open_line_accounts(kind, effect, moved)
        moved = [item for item in moved if not item.refused]
        for item in moved:
            item.postings = postings(kind, effect, item)
    is_whole = action.mode == "atomic"
    if not items or (is_whole and any(item.refused for item in items)):
        return {}
    numbers = numbering.draw(kind, items if is_whole else (), settings)
    posted = posting.post(
        postings=[p for item in moved for p in item.postings],
        fiscal_year=items[0].header.fiscal_year,
        business_date=action.today,
        posted_at=action.now,
        actor_id=action.actor.user_id,
        key=writing.ledger_key(action, moved),
        mode=action.mode,
        then=numbers.calls,
    )
    if effect is not None:
        tell(kind, effect, moved, posted)
    if not is_whole:
        numbers = numbering.draw(kind, [item for item in items if not item.refused], settings)
        numbers.give(wire.ask(numbers.calls))
    elif not posted.refused:
        numbers.give(posted.followed)
    return posted.balances


def _answer(
    kind: DocumentType,
    action: Action,
    items: Sequence[Item],
    missing: Sequence[str],
    balances: dict[int, posting.Balance],
) -> Outcome:
    bad = sum(item.refused for item in items) + len(missing)
    atomic_failure = action.mode == "atomic" and bad > 0
    results = [writing.result(kind, item, blocked=bad if atomic_failure else 0) for item in items]
    results += [writing.not_found(number, action.actor.position_name) for number in missing]
    order = {number: place for place, number in enumerate(action.numbers)}
    results.sort(key=lambda r: order.get(r.number, order.get(f"~{r.id}", 0)))
    views = () if atomic_failure else _balance_views(items, balances)
    return Outcome(results=tuple(results), balances=views)


BALANCES_SHOWN: Final = 50


def _balance_views(
    items: Sequence[Item], balances: dict[int, posting.Balance]
) -> tuple[BalanceView, ...]:
    """The first accounts touched, after the action, with this action's share."""
    shown = sorted(balances)[:BALANCES_SHOWN]
    accounts = _known_accounts(items)
    unknown = [key for key in shown if key not in accounts]
    if unknown:
        accounts |= LedgerAccount.objects.in_bulk(unknown)
    change: dict[int, Decimal] = defaultdict(Decimal)
    for item in items:
        for one in item.postings:
            change[one.account] += one.amount
    return tuple(
        BalanceView(
            account=key,
            number=accounts[key].number,
            name=accounts[key].name,
            granted=balances[key].granted,
            held=balances[key].held,
            spent=balances[key].spent,
            available=balances[key].available,
            change=change[key],
        )
        for key in shown
        if key in accounts
    )


def _known_accounts(items: Sequence[Item]) -> dict[int, LedgerAccount]:
    """The accounts that were read with the lines."""
    return {
        value.pk: value
        for item in items
        for line in item.lines
        for value in line._state.fields_cache.values()
        if isinstance(value, LedgerAccount)
    }


def _record_refusals(kind: DocumentType, action: Action, outcome: Outcome) -> None:
    """A refused attempt leaves its audit row although nothing else was written."""
    rows = [
        audit.AuditRow(
            actor=action.actor,
            at=action.now,
            action=f"{kind.code}.{action.name}",
            target_type=kind.code,
            target=result.number,
            result="refused",
            detail={"findings": [f["code"] for f in result.findings]},
        )
        for result in outcome.results
        if not result.ok
    ]
    with transaction.atomic():
        audit.record(rows)

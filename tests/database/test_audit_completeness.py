"""The trail is complete (S6): each attempt of each declared command leaves exactly one row.

Generic over document types, registers, kinds of configuration and of rights changes: without the
duty, with nonsense, and with input made up from the declaration. Every row says who, when, from
where, what, to what, with which result.
"""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone
from tests import callers, people
from tests.browser import town
from tests.callers import Callers

from shucai.base.errors import Refused
from shucai.edge.api import endpoints as api_endpoints
from shucai.edge.web import clock
from shucai.kernel.audit.models import AuditEntry
from shucai.kernel.configuration import drafts, releases
from shucai.kernel.configuration.declare import Place
from shucai.kernel.configuration.declare import kinds as configurations
from shucai.kernel.document import pipeline
from shucai.kernel.document.action import Action
from shucai.kernel.document.declare import types
from shucai.kernel.files.keeping import Upload
from shucai.kernel.identity import changes, rights, scope
from shucai.kernel.identity.actor import Actor
from shucai.kernel.pages import register_commands, registers
from shucai.kernel.pages.register import Command, Input, Register
from shucai.kernel.pages.register import registers as declared
from shucai.kernel.pages.register_commands import Attempt
from shucai.kernel.pages.register_facts import key_of

pytestmark = pytest.mark.function("PLAT-012", "OPS-029")

# What makes more than one row when it succeeds, since it does several things, each with its own.
SEVERAL = {
    "platform.rights_request.take": "一行收下申请，一行提出变更",
}


@pytest.fixture
def staff(db: None) -> dict[str, Actor]:
    return town.build().actors


def person(actor: Actor, duties: frozenset[str]) -> Actor:
    """Anybody with these duties over the whole city, at an address and with a trace id."""
    return replace(
        actor, duties=duties, scope_path=people.ROOT, ip="10.0.0.7", trace_id="t-1", channel="web"
    )


@contextmanager
def trail() -> Iterator[list[AuditEntry]]:
    """The rows that come into being inside; everything else is undone afterwards."""
    auditor = people.actor_of("auditor", now=timezone.now())
    found: list[AuditEntry] = []
    with transaction.atomic():
        last = _rows(auditor).values_list("pk", flat=True).last() or 0
        yield found
        found += _rows(auditor).filter(pk__gt=last)
        transaction.set_rollback(True)


def _rows(auditor: Actor) -> Any:
    scope.apply(auditor)
    return AuditEntry.objects.order_by("pk")


def faults(rows: list[AuditEntry], actor: Actor, result: str) -> list[str]:
    """What a row lacks."""
    found = []
    for row in rows:
        said = json.loads(row.body)
        wanted = {"actor": actor.user_id, "ip": actor.ip, "trace": actor.trace_id}
        wanted |= {"channel": actor.channel, "position": actor.position_name, "result": result}
        found += [f"{name}: {said[name]!r}" for name, v in wanted.items() if said[name] != v]
        found += [f"no {name}" for name in ("at", "action", "type", "name") if not said[name]]
    return found


# ------------------------------------------------------------ registers


def commands() -> list[tuple[Register, Command]]:
    return [(one, command) for one in declared().values() for command in one.commands]


def holder_of(staff: dict[str, Actor], one: Register, command: Command) -> Actor:
    """Who really holds a duty of the command; for duties nobody of the town has, somebody."""
    for actor in staff.values():
        if actor.duties & set(command.by):
            return person(actor, actor.duties)
    return person(staff["zhibiao"], frozenset({*command.by, *one.readers}))


def attempt(one: Register, command: Command, actor: Actor, *, is_made_up: bool = False) -> Attempt:
    """With nonsense, or with a record the command fits and input that follows from it."""
    wanted = Attempt(register=one, command=command, actor=actor, now=clock.now())
    if not is_made_up:
        return replace(wanted, keys=[] if command.target == "none" else ["nothing"])
    with transaction.atomic():
        scope.apply(actor)
        if command.target == "none":
            return replace(wanted, given=made_up(command, actor))
        rows = registers.base(one, actor)[:20]
        fit = next((r for r in rows if command.when is None or command.when(r)), None)
        if fit is None:
            return replace(wanted, keys=["0"])
        return replace(wanted, keys=[key_of(one, fit)], given=made_up(command, actor, fit))


def made_up(command: Command, actor: Actor, record: Any = None) -> dict[str, Any]:
    """Input that follows from the declaration; whether it is good, the command decides."""
    return {one.name: _value(one, actor, record) for one in command.inputs}


def _value(one: Input, actor: Actor, record: Any) -> Any:
    options = one.options(actor, record) if one.options else []
    first = options[0][0] if options else ""
    plain: dict[str, Any] = {
        "integer": "5",
        "money": "1.00",
        "date": str(timezone.localdate() + timedelta(days=1)),
        "flag": "1",
        "choice": first,
        "choices": [first] if first else [],
        "unit": "105001",
        "value": "1",
        "user": "shenhe",
        "file": Upload("名单.csv", "甲,乙\n1,2\n".encode()),
        "formula": "1 = 1",
        "json": "{}",
        "secret": "S3cret-Word",
    }
    return plain.get(one.entry, "审计演练")


def test_every_command_of_a_register_leaves_its_row(staff: dict[str, Actor]) -> None:
    told, done = [], set()
    for one, command in commands():
        name = f"{one.code}.{command.code}"
        nobody, holder = person(staff["zhifu"], frozenset()), holder_of(staff, one, command)
        for actor, is_made_up in ((nobody, False), (holder, False), (holder, True)):
            wanted = attempt(one, command, actor, is_made_up=is_made_up)
            with trail() as rows:
                result = _run(wanted)
            if result == "done":  # what the platform then did for itself has rows of its own
                rows = [row for row in rows if row.actor_id == actor.user_id]
                rows = rows[-1:] if name in SEVERAL else rows
            lacking = faults(rows, actor, result)
            if len(rows) != 1:
                lacking.append(f"{len(rows)} rows: {[r.action for r in rows]}")
            told += [f"{name} {result} ({is_made_up}): {fault}" for fault in lacking]
            done |= {name} if result == "done" else set()

    assert told == []
    assert len(done) >= 10, sorted(done)


def _run(wanted: Attempt) -> str:
    return _acted(lambda: register_commands.run(wanted))


# ------------------------------------------------------------ documents


def test_every_move_of_a_document_leaves_its_row(staff: dict[str, Actor]) -> None:
    told = []
    for code, kind in types().items():
        everything = frozenset({kind.maker, *(move.by for move in kind.flow)})
        for action in kind.actions:
            for duties in (frozenset(), everything):
                actor = person(staff["zhifu"], duties)
                with trail() as rows:
                    outcome = pipeline.run(_action(code, action, actor))
                assert not outcome.ok
                found = faults(rows, actor, "refused")
                if len(rows) != 1:
                    found.append(f"{len(rows)} rows")
                told += [f"{code} {action} {sorted(duties)}: {fault}" for fault in found]

    assert told == []


def _action(code: str, name: str, actor: Actor) -> Action:
    return Action(
        type=code,
        numbers=["~999999999"],
        name=name,
        actor=actor,
        now=clock.now(),
        today=timezone.localdate(),
        opinion="审计演练",
    )


# ------------------------------------------------------------ rights and configuration


def test_every_kind_of_rights_change_leaves_its_row(staff: dict[str, Actor]) -> None:
    told = []
    for kind in changes.KINDS:
        for who in ("zhifu", "sysadmin"):
            actor = person(staff[who], staff[who].duties)
            said = {"actor": actor, "kind": kind, "now": clock.now(), "reason": "试"}
            with trail() as rows:
                result = _acted(lambda s=said: rights.propose(payload={}, **s))
            found = faults(rows, actor, result)
            told += [f"{kind} by {who}: {f}" for f in found] + _count(rows, f"{kind} by {who}")

    assert told == []


def _acted(act: Callable[[], Any]) -> str:
    try:
        act()
    except Refused:
        return "refused"
    return "done"


def _count(rows: list[AuditEntry], what: str) -> list[str]:
    return [] if len(rows) == 1 else [f"{what}: {len(rows)} rows {[r.action for r in rows]}"]


def test_every_act_on_a_configuration_leaves_its_row(staff: dict[str, Actor]) -> None:
    told = []
    for code, kind in configurations().items():
        place = Place(code, next(iter(kind.keys())), "", 0)
        for who in ("zhifu", "sysadmin", "secadmin"):
            actor = person(staff[who], staff[who].duties)
            said = {"actor": actor, "now": clock.now()}
            acts = {
                "save": lambda s=said, p=place: drafts.save(
                    place=p, content={"x": "审计演练"}, version=99, **s
                ),
                "discard": lambda s=said, p=place: drafts.discard(place=p, version=99, **s),
                "rebase": lambda s=said, p=place: drafts.rebase(place=p, version=99, **s),
                "propose": lambda s=said, p=place: releases.propose(
                    place=p, note="试", version=99, **s
                ),
                "publish": lambda s=said: releases.publish(release_id=0, opinion="试", **s),
                "reject": lambda s=said: releases.reject(release_id=0, opinion="试", **s),
                "withdraw": lambda s=said: releases.withdraw(release_id=0, **s),
            }
            for name, act in acts.items():
                with trail() as rows:
                    result = _acted(act)
                what = f"{code} {name} by {who}"
                told += [f"{what}: {f}" for f in faults(rows, actor, result)]
                told += _count(rows, what)

    assert told == []


# ------------------------------------------------------------ the API


def test_every_writing_operation_of_the_api_leaves_its_row(
    db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    city, told = callers.found(monkeypatch), []
    writing = [one for one in api_endpoints.matrix() if one.method != "GET" and not one.is_public]
    for scopes in (["*"], ["jobs.read"]):
        nobody = city.as_("nobody", scopes)
        for one in writing:
            with api_trail(city) as rows:
                path = one.path.format(**PARTS)
                status = nobody.send(one.method, path, body_of(one)).status_code
            wanted = "done" if status == 200 else "refused"  # a few are everybody's
            if [row.result for row in rows] != [wanted] or status not in (200, 403, 404, 422):
                told.append(f"{scopes} {one.code}: {status}, {[(r.action) for r in rows]}")

    assert told == []


PARTS = {"address": "~999999999", "id": "999999999", "key": "0", "verb": "hang"}


def body_of(one: api_endpoints.Endpoint) -> dict[str, Any]:
    bodies: dict[str, dict[str, Any]] = {
        "documents.batch": {"numbers": ["~999999999"]},
        "documents.act": {},
        "documents.aside": {"numbers": ["~999999999"], "opinion": "审计演练"},
        "documents.take": {"source": "payment.application", "numbers": ["~999999999"]},
        "registers.run": {"keys": ["0"], "values": {}},
    }
    return bodies.get(one.name, {"fields": {}, "lines": [{}]})


@contextmanager
def api_trail(city: Callers) -> Iterator[list[AuditEntry]]:
    found: list[AuditEntry] = []
    with transaction.atomic():
        city.world.see("auditor")
        last = AuditEntry.objects.order_by("pk").values_list("pk", flat=True).last() or 0
        yield found
        city.world.see("auditor")
        found += AuditEntry.objects.filter(pk__gt=last).order_by("pk")
        transaction.set_rollback(True)

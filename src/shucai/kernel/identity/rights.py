"""权限变更 changes of rights: one officer proposes, another decides, the database brings it about.

No path leads around this: the application may not write users, positions or appointments, and
the database function refuses a decider who is the proposer or holds no such office.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.contrib.auth.hashers import make_password
from django.db import connection, transaction
from django.utils import timezone

from shucai.base.errors import Refused
from shucai.kernel import audit
from shucai.kernel.identity import changes, errors, movements, passwords, scope
from shucai.kernel.identity.actor import Actor
from shucai.kernel.identity.duties import SECURITY_ADMIN, SYSTEM_ADMIN, name_of
from shucai.kernel.identity.models import RightsChange

REASON_MIN: Final = 2


@dataclass(frozen=True, slots=True)
class Decided:
    """A decision. `one_time_password` is shown once, for a new user or a reset."""

    change: RightsChange
    target_id: int | None
    one_time_password: str = ""


def demand(actor: Actor, duty: str, action: str) -> None:
    """Refuses an actor without the office."""
    if not actor.can(duty):
        raise errors.NOT_OFFICER.refuse(
            action=action, needed=name_of(duty), position=actor.position_name
        )


@audit.refusals("identity.propose", "identity.change")
def propose(
    *, actor: Actor, kind: str, payload: Mapping[str, Any], reason: str, now: datetime
) -> RightsChange:
    """A change that waits for the decision of another person."""
    wanted = changes.KINDS[kind]
    demand(actor, SYSTEM_ADMIN, wanted.label)
    demand_reason(reason, wanted.label)
    typed, found = changes.read(wanted, payload)
    if found:
        raise Refused(found)
    with transaction.atomic():
        scope.apply(actor)
        ready = changes.check(wanted, typed, actor=actor, on=timezone.localdate(now))
        waiting = RightsChange.objects.filter(state="proposed", target=ready.target).first()
        if waiting is not None:
            raise errors.PENDING_SAME.refuse(target=waiting.summary, id=waiting.pk)
        return record_proposal(actor, kind, ready, reason=reason, now=now)


def record_proposal(
    actor: Actor, kind: str, ready: changes.Prepared, *, reason: str, now: datetime
) -> RightsChange:
    """Writes the proposal; the database looks whether the actor may propose it."""
    change = RightsChange.objects.create(
        kind=kind,
        target=ready.target,
        summary=ready.summary,
        payload=ready.payload,
        before=ready.before,
        reason=reason.strip()[:200],
        proposed_by=actor.user_id,
        proposed_name=actor.name,
        proposed_at=now,
    )
    audit.record([_row(actor, now, "identity.propose", change, {"new": ready.payload})])
    return change


@audit.refusals("identity.approved", "identity.change")
def approve(*, actor: Actor, change_id: int, opinion: str, now: datetime) -> Decided:
    """The change happens now. Refuses when the target has changed since it was proposed."""
    with transaction.atomic():
        change = _waiting(actor, change_id, "批准")
        kind = changes.KINDS[change.kind]
        ready = changes.check(kind, change.payload, actor=actor, on=timezone.localdate(now))
        moved = [name for name in ready.before if ready.before[name] != change.before.get(name)]
        if moved:
            raise errors.CHANGE_STALE.refuse(
                id=change.pk, target=change.summary, fields="、".join(moved)
            )
        password, digest = _secrets(kind, change.payload)
        target = _decide(change, "approved", actor=actor, opinion=opinion, now=now, digest=digest)
    return Decided(change=change, target_id=target, one_time_password=password)


def _secrets(kind: changes.Kind, payload: Mapping[str, Any]) -> tuple[str, str]:
    """What is shown once and the digest that is kept; for a batch, of each item that needs one."""
    if kind.code != movements.BATCH:
        secret = passwords.one_time() if kind.gives_password else ""
        return secret, make_password(secret) if secret else ""
    shown, digests = [], {}
    for seq, item in enumerate(payload["items"]):
        if changes.KINDS[item["kind"]].gives_password:
            secret = passwords.one_time()
            shown.append(f"{item['payload'].get('username', seq + 1)} {secret}")
            digests[str(seq)] = make_password(secret)
    return "\n".join(shown), json.dumps(digests)


@audit.refusals("identity.rejected", "identity.change")
def reject(*, actor: Actor, change_id: int, opinion: str, now: datetime) -> Decided:
    """Nothing happens; the proposer reads the opinion."""
    demand_reason(opinion, "驳回")
    with transaction.atomic():
        change = _waiting(actor, change_id, "驳回")
        _decide(change, "rejected", actor=actor, opinion=opinion, now=now)
    return Decided(change=change, target_id=None)


@audit.refusals("identity.withdrawn", "identity.change")
def withdraw(*, actor: Actor, change_id: int, now: datetime) -> Decided:
    """The proposer takes a change back that nobody has decided on."""
    with transaction.atomic():
        scope.apply(actor)
        change = _found(change_id)
        if change.proposed_by != actor.user_id:
            raise errors.NOT_FOUND.refuse(noun="本人申请的权限变更", key=change_id)
        _decide(change, "withdrawn", actor=actor, opinion="", now=now)
    return Decided(change=change, target_id=None)


def _waiting(actor: Actor, change_id: int, action: str) -> RightsChange:
    demand(actor, SECURITY_ADMIN, action)
    scope.apply(actor)
    change = _found(change_id)
    if change.proposed_by == actor.user_id:
        raise errors.OWN_CHANGE.refuse(id=change.pk, person=change.proposed_name)
    return change


def _found(change_id: int) -> RightsChange:
    change = RightsChange.objects.filter(pk=change_id).first()
    if change is None:
        raise errors.NOT_FOUND.refuse(noun="权限变更", key=change_id)
    if change.state != "proposed":
        label = dict(RightsChange.STATES)[change.state]
        raise errors.CHANGE_DECIDED.refuse(id=change.pk, state=label)
    return change


def _decide(
    change: RightsChange,
    state: str,
    *,
    actor: Actor,
    opinion: str,
    now: datetime,
    digest: str = "",
) -> int | None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT identity_decide(%s, %s, %s, %s, %s, %s, %s)",
            [change.pk, state, actor.user_id, actor.name, opinion.strip()[:200], now, digest],
        )
        target: int | None = cursor.fetchone()[0]
    detail: dict[str, Any] = {"opinion": opinion.strip()}
    if state == "approved":
        detail |= {"old": change.before, "new": change.payload, "id": target}
    audit.record([_row(actor, now, f"identity.{state}", change, detail)])
    change.refresh_from_db()
    return target


def demand_reason(text: str, action: str) -> None:
    length = len(text.strip())
    if length < REASON_MIN:
        raise errors.REASON_NEEDED.refuse("reason", action=action, length=length)


def _row(
    actor: Actor, now: datetime, action: str, change: RightsChange, detail: dict[str, Any]
) -> audit.AuditRow:
    return audit.AuditRow(
        actor=actor,
        at=now,
        action=action,
        target_type="identity.change",
        target=str(change.pk),
        result="done",
        detail={"kind": change.kind, "summary": change.summary, **detail},
    )

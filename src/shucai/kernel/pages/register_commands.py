"""名录办理 running commands: duty, record, moment, values and key are decided here, once.

The command runs in one transaction with the actor's scope. What is refused is undone, and leaves
one row of the trail; what is done is recorded by the room that did it.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from django.db import transaction

from shucai.base.errors import Refused
from shucai.kernel import audit
from shucai.kernel.document import repeats
from shucai.kernel.files.keeping import Upload
from shucai.kernel.identity import scope
from shucai.kernel.identity.actor import Actor
from shucai.kernel.pages import errors, registers
from shucai.kernel.pages.access import duty_names
from shucai.kernel.pages.register import MANY_MAX, Call, Command, Done, Register, Table
from shucai.kernel.pages.register_facts import plain
from shucai.kernel.pages.register_inputs import Asking, clean

SHOWN_ONCE: Final = "此前已办理，只显示一次的内容不再显示"


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """Somebody tries a command on the records of these keys, with what a channel has sent."""

    register: Register
    command: Command
    actor: Actor
    now: datetime
    keys: Sequence[str] = ()
    given: Mapping[str, Any] = field(default_factory=dict)
    key: str = ""  # idempotency key of the channel


@dataclass(frozen=True, slots=True)
class Aim:
    """The records a command is aimed at, as they are now."""

    record: Any
    records: Sequence[Any]


def found_or_refused(register: Register, code: str) -> Command:
    command = register.command(code)
    if command is None:
        known = "、".join(one.code for one in register.commands) or "无"
        raise errors.UNKNOWN_COMMAND.refuse(register=register.name, command=code[:60], known=known)
    return command


def may_run(command: Command, actor: Actor) -> bool:
    return any(actor.can(duty) for duty in command.by)


def refuse_without_duty(register: Register, command: Command, actor: Actor) -> None:
    if not may_run(command, actor):
        raise errors.NO_DUTY.refuse(
            label=command.label,
            register=register.name,
            duty=duty_names(command.by),
            position=actor.position_name,
        )


def run(attempt: Attempt) -> Done:
    """Does it, or raises Refused; a repeated key answers what was answered first."""
    command = attempt.command
    try:
        refuse_without_duty(attempt.register, command, attempt.actor)
        with transaction.atomic():
            scope.apply(attempt.actor)
            aim = aimed(attempt)
            values = clean(attempt.given, _asking(attempt, aim))
            known = _claimed(attempt, values)
            if known is not None:
                return known
            done = command.run(_call(attempt, aim, values))
            _keep(attempt, done)
            return done
    except Refused as refused:
        record_refusal(attempt, refused)
        raise


@dataclass(frozen=True, slots=True)
class Preview:
    """What would happen; `digest` tells whether a later request is still the same."""

    table: Table
    digest: str


def preview(attempt: Attempt) -> Preview:
    """What would happen, as rows; whatever the preview wrote is undone."""
    command = attempt.command
    refuse_without_duty(attempt.register, command, attempt.actor)
    if command.preview is None:
        raise errors.UNKNOWN_COMMAND.refuse(
            register=attempt.register.name, command=f"{command.label}预览", known=command.label
        )
    with transaction.atomic():
        scope.apply(attempt.actor)
        aim = aimed(attempt)
        values = clean(attempt.given, _asking(attempt, aim))
        table = command.preview(_call(attempt, aim, values))
        transaction.set_rollback(True)
    return Preview(table, digest(attempt, values))


def aimed(attempt: Attempt) -> Aim:
    """The records, of those the actor may see, if the command makes sense for them now."""
    register, command = attempt.register, attempt.command
    if command.target == "none":
        return Aim(None, ())
    keys = list(dict.fromkeys(attempt.keys))
    if not keys:
        raise errors.NOTHING_PICKED.refuse(register=register.name, label=command.label)
    if len(keys) > MANY_MAX:
        raise errors.TOO_MANY_PICKED.refuse(register=register.name, count=len(keys), limit=MANY_MAX)
    records = registers.many(register, attempt.actor, keys)
    if command.when is not None:
        late = [
            errors.NOT_NOW.at(
                register=register.name, record=register.title(record), label=command.label
            )
            for record in records
            if not command.when(record)
        ]
        if late:
            raise Refused(late)
    return Aim(records[0] if command.target == "one" else None, records)


def record_refusal(attempt: Attempt, refused: Refused) -> None:
    """One row of the trail, in a transaction of its own."""
    target = attempt.keys[0] if attempt.keys else ""
    secrets = {one.name for one in attempt.command.inputs if one.entry == "secret"}
    asked = {
        name: _spelled(value)
        for name, value in list(attempt.given.items())[:30]
        if name not in secrets
    }
    with transaction.atomic():
        audit.record(
            [
                audit.AuditRow(
                    actor=attempt.actor,
                    at=attempt.now,
                    action=f"{attempt.register.code}.{attempt.command.code}"[:80],
                    target_type=attempt.register.code[:60],
                    target=target[:80],
                    result="refused",
                    detail={
                        "asked": asked,
                        "count": len(attempt.keys),
                        "findings": [finding.text for finding in refused.findings[:20]],
                    },
                )
            ]
        )
    refused.is_recorded = True


def _spelled(value: Any) -> str:
    return value.name[:200] if isinstance(value, Upload) else str(value)[:200]


def _asking(attempt: Attempt, aim: Aim) -> Asking:
    return Asking(attempt.command, attempt.actor, aim.record, attempt.now)


def _call(attempt: Attempt, aim: Aim, values: Mapping[str, Any]) -> Call:
    return Call(attempt.actor, aim.record, aim.records, values, attempt.now, attempt.key)


def digest(attempt: Attempt, values: Mapping[str, Any]) -> str:
    """The same for the same request; a key may not be used for another one."""
    said = {
        "register": attempt.register.code,
        "command": attempt.command.code,
        "keys": sorted(attempt.keys),
        "actor": attempt.actor.user_id,
        "values": {
            name: hashlib.sha256(bytes(value.content)).hexdigest()
            if isinstance(value, Upload) and isinstance(value.content, bytes)
            else str(value)
            for name, value in sorted(values.items())
        },
    }
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()


def _claimed(attempt: Attempt, values: Mapping[str, Any]) -> Done | None:
    if not attempt.key:
        return None
    known = repeats.claim(
        key=_key(attempt),
        digest=digest(attempt, values),
        actor_id=attempt.actor.user_id,
        at=attempt.now,
    )
    if known is None:
        return None
    hidden = SHOWN_ONCE if known.get("had_secret") else ""
    message = f"{known['message']}（{hidden}）" if hidden else str(known["message"])
    return Done(message=message, to=str(known["to"]), data=known["data"])


def _keep(attempt: Attempt, done: Done) -> None:
    if attempt.key:
        outcome = {
            "message": done.message,
            "to": done.to,
            "had_secret": bool(done.secret),
            "data": plain(done.data),
        }
        repeats.keep(key=_key(attempt), outcome=outcome)


def _key(attempt: Attempt) -> str:
    said = f"{attempt.actor.user_id}:{attempt.register.code}:{attempt.command.code}:{attempt.key}"
    return "r:" + hashlib.sha256(said.encode()).hexdigest()

"""审计记录 audit rows: canonical JSON text and its hash, written in one call for a batch."""

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import wraps
from typing import Any, Final, ParamSpec, Protocol, TypeVar

from django.db import connection, transaction

from shucai.base.arrays import literal
from shucai.base.errors import Refused

_encode: Final = json.JSONEncoder(
    ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=str
).encode
ALGORITHM: Final = "sm3" if "sm3" in hashlib.algorithms_available else "sha256"


Given = ParamSpec("Given")
Answer = TypeVar("Answer")


class Actor(Protocol):
    """Who acted; the identity room has the real one."""

    @property
    def user_id(self) -> int: ...
    @property
    def name(self) -> str: ...
    @property
    def position_name(self) -> str: ...
    @property
    def ip(self) -> str: ...
    @property
    def channel(self) -> str: ...
    @property
    def trace_id(self) -> str: ...


@dataclass(frozen=True, slots=True)
class AuditRow:
    """Who, in which position, when, from where, what, to what, with which result."""

    actor: Actor
    at: datetime
    action: str
    target_type: str
    target: str
    result: str
    detail: Mapping[str, Any] = field(default_factory=dict)


def digest(text: str, *, algorithm: str = ALGORITHM) -> bytes:
    return hashlib.new(algorithm, text.encode()).digest()


def canonical(row: AuditRow) -> str:
    """The one spelling of a row: sorted keys, no blanks; what is hashed and kept."""
    said = {
        "v": 1,
        "alg": ALGORITHM,
        "at": row.at.isoformat(),
        "actor": row.actor.user_id,
        "name": row.actor.name,
        "position": row.actor.position_name,
        "unit": getattr(row.actor, "unit_name", ""),
        "ip": row.actor.ip,
        "channel": row.actor.channel,
        "trace": row.actor.trace_id,
        "action": row.action,
        "type": row.target_type,
        "target": row.target,
        "result": row.result,
        "detail": row.detail,
    }
    return _encode(said)


def prepare(rows: Sequence[AuditRow]) -> tuple[list[str], list[bytes]]:
    """Bodies and leaves, for a function that writes them in the same round trip."""
    bodies = [canonical(row) for row in rows]
    return bodies, [digest(body) for body in bodies]


def record(rows: Sequence[AuditRow]) -> None:
    """Appends the rows in the caller's transaction."""
    if not rows:
        return
    bodies, leaves = prepare(rows)
    with connection.cursor() as cursor:
        spelt = [literal(bodies), literal(["\\x" + leaf.hex() for leaf in leaves])]
        cursor.execute("SELECT audit_append(%s::text[], %s::bytea[])", spelt)


def refusals(
    action: str, target_type: str
) -> Callable[[Callable[Given, Answer]], Callable[Given, Answer]]:
    """What the decorated service refuses leaves a row too, after its own transaction is undone.

    The service takes `actor` and `now` by name; a caller who wraps it in a transaction that he
    rolls back loses the row with it.
    """

    def wrap(service: Callable[Given, Answer]) -> Callable[Given, Answer]:
        @wraps(service)
        def told(*args: Given.args, **kwargs: Given.kwargs) -> Answer:
            try:
                return service(*args, **kwargs)
            except Refused as refused:
                with transaction.atomic():
                    record([_refusal(action, target_type, dict(kwargs), refused)])
                refused.is_recorded = True
                raise

        return told

    return wrap


def record_attempt(
    refused: Refused, *, actor: Actor, at: datetime, action: str, target_type: str, target: str
) -> None:
    """What a channel turned away before any room saw it leaves its row, once."""
    if refused.is_recorded:
        return
    detail = {"findings": [finding.text for finding in refused.findings[:20]]}
    row = AuditRow(
        actor=actor,
        at=at,
        action=action[:80],
        target_type=target_type[:60],
        target=target[:80],
        result="refused",
        detail=detail,
    )
    with transaction.atomic():
        record([row])
    refused.is_recorded = True


def _refusal(action: str, target_type: str, said: dict[str, Any], refused: Refused) -> AuditRow:
    actor, now = said.pop("actor"), said.pop("now")
    plain = {k: v for k, v in said.items() if isinstance(v, str | int | bool)}
    return AuditRow(
        actor=actor,
        at=now,
        action=action,
        target_type=target_type,
        target=str(next(iter(plain.values()), ""))[:80],
        result="refused",
        detail={
            "asked": {name: str(value)[:200] for name, value in plain.items()},
            "findings": [finding.text for finding in refused.findings[:20]],
        },
    )

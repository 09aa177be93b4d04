"""审计记录 audit rows: canonical JSON text and its hash, written in one call for a batch."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, Protocol

from django.db import connection

ALGORITHM: Final = "sm3" if "sm3" in hashlib.algorithms_available else "sha256"


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
        "ip": row.actor.ip,
        "channel": row.actor.channel,
        "trace": row.actor.trace_id,
        "action": row.action,
        "type": row.target_type,
        "target": row.target,
        "result": row.result,
        "detail": row.detail,
    }
    return json.dumps(said, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=str)


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
        cursor.execute("SELECT audit_append(%s::text[], %s::bytea[])", [bodies, leaves])

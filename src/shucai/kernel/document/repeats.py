"""重复请求 repeats: the first answer to a key is kept and given again to every repeat.

All functions run in the caller's transaction: a claim of a request that fails is undone with it,
so that the same key may be tried again.
"""

import json
from datetime import datetime
from typing import Any, Final, cast

from shucai.kernel.document import errors
from shucai.kernel.document.models import Request
from shucai.kernel.ledger import wire


def claim(*, key: str, digest: str, actor_id: int, at: datetime) -> dict[str, Any] | None:
    """Claims the key, or waits for and returns the answer of whoever claimed it first.

    Raises Refused when the key was used for a request with another content.
    """
    request = Request(key=key, digest=digest, outcome={}, actor_id=actor_id, at=at)
    Request.objects.bulk_create([request], ignore_conflicts=True)
    known = Request.objects.select_for_update(no_key=True).get(key=key)
    if known.digest != digest:
        raise errors.KEY_REUSED.refuse(key=key)
    return cast(dict[str, Any], known.outcome) or None


def claiming(*, key: str, digest: str, actor_id: int, at: datetime) -> list[wire.Call]:
    """What `claim` does, for a flight that carries more; `claimed` reads the second answer."""
    return [wire.Call(_CLAIM, [key, digest, actor_id, at]), wire.Call(_FIRST, [key])]


def claimed(rows: list[tuple[Any, ...]], *, key: str, digest: str) -> dict[str, Any] | None:
    """Raises Refused when the key was used for a request with another content."""
    ((known, outcome),) = rows
    if known != digest:
        raise errors.KEY_REUSED.refuse(key=key)
    # Django leaves json columns as text, for its own field to decode.
    return json.loads(outcome) or None


def keeping(*, key: str, outcome: dict[str, Any]) -> wire.Call:
    """What `keep` does, for a flight that carries more."""
    return wire.Call(_KEEP, [json.dumps(outcome, ensure_ascii=False), key])


_CLAIM: Final = wire.Prepared(
    "INSERT INTO document_request (key, digest, outcome, actor_id, at)"
    " VALUES ($1, $2, '{}', $3, $4) ON CONFLICT DO NOTHING"
)
_FIRST: Final = wire.Prepared(
    "SELECT digest, outcome FROM document_request WHERE key = $1 FOR NO KEY UPDATE"
)
_KEEP: Final = wire.Prepared("UPDATE document_request SET outcome = $1::jsonb WHERE key = $2")


def keep(*, key: str, outcome: dict[str, Any]) -> None:
    """Keeps the answer for every later repeat."""
    Request.objects.filter(key=key).update(outcome=outcome)

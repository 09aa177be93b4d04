"""重复请求 repeats: the first answer to a key is kept and given again to every repeat.

Both functions run in the caller's transaction: a claim of a request that fails is undone with it,
so that the same key may be tried again.
"""

from datetime import datetime
from typing import Any, Final, cast

from shucai.kernel.document import errors
from shucai.kernel.document.models import Request


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


KEEP: Final = "UPDATE document_request SET outcome = %s::jsonb WHERE key = %s"


def keep(*, key: str, outcome: dict[str, Any]) -> None:
    """Keeps the answer for every later repeat."""
    Request.objects.filter(key=key).update(outcome=outcome)

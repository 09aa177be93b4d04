"""翻页 paging of simple lists by their key: the cursor names the last row that was given."""

import base64
import json
from collections.abc import Sequence
from typing import Annotated, Any

from ninja import Query

from shucai.edge.api import errors

Limit = Annotated[int, Query(50, ge=1, le=200, description="每页行数")]
Cursor = Annotated[str, Query("", max_length=400, description="上一页返回的 next")]
Search = Annotated[str, Query("", max_length=60, description="编码开头，或名称中的词")]


def encode(key: Sequence[str | int]) -> str:
    raw = json.dumps(list(key), ensure_ascii=False, separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def decode(cursor: str, *types: type) -> list[Any] | None:
    """The key behind a cursor; None for the first page. Raises Refused for a damaged one."""
    if not cursor:
        return None
    try:
        raw = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        key = json.loads(raw)
    except ValueError:
        raise errors.BAD_CURSOR.refuse("cursor") from None
    fits = isinstance(key, list) and len(key) == len(types)
    if not fits or any(type(part) is not wanted for part, wanted in zip(key, types, strict=True)):
        raise errors.BAD_CURSOR.refuse("cursor")
    if any((isinstance(p, int) and not 0 <= p < 2**63) or "\x00" in str(p) for p in key):
        raise errors.BAD_CURSOR.refuse("cursor")
    return list(key)

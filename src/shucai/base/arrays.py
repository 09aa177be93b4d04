"""数组 arrays: PostgreSQL array literals of long columns, made faster than a driver quotes them.

A JSON list of plain values is, but for its brackets, an array literal; only control characters
are spelt differently.
"""

import json
import re
from collections.abc import Sequence
from typing import Final

Plain = str | int | bool | None
_CONTROL: Final = re.compile(r"[\x00-\x1f]")
_encode: Final = json.JSONEncoder(ensure_ascii=False).encode  # `dumps` would make one each time


def literal(values: Sequence[Plain]) -> str:
    """The literal of a one-dimensional array."""
    texts = "".join(value for value in values if isinstance(value, str))
    if _CONTROL.search(texts):
        return "{" + ",".join(map(_quoted, values)) + "}"
    return "{" + _encode(values)[1:-1] + "}"


def _quoted(value: Plain) -> str:
    """An element with control characters is quoted, but nothing in it is spelt differently."""
    if not isinstance(value, str):
        return _encode(value)
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'

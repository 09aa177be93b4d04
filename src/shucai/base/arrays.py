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
    if len(values) == 1:
        return "{" + _element(values[0]) + "}"
    texts = "".join(value for value in values if isinstance(value, str))
    if _CONTROL.search(texts):
        return "{" + ",".join(map(_element, values)) + "}"
    return "{" + _encode(values)[1:-1] + "}"


def _element(value: Plain) -> str:
    """Control characters are left as they are: between quotes they may stand."""
    if not isinstance(value, str):
        return "null" if value is None else str(value).lower()
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'

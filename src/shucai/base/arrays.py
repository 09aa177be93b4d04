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


def literal(values: Sequence[Plain]) -> str | list[Plain]:
    """The literal of a one-dimensional array; the values themselves where it can't be spelt."""
    texts = "".join(value for value in values if isinstance(value, str))
    if _CONTROL.search(texts):
        return list(values)
    return "{" + json.dumps(values, ensure_ascii=False)[1:-1] + "}"

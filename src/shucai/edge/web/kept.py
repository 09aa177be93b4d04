"""暂存 kept: answers that many requests share, for a minute and within one process.

Only for what everybody with the same key may see, and what may be a minute old.
"""

import time
from collections.abc import Callable, Hashable
from typing import Any, Final, TypeVar

SECONDS: Final = 60
ANSWERS_MAX: Final = 1_000

Answer = TypeVar("Answer")
_KEPT: dict[Hashable, tuple[float, Any]] = {}


def kept(key: Hashable, make: Callable[[], Answer]) -> Answer:
    """The answer of less than a minute ago, else a new one."""
    known = _KEPT.get(key)
    now = time.monotonic()
    if known is not None and now - known[0] < SECONDS:
        answer: Answer = known[1]
        return answer
    if len(_KEPT) >= ANSWERS_MAX:
        _KEPT.clear()
    made = make()
    _KEPT[key] = (now, made)
    return made


def forget() -> None:
    """For tests that change what was kept."""
    _KEPT.clear()

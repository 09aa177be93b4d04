"""在办的任务 the job under way: its arguments, whom it acts for, and how it tells its progress."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, Protocol

from shucai.kernel.identity.actor import Actor

EVERY_SECONDS: Final = 0.5


class Cancelled(Exception):
    """Somebody asked the job to stop."""


class Interrupted(Exception):
    """The worker is stopping; the job goes back to the queue."""


class Journal(Protocol):
    """Keeps progress outside the transaction of the job; answers whether to go on."""

    def progress(self, *, done: int, total: int, note: str) -> bool: ...
    def alarm(self, text: str) -> None: ...


@dataclass(slots=True)
class Work:
    """What a job function is given. `now` is the instant at which this attempt began."""

    run_id: int
    code: str
    name: str
    args: Mapping[str, Any]
    actor: Actor
    now: datetime
    attempt: int
    clock: Callable[[], datetime]
    journal: Journal
    is_stopping: Callable[[], bool]
    file_id: int | None = None
    _told_at: float = field(default=-1.0)

    def progress(self, done: int, total: int = 0, note: str = "") -> None:
        """Tells how far the job is, at most twice a second, whatever the transaction does.

        Raises Cancelled or Interrupted when the job should stop here.
        """
        if self.is_stopping():
            raise Interrupted
        moment = time.monotonic()
        is_last = total > 0 and done >= total
        if not is_last and 0 <= self._told_at > moment - EVERY_SECONDS:
            return
        self._told_at = moment
        if not self.journal.progress(done=done, total=total, note=note):
            raise Cancelled

    def alarm(self, text: str) -> None:
        """Tells the holders of the task's `alert` duty; the run itself still counts as done."""
        self.journal.alarm(text)

"""日志簿 logbook: interface calls and defects, noted in memory and written in batches.

Noting costs a caller nothing but an append. A thread of the process writes every two seconds, on
its own connection; what a lost database keeps out stays for the next turn. A process that is
killed takes at most the last two seconds with it; the text log has them still.
"""

import atexit
import logging
import threading
import traceback
from collections import deque
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from django.db import DatabaseError, connections, transaction
from django.db.models import Count, OuterRef, Q, QuerySet, Subquery

from shucai.kernel.audit.models import Defect, InterfaceCall
from shucai.kernel.audit.trail import Actor

LOG: Final = logging.getLogger("shucai.logbook")
HELD_MAX: Final = 20_000
BATCH: Final = 500
EVERY_SECONDS: Final = 2.0
DELETE_BATCH: Final = 5_000

_held: Final[deque[InterfaceCall | Defect]] = deque(maxlen=HELD_MAX)
_writing: Final = threading.Lock()


def note(one: InterfaceCall | Defect) -> None:
    """Keeps it until the next writing; of too many, the oldest go."""
    _held.append(one)


def note_defect(
    failure: BaseException,
    *,
    at: datetime,
    trace: str,
    channel: str,
    actor: Actor | None = None,
    where: Mapping[str, str] | None = None,
) -> None:
    """A fault of ours, by kind and place. `where` may name the method and the route."""
    said = where or {}
    note(
        Defect(
            at=at,
            trace=trace[:64],
            channel=channel,
            method=said.get("method", "")[:8],
            route=said.get("route", "")[:200],
            exception=_kind(failure)[:120],
            place=place_of(failure)[:200],
            **facts_of(actor),
        )
    )


def facts_of(actor: Actor | None) -> dict[str, Any]:
    """Who, as the logs keep it."""
    if actor is None:
        return {}
    return {
        "actor_id": actor.user_id or None,
        "actor_name": actor.name[:40],
        "unit_name": getattr(actor, "unit_name", "")[:120],
        "unit_path": getattr(actor, "scope_path", "")[:120],
    }


def _kind(failure: BaseException) -> str:
    kind = type(failure)
    return kind.__name__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__name__}"


def place_of(failure: BaseException) -> str:
    """The innermost line of our own, else the innermost of all."""
    frames = traceback.extract_tb(failure.__traceback__)
    own = [one for one in frames if "shucai" in Path(one.filename).parts]
    if not frames:
        return "未知"
    last = (own or frames)[-1]
    parts = Path(last.filename).parts
    start = len(parts) - parts[::-1].index("shucai") - 1 if own else -1
    return f"{'/'.join(parts[start:])}:{last.lineno} {last.name}"


def flush() -> int:
    """Writes what is held; returns how many rows. What can't be written stays held."""
    written = 0
    with _writing:
        while _held:
            taken = [_held.popleft() for _ in range(min(BATCH, len(_held)))]
            try:
                with transaction.atomic():
                    InterfaceCall.objects.bulk_create(
                        [one for one in taken if isinstance(one, InterfaceCall)]
                    )
                    Defect.objects.bulk_create([one for one in taken if isinstance(one, Defect)])
            except DatabaseError:
                _held.extendleft(reversed(taken))
                raise
            written += len(taken)
    return written


def clear() -> None:
    """Forgets what is held."""
    _held.clear()


class _Writer(threading.Thread):
    """Writes for one process; dies with it."""

    def __init__(self) -> None:
        super().__init__(name="logbook", daemon=True)
        self._stop_wanted = threading.Event()

    def run(self) -> None:
        while not self._stop_wanted.wait(EVERY_SECONDS):
            self._turn()

    def stop(self) -> None:
        self._stop_wanted.set()
        if self.is_alive():
            self.join(timeout=2 * EVERY_SECONDS)
        self._turn()

    def _turn(self) -> None:
        try:
            flush()
        except DatabaseError:
            LOG.warning("%s log rows wait for the database", len(_held))
            connections.close_all()


_writers: Final[list[_Writer]] = []


def start() -> None:
    """Begins to write for this process, once."""
    if not _writers:
        writer = _Writer()
        _writers.append(writer)
        writer.start()
        atexit.register(writer.stop)


def calls(actor: Any) -> QuerySet[InterfaceCall]:
    """Those of people in the officer's range, and those nobody could be named for."""
    return InterfaceCall.objects.filter(_within(actor))


def calls_of(*, token_id: int = 0, application: str = "") -> QuerySet[InterfaceCall]:
    """The calls with one token, or with any key of an application."""
    if token_id:
        return InterfaceCall.objects.filter(token_id=token_id)
    return InterfaceCall.objects.filter(application=application)


def defects(actor: Any) -> QuerySet[Defect]:
    """Each with the number of its kind in `times`."""
    counted = (
        Defect.objects.filter(exception=OuterRef("exception"), place=OuterRef("place"))
        .values("exception", "place")
        .annotate(n=Count("pk"))
        .values("n")
    )
    return Defect.objects.filter(_within(actor)).annotate(times=Subquery(counted))


def _within(actor: Any) -> Q:
    low, high = actor.range
    return Q(unit_path="") | Q(unit_path__gte=low, unit_path__lt=high)


def alike(defect: Defect) -> QuerySet[Defect]:
    """The same kind of fault at the same place."""
    return Defect.objects.filter(exception=defect.exception, place=defect.place)


def forget(*, calls_before: datetime, defects_before: datetime) -> dict[str, int]:
    """Deletes what has been kept long enough, in pieces. Rows of the trail are never deleted."""
    return {
        "calls": _delete(InterfaceCall.objects.filter(at__lt=calls_before)),
        "defects": _delete(Defect.objects.filter(at__lt=defects_before)),
    }


def _delete(rows: QuerySet[Any]) -> int:
    gone = 0
    while keys := list(rows.order_by("pk").values_list("pk", flat=True)[:DELETE_BATCH]):
        rows.model._default_manager.filter(pk__in=keys).delete()
        gone += len(keys)
    return gone

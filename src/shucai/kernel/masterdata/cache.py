"""缓存 the process cache of master data: thrown away when the version row has changed.

Within one transaction the version is looked at once a second at most, so that a batch of ten
thousand lines costs dictionary look-ups and no queries; a new transaction looks again.
"""

import threading
import time
import weakref
from collections.abc import Callable, Hashable
from typing import Any, Final, TypeVar, cast
from uuid import UUID

from django.db import connection, transaction

from shucai.kernel.masterdata.models import MasterdataVersion

KEPT_MAX: Final = 300
RECHECK_SECONDS: Final = 1.0
Kept = TypeVar("Kept")


class _Marker:
    """Lives as long as the transaction that registered it, however that ends."""

    def __call__(self) -> None:
        """Nothing happens at commit; the transaction only has to hold the reference."""


class _Cache(threading.local):
    """What this thread has read; threads share nothing, so nothing needs a lock."""

    def __init__(self) -> None:
        self.version: UUID | None = None
        self.checked_at = 0.0
        self.transaction: weakref.ref[_Marker] | None = None
        self.kept: dict[Hashable, Any] = {}


_CACHE = _Cache()


def forget() -> None:
    """The next question reads the database again; called by everything that writes."""
    _CACHE.version = None
    _CACHE.kept.clear()


def kept(key: Hashable, load: Callable[[], Kept]) -> Kept:
    """What was loaded under the key since master data last changed."""
    _refresh()
    if key not in _CACHE.kept:
        if len(_CACHE.kept) >= KEPT_MAX:
            _CACHE.kept.clear()
        _CACHE.kept[key] = load()
    return cast(Kept, _CACHE.kept[key])


def _refresh() -> None:
    same = _CACHE.transaction is not None and _CACHE.transaction() is not None
    fresh = time.monotonic() - _CACHE.checked_at < RECHECK_SECONDS
    if same and fresh and _CACHE.version is not None:
        return
    version = MasterdataVersion.objects.values_list("version", flat=True).first()
    if version != _CACHE.version or version is None:
        _CACHE.kept.clear()
    _CACHE.version, _CACHE.checked_at = version, time.monotonic()
    if connection.in_atomic_block and not same:
        marker = _Marker()
        transaction.on_commit(marker)
        _CACHE.transaction = weakref.ref(marker)

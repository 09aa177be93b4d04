"""现行内容 reading: what is in force for a place and a unit, kept by the process.

A process that listens (see `delivery`) compares a version it has in memory; any other looks at
the version row, within one transaction once a second at most.
"""

import threading
import time
import weakref
from collections.abc import Hashable, Iterator
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from django.db import connection, transaction

from shucai.kernel.configuration.declare import Content, Place, find_kind
from shucai.kernel.configuration.models import ConfigurationVersion, InForce, Release

KEPT_MAX: Final = 500
RECHECK_SECONDS: Final = 1.0
HEARD_SECONDS: Final = 5.0


@dataclass(frozen=True, slots=True)
class Current:
    """What counts. Release number 0 is the standard content; the content is shared by all who
    read it and must not be changed. `token` is equal for equal contents within a process."""

    content: Content
    release_number: int
    release_id: int | None
    place: Place
    is_trial: bool = False

    @property
    def token(self) -> Hashable:
        return self.release_id or self.place


@dataclass(frozen=True, slots=True)
class _Entry:
    published: Release | None
    published_content: Content
    trial: Release | None
    trial_content: Content
    trial_paths: tuple[str, ...]


_Shelf = dict[Place, _Entry]


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
        self.shelves: dict[tuple[str, str], _Shelf] = {}
        self.standard: dict[Place, Content] = {}


class _Heard:
    """What the listening thread knows, for all threads of the process."""

    version: UUID | None = None
    at: float = 0.0


_CACHE = _Cache()
_HEARD = _Heard()


def current(
    kind: str, key: str, *, division: str, fiscal_year: int, unit_path: str = ""
) -> Current:
    """What counts for a unit: of the places that apply the most special one with a release.

    Division before year before all; at each place a release on trial counts for the units below
    its paths. Nothing published: the standard content of the kind.
    """
    asked = Place(kind, key, division, fiscal_year)
    shelf = _shelf(kind, key)
    for place in wider(asked) if shelf else ():
        entry = shelf.get(place)
        if entry is None:
            continue
        if entry.trial is not None and _below(unit_path, entry.trial_paths):
            release = entry.trial
            return Current(entry.trial_content, release.number, release.pk, place, is_trial=True)
        if entry.published is not None:
            release = entry.published
            return Current(entry.published_content, release.number, release.pk, place)
    return Current(_standard(asked), 0, None, asked)


def wider(place: Place) -> Iterator[Place]:
    """The places that apply, the most special first."""
    seen: set[Place] = set()
    for division in (place.division, ""):
        for year in (place.fiscal_year, 0):
            found = Place(place.kind, place.key, division, year)
            if found not in seen:
                seen.add(found)
                yield found


def forget() -> None:
    """The next question reads the database again."""
    _CACHE.version = None
    _CACHE.shelves.clear()
    _CACHE.standard.clear()


def hear(version: UUID | None) -> None:
    """The listening thread tells the version in force; None when it has lost the connection."""
    _HEARD.version = version
    _HEARD.at = time.monotonic() if version is not None else 0.0


def _below(path: str, paths: tuple[str, ...]) -> bool:
    return bool(path) and any(path == one or path.startswith(one + "/") for one in paths)


def _standard(place: Place) -> Content:
    _refresh()
    if place not in _CACHE.standard:
        if len(_CACHE.standard) >= KEPT_MAX:
            _CACHE.standard.clear()
        declared = find_kind(place.kind)
        _CACHE.standard[place] = declared.standard(place) if declared is not None else {}
    return _CACHE.standard[place]


def _shelf(kind: str, key: str) -> _Shelf:
    _refresh()
    if (kind, key) not in _CACHE.shelves:
        if len(_CACHE.shelves) >= KEPT_MAX:
            _CACHE.shelves.clear()
        _CACHE.shelves[kind, key] = _load(kind, key)
    return _CACHE.shelves[kind, key]


def _load(kind: str, key: str) -> _Shelf:
    rows = InForce.objects.select_related("published", "trial").filter(kind=kind, key=key)
    return {
        row.place: _Entry(
            published=row.published,
            published_content=_content(row.published),
            trial=row.trial,
            trial_content=_content(row.trial),
            trial_paths=tuple(row.trial_paths),
        )
        for row in rows
    }


def _content(release: Any) -> Content:
    found: Content = release.content if release is not None else {}
    return found


def _refresh() -> None:
    if _HEARD.version is not None and time.monotonic() - _HEARD.at < HEARD_SECONDS:
        version: UUID | None = _HEARD.version
        if version != _CACHE.version:
            forget()
            _CACHE.version = version
        return
    same = _CACHE.transaction is not None and _CACHE.transaction() is not None
    fresh = time.monotonic() - _CACHE.checked_at < RECHECK_SECONDS
    if same and fresh and _CACHE.version is not None:
        return
    version = ConfigurationVersion.objects.values_list("version", flat=True).first()
    if version != _CACHE.version or version is None:
        forget()
    _CACHE.version, _CACHE.checked_at = version, time.monotonic()
    if connection.in_atomic_block and not same:
        marker = _Marker()
        transaction.on_commit(marker)
        _CACHE.transaction = weakref.ref(marker)

"""总览 overview: what is configured and what waits, by kind and by place, for the workbench."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.db.models import Count, QuerySet

from shucai.kernel.configuration import drafts
from shucai.kernel.configuration.declare import Kind, Place
from shucai.kernel.configuration.models import (
    ConfigurationVersion,
    Draft,
    InForce,
    Operation,
    Release,
    Rollback,
)

HISTORY_MAX: Final = 200
RELEASES_MAX: Final = 200
PLACES_MAX: Final = 2_000


@dataclass(frozen=True, slots=True)
class KindCount:
    """Figures of a kind: proposals that wait, trials, drafts, places with a release."""

    waiting: int = 0
    trials: int = 0
    drafts: int = 0
    published: int = 0


@dataclass(slots=True)
class PlaceState:
    """What there is at a place."""

    place: Place
    published: Release | None = None
    trial: Release | None = None
    trial_paths: Sequence[str] = ()
    draft: Draft | None = None
    waiting: Release | None = None
    rollback: Rollback | None = None

    @property
    def is_waiting(self) -> bool:
        return self.waiting is not None or self.rollback is not None


def counts() -> Mapping[str, KindCount]:
    """By code of the kind; kinds with nothing are left out."""
    waiting = _by_kind(Release.objects.filter(state="proposed"))
    for kind, count in _by_kind(Rollback.objects.filter(state="proposed")).items():
        waiting[kind] = waiting.get(kind, 0) + count
    trials = _by_kind(InForce.objects.filter(trial__isnull=False))
    published = _by_kind(InForce.objects.filter(published__isnull=False))
    edited = _by_kind(Draft.objects.all())
    return {
        kind: KindCount(
            waiting=waiting.get(kind, 0),
            trials=trials.get(kind, 0),
            drafts=edited.get(kind, 0),
            published=published.get(kind, 0),
        )
        for kind in {*waiting, *trials, *published, *edited}
    }


def waiting_count() -> int:
    """Releases and ways back that wait for a second person."""
    proposed = Release.objects.filter(state="proposed").count()
    return proposed + Rollback.objects.filter(state="proposed").count()


def states(kind: Kind) -> list[PlaceState]:
    """Every place of the kind with anything at it, by key, division and year."""
    found: dict[Place, PlaceState] = {}

    def at(place: Place) -> PlaceState:
        return found.setdefault(place, PlaceState(place))

    rows = InForce.objects.select_related("published", "trial").filter(kind=kind.code)
    for row in rows[:PLACES_MAX]:
        state = at(row.place)
        state.published, state.trial, state.trial_paths = row.published, row.trial, row.trial_paths
    for draft in Draft.objects.filter(kind=kind.code).defer("content")[:PLACES_MAX]:
        at(draft.place).draft = draft
    waiting = Release.objects.filter(kind=kind.code, state="proposed").defer("body")
    for release in waiting[:PLACES_MAX]:
        at(release.place).waiting = release
    for rollback in Rollback.objects.filter(kind=kind.code, state="proposed")[:PLACES_MAX]:
        at(rollback.place).rollback = rollback
    return sorted(
        found.values(), key=lambda s: (s.place.key, s.place.division, s.place.fiscal_year)
    )


def state(place: Place) -> PlaceState:
    """What there is at one place."""
    where = drafts.at(place)
    row = InForce.objects.select_related("published", "trial").filter(**where).first()
    return PlaceState(
        place=place,
        published=row.published if row is not None else None,
        trial=row.trial if row is not None else None,
        trial_paths=row.trial_paths if row is not None else (),
        draft=drafts.find(place),
        waiting=Release.objects.filter(**where, state="proposed").first(),
        rollback=Rollback.objects.filter(**where, state="proposed").first(),
    )


def releases(place: Place) -> list[Release]:
    """The latest first, without their contents."""
    rows = Release.objects.filter(**drafts.at(place)).defer("body").order_by("-number")
    return list(rows[:RELEASES_MAX])


def history(place: Place) -> list[Operation]:
    """What was done at the place, the latest first."""
    return list(Operation.objects.filter(**drafts.at(place)).order_by("-pk")[:HISTORY_MAX])


def version() -> ConfigurationVersion:
    return ConfigurationVersion.objects.get(pk=1)


def _by_kind(rows: "QuerySet[Any, Any]") -> dict[str, int]:
    return dict(rows.order_by("kind").annotate(n=Count("pk")).values_list("kind", "n"))

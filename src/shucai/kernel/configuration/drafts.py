"""草稿 drafts: the text being edited at a place; it has no effect on anything."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from django.db import transaction
from django.utils import timezone

from shucai.base.errors import Finding
from shucai.kernel import audit
from shucai.kernel.configuration import errors, places
from shucai.kernel.configuration.declare import Content, Place
from shucai.kernel.configuration.models import Draft, InForce, Release
from shucai.kernel.identity import scope
from shucai.kernel.identity.actor import Actor

BYTES_MAX: Final = 1_000_000
_TARGET: Final = "configuration"


def at(place: Place) -> dict[str, Any]:
    """The columns of a place."""
    return {
        "kind": place.kind,
        "key": place.key,
        "division": place.division,
        "fiscal_year": place.fiscal_year,
    }


def find(place: Place) -> Draft | None:
    return Draft.objects.filter(**at(place)).first()


def canonical(content: Content) -> str:
    """The one spelling of a content: what a release keeps and its digest is made of."""
    return json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def published(place: Place) -> Release | None:
    """The release in force at exactly this place."""
    found = InForce.objects.select_related("published").filter(**at(place)).first()
    return found.published if found is not None else None


def starting(place: Place) -> tuple[Content, int, int]:
    """What an editor begins with: content, version of the draft (0 without one), its base.

    The draft, else the release in force at the place, else what holds there without one.
    """
    draft = find(place)
    if draft is not None:
        return draft.content, draft.version, draft.base_number
    release = published(place)
    if release is not None:
        return release.content, 0, release.number
    return inherited(place), 0, 0


def inherited(place: Place) -> Content:
    """What would hold at the place if nothing had been published there."""
    from shucai.kernel.configuration import reading

    for wider in reading.wider(place):
        release = published(wider) if wider != place else None
        if release is not None:
            return release.content
    return places.known(place.kind).standard(place)


def check(place: Place, content: Content) -> Sequence[Finding]:
    """Every fault of the content; none when it could be proposed."""
    return places.kind_of(place).faults(place, content)


@audit.refusals("configuration.save", _TARGET)
def save(*, actor: Actor, place: Place, content: Content, version: int, now: datetime) -> Draft:
    """Keeps the content; `version` is that of the draft which was opened, 0 for none.

    A draft may be faulty; only a proposal may not.
    """
    kind = places.kind_of(place)
    places.demand_editor(actor, kind, place, f"编辑{kind.name}")
    size = _plain(content)
    if size > BYTES_MAX:
        raise errors.DRAFT_LARGE.refuse(size=f"{size:,}", limit=f"{BYTES_MAX:,}")
    with transaction.atomic():
        scope.apply(actor)
        draft = _opened(place, version)
        if draft is None:
            release = published(place)
            base = release.number if release is not None else 0
            draft = Draft(**at(place), base_number=base, version=0)
        before = draft.content if draft.pk else inherited_or_published(place)
        draft.content, draft.version = json.loads(canonical(content)), draft.version + 1
        _sign(draft, actor, now)
        changed = _changed(kind.spelled(place, before), kind.spelled(place, content))
        detail = {"version": draft.version, "changed": changed}
        audit.record([places.row(actor, now, "save", place, detail)])
    return draft


@audit.refusals("configuration.discard", _TARGET)
def discard(*, actor: Actor, place: Place, version: int, now: datetime) -> None:
    """The draft is gone; what is in force stays."""
    kind = places.kind_of(place)
    places.demand_editor(actor, kind, place, "放弃草稿")
    with transaction.atomic():
        scope.apply(actor)
        draft = _existing(place, version)
        draft.delete()
        audit.record([places.row(actor, now, "discard", place, {"version": version})])


def from_release(*, actor: Actor, place: Place, number: int, version: int, now: datetime) -> Draft:
    """The draft takes over the content of a release; number 0 is the standard content."""
    if number == 0:
        content: Content = places.kind_of(place).standard(place)
    else:
        content = release_at(place, number).content
    return save(actor=actor, place=place, content=content, version=version, now=now)


@audit.refusals("configuration.rebase", _TARGET)
def rebase(*, actor: Actor, place: Place, version: int, now: datetime) -> Draft:
    """The editor has seen the release in force and stands by his draft."""
    kind = places.kind_of(place)
    places.demand_editor(actor, kind, place, "以现行发布为底")
    with transaction.atomic():
        scope.apply(actor)
        draft = _existing(place, version)
        release = published(place)
        before, draft.base_number = draft.base_number, release.number if release else 0
        draft.version += 1
        _sign(draft, actor, now)
        detail = {"old": before, "new": draft.base_number}
        audit.record([places.row(actor, now, "rebase", place, detail)])
    return draft


def release_at(place: Place, number: int) -> Release:
    """The release of that number; refuses when there is none."""
    found = Release.objects.filter(**at(place), number=number).first()
    if found is None:
        name = places.known(place.kind).name
        raise errors.NO_RELEASE.refuse(kind=name, key=place.key, number=number)
    return found


def inherited_or_published(place: Place) -> Content:
    release = published(place)
    return release.content if release is not None else inherited(place)


def _plain(content: Content) -> int:
    """The size of the content in bytes; refuses what is not a plain JSON object."""
    if not isinstance(content, dict):
        raise errors.NOT_PLAIN.refuse(reason=f"最外层是 {type(content).__name__}")
    try:
        return len(canonical(content).encode())
    except (TypeError, ValueError, RecursionError) as fault:
        raise errors.NOT_PLAIN.refuse(reason=str(fault)[:100]) from fault


def _opened(place: Place, version: int) -> Draft | None:
    draft = Draft.objects.select_for_update().filter(**at(place)).first()
    if draft is not None and draft.version != version:
        raise errors.STALE_DRAFT.refuse(
            person=draft.edited_name,
            at=timezone.localtime(draft.edited_at).strftime("%Y-%m-%d %H:%M"),
            now=draft.version,
            version=version,
        )
    return draft


def _existing(place: Place, version: int) -> Draft:
    draft = _opened(place, version)
    if draft is None:
        raise errors.NO_DRAFT.refuse(kind=places.known(place.kind).name, key=place.key)
    return draft


def _sign(draft: Draft, actor: Actor, now: datetime) -> None:
    draft.edited_by, draft.edited_name, draft.edited_at = actor.user_id, actor.name, now
    draft.save()


def _changed(before: dict[str, str], after: dict[str, str]) -> int:
    return sum(before.get(path) != after.get(path) for path in {*before, *after})

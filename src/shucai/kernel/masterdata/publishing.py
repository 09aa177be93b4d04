"""下发接收 publishing: local values one division offers, and what others made of them.

A publication keeps the values as they were. Who takes it over sees the difference first; taken
values become the division's own and are changed by nobody else afterwards.
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, Final

from django.db import transaction
from django.db.models import Q, QuerySet

from shucai.kernel import audit
from shucai.kernel.identity.actor import Actor
from shucai.kernel.masterdata import errors, importing, keeping, values
from shucai.kernel.masterdata.editing import Place
from shucai.kernel.masterdata.importing import Difference, Row
from shucai.kernel.masterdata.models import (
    Division,
    Publication,
    PublicationTaking,
    Value,
    ValueSet,
)

ROWS_MAX: Final = 5_000
TARGETS_MAX: Final = 200


def visible(actor: Actor) -> QuerySet[Publication]:
    """What the division has published and what it is offered; a city-wide position sees all."""
    if "/" not in actor.scope_path:
        return Publication.objects.all()
    own = Q(division=actor.division)
    return Publication.objects.filter(own | Q(targets=[]) | Q(targets__contains=[actor.division]))


def offered(place: Place, *, below: str = "") -> list[Value]:
    """The enabled local values of the place, from a branch if one is named."""
    rows = Value.objects.filter(
        value_set__code=place.value_set,
        fiscal_year=place.fiscal_year,
        division=place.division,
        is_enabled=True,
    )
    if below:
        rows = rows.filter(code__startswith=below)
    return list(rows.order_by("code")[: ROWS_MAX + 1])


@audit.refusals("masterdata.publish", "masterdata.publication")
def publish(
    *,
    actor: Actor,
    place: Place,
    title: str,
    now: datetime,
    targets: Collection[str] = (),
    below: str = "",
) -> Publication:
    """Offers the local values to the targets, or to every other division without any."""
    known = values.catalogue(place.value_set, place.fiscal_year)
    keeping.demand_owner(actor, "发布编码", division=place.division, set_name=known.name)
    found = offered(place, below=below) if place.division else []
    if not found or len(found) > ROWS_MAX:
        raise errors.PUBLISH_EMPTY.refuse(
            set=known.name, division=place.division or "（标准）", year=place.fiscal_year
        )
    named = sorted(set(targets))[: TARGETS_MAX + 1]
    there = set(
        Division.objects.filter(code9__in=named, is_enabled=True).values_list("code9", flat=True)
    )
    for target in named:
        if target not in there or target == place.division:
            raise errors.PUBLISH_TARGET.refuse("targets", target=target)
    text = title.strip()
    if not 1 <= len(text) <= 120:
        reason = f"共 {len(text)} 个字，应为 1 至 120 个字"
        raise errors.BAD_TEXT.refuse("title", label="说明", reason=reason)
    with transaction.atomic():
        made = Publication.objects.create(
            value_set=ValueSet.objects.get(code=place.value_set),
            fiscal_year=place.fiscal_year,
            division=place.division,
            targets=named,
            title=text,
            rows=[_kept(value) for value in found],
            count=len(found),
            actor_id=actor.user_id,
            actor_name=actor.name,
            at=now,
        )
        detail = {"title": text, "count": len(found), "targets": named}
        _note(actor, now, "publish", made, detail)
    return made


def _kept(value: Value) -> dict[str, Any]:
    return {
        "code": value.code,
        "name": value.name,
        "parent": value.parent_code,
        "valid_from": value.valid_from and value.valid_from.isoformat(),
        "valid_to": value.valid_to and value.valid_to.isoformat(),
        "source": value.source,
    }


@audit.refusals("masterdata.withdraw", "masterdata.publication")
def withdraw(*, actor: Actor, publication: int, now: datetime) -> Publication:
    """Nobody can take it over any more; what was taken stays."""
    found = _known(publication)
    keeping.demand_owner(actor, "收回发布", division=found.division, set_name=found.value_set.name)
    if found.withdrawn_at is not None:
        raise errors.NOT_OFFERED.refuse(title=found.title, reason="已经收回")
    with transaction.atomic():
        found.withdrawn_at = now
        found.save(update_fields=["withdrawn_at"])
        _note(actor, now, "withdraw", found, {"title": found.title})
    return found


def preview(*, actor: Actor, publication: int) -> Difference:
    """What taking it over would change in the actor's division. Writes nothing."""
    found = _offered_to(actor, publication)
    return importing.preview(_own(actor, found), rows_of(found), is_complete=False)


@audit.refusals("masterdata.take", "masterdata.publication")
def take(*, actor: Actor, publication: int, now: datetime, digest: str = "") -> PublicationTaking:
    """The values become the division's own, as the preview with that digest showed."""
    keeping.demand_keeper(actor, "接收编码")
    found = _offered_to(actor, publication)
    with transaction.atomic():
        change = importing.apply(
            actor=actor,
            place=_own(actor, found),
            rows=rows_of(found),
            now=now,
            digest=digest,
            is_complete=False,
        )
        taken = PublicationTaking.objects.create(
            publication=found,
            division=actor.division,
            added=len(change.added),
            changed=len(change.changed) + len(change.restarted),
            unchanged=change.unchanged,
            actor_id=actor.user_id,
            actor_name=actor.name,
            at=now,
        )
        detail = {"division": actor.division, "added": taken.added, "changed": taken.changed}
        _note(actor, now, "take", found, detail)
    return taken


def rows_of(publication: Publication) -> list[Row]:
    """The kept values as rows of an import; columns it does not speak of stay as they are."""
    return [
        Row(
            code=said["code"],
            name=said["name"],
            parent_code=said["parent"],
            valid_from=importing.day(said["valid_from"]),
            valid_to=importing.day(said["valid_to"]),
            source=said["source"] or f"区划 {publication.division} 发布",
            edition=f"发布{publication.pk}",
            silent=frozenset({"confidence"}),
        )
        for said in publication.rows
    ]


def takings(publication: int) -> Sequence[PublicationTaking]:
    return list(PublicationTaking.objects.filter(publication=publication).order_by("-pk")[:500])


def _own(actor: Actor, publication: Publication) -> Place:
    return Place(publication.value_set_id, publication.fiscal_year, actor.division)


def _offered_to(actor: Actor, publication: int) -> Publication:
    found = _known(publication)
    reason = ""
    if found.withdrawn_at is not None:
        reason = "发布区划已经收回"
    elif found.division == actor.division:
        reason = "这是本区划自己的编码"
    elif found.targets and actor.division not in found.targets:
        reason = f"没有发布给区划 {actor.division}"
    if reason:
        raise errors.NOT_OFFERED.refuse(title=found.title, reason=reason)
    return found


def _known(publication: int) -> Publication:
    found = Publication.objects.select_related("value_set").filter(pk=publication).first()
    if found is None:
        raise errors.NOT_OFFERED.refuse(title=publication, reason="没有这条发布记录")
    return found


def _note(
    actor: Actor, now: datetime, action: str, publication: Publication, detail: dict[str, Any]
) -> None:
    keeping.note(
        actor=actor,
        now=now,
        action=action,
        target=("publication", f"{publication.value_set_id}/{publication.pk}"),
        detail=detail,
    )

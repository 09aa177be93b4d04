"""对象 places: which place an actor may work on, and what he may do there."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from shucai.kernel import audit
from shucai.kernel.configuration import errors
from shucai.kernel.configuration.declare import Kind, Place, find_kind
from shucai.kernel.identity import duties
from shucai.kernel.identity.actor import Actor


def kind_of(place: Place) -> Kind:
    """The declared kind; refuses a place that the kind doesn't have."""
    kind = known(place.kind)
    keys = kind.keys()
    if place.key not in keys:
        raise errors.UNKNOWN_KEY.refuse("key", kind=kind.name, key=place.key, count=len(keys))
    if place.division and not kind.by_division:
        raise errors.WRONG_PLACE.refuse(
            "division", kind=kind.name, what=f"全市统一，不分区划，而您选了 {place.division}"
        )
    if place.fiscal_year and not kind.by_year:
        raise errors.WRONG_PLACE.refuse(
            "fiscal_year", kind=kind.name, what=f"不分年度，而您选了 {place.fiscal_year}"
        )
    return kind


def known(code: str) -> Kind:
    kind = find_kind(code)
    if kind is None:
        raise errors.UNKNOWN_KIND.refuse(kind=code)
    return kind


def demand_editor(actor: Actor, kind: Kind, place: Place, action: str) -> None:
    _demand(actor, kind.editor, place, action)


def demand_publisher(actor: Actor, kind: Kind, place: Place, action: str) -> None:
    _demand(actor, kind.publisher, place, action)


def covers(actor: Actor, place: Place) -> bool:
    """A position over the whole city works on every place, others on those of their division."""
    if "/" not in actor.scope_path:
        return True
    return bool(place.division) and place.division == actor.division


def _demand(actor: Actor, duty: str, place: Place, action: str) -> None:
    if not actor.can(duty):
        raise errors.NOT_ALLOWED.refuse(
            action=action, needed=duties.name_of(duty), position=actor.position_name
        )
    if not covers(actor, place):
        raise errors.OTHER_DIVISION.refuse(
            action=action,
            division=f"区划 {place.division}" if place.division else "全部区划",
            own=actor.division,
        )


def spelled(place: Place) -> str:
    """The place as one word, for the audit trail and the names of files."""
    return "/".join((place.kind, place.key, place.division or "*", str(place.fiscal_year or "*")))


def row(
    actor: Actor, now: datetime, action: str, place: Place, detail: Mapping[str, Any]
) -> audit.AuditRow:
    """What is done here leaves this row."""
    return audit.AuditRow(
        actor=actor,
        at=now,
        action=f"configuration.{action}",
        target_type="configuration",
        target=spelled(place)[:80],
        result="done",
        detail=detail,
    )

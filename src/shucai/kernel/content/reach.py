"""接收范围 reach: units, duties and positions a text is for, checked against who sends it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from shucai.base.errors import shown
from shucai.kernel.content import errors
from shucai.kernel.identity.actor import Actor


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """Units with all below them, and of these the holders of a duty or a position; `words` say
    it. Nothing named is everybody the sender's scope covers."""

    paths: Sequence[str] = ()
    duties: Sequence[str] = ()
    positions: Sequence[str] = ()
    words: str = "全体人员"


@dataclass(frozen=True, slots=True)
class Span:
    """From when to when; None at the beginning is now, at the end for good."""

    since: datetime | None = None
    until: datetime | None = None


def settled(reach: Reach, actor: Actor) -> list[str]:
    """The paths to keep. A sender below the city reaches no further than his own scope."""
    root = "/" not in actor.scope_path
    if not reach.paths:
        return [] if root else [actor.scope_path]
    low, high = actor.range
    for path in reach.paths:
        if not low <= path < high:
            raise errors.FOREIGN_PLACE.refuse("units", path=path, own=actor.scope_path)
    return sorted(set(reach.paths))


def checked(span: Span, now: datetime) -> tuple[datetime, datetime | None]:
    since = span.since or now
    if span.until is not None and (span.until <= since or span.until <= now):
        raise errors.SPAN.refuse(
            "visible_to", since=f"{since:%Y-%m-%d %H:%M}", until=f"{span.until:%Y-%m-%d %H:%M}"
        )
    return since, span.until


def for_reader(actor: Actor, now: datetime, prefix: str = "") -> Q:
    """Texts within their days that are for the actor in his present position."""
    parts = actor.scope_path.split("/")
    above = ["/".join(parts[: n + 1]) for n in range(len(parts))]

    def one(name: str, value: object) -> Q:
        return Q(**{f"{prefix}{name}": value})

    return (
        one("visible_from__lte", now)
        & (one("visible_to", None) | one("visible_to__gt", now))
        & (one("paths", []) | one("paths__overlap", above))
        & (one("duties", []) | one("duties__overlap", sorted(actor.duties)))
    )


def long_enough(label: str, text: str, least: int = 2) -> str:
    said = text.strip()
    if len(said) < least:
        raise errors.TOO_SHORT.refuse(label=label, length=shown(len(said)), least=least)
    return said

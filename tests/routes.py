"""审批路线 routes for tests, proposed by one person and published by another."""

from collections.abc import Sequence
from typing import Any

from shucai.kernel.configuration import drafts, releases
from shucai.kernel.configuration.declare import Content, Place
from shucai.kernel.configuration.models import Release
from shucai.kernel.identity.models import User
from tests import people
from tests.people import NOW

KEY = "payment.application:approve"


def node(name: str, *duties: str, **more: Any) -> dict[str, Any]:
    """A node as a release keeps it; the reviewer's, for every document, unless said."""
    return {
        "name": name,
        "duties": list(duties) or ["payment.reviewer"],
        "mode": "any",
        "condition": "",
        "amount_from": "",
        "amount_to": "",
        "hours": 24,
        "may_hand_over": True,
        "may_add_signer": True,
    } | more


def publish(
    place: Place, content: Content, *, paths: Sequence[str] = (), now: Any = NOW
) -> Release:
    """In force at once, everywhere at its place or on trial for the units below `paths`."""
    proposed = propose(place, content, now=now)
    return releases.publish(
        actor=people.actor_of("secadmin"),
        release_id=proposed.pk,
        paths=paths,
        opinion="同意",
        now=now,
    )


def propose(place: Place, content: Content, *, now: Any = NOW) -> Release:
    if not User.objects.filter(username="sysadmin").exists():
        people.appoint()
    system, draft = people.actor_of("sysadmin"), drafts.find(place)
    version = draft.version if draft is not None else 0
    saved = drafts.save(actor=system, place=place, content=content, version=version, now=now)
    return releases.propose(actor=system, place=place, note="调整", version=saved.version, now=now)


def route(*nodes: dict[str, Any], key: str = KEY, year: int = 2026, **more: Any) -> Release:
    """A route of the review, published for every division."""
    place = Place("route", key, "", year)
    return publish(place, {"nodes": list(nodes), "remark": ""}, **more)

"""订阅 subscriptions: which events a person wants by e-mail or outside, and when not."""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime, time
from typing import Any, Final

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet

from shucai.kernel import audit
from shucai.kernel.identity import scope
from shucai.kernel.identity.actor import Actor
from shucai.kernel.messages import errors
from shucai.kernel.messages.models import Contact, Subscription, Target

_ADDRESS: Final = re.compile(r"^[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+$")
_TIME: Final = re.compile(r"^([01]?\d|2[0-3])[:：]([0-5]\d)$")


def own(actor: Actor) -> QuerySet[Subscription]:
    return Subscription.objects.select_related("target").filter(user_id=actor.user_id)


def contact_of(actor: Actor) -> Contact | None:
    with transaction.atomic():
        scope.apply(actor)
        return Contact.objects.filter(user_id=actor.user_id).first()


def targets() -> list[Target]:
    """The outside addresses that may be chosen."""
    return list(Target.objects.filter(state="enabled").order_by("code")[:200])


def keep_contact(
    *, actor: Actor, email: str, quiet_from: str, quiet_to: str, now: datetime
) -> Contact:
    address = email.strip()
    if address and (len(address) > 120 or not _ADDRESS.match(address)):
        raise errors.BAD_ADDRESS.refuse("email", address=address[:60])
    since, until = _moment(quiet_from), _moment(quiet_to)
    given = bool(quiet_from.strip()) or bool(quiet_to.strip())
    if given and (since is None or until is None or since == until):
        raise errors.QUIET.refuse("quiet_from", since=quiet_from or "空", until=quiet_to or "空")
    with transaction.atomic():
        scope.apply(actor)
        row, _ = Contact.objects.update_or_create(
            user_id=actor.user_id,
            defaults={
                "email": address,
                "quiet_from": since,
                "quiet_to": until,
                "changed_at": now,
            },
        )
        _record(actor, now, "contact", {"email": bool(address), "quiet": given})
    return row


def subscribe(
    *, actor: Actor, events: Sequence[str], channel: str, target: str = "", now: datetime
) -> int:
    """Adds the events to what the channel carries; returns how many are new."""
    chosen = None
    if channel == "email":
        if not settings.EMAIL_HOST:
            raise errors.NO_MAIL_SERVER.refuse("channel")
        known = contact_of(actor)
        if known is None or not known.email:
            raise errors.NO_ADDRESS.refuse("channel")
    else:
        chosen = Target.objects.filter(code=target, state="enabled").first()
        if chosen is None:
            raise errors.NO_TARGET.refuse("target")
    with transaction.atomic():
        scope.apply(actor)
        new = 0
        for event in sorted(set(events)):
            _, made = Subscription.objects.get_or_create(
                user_id=actor.user_id,
                event=event,
                channel=channel,
                target=chosen,
                defaults={"created_at": now},
            )
            new += made
        detail = {"events": list(events), "channel": channel, "target": target}
        _record(actor, now, "subscribe", detail)
    return new


def unsubscribe(*, actor: Actor, ids: Sequence[int], now: datetime) -> int:
    with transaction.atomic():
        scope.apply(actor)
        gone, _ = own(actor).filter(pk__in=ids).delete()
        _record(actor, now, "unsubscribe", {"count": gone})
    return gone


def _moment(said: str) -> time | None:
    match = _TIME.match(said.strip())
    return time(int(match[1]), int(match[2])) if match else None


def _record(actor: Actor, now: datetime, action: str, detail: Mapping[str, Any]) -> None:
    audit.record(
        [
            audit.AuditRow(
                actor=actor,
                at=now,
                action=f"messages.{action}",
                target_type="messages.subscription",
                target=str(actor.user_id),
                result="done",
                detail=dict(detail),
            )
        ]
    )

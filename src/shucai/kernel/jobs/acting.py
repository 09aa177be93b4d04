"""代办身份 whom a job acts for: the position at the start, with the rights it has when it runs."""

from collections.abc import Mapping
from dataclasses import fields, replace
from datetime import datetime
from typing import Any

from django.utils import timezone

from shucai.kernel.identity import scope
from shucai.kernel.identity.acting import valid_on
from shucai.kernel.identity.actor import Actor
from shucai.kernel.identity.models import Appointment, User
from shucai.kernel.jobs import errors


def pack(actor: Actor) -> dict[str, Any]:
    """The actor as plain JSON."""
    return {f.name: _plain(getattr(actor, f.name)) for f in fields(actor)}


def unpack(said: Mapping[str, Any]) -> Actor:
    known = {f.name for f in fields(Actor)}
    values = {name: value for name, value in said.items() if name in known}
    for name in ("duties", "fund_types"):
        values[name] = frozenset(values.get(name, ()))
    return Actor(**{**values, "channel": "job"})


def _plain(value: Any) -> Any:
    return sorted(value) if isinstance(value, frozenset | set) else value


def system(*, now: datetime) -> Actor:
    """The platform itself, over the whole city; the city is the root of all appointments."""
    path = Appointment.objects.order_by("scope_path").values_list("scope_path", flat=True).first()
    return scope.system_actor(
        name="系统",
        fiscal_year=timezone.localtime(now).year,
        root=(path or "").split("/", maxsplit=1)[0],
    )


def current(actor: Actor, *, job: str, now: datetime) -> Actor:
    """The actor with the duties the position has now. Raises Refused once it is gone."""
    if actor.user_id == 0:
        return actor
    gone = errors.NO_LONGER_ALLOWED.refuse(
        name=job, person=actor.name, position=actor.position_name
    )
    if not User.objects.filter(pk=actor.user_id, is_active=True).exists():
        raise gone
    if actor.appointment_id is None:
        return actor
    valid = valid_on(timezone.localdate(now))
    held = Appointment.objects.select_related("position").filter(
        valid, pk=actor.appointment_id, user_id=actor.user_id
    )
    now_held = held.first()
    if now_held is None:
        raise gone
    funds = frozenset(now_held.fund_types)
    return replace(actor, duties=actor.duties & now_held.held, fund_types=funds)

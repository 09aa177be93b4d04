"""外部应用 external applications: who connects from outside, for what, as which position.

The system administrator asks, the security administrator decides, two persons; what is asked for a
known application stands beside what is in force until then. A key is an API token of the
application: it acts as the application's appointment, within its scopes, from its addresses.
"""

import ipaddress
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import transaction
from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone

from shucai.kernel import audit
from shucai.kernel.identity import duties, errors, tokens
from shucai.kernel.identity.acting import valid_on
from shucai.kernel.identity.actor import Actor
from shucai.kernel.identity.duties import OFFICERS, SECURITY_ADMIN, SYSTEM_ADMIN
from shucai.kernel.identity.models import ApiToken, Application, Appointment
from shucai.kernel.identity.security import policy

KEYS_MAX: Final = 10
_TYPE: Final = "identity.application"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What is asked for an application. Addresses are single ones or networks; none is any."""

    name: str
    owner: str
    contact: str
    phone: str = ""
    purpose: str = ""
    appointment_id: int
    scopes: Sequence[str]
    addresses: Sequence[str] = ()

    def as_json(self) -> dict[str, Any]:
        return {
            "name": self.name.strip()[:80],
            "owner": self.owner.strip()[:120],
            "contact": self.contact.strip()[:40],
            "phone": self.phone.strip()[:20],
            "purpose": self.purpose.strip()[:200],
            "appointment": self.appointment_id,
            "scopes": sorted(set(self.scopes)),
            "addresses": [str(_network(one)) for one in self.addresses],
        }


LABELS: Final = {
    "name": "应用名称",
    "owner": "责任单位",
    "contact": "联系人",
    "phone": "联系电话",
    "purpose": "用途",
    "appointment": "代表的任职",
    "scopes": "权限",
    "addresses": "来源地址",
}


def visible(actor: Actor) -> QuerySet[Application]:
    """Those whose appointment lies in the officer's range."""
    low, high = actor.range
    return Application.objects.select_related("appointment__user", "appointment__position").filter(
        appointment__scope_path__gte=low, appointment__scope_path__lt=high
    )


def listed(actor: Actor) -> QuerySet[Application]:
    """The same, each with the number of its keys in `held_keys`."""
    counted = (
        ApiToken.objects.filter(application=OuterRef("pk"))
        .values("application")
        .annotate(n=Count("pk"))
        .values("n")
    )
    return visible(actor).annotate(held_keys=Coalesce(Subquery(counted), 0))


@audit.refusals("identity.ask_application", _TYPE)
def ask(*, actor: Actor, code: str, wanted: Wanted, reason: str, now: datetime) -> Application:
    """A new application, or other terms for a known one; inert until it is approved."""
    _demand(actor, SYSTEM_ADMIN, "登记应用")
    said = wanted.as_json()
    appointment = _appointment(wanted.appointment_id, actor, now)
    if not said["scopes"] or not set(said["scopes"]) <= set(tokens.SCOPES):
        told = "、".join(said["scopes"]) or "（无）"
        raise errors.TOKEN_SCOPES.refuse("scopes", name=wanted.name, scopes=told)
    with transaction.atomic():
        known = Application.objects.select_for_update().filter(code=code).first()
        if known is not None and known.state == "requested":
            raise errors.APPLICATION_STATE.refuse(
                name=known.name, state=known.get_state_display(), action="再次申请"
            )
        row = known or Application(code=code, state="requested", appointment=appointment)
        if known is None:
            _fill(row, said)
        else:
            row.state_before, row.state = row.state, "requested"
        row.wanted, row.reason = said, reason.strip()[:200]
        row.asked_by, row.asked_name, row.asked_at = actor.user_id, actor.name, now
        row.decided_by, row.decided_name, row.decided_at, row.opinion = None, "", None, ""
        row.save()
        detail = {"old": _terms(known) if known else {}, "new": said, "reason": reason}
        _record(actor, now, "identity.ask_application", row, detail)
    return row


@audit.refusals("identity.approve_application", _TYPE)
def decide(*, actor: Actor, code: str, is_approved: bool, opinion: str, now: datetime) -> None:
    """The second person: what was asked takes effect, or the application is as it was."""
    _demand(actor, SECURITY_ADMIN, "审批应用")
    with transaction.atomic():
        row = _locked(code, actor)
        if row.state != "requested":
            raise errors.APPLICATION_STATE.refuse(
                name=row.name, state=row.get_state_display(), action="审批"
            )
        if row.asked_by == actor.user_id:
            raise errors.OWN_CHANGE.refuse(id=row.code, person=row.asked_name)
        if is_approved:
            _appointment(row.wanted["appointment"], actor, now)
            _fill(row, row.wanted)
            row.state = "active"
        else:
            row.state = row.state_before or "rejected"
        row.state_before = ""
        row.decided_by, row.decided_name = actor.user_id, actor.name
        row.decided_at, row.opinion = now, opinion.strip()[:200]
        row.save()
        action = "approve_application" if is_approved else "reject_application"
        _record(actor, now, f"identity.{action}", row, {"opinion": opinion, "new": row.wanted})


@audit.refusals("identity.stop_application", _TYPE)
def stop(*, actor: Actor, code: str, reason: str, now: datetime) -> int:
    """At once, by either administrator: the keys end. Returns how many."""
    if not actor.can(SECURITY_ADMIN):
        _demand(actor, SYSTEM_ADMIN, "停用应用")
    with transaction.atomic():
        row = _locked(code, actor)
        if row.state == "stopped":
            raise errors.APPLICATION_STATE.refuse(
                name=row.name, state=row.get_state_display(), action="停用"
            )
        row.state, row.state_before = "stopped", ""
        row.save(update_fields=["state", "state_before"])
        ended = keys(row).filter(revoked_at__isnull=True).update(revoked_at=now)
        _record(actor, now, "identity.stop_application", row, {"reason": reason, "keys": ended})
    return ended


def appointment_text(key: int | str | None) -> str:
    """Who and as what, in words; empty for none."""
    found = Appointment.objects.select_related("user", "position").filter(pk=key or 0).first()
    return f"{found.user.name} {found.title} {found.unit_name}".strip() if found else ""


def keys(row: Application) -> QuerySet[ApiToken]:
    return ApiToken.objects.filter(application=row)


@audit.refusals("identity.issue_key", _TYPE)
def issue(*, actor: Actor, code: str, name: str, days: int, now: datetime) -> tokens.Created:
    """A key with all scopes of the application; its secret is shown once."""
    _demand(actor, SYSTEM_ADMIN, "签发密钥")
    with transaction.atomic():
        row = _locked(code, actor)
        if row.state != "active":
            raise errors.APPLICATION_STATE.refuse(
                name=row.name, state=row.get_state_display(), action="签发密钥"
            )
        held = keys(row).filter(revoked_at__isnull=True, expires_at__gt=now).count()
        if held >= KEYS_MAX:
            raise errors.TOKEN_LIMIT.refuse(name=name, count=held, limit=KEYS_MAX)
        until, limit = now + timedelta(days=days), policy().token_days
        if not 0 < days <= limit:
            raise errors.TOKEN_SPAN.refuse("days", name=name, until=until, days=limit)
        made = tokens.make(
            tokens.Terms(
                name=name,
                user_id=row.appointment.user_id,
                appointment_id=row.appointment_id,
                scopes=row.scopes,
                expires_at=until,
                application_id=row.pk,
            ),
            now=now,
        )
        detail = {"key": made.id, "name": name, "expires_at": until.isoformat()}
        _record(actor, now, "identity.issue_key", row, detail)
    return made


def _fill(row: Application, said: Mapping[str, Any]) -> None:
    row.name, row.owner, row.contact = said["name"], said["owner"], said["contact"]
    row.phone, row.purpose = said["phone"], said["purpose"]
    row.appointment_id = said["appointment"]
    row.scopes, row.addresses = list(said["scopes"]), list(said["addresses"])


def _terms(row: Application) -> dict[str, Any]:
    facts = {name: getattr(row, name) for name in LABELS if name != "appointment"}
    return facts | {"appointment": row.appointment_id}


def _network(text: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network:
    try:
        return ipaddress.ip_network(text.strip(), strict=False)
    except ValueError:
        raise errors.BAD_FIELD.refuse(
            "addresses", label="来源地址", value=text[:40], reason="不是 IP 地址或网段"
        ) from None


def _appointment(key: int, actor: Actor, now: datetime) -> Appointment:
    """In force, in the range, and no officer's: an application administers nothing."""
    found = (
        Appointment.objects.select_related("position", "user")
        .filter(valid_on(timezone.localdate(now)), pk=key)
        .first()
    )
    if found is None or not actor.covers(found.scope_path, found.office):
        raise errors.NOT_FOUND.refuse("appointment", noun="任职", key=key)
    for office in sorted(found.held & set(OFFICERS)):
        raise errors.APPLICATION_OFFICER.refuse(
            "appointment", user=found.user.name, office=duties.name_of(office)
        )
    return found


def _locked(code: str, actor: Actor) -> Application:
    row = visible(actor).select_for_update(of=("self",)).filter(code=code).first()
    if row is None:
        raise errors.NOT_FOUND.refuse(noun="应用", key=code)
    return row


def _demand(actor: Actor, duty: str, action: str) -> None:
    if not actor.can(duty):
        raise errors.NOT_OFFICER.refuse(
            action=action, needed=duties.name_of(duty), position=actor.position_name
        )


def _record(
    actor: Actor, now: datetime, action: str, row: Application, detail: Mapping[str, Any]
) -> None:
    audit.record(
        [
            audit.AuditRow(
                actor=actor,
                at=now,
                action=action,
                target_type=_TYPE,
                target=row.code,
                result="done",
                detail={"application": row.name, **detail},
            )
        ]
    )

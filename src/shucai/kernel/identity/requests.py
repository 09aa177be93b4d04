"""用户权限申请 requests: a unit asks for users and rights of its own; officers bring them about.

A request gives nothing. The system administrator takes it over into a change of rights or sends
it back; with the decision on the change the request tells the unit what came of it.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from django.db import transaction
from django.db.models import QuerySet

from shucai.base.errors import Refused
from shucai.kernel import audit
from shucai.kernel.identity import changes, errors, rights, scope
from shucai.kernel.identity.actor import Actor
from shucai.kernel.identity.duties import APPLICANT, OFFICERS, SYSTEM_ADMIN
from shucai.kernel.identity.models import Appointment, RightsChange, User
from shucai.kernel.identity.records import RightsRequest

KINDS: Final = dict(RightsRequest.KINDS)


@audit.refusals("identity.request", "identity.request")
def submit(
    *,
    actor: Actor,
    kind: str,
    payload: Mapping[str, Any],
    reason: str,
    now: datetime,
    attachment: tuple[int, str] | None = None,
) -> RightsRequest:
    """Asks for a change in the actor's own unit; checked like a proposal, but inert."""
    rights.demand(actor, APPLICANT, "用户权限申请")
    rights.demand_reason(reason, "用户权限申请")
    if kind not in KINDS:
        raise errors.NOT_FOUND.refuse("kind", noun="申请事项", key=kind)
    typed, found = changes.read(changes.KINDS[kind], payload)
    if found:
        raise Refused(found)
    with transaction.atomic():
        scope.apply(actor)
        _check_place(actor, typed)
        subject, summary = _subject(kind, typed)
        file_id, file_name = attachment or (None, "")
        made = RightsRequest.objects.create(
            kind=kind,
            subject=subject,
            wanted=typed,
            summary=summary[:200],
            reason=reason.strip()[:200],
            attachment_id=file_id,
            attachment_name=file_name,
            unit_code=actor.unit_code,
            unit_name=actor.unit_name,
            unit_path=actor.scope_path,
            office=actor.office,
            requested_by=actor.user_id,
            requested_name=actor.name,
            requested_at=now,
        )
        audit.record([_row(actor, now, "identity.request", made, {"wanted": typed})])
    return made


def _check_place(actor: Actor, typed: Mapping[str, Any]) -> None:
    """Only for the unit of the applicant and those below, and only about people of it."""
    path = typed.get("scope_path")
    if path is not None and not actor.covers(path, typed.get("office", "")):
        raise errors.REQUEST_PLACE.refuse("scope_path", path=path, own=actor.scope_path)
    if "user_id" in typed:
        changes.the_user(typed["user_id"], actor)
    if "appointment_id" in typed:
        held = Appointment.objects.filter(pk=typed["appointment_id"]).first()
        if held is None or not actor.covers(held.scope_path, held.office):
            raise errors.NOT_FOUND.refuse("appointment", noun="任职", key=typed["appointment_id"])
    if "position_id" in typed:
        position = changes.the_position(typed["position_id"])
        officers = sorted(set(position.duties) & set(OFFICERS))
        if officers:
            raise errors.NOT_FOUND.refuse("position", noun="可申请的岗位", key=position.name)


def _subject(kind: str, typed: Mapping[str, Any]) -> tuple[str, str]:
    label = KINDS[kind]
    position = ""
    if "position_id" in typed:
        position = f"：{changes.the_position(typed['position_id']).name}"
    if "username" in typed:
        who = f"{typed['name']}（{typed['username']}）"
    elif "user_id" in typed:
        user = User.objects.get(pk=typed["user_id"])
        who = f"{user.name}（{user.username}）"
    else:
        held = Appointment.objects.select_related("user", "position").get(
            pk=typed["appointment_id"]
        )
        who, position = f"{held.user.name}（{held.user.username}）", f"：{held.position.name}"
    return who[:80], f"{label} {who}{position}"


@audit.refusals("identity.take_request", "identity.request")
def take(
    *, actor: Actor, request_id: int, now: datetime, corrected: Mapping[str, Any] | None = None
) -> RightsChange:
    """Makes the proposal that was asked for, as asked or with corrected fields."""
    rights.demand(actor, SYSTEM_ADMIN, "受理用户权限申请")
    with transaction.atomic():
        scope.apply(actor)
        wanted = _open(request_id)
        change = rights.propose(
            actor=actor,
            kind=wanted.kind,
            payload={**wanted.wanted, **(corrected or {})},
            reason=f"{wanted.unit_name or wanted.unit_path} 申请：{wanted.reason}"[:200],
            now=now,
        )
        wanted.state, wanted.change = "taken", change
        wanted.handled_name, wanted.handled_at = actor.name, now
        wanted.save(update_fields=["state", "change", "handled_name", "handled_at"])
        audit.record([_row(actor, now, "identity.take_request", wanted, {"change": change.pk})])
    return change


@audit.refusals("identity.return_request", "identity.request")
def send_back(*, actor: Actor, request_id: int, opinion: str, now: datetime) -> RightsRequest:
    """The unit reads why, and may ask again."""
    rights.demand(actor, SYSTEM_ADMIN, "退回用户权限申请")
    rights.demand_reason(opinion, "退回")
    return _close(actor, request_id, "returned", opinion=opinion, now=now)


@audit.refusals("identity.withdraw_request", "identity.request")
def withdraw(*, actor: Actor, request_id: int, now: datetime) -> RightsRequest:
    """The applicant takes back what nobody has taken over."""
    found = RightsRequest.objects.filter(pk=request_id, requested_by=actor.user_id)
    with transaction.atomic():
        scope.apply(actor)
        if not found.exists():
            raise errors.NOT_FOUND.refuse(noun="本人的申请", key=request_id)
    return _close(actor, request_id, "withdrawn", opinion="", now=now)


def _close(
    actor: Actor, request_id: int, state: str, *, opinion: str, now: datetime
) -> RightsRequest:
    with transaction.atomic():
        scope.apply(actor)
        found = _open(request_id)
        found.state, found.opinion = state, opinion.strip()[:200]
        found.handled_name, found.handled_at = actor.name, now
        found.save(update_fields=["state", "opinion", "handled_name", "handled_at"])
        audit.record([_row(actor, now, f"identity.request_{state}", found, {"opinion": opinion})])
    return found


def _open(request_id: int) -> RightsRequest:
    found = RightsRequest.objects.select_for_update(no_key=True).filter(pk=request_id).first()
    if found is None:
        raise errors.NOT_FOUND.refuse(noun="申请", key=request_id)
    if found.state != "submitted":
        raise errors.REQUEST_STATE.refuse(id=request_id, state=found.get_state_display())
    return found


def seen(actor: Actor) -> QuerySet[RightsRequest]:
    """Those of the actor's units (row-level security says which), newest first."""
    return RightsRequest.objects.select_related("change").order_by("-pk")


def _row(
    actor: Actor, now: datetime, action: str, made: RightsRequest, detail: dict[str, Any]
) -> audit.AuditRow:
    return audit.AuditRow(
        actor=actor,
        at=now,
        action=action,
        target_type="identity.request",
        target=str(made.pk),
        result="done",
        detail={"kind": made.kind, "summary": made.summary, **detail},
    )

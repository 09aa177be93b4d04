"""权限复核 reviews: every appointment below a place is confirmed or removed by a day.

The security administrator opens a campaign; heads of units (权限复核) and the system administrator
answer for what lies in their range. A removal becomes a proposal to end the appointment.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final, Literal

from django.db import transaction
from django.db.models import Count, Q, QuerySet
from django.utils import timezone

from shucai.kernel import audit
from shucai.kernel.identity import changes, errors, rights, scope
from shucai.kernel.identity.acting import holding, valid_on
from shucai.kernel.identity.actor import Actor, subtree
from shucai.kernel.identity.duties import REVIEWER, SECURITY_ADMIN, SYSTEM_ADMIN, name_of
from shucai.kernel.identity.models import Appointment, RightsChange
from shucai.kernel.identity.records import ReviewCampaign, ReviewItem

ITEMS_MAX: Final = 20_000


@audit.refusals("identity.open_review", "identity.review")
def open_campaign(
    *, actor: Actor, title: str, root_path: str, deadline: date, now: datetime
) -> ReviewCampaign:
    """A campaign over every valid appointment at and below `root_path`."""
    rights.demand(actor, SECURITY_ADMIN, "发起权限复核")
    rights.demand_reason(title, "发起权限复核")
    if not actor.covers(root_path, ""):
        raise errors.SCOPE_TOO_WIDE.refuse("root_path", path=root_path, own=actor.scope_path)
    today = timezone.localdate(now)
    low, high = subtree(root_path)
    with transaction.atomic():
        scope.apply(actor)
        rows = Appointment.objects.select_related("user", "position").filter(
            valid_on(today), scope_path__gte=low, scope_path__lt=high, principal__isnull=True
        )
        held = list(rows.order_by("scope_path", "pk")[:ITEMS_MAX])
        if not held or deadline < today:
            raise errors.REVIEW_EMPTY.refuse("root_path", path=root_path, deadline=deadline)
        made = ReviewCampaign.objects.create(
            title=title.strip()[:80],
            root_path=root_path,
            deadline=deadline,
            opened_by=actor.user_id,
            opened_name=actor.name,
            opened_at=now,
        )
        ReviewItem.objects.bulk_create(
            [
                ReviewItem(
                    campaign=made,
                    appointment=one,
                    person=one.user.name,
                    username=one.user.username,
                    position=one.title,
                    unit_name=one.unit_name,
                    unit_path=one.scope_path,
                    office=one.office,
                    last_login_at=one.user.last_login_at,
                )
                for one in held
            ],
            batch_size=1_000,
        )
        detail = {"title": made.title, "root": root_path, "items": len(held)}
        audit.record([_row(actor, now, "identity.open_review", made.pk, detail)])
    return made


@audit.refusals("identity.review", "identity.review")
def answer(
    *,
    actor: Actor,
    item_id: int,
    decision: Literal["keep", "remove"],
    opinion: str = "",
    now: datetime,
) -> ReviewItem:
    """Confirms the appointment, or proposes its end; nobody answers for himself."""
    if not (actor.can(REVIEWER) or actor.can(SYSTEM_ADMIN)):
        raise errors.NOT_OFFICER.refuse(
            action="权限复核", needed=name_of(REVIEWER), position=actor.position_name
        )
    if decision == "remove":
        rights.demand_reason(opinion, "取消任职")
    with transaction.atomic():
        scope.apply(actor)
        item = _item(actor, item_id, today=timezone.localdate(now))
        item.decision, item.opinion = decision, opinion.strip()[:200]
        item.decided_by, item.decided_name, item.decided_at = actor.user_id, actor.name, now
        item.save(update_fields=["decision", "opinion", "decided_by", "decided_name", "decided_at"])
        if decision == "remove":
            item.change = _removal(actor, item, now=now)
            item.save(update_fields=["change"])
        detail = {"decision": decision, "appointment": item.appointment_id, "person": item.username}
        audit.record([_row(actor, now, "identity.review", item.pk, detail)])
    return item


def _item(actor: Actor, item_id: int, *, today: date) -> ReviewItem:
    found = ReviewItem.objects.select_for_update(of=("self",), no_key=True)
    item = found.select_related("campaign", "appointment").filter(pk=item_id).first()
    if item is None:
        raise errors.NOT_FOUND.refuse(noun="复核事项", key=item_id)
    reason = ""
    if item.campaign.state != "open" or item.campaign.deadline < today:
        reason = f"复核“{item.campaign.title}”已结束或已过截止日期 {item.campaign.deadline}"
    elif item.decision == "remove":
        reason = f"{item.decided_name} 已决定取消，权限变更 {item.change_id} 正在办理"
    elif item.appointment.user_id == actor.user_id:
        reason = "本人的任职由他人复核"
    if reason:
        raise errors.REVIEW_CLOSED.refuse(id=item_id, reason=reason)
    return item


def _removal(actor: Actor, item: ReviewItem, *, now: datetime) -> RightsChange:
    """The same proposal the system administrator would make; one that waits already will do."""
    kind = changes.KINDS["appointment.end"]
    typed = {"appointment_id": item.appointment_id}
    ready = changes.check(kind, typed, actor=actor, on=timezone.localdate(now))
    waiting = RightsChange.objects.filter(state="proposed", target=ready.target).first()
    if waiting is not None:
        return waiting
    reason = f"权限复核“{item.campaign.title}”：{item.opinion}"[:200]
    return rights.record_proposal(actor, kind.code, ready, reason=reason, now=now)


@audit.refusals("identity.close_review", "identity.review")
def close_campaign(*, actor: Actor, campaign_id: int, now: datetime) -> ReviewCampaign:
    """Ends it; what nobody answered stays listed as such."""
    rights.demand(actor, SECURITY_ADMIN, "结束权限复核")
    with transaction.atomic():
        scope.apply(actor)
        rows = ReviewCampaign.objects.select_for_update(no_key=True)
        found = rows.filter(pk=campaign_id, state="open").first()
        if found is None:
            raise errors.NOT_FOUND.refuse(noun="进行中的权限复核", key=campaign_id)
        found.state, found.closed_at = "closed", now
        found.save(update_fields=["state", "closed_at"])
        open_ones = progress(found).unanswered
        detail = {"title": found.title, "unanswered": open_ones}
        audit.record([_row(actor, now, "identity.close_review", found.pk, detail)])
    return found


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a campaign is, within what the reader may see."""

    total: int
    kept: int
    removed: int

    @property
    def unanswered(self) -> int:
        return self.total - self.kept - self.removed


def progress(campaign: ReviewCampaign) -> Progress:
    found: dict[str, int] = campaign.items.aggregate(
        total=Count("pk"),
        kept=Count("pk", filter=Q(decision="keep")),
        removed=Count("pk", filter=Q(decision="remove")),
    )
    return Progress(**found)


def asked(campaign: ReviewCampaign, *, on: date) -> list[int]:
    """Reviewers who have something of others left to answer, within what the reader may see."""
    places = set(unanswered(campaign).values_list("unit_path", "office", "appointment__user"))
    rows = Appointment.objects.filter(valid_on(on), holding([REVIEWER]))
    found = set()
    for user, path, office in rows.values_list("user", "scope_path", "office"):
        low, high = subtree(path)
        if any(
            low <= place < high and office in ("", of) and user != whose
            for place, of, whose in places
        ):
            found.add(user)
    return sorted(found)


def unanswered(campaign: ReviewCampaign) -> QuerySet[ReviewItem]:
    return campaign.items.filter(decision="open").order_by("unit_path", "pk")


def _row(
    actor: Actor, now: datetime, action: str, target: int, detail: dict[str, Any]
) -> audit.AuditRow:
    return audit.AuditRow(
        actor=actor,
        at=now,
        action=action,
        target_type="identity.review",
        target=str(target),
        result="done",
        detail=detail,
    )

"""权限通知 notices of the rights centre: reviewers are asked and reminded, units learn what became.

Whoever has nothing left to answer is not told again.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from django.db import transaction
from django.utils import timezone

from shucai.kernel.identity import reviews, scope
from shucai.kernel.identity.acting import holding, valid_on
from shucai.kernel.identity.duties import SECURITY_ADMIN, SYSTEM_ADMIN
from shucai.kernel.identity.models import Appointment, RightsChange
from shucai.kernel.identity.records import ReviewCampaign, RightsRequest
from shucai.kernel.jobs import acting
from shucai.kernel.jobs.declare import task
from shucai.kernel.jobs.work import Work
from shucai.kernel.messages import notices

TOPIC: Final = "identity.review"
LINK: Final = "/r/platform.review_item/?decision=open"
STAGES: Final = (1, 3)  # days before the deadline


def announce(campaign: ReviewCampaign, *, now: datetime) -> int:
    """A campaign has begun; returns how many reviewers were told."""
    text = notices.Text(
        title=f"请复核本单位人员的任职：{campaign.title}",
        body=f"截止 {campaign.deadline}。逐项选择保留或取消，逾期未答的列出。",
        link=LINK,
        topic=TOPIC,
        key=f"review.{campaign.pk}",
    )
    users = reviews.asked(campaign, on=timezone.localdate(now))
    return notices.send(text, users=users, now=now)


@task(code="identity.review_due", name="权限复核催办", every="30 8 * * *")
def remind_reviewers(work: Work) -> Mapping[str, Any]:
    """Three days and one day before the deadline, those who still have something to answer."""
    return {"told": remind(now=work.now)}


def remind(*, now: datetime) -> int:
    today, told = timezone.localdate(now), 0
    with transaction.atomic():
        scope.apply(acting.system(now=now))
        for campaign in ReviewCampaign.objects.filter(state="open").order_by("pk"):
            left = (campaign.deadline - today).days
            stage = next((days for days in STAGES if 0 <= left <= days), None)
            if stage is None:
                continue
            text = notices.Text(
                title=f"权限复核{f'还剩 {left} 天' if left else '今天截止'}：{campaign.title}",
                body=f"截止 {campaign.deadline}，您的范围内还有任职未复核。",
                link=LINK,
                level="warning",
                topic=TOPIC,
                key=f"review.{campaign.pk}.{stage}",
            )
            told += notices.send(text, users=reviews.asked(campaign, on=today), now=now)
    return told


def submitted(asked: RightsRequest, *, now: datetime) -> None:
    """The system administrators of the unit are asked to take the request over."""
    text = notices.Text(
        title=f"待受理：{asked.summary}",
        body=f"{asked.unit_name or asked.unit_path} {asked.requested_name}：{asked.reason}",
        link=f"/r/platform.rights_request/{asked.pk}",
        topic="identity.request",
        key=f"request.{asked.pk}",
    )
    users = notices.holders(
        duty=SYSTEM_ADMIN, unit_path=asked.unit_path, on=timezone.localdate(now)
    )
    notices.send(text, users=users, now=now)


def proposed(change: RightsChange, *, now: datetime) -> None:
    """The security administrators are asked to decide."""
    text = notices.Text(
        title=f"待审批：{change.summary}",
        body=f"{change.proposed_name}：{change.reason}",
        link=f"/r/platform.rights_change/{change.pk}",
        topic="identity.change",
        key=f"change.{change.pk}",
    )
    held = Appointment.objects.filter(
        valid_on(timezone.localdate(now)), holding([SECURITY_ADMIN])
    ).exclude(user=change.proposed_by)
    users = held.values_list("user_id", flat=True)
    notices.send(text, users=users, now=now)


def decided(change: RightsChange, *, now: datetime) -> None:
    """The unit that asked for the change reads what was decided."""
    for asked in change.requests.order_by("pk"):
        handled(asked, now=now)


def handled(asked: RightsRequest, *, now: datetime) -> None:
    """Tells the applicant the state his request has come to, and the opinion."""
    good = asked.state in ("taken", "done")
    text = notices.Text(
        title=f"{asked.get_state_display()}：{asked.summary}",
        body=asked.opinion,
        link=f"/r/platform.rights_request/{asked.pk}",
        level="success" if asked.state == "done" else "info" if good else "warning",
        topic="identity.request",
        key=f"request.{asked.pk}.{asked.state}.{asked.change_id or 0}",
    )
    notices.send(text, users=[asked.requested_by], now=now)

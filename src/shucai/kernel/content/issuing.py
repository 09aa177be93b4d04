"""通知公告的发布 announcements: written, agreed to, told to people, withdrawn.

Telling leaves a receipt for each person and a notice in his bell, which the channels he chose
carry further. Who comes into office later receives what still counts when he signs in.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import connection, transaction
from django.db.models import QuerySet
from django.utils import timezone

from shucai.base import markup
from shucai.kernel.content import errors
from shucai.kernel.content.duties import EDITOR, REVIEWER, demand, demand_second, record
from shucai.kernel.content.models import Announcement, Receipt
from shucai.kernel.content.reach import Reach, Span, checked, long_enough, settled
from shucai.kernel.identity.actor import Actor
from shucai.kernel.messages import notices
from shucai.kernel.messages.events import Event

EVENT: Final = Event(code="announcement", name="通知公告", prefixes=("announcement",), position=10)
REMIND_AFTER: Final = timedelta(hours=1)
DUE_MAX: Final = 100
BODY_LEAST: Final = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """What the author typed."""

    title: str
    body: str
    level: str = "info"
    is_must_read: bool = False
    reach: Reach = field(default_factory=Reach)
    span: Span = field(default_factory=Span)


def visible(actor: Actor) -> QuerySet[Announcement]:
    """Those sent from the actor's scope, for whoever works on them."""
    low, high = actor.range
    return Announcement.objects.filter(unit_path__gte=low, unit_path__lt=high)


def receipts(actor: Actor) -> QuerySet[Receipt]:
    """Row-level security shows the receipts of one's own announcements and one's own receipts."""
    return Receipt.objects.select_related("announcement")


def needs_review(row: Announcement) -> bool:
    """A second person looks at what must be read, and at what reaches a whole division."""
    return row.is_must_read or not row.paths or any(path.count("/") < 2 for path in row.paths)


@transaction.atomic
def write(*, actor: Actor, said: Letter, now: datetime) -> Announcement:
    demand(actor, EDITOR, "编写通知公告")
    row = Announcement(
        author_id=actor.user_id,
        author_name=actor.name,
        unit_name=actor.unit_name,
        unit_path=actor.scope_path,
    )
    _take(row, said, actor, now)
    row.save(force_insert=True)
    record(actor, now, "announcement_write", ("announcement", row.pk), {"title": row.title})
    return row


@transaction.atomic
def rewrite(
    *, actor: Actor, announcement: Announcement, said: Letter, now: datetime
) -> Announcement:
    demand(actor, EDITOR, "修改通知公告")
    row = _locked(announcement)
    _demand_state(row, "修改", ("draft", "returned"))
    row.author_id, row.author_name = actor.user_id, actor.name
    _take(row, said, actor, now)
    row.state = "draft"
    row.save()
    record(actor, now, "announcement_rewrite", ("announcement", row.pk), {"title": row.title})
    return row


@transaction.atomic
def submit(*, actor: Actor, announcement: Announcement, now: datetime) -> Announcement:
    """To the reviewer, or straight to the people where no second person is asked for."""
    demand(actor, EDITOR, "送审通知公告")
    row = _locked(announcement)
    _demand_state(row, "送审", ("draft", "returned"))
    count = len(audience(row, now))
    if not count:
        raise errors.NOBODY.refuse(title=row.title)
    row.state, row.changed_at, row.opinion = "submitted", now, ""
    row.author_id, row.author_name = actor.user_id, actor.name
    if not needs_review(row):
        row.state = "published"
    row.save()
    detail = {"people": count, "review": row.state == "submitted"}
    record(actor, now, "announcement_submit", ("announcement", row.pk), detail)
    return _issued(row, now)


@transaction.atomic
def review(
    *, actor: Actor, announcement: Announcement, is_agreed: bool, opinion: str, now: datetime
) -> Announcement:
    demand(actor, REVIEWER, "审核通知公告")
    row = _locked(announcement)
    _demand_state(row, "审核", ("submitted",))
    demand_second(actor, row.author_id, row.author_name, row.title)
    if not is_agreed:
        opinion = long_enough("退回原因", opinion)
    row.state = "published" if is_agreed else "returned"
    row.reviewed_by, row.reviewed_name, row.reviewed_at = actor.user_id, actor.name, now
    row.opinion, row.changed_at = opinion[:200], now
    row.save()
    action = "announcement_publish" if is_agreed else "announcement_return"
    record(actor, now, action, ("announcement", row.pk), {"opinion": opinion})
    return _issued(row, now) if is_agreed else row


@transaction.atomic
def withdraw(
    *, actor: Actor, announcement: Announcement, reason: str, now: datetime
) -> Announcement:
    """Nobody has to read it any longer; those who have got it see why it is gone."""
    if not actor.can(REVIEWER):
        demand(actor, EDITOR, "撤回通知公告")
    row = _locked(announcement)
    _demand_state(row, "撤回", ("published", "submitted"))
    row.state, row.withdrawn_at, row.changed_at = "withdrawn", now, now
    row.reason = long_enough("原因", reason)[:200]
    row.save()
    told = _rows("SELECT content_told(%s)", [row.pk])
    if told:
        text = notices.Text(
            title=f"已撤回：{row.title}"[:120],
            body=row.reason,
            level="warning",
            topic="announcement.withdrawn",
            key=f"announcement.withdrawn:{row.pk}",
        )
        notices.send(text, users=told, now=now)
    record(actor, now, "announcement_withdraw", ("announcement", row.pk), {"reason": reason})
    return row


@transaction.atomic
def remind(*, actor: Actor, announcement: Announcement, now: datetime) -> int:
    """Tells those once more who have not read it, each at most once an hour."""
    demand(actor, EDITOR, "提醒阅读")
    row = _locked(announcement)
    _demand_state(row, "提醒", ("published",))
    asked = [row.pk, now, now - REMIND_AFTER]
    late = _rows("SELECT content_remind(%s, %s, %s)", asked)
    if not late:
        raise errors.EVERYBODY_READ.refuse(title=row.title, count=row.told)
    key = f"announcement.remind:{row.pk}:{now:%Y%m%d%H%M}"
    notices.send(_notice(row, f"请阅读：{row.title}", key), users=late, now=now)
    record(actor, now, "announcement_remind", ("announcement", row.pk), {"people": len(late)})
    return len(late)


def issue_due(*, now: datetime) -> int:
    """Those whose day has come reach their people; returns how many people that were."""
    due = Announcement.objects.filter(state="published", issued_at=None, visible_from__lte=now)
    told = 0
    for pk in list(due.order_by("visible_from").values_list("pk", flat=True)[:DUE_MAX]):
        with transaction.atomic():
            row = Announcement.objects.select_for_update(skip_locked=True).filter(pk=pk).first()
            if row is not None:
                told += _issued(row, now).told
    return told


def audience(row: Announcement, now: datetime) -> list[int]:
    """Who would get it now."""
    asked = [row.paths, row.duties, row.positions, timezone.localdate(now)]
    return _rows(
        "SELECT user_id FROM content_audience(%s::text[], %s::text[], %s::text[], %s)", asked
    )


def unread_count(row: Announcement) -> int:
    return max(0, row.told - row.seen)


def _issued(row: Announcement, now: datetime) -> Announcement:
    """Receipts and notices, if it is agreed to and its day has come."""
    if row.state != "published" or row.issued_at is not None or row.visible_from > now:
        return row
    told = _rows("SELECT content_issue(%s, %s, %s)", [row.pk, now, timezone.localdate(now)])
    notices.send(_notice(row, row.title, f"announcement:{row.pk}"), users=told, now=now)
    row.refresh_from_db()
    return row


def _notice(row: Announcement, title: str, key: str) -> notices.Text:
    return notices.Text(
        title=title[:120],
        body=markup.plain(row.body)[:300],
        link=f"/announcements/{row.pk}",
        level=row.level,  # type: ignore[arg-type]  # one of LEVELS
        topic="announcement.published",
        key=key,
    )


def _take(row: Announcement, said: Letter, actor: Actor, now: datetime) -> None:
    row.title = long_enough("标题", said.title)
    row.body = long_enough("正文", said.body, BODY_LEAST)
    row.level, row.is_must_read = said.level, said.is_must_read
    row.paths = settled(said.reach, actor)
    row.duties, row.positions = list(said.reach.duties), list(said.reach.positions)
    row.reach = said.reach.words[:300]
    row.visible_from, row.visible_to = checked(said.span, now)
    row.changed_at = now


def _rows(statement: str, values: Sequence[Any]) -> list[int]:
    """The numbers of a set-returning function."""
    with connection.cursor() as cursor:
        cursor.execute(statement, list(values))
        return [int(found[0]) for found in cursor.fetchall()]


def _locked(announcement: Announcement) -> Announcement:
    return Announcement.objects.select_for_update().get(pk=announcement.pk)


def _demand_state(row: Announcement, action: str, states: Sequence[str]) -> None:
    if row.state not in states:
        raise errors.NOT_NOW.refuse(title=row.title, action=action, state=row.get_state_display())

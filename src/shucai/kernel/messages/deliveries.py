"""投递 deliveries: notices on their way out of the platform, at least once, with their state.

A notice that somebody subscribed to is told to the outbox in the transaction that sends it; the
consumer here queues one delivery for each channel; the job sends what is due. A delivery is ours
for ten minutes: if the process dies meanwhile, another one sends it again under the same id.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any, Final

from django.conf import settings
from django.db import connection, transaction
from django.db.models import QuerySet
from django.utils import timezone

from shucai.base.errors import Refused
from shucai.kernel import audit
from shucai.kernel.identity.actor import Actor
from shucai.kernel.identity.duties import OFFICERS, SYSTEM_ADMIN, name_of
from shucai.kernel.jobs import acting, queue
from shucai.kernel.jobs.declare import Message, on, task
from shucai.kernel.jobs.work import Work
from shucai.kernel.messages import errors, mail, notices, sealing, templates, webhook
from shucai.kernel.messages.events import Event, event_of, names
from shucai.kernel.messages.models import CHANNELS, Delivery, Notice
from shucai.kernel.messages.webhook import Failed

ATTEMPTS_MAX: Final = 6
WAIT: Final = timedelta(minutes=2)
OURS: Final = timedelta(minutes=10)
BATCH: Final = 50
ROUND_MAX: Final = 1_000
DEAD: Final = "message.dead"
JOB: Final = "messages.deliver"
ALARM: Final = Event(
    code="alarm", name="运行告警", prefixes=("job.alarm", "outbox.dead", DEAD), position=40
)
JOBS: Final = Event(code="job", name="任务结果", prefixes=("job",), position=50)


@dataclass(frozen=True, slots=True)
class Sent:
    """What one round did."""

    sent: int = 0
    failed: int = 0
    dead: int = 0


def visible(actor: Actor) -> QuerySet[Delivery]:
    """The officers see the state of all, everybody that of his own."""
    rows = Delivery.objects.select_related("target")
    if actor.duties & frozenset(OFFICERS):
        return rows
    return rows.filter(user_id=actor.user_id)


# ---------------------------------------------------------------- queueing


@on("message.sent", consumer="messages.channels", name="消息外发")
def take(messages: Sequence[Message], now: datetime) -> None:
    """One delivery for each channel that the person chose for the event."""
    ids = [int(one) for message in messages for one in message.payload["notices"]]
    rows = []
    for said in _outgoing(ids):
        event = event_of(said["topic"])
        if event.code != said["event"] or said["topic"] == DEAD:
            continue
        address = said["email"] if said["channel"] == "email" else said["url"]
        if not address:
            continue
        is_urgent = said["level"] == "urgent"
        due = now if is_urgent else after_quiet(now, said["quiet_from"], said["quiet_to"])
        rows.append(
            Delivery(
                notice_id=said["notice"],
                user_id=said["user"],
                user_name=said["name"],
                event=event.code,
                channel=said["channel"],
                target_id=said["target"],
                address=address,
                is_urgent=is_urgent,
                due_at=due,
                created_at=now,
            )
        )
    Delivery.objects.bulk_create(rows, ignore_conflicts=True, batch_size=1_000)
    if any(row.due_at <= now for row in rows):
        key = f"{JOB}:{messages[-1].id}"
        queue.start(code=JOB, actor=acting.system(now=now), now=now, key=key)


def after_quiet(now: datetime, since: time | None, until: time | None) -> datetime:
    """Now, or the end of the quiet hours that now lies in; they may go over midnight."""
    if since is None or until is None:
        return now
    local = timezone.localtime(now)
    clock = local.time().replace(tzinfo=None)
    inside = since <= clock < until if since < until else clock >= since or clock < until
    if not inside:
        return now
    end = local.replace(hour=until.hour, minute=until.minute, second=0, microsecond=0)
    return end if end > local else end + timedelta(days=1)


def _outgoing(ids: Sequence[int]) -> list[dict[str, Any]]:
    heads = (
        "notice", "user", "name", "topic", "level", "event", "channel", "target", "url", "email",
        "quiet_from", "quiet_to",
    )  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM messages_outgoing(%s)", [list(ids)])
        return [dict(zip(heads, row, strict=True)) for row in cursor.fetchall()]


# ---------------------------------------------------------------- sending


@task(code=JOB, name="发送邮件与外部推送", every="*/5 * * * *", lock=JOB, alert=SYSTEM_ADMIN)
def deliver(work: Work) -> Mapping[str, Any]:
    """Sends what is due; what fails waits longer each time, at last it is told to an officer."""
    done = run(now=work.now, clock=work.clock)
    return {"已送出": done.sent, "将重试": done.failed, "未送达": done.dead}


def run(*, now: datetime, clock: Any = None) -> Sent:
    """One round, at most ROUND_MAX deliveries."""
    sent = failed = dead = 0
    while sent + failed + dead < ROUND_MAX:
        taken = _claim(now)
        if not taken:
            break
        for one in taken:
            at = clock() if clock is not None else now
            state = _send(one, at)
            sent += state == "sent"
            failed += state == "failed"
            dead += state == "dead"
    if dead:
        _alarm(now, dead)
    return Sent(sent, failed, dead)


_CLAIM: Final = """
UPDATE messages_delivery SET state = 'sending', attempts = attempts + 1, due_at = %s
 WHERE id IN (SELECT id FROM messages_delivery
               WHERE state IN ('queued', 'failed', 'sending') AND due_at <= %s
               ORDER BY is_urgent DESC, due_at, id LIMIT %s FOR UPDATE SKIP LOCKED)
RETURNING id
"""


def _claim(now: datetime) -> list[Delivery]:
    with connection.cursor() as cursor:
        cursor.execute(_CLAIM, [now + OURS, now, BATCH])
        ids = [row[0] for row in cursor.fetchall()]
    return list(Delivery.objects.select_related("target").filter(pk__in=ids).order_by("pk"))


def _send(one: Delivery, now: datetime) -> str:
    try:
        _hand_over(one, now)
    except Failed as fault:
        is_dead = fault.is_final or one.attempts >= ATTEMPTS_MAX
        state, error = "dead" if is_dead else "failed", str(fault)
    except Refused as refused:
        state, error = "dead", str(refused)
    else:
        state, error = "sent", ""
    due = now + WAIT * 2 ** (one.attempts - 1)
    Delivery.objects.filter(pk=one.pk).update(
        state=state, error=error[:400], due_at=due, sent_at=now if state == "sent" else None
    )
    return state


def _hand_over(one: Delivery, now: datetime) -> None:
    said = _words(one)
    facts = {
        "标题": said["title"],
        "内容": said["body"],
        "链接": settings.PUBLIC_ADDRESS + said["link"] if said["link"] else "",
        "级别": dict(Notice.LEVELS)[said["level"]],
        "姓名": one.user_name,
        "时间": f"{timezone.localtime(said['at']):%Y-%m-%d %H:%M}",
        "事项": names().get(one.event, one.event),
    }
    subject, body = templates.rendered(one.event, facts)
    mark = f"shucai-{one.pk}-{one.notice_id}"
    if one.channel == "email":
        mail.send(mail.Letter(one.address, subject, body, mark), now=now)
        return
    if one.target is None or one.target.state != "enabled":
        raise Failed("推送地址已停用", is_final=True)
    payload = {
        "id": mark,
        "event": one.event,
        "title": said["title"],
        "body": said["body"],
        "level": said["level"],
        "link": facts["链接"],
        "recipient": one.user_name,
        "at": said["at"].isoformat(),
        "subject": subject,
        "text": body,
    }
    secret = sealing.unsealed(one.target.secret, name=one.target.name)
    webhook.send(webhook.Post(one.target.url, secret, mark, one.event, payload), now=now)


def _words(one: Delivery) -> dict[str, Any]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM messages_words(%s)", [one.pk])
        row = cursor.fetchone()
    if row is None:
        raise Failed("通知已被清理", is_final=True)
    return dict(zip(("title", "body", "link", "level", "at"), row, strict=True))


def _alarm(now: datetime, count: int) -> None:
    """The administrators learn it in the bell, at most once an hour; never by a failed channel."""
    city = acting.system(now=now).scope_path
    day = timezone.localdate(now)
    text = notices.Text(
        title=f"{count} 条消息未能送出",
        body="邮件或外部推送多次失败后停止，原因见投递记录，可重新投递",
        link="/r/platform.message_delivery/?state=dead",
        level="urgent",
        topic=DEAD,
        key=f"{DEAD}:{now:%Y%m%d%H}",
    )
    users = notices.holders(duty=SYSTEM_ADMIN, unit_path=city, on=day)
    notices.send(text, users=users, now=now)


# ---------------------------------------------------------------- by hand


def retry(*, actor: Actor, ids: Sequence[int], now: datetime) -> int:
    """Stopped deliveries begin anew."""
    changed = _revive(actor, ids, now, label="重新投递", state="queued")
    queue.start(code=JOB, actor=actor, now=now)
    return changed


def give_up(*, actor: Actor, ids: Sequence[int], now: datetime) -> int:
    return _revive(actor, ids, now, label="放弃", state="given_up")


@transaction.atomic
def _revive(actor: Actor, ids: Sequence[int], now: datetime, *, label: str, state: str) -> int:
    if not actor.can(SYSTEM_ADMIN):
        raise errors.NO_DUTY.refuse(
            action=f"{label}消息", duty=name_of(SYSTEM_ADMIN), position=actor.position_name
        )
    rows = list(Delivery.objects.select_for_update().filter(pk__in=ids))
    late = [row for row in rows if row.state not in ("dead", "failed")]
    if late:
        raise errors.NOT_STOPPED.refuse(
            action=label, id=late[0].pk, state=late[0].get_state_display()
        )
    Delivery.objects.filter(pk__in=ids).update(state=state, attempts=0, due_at=now)
    audit.record(
        [
            audit.AuditRow(
                actor=actor,
                at=now,
                action="messages.retry" if state == "queued" else "messages.give_up",
                target_type="messages.delivery",
                target=str(row.pk),
                result="done",
                detail={"error": row.error, "attempts": row.attempts},
            )
            for row in rows
        ]
    )
    return len(rows)


def channel_name(code: str) -> str:
    return dict(CHANNELS).get(code, code)


def masked(address: str) -> str:
    """Enough of an address to recognise it."""
    name, at, host = address.partition("@")
    return f"{name[:2]}***@{host}" if at else address

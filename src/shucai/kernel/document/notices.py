"""通知 notices: what happened to a document is told to its maker, trouble to whoever mends it.

Nothing is declared by a type: a document that came back, ended, or was acted on with a reason is
news to its maker, unless he did it himself.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.utils import timezone

from shucai.kernel.document.declare import DocumentType, find_type, types
from shucai.kernel.document.history import is_back
from shucai.kernel.document.models import Header
from shucai.kernel.identity import scope
from shucai.kernel.identity.duties import SYSTEM_ADMIN
from shucai.kernel.jobs import acting
from shucai.kernel.jobs.declare import Message, on
from shucai.kernel.jobs.models import JobRun
from shucai.kernel.messages import notices
from shucai.kernel.messages.events import Event
from shucai.kernel.messages.notices import Text
from shucai.kernel.workflow.declare import Move
from shucai.kernel.workflow.models import Step

TOLD_SINGLY: Final = 5  # more of one kind at once become one notice


def concerns_maker(kind: DocumentType, move: Move) -> bool:
    """The document came back, ended, or was acted on for a stated reason."""
    return (
        move.target == kind.initial or move.target in kind.final or move.action in kind.needs_reason
    )


def _topics() -> Iterator[str]:
    for kind in types().values():
        for move in kind.flow:
            if concerns_maker(kind, move):
                yield f"{kind.code}.{move.action}"


DOCUMENTS: Final = Event(code="document", name="单据办理", topics=_topics, position=20)


@dataclass(frozen=True, slots=True)
class _Event:
    """One document, the move it made, and who made it."""

    message: Message
    kind: DocumentType
    move: Move
    header: Header
    step: Step


@on(consumer="document.notices", name="单据通知", those_of=_topics)
def tell_makers(messages: Sequence[Message], now: datetime) -> None:
    """The makers of the documents are told, a batch of many in one notice."""
    scope.apply(acting.system(now=now))
    told: dict[tuple[int, str], list[_Event]] = defaultdict(list)
    for event in _events(messages):
        if event.step.actor_id != event.header.maker_id:
            told[event.header.maker_id, event.message.topic].append(event)
    texts: list[tuple[int, Text]] = []
    for (maker, _), events in told.items():
        if len(events) > TOLD_SINGLY:
            texts.append((maker, _about_many(events)))
        else:
            texts += [(maker, _about_one(event)) for event in events]
    notices.send_all(texts, now=now)


def _events(messages: Sequence[Message]) -> Iterator[_Event]:
    """A document that has gone since (a discarded draft) is no news."""
    by_topic: dict[str, list[Message]] = defaultdict(list)
    for message in messages:
        by_topic[message.topic].append(message)
    for topic, group in by_topic.items():
        code, _, action = topic.rpartition(".")
        kind = find_type(code)
        if kind is None:
            continue
        ids = [message.payload["id"] for message in group]
        headers = Header.objects.select_related("unit").in_bulk(ids)
        steps = _last_steps(ids, action)
        for message in group:
            header, step = headers.get(message.payload["id"]), steps.get(message.payload["id"])
            move = kind.move(action, state=step.source) if step else None
            if header is not None and step is not None and move is not None:
                yield _Event(message, kind, move, header, step)


def _last_steps(ids: Sequence[int], action: str) -> dict[int, Step]:
    rows = Step.objects.filter(header_id__in=ids, action=action)
    return {step.header_id: step for step in rows.order_by("pk")}


def _about_one(event: _Event) -> Text:
    header, step = event.header, event.step
    said = f"：{step.opinion}" if step.opinion else ""
    return Text(
        title=f"{event.kind.name} {header.address} 已{event.move.label}",
        body=f"{header.summary}，{header.amount:,.2f} 元。"
        f"{step.actor_name}（{step.position_name}）{said}",
        link=f"/d/{event.kind.code}/{header.address}",
        level=_level(event),
        topic=event.message.topic,
        key=f"message:{event.message.id}",
    )


def _about_many(events: Sequence[_Event]) -> Text:
    first, amount = events[0], sum(event.header.amount for event in events)
    target = first.move.target
    return Text(
        title=f"{first.kind.name} {len(events)} 笔已{first.move.label}",
        body=f"合计 {amount:,.2f} 元。{first.step.actor_name}（{first.step.position_name}）",
        link=f"/d/{first.kind.code}/?maker=me&state={target}",
        level=_level(first),
        topic=first.message.topic,
        key=f"message:{first.message.id}-{events[-1].message.id}",
    )


def _level(event: _Event) -> notices.Level:
    unwelcome = is_back(event.kind, event.move) or event.move.action in event.kind.needs_reason
    return "warning" if unwelcome else "success"


@on("job.done", "job.dead", "job.alarm", "outbox.dead", consumer="jobs.notices", name="任务通知")
def tell_about_jobs(messages: Sequence[Message], now: datetime) -> None:
    """Who started a job learns how it ended; trouble goes to the duty that mends it."""
    city = acting.system(now=now).scope_path
    day = timezone.localdate(now)

    def holders(duty: str) -> list[int]:
        return notices.holders(duty=duty, unit_path=city, on=day)

    for message in messages:
        said, key = message.payload, f"message:{message.id}"
        if message.topic == "outbox.dead":
            notices.send(_about_delivery(said, key), users=holders(SYSTEM_ADMIN), now=now)
        elif message.topic == "job.alarm":
            text = Text(said["name"], said["text"], _page(said), "urgent", message.topic, key)
            notices.send(text, users=holders(said["alert"] or SYSTEM_ADMIN), now=now)
        else:
            _tell_starter(message, now)
            if message.topic == "job.dead" and said["alert"]:
                notices.send(_about_dead(said, key), users=holders(said["alert"]), now=now)


def _tell_starter(message: Message, now: datetime) -> None:
    said, key = message.payload, f"message:{message.id}"
    if not said["user"]:
        return
    if message.topic == "job.dead":
        text = _about_dead(said, key)
    else:
        link = f"/files/{said['file']}" if said.get("file") else _page(said)
        note = JobRun.objects.filter(pk=said["run"]).values_list("note", flat=True).first()
        body = "文件已生成，点击下载，保留 7 天" if said.get("file") else note or ""
        text = Text(f"{said['name']}已完成", body, link, "success", message.topic, key)
    notices.send(text, users=[said["user"]], now=now)


def _about_dead(said: Mapping[str, Any], key: str) -> Text:
    title = f"{said['name']}没有完成"
    return Text(title, said.get("error", ""), _page(said), "urgent", "job.dead", key)


def _page(said: Mapping[str, Any]) -> str:
    return f"/tasks/{said['run']}"


def _about_delivery(said: Mapping[str, Any], key: str) -> Text:
    body = f"{said['topic']}：{said['error']}"
    return Text(f"消息未能送达“{said['consumer']}”", body, "/tasks", "urgent", "outbox.dead", key)

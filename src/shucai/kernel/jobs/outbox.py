"""发件箱的投递 the relay: messages go to their consumers, in order per key, at least once.

A delivery that fails waits longer each time and holds back later messages of its key; after
ATTEMPTS_MAX it is dead until a person sends it again or gives it up in writing.
"""

import json
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import connection, transaction

from shucai.kernel import audit
from shucai.kernel.identity.actor import Actor
from shucai.kernel.identity.duties import SYSTEM_ADMIN
from shucai.kernel.jobs import errors
from shucai.kernel.jobs.declare import Consumer, Message, consumers
from shucai.kernel.jobs.models import OutboxDelivery

LOG: Final = logging.getLogger("shucai.outbox")
ATTEMPTS_MAX: Final = 8
WAIT_MIN, WAIT_MAX = 5, 3_600
BATCH: Final = 200
ROUNDS_MAX: Final = 50
ROUTE_MAX: Final = 5_000
DEAD_TOPIC: Final = "outbox.dead"

_TAKE: Final = """
SELECT d.id, m.id, m.topic, m.key, m.payload::text, m.created_at, d.attempts
  FROM outbox_delivery d JOIN outbox_message m ON m.id = d.message_id
 WHERE d.consumer = %s AND d.state = 'waiting' AND d.due_at <= %s
   AND (d.key = '' OR NOT EXISTS (
        SELECT 1 FROM outbox_delivery e
         WHERE e.consumer = d.consumer AND e.key = d.key AND e.message_id < d.message_id
           AND e.state IN ('waiting', 'dead')))
 ORDER BY d.message_id LIMIT %s
   FOR UPDATE OF d SKIP LOCKED
"""


@dataclass(frozen=True, slots=True)
class _Taken:
    delivery: int
    message: Message
    attempts: int


@dataclass(frozen=True, slots=True)
class Relayed:
    """What one round did."""

    routed: int = 0
    delivered: int = 0
    failed: int = 0


def append(*, topic: str, key: str, payload: dict[str, Any]) -> None:
    """Says something to whom it concerns, if and when the caller's transaction commits."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT outbox_append(ARRAY[%s], ARRAY[%s], ARRAY[%s])",
            [topic, key, json.dumps(payload, ensure_ascii=False)],
        )


def relay(*, now: datetime) -> Relayed:
    """Routes what is new and delivers what is due; returns when nothing is left to do now."""
    routed = _route(now)
    delivered = failed = 0
    for consumer in consumers().values():
        for _ in range(ROUNDS_MAX):
            good, bad = _deliver(consumer, now)
            delivered += good
            failed += bad
            if not good and not bad:
                break
    return Relayed(routed, delivered, failed)


def _route(now: datetime) -> int:
    pairs = [(t, c.code) for c in consumers().values() for t in sorted(set(c.topics()))]
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT outbox_route(%s::text[], %s::text[], %s, %s)",
            [[topic for topic, _ in pairs], [code for _, code in pairs], now, ROUTE_MAX],
        )
        return int(cursor.fetchone()[0])


def _deliver(consumer: Consumer, now: datetime) -> tuple[int, int]:
    """One batch; the receipts commit together with whatever the consumer wrote."""
    with transaction.atomic():
        taken = _take(consumer, now)
        if not taken:
            return 0, 0
        if len(taken) > 1 and _handled(consumer, taken, now) is None:
            _receipt(taken, now)
            return len(taken), 0
        good, bad = [], 0
        for one in taken:
            failure = _handled(consumer, [one], now)
            if failure is None:
                good.append(one)
            else:
                bad += 1
                _postpone(consumer, one, failure, now)
        _receipt(good, now)
        return len(good), bad


def _take(consumer: Consumer, now: datetime) -> list[_Taken]:
    with connection.cursor() as cursor:
        cursor.execute(_TAKE, [consumer.code, now, BATCH])
        return [
            _Taken(row[0], Message(row[1], row[2], row[3], json.loads(row[4]), row[5]), row[6])
            for row in cursor.fetchall()
        ]


def _handled(consumer: Consumer, taken: Sequence[_Taken], now: datetime) -> str | None:
    """None when the consumer took them all, else what went wrong; its writes are undone."""
    try:
        with transaction.atomic():
            consumer.handle([one.message for one in taken], now)
    except Exception as failure:  # a consumer's fault must not stop the relay
        if len(taken) == 1:
            LOG.exception("consumer %s failed on %s", consumer.code, taken[0].message.id)
        return f"{type(failure).__name__}: {failure}"
    return None


def _receipt(taken: Sequence[_Taken], now: datetime) -> None:
    if taken:
        OutboxDelivery.objects.filter(pk__in=[one.delivery for one in taken]).update(
            state="done", done_at=now, error=""
        )


def _postpone(consumer: Consumer, one: _Taken, failure: str, now: datetime) -> None:
    attempts = one.attempts + 1
    is_dead = attempts >= ATTEMPTS_MAX
    OutboxDelivery.objects.filter(pk=one.delivery).update(
        state="dead" if is_dead else "waiting",
        attempts=attempts,
        due_at=now + timedelta(seconds=min(WAIT_MIN * 2 ** (attempts - 1), WAIT_MAX)),
        error=failure[:4000],
    )
    if is_dead and one.message.topic != DEAD_TOPIC:
        said = {"consumer": consumer.name, "topic": one.message.topic, "error": failure[:400]}
        append(topic=DEAD_TOPIC, key="", payload={**said, "delivery": one.delivery})


def dead(*, actor: Actor, before: int | None = None, size: int = 50) -> list[OutboxDelivery]:
    """Deliveries that wait for a person, newest first. Raises Refused without the duty."""
    _require(actor)
    rows = OutboxDelivery.objects.filter(state="dead").select_related("message")
    if before is not None:
        rows = rows.filter(pk__lt=before)
    return list(rows.order_by("-pk")[: min(max(size, 1), BATCH)])


def redrive(*, delivery_id: int, actor: Actor, now: datetime) -> None:
    """Sends a dead message again. Raises Refused when it is not dead."""
    _revive(delivery_id, actor, now, label="重新投递", state="waiting", reason="")


def skip(*, delivery_id: int, actor: Actor, now: datetime, reason: str) -> None:
    """Gives a dead message up, so that later ones of its key go on. Raises Refused otherwise."""
    if len(reason.strip()) < 2:
        raise errors.SKIP_REASON.refuse("reason", id=delivery_id, length=len(reason.strip()))
    _revive(delivery_id, actor, now, label="放弃", state="skipped", reason=reason.strip())


def _revive(
    delivery_id: int, actor: Actor, now: datetime, *, label: str, state: str, reason: str
) -> None:
    _require(actor)
    with transaction.atomic():
        found = OutboxDelivery.objects.select_for_update().filter(pk=delivery_id).first()
        if found is None or found.state != "dead":
            said = found.get_state_display() if found else "不存在"
            raise errors.NOT_DEAD.refuse(id=delivery_id, label=label, state=said)
        OutboxDelivery.objects.filter(pk=delivery_id).update(
            state=state, attempts=0, due_at=now, done_at=now if state == "skipped" else None
        )
        row = audit.AuditRow(
            actor=actor,
            at=now,
            action="outbox.redrive" if state == "waiting" else "outbox.skip",
            target_type="outbox",
            target=str(delivery_id),
            result="done",
            detail={"consumer": found.consumer, "topic": found.topic, "reason": reason},
        )
        audit.record([row])


def _require(actor: Actor) -> None:
    if not actor.can(SYSTEM_ADMIN):
        raise errors.NO_RIGHT.refuse(position=actor.position_name)

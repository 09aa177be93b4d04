"""The outbox: nothing lost, nothing twice in the database, order kept per key, failures aside."""

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection, transaction
from django.db.utils import ProgrammingError

from shucai.base.errors import Refused
from shucai.kernel import registry
from shucai.kernel.identity.actor import Actor
from shucai.kernel.jobs import outbox
from shucai.kernel.jobs.declare import Message, on
from shucai.kernel.jobs.models import JobRun, OutboxDelivery, OutboxMessage

NOW = datetime(2026, 3, 5, 10, 0, tzinfo=UTC)
ADMIN = Actor(
    user_id=9,
    name="王管理",
    position_name="系统管理岗",
    duties=frozenset({"identity.system_admin"}),
    scope_path="4406",
    office="",
    unit_code="",
    unit_name="",
    division="440600000",
    fiscal_year=2026,
)
CLERK = Actor(**{**{f: getattr(ADMIN, f) for f in ADMIN.__slots__}, "duties": frozenset()})

Declare = Callable[..., None]


@pytest.fixture
def consume() -> Iterator[Declare]:
    """Declares a consumer of the topic `t` for one test."""
    made: list[str] = []

    def one(handle: Callable[[Sequence[Message], datetime], None], code: str = "test") -> None:
        made.append(code)
        on("t", consumer=code, name="试验")(handle)

    yield one
    registry.forget("consumer", made)


def say(*said: tuple[str, int]) -> None:
    for key, number in said:
        outbox.append(topic="t", key=key, payload={"n": number})


def numbers(messages: Sequence[Message]) -> list[int]:
    return [message.payload["n"] for message in messages]


def test_messages_reach_every_consumer_once(fresh_database: str, consume: Declare) -> None:
    one: list[int] = []
    two: list[int] = []
    consume(lambda messages, now: one.extend(numbers(messages)), "test.one")
    consume(lambda messages, now: two.extend(numbers(messages)), "test.two")
    say(("a", 1), ("b", 2))

    done = outbox.relay(now=NOW)
    again = outbox.relay(now=NOW)

    assert (done.routed, done.delivered, again.delivered) == (2, 4, 0)
    assert (sorted(one), sorted(two)) == ([1, 2], [1, 2])


def test_a_rolled_back_message_is_never_said(fresh_database: str, consume: Declare) -> None:
    heard: list[int] = []
    consume(lambda messages, now: heard.extend(numbers(messages)))

    with transaction.atomic():
        say(("a", 1))
        transaction.set_rollback(True)
    outbox.relay(now=NOW)

    assert heard == []


def test_messages_of_one_key_come_in_order(fresh_database: str, consume: Declare) -> None:
    heard: list[int] = []
    consume(lambda messages, now: heard.extend(numbers(messages)))
    say(("a", 1), ("a", 2), ("b", 3), ("a", 4))

    outbox.relay(now=NOW)

    assert [n for n in heard if n != 3] == [1, 2, 4]


def test_a_failure_undoes_its_writes_and_spares_the_others(
    fresh_database: str, consume: Declare
) -> None:
    def handle(messages: Sequence[Message], now: datetime) -> None:
        for message in messages:
            JobRun.objects.create(code="x", name=message.key, created_at=now)
            if message.key == "bad":
                raise ZeroDivisionError

    consume(handle)
    say(("good", 1), ("bad", 2), ("fine", 3))

    done = outbox.relay(now=NOW)

    assert (done.delivered, done.failed) == (2, 1)
    assert sorted(JobRun.objects.values_list("name", flat=True)) == ["fine", "good"]


def test_a_failed_message_holds_back_its_key_and_waits_longer_each_time(
    fresh_database: str, consume: Declare
) -> None:
    heard: list[int] = []
    broken = [True]

    def handle(messages: Sequence[Message], now: datetime) -> None:
        if broken[0] and any(m.payload["n"] == 1 for m in messages):
            raise ZeroDivisionError
        heard.extend(numbers(messages))

    consume(handle)
    say(("a", 1), ("a", 2), ("b", 3))

    outbox.relay(now=NOW)
    assert heard == [3]
    assert OutboxDelivery.objects.get(attempts=1).due_at == NOW + timedelta(seconds=5)
    outbox.relay(now=NOW + timedelta(seconds=4))
    assert heard == [3]

    broken[0] = False
    outbox.relay(now=NOW + timedelta(seconds=5))

    assert heard == [3, 1, 2]


def kill(now: datetime = NOW) -> OutboxDelivery:
    """Fails until dead."""
    for turn in range(outbox.ATTEMPTS_MAX):
        outbox.relay(now=now + timedelta(hours=2 * turn))
    return OutboxDelivery.objects.get(state="dead", topic="t")


def test_a_dead_message_tells_of_itself_and_is_sent_again_by_the_administrator(
    fresh_database: str, consume: Declare
) -> None:
    broken = [True]

    def handle(messages: Sequence[Message], now: datetime) -> None:
        if broken[0]:
            raise ZeroDivisionError("除以零")

    consume(handle)
    say(("a", 1))
    found = kill()
    assert found.error == "ZeroDivisionError: 除以零"
    assert OutboxMessage.objects.filter(topic=outbox.DEAD_TOPIC).count() == 1
    assert [d.pk for d in outbox.dead(actor=ADMIN)] == [found.pk]

    with pytest.raises(Refused) as refused:
        outbox.redrive(delivery_id=found.pk, actor=CLERK, now=NOW)
    assert refused.value.code == "JOB-1101"

    broken[0] = False
    outbox.redrive(delivery_id=found.pk, actor=ADMIN, now=NOW)
    outbox.relay(now=NOW)
    found.refresh_from_db()
    assert found.state == "done"
    with pytest.raises(Refused) as refused:
        outbox.redrive(delivery_id=found.pk, actor=ADMIN, now=NOW)
    assert refused.value.code == "JOB-1102"
    assert "它的状态是“已投递”" in str(refused.value)


def test_giving_a_message_up_needs_a_reason_and_frees_its_key(
    fresh_database: str, consume: Declare
) -> None:
    heard: list[int] = []

    def handle(messages: Sequence[Message], now: datetime) -> None:
        if any(m.payload["n"] == 1 for m in messages):
            raise ZeroDivisionError
        heard.extend(numbers(messages))

    consume(handle)
    say(("a", 1), ("a", 2))
    found = kill()

    with pytest.raises(Refused) as refused:
        outbox.skip(delivery_id=found.pk, actor=ADMIN, now=NOW, reason="")
    assert refused.value.code == "JOB-1103"
    outbox.skip(delivery_id=found.pk, actor=ADMIN, now=NOW, reason="对方系统已停用")
    outbox.relay(now=NOW + timedelta(days=2))

    assert heard == [2]


def test_a_message_nobody_takes_is_routed_and_purged(fresh_database: str) -> None:
    say(("a", 1))

    assert outbox.relay(now=NOW).routed == 1
    with connection.cursor() as cursor:
        cursor.execute("SELECT outbox_purge(now() + interval '1 day', 10)")
        assert cursor.fetchone() == (1,)


def test_the_application_cannot_forge_or_change_a_message(fresh_database: str) -> None:
    say(("a", 1))

    for statement in (
        "INSERT INTO outbox_message (topic, key, payload, created_at, is_routed)"
        " VALUES ('x', '', '{}', now(), false)",
        "UPDATE outbox_message SET payload = '{}'",
        "DELETE FROM outbox_message",
        "DELETE FROM outbox_delivery",
    ):
        with pytest.raises(ProgrammingError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)

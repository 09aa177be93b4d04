"""Notices reach whom they concern, once, and nobody else can read them."""

from dataclasses import replace
from datetime import date

import pytest
from django.db import ProgrammingError, connection, transaction
from tests.people import NOW, UNIT, appoint

from shucai.base.errors import Refused
from shucai.kernel.identity import scope
from shucai.kernel.messages import notices
from shucai.kernel.messages.models import Notice
from shucai.kernel.messages.notices import Text


def test_a_notice_is_unread_until_it_is_opened(db: None) -> None:
    staff = appoint()
    notices.send(
        Text(title="支付申请已退回", level="warning"), users=[staff.clerk.user_id], now=NOW
    )

    assert notices.unread(actor=staff.clerk) == 1
    notice = notices.inbox(actor=staff.clerk)[0]
    notices.read(actor=staff.clerk, id=notice.pk, now=NOW)

    assert notices.unread(actor=staff.clerk) == 0
    assert notices.inbox(actor=staff.clerk, only_unread=True) == []


def test_the_notice_of_another_is_not_there(db: None) -> None:
    staff = appoint()
    notices.send(Text(title="甲"), users=[staff.clerk.user_id], now=NOW)
    (notice,) = notices.inbox(actor=staff.clerk)

    with pytest.raises(Refused) as refused:
        notices.read(actor=staff.reviewer, id=notice.pk, now=NOW)

    assert refused.value.code == "MSG-1001"
    assert notices.inbox(actor=staff.reviewer) == []


def test_the_database_itself_shows_and_takes_only_own_rows(db: None) -> None:
    staff = appoint()
    for one in (staff.clerk, staff.reviewer):
        notices.send(Text(title=one.name), users=[one.user_id], now=NOW)

    with transaction.atomic():
        scope.apply(staff.clerk)
        seen = list(Notice.objects.values_list("title", flat=True))
        changed = Notice.objects.update(read_at=NOW)
    with connection.cursor() as cursor, transaction.atomic():
        cursor.execute("SELECT set_config('shucai.user', '', true)")
        nobodys = Notice.objects.count()

    assert (seen, changed, nobodys) == ([staff.clerk.name], 1, 0)
    assert notices.unread(actor=staff.reviewer) == 1


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO messages_notice (user_id, title, body, link, level, topic, created_at)"
        " VALUES (1, '甲', '', '', 'info', '', now())",
        "UPDATE messages_notice SET title = '乙'",
        "DELETE FROM messages_notice",
    ],
)
def test_the_application_neither_writes_nor_removes_rows_by_itself(
    db: None, statement: str
) -> None:
    with (
        pytest.raises(ProgrammingError) as denied,
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)

    assert "permission denied" in str(denied.value)


def test_a_repeated_event_tells_once(db: None) -> None:
    staff = appoint()
    text = Text(title="甲", key="message:7")

    counts = [notices.send(text, users=[staff.clerk.user_id], now=NOW) for _ in range(2)]

    assert (counts, len(notices.inbox(actor=staff.clerk))) == ([1, 0], 1)


def test_the_holders_of_a_duty_are_found_by_place_and_day(db: None) -> None:
    staff = appoint()

    def found(**more: object) -> list[int]:
        asked = {"duty": "payment.reviewer", "unit_path": UNIT, "on": NOW.date(), **more}
        return notices.holders(**asked)  # type: ignore[arg-type]

    assert found() == [staff.reviewer.user_id]
    assert found(unit_path=UNIT + "/1") == [staff.reviewer.user_id]
    assert found(unit_path="4406/440600/106/106001") == []
    assert found(on=date(2025, 12, 31)) == []
    assert found(duty="identity.auditor") == [staff.auditor.user_id]


def test_many_are_told_in_few_statements(db: None, django_assert_max_num_queries: object) -> None:
    told = [(user, Text(title="通知", key=f"k{user}")) for user in range(1, 1501)]

    with django_assert_max_num_queries(8):  # type: ignore[operator]
        assert notices.send_all(told, now=NOW) == 1500


def test_reading_all_leaves_what_came_later(db: None) -> None:
    clerk = appoint().clerk
    for title in "甲乙丙":
        notices.send(Text(title=title), users=[clerk.user_id], now=NOW)
    seen = notices.inbox(actor=clerk)[1].pk

    assert notices.read_all(actor=clerk, up_to=seen, now=NOW) == 2
    assert [n.title for n in notices.inbox(actor=clerk, only_unread=True)] == ["丙"]
    assert [n.title for n in notices.inbox(actor=clerk, before=seen)] == ["甲"]


def test_the_bell_stops_counting(db: None) -> None:
    clerk = replace(appoint().clerk)
    for _ in range(3):
        notices.send_all([(clerk.user_id, Text(title="多")) for _ in range(60)], now=NOW)

    assert notices.unread(actor=clerk) == notices.UNREAD_SHOWN

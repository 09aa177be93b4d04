"""An announcement reaches its people, is read or not, reminded of, must be confirmed, withdrawn."""

from datetime import timedelta

import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.utils import timezone
from tests import content_world, people
from tests.content_world import World
from tests.people import UNIT

from shucai.base.errors import Refused
from shucai.kernel.content import issuing, reading
from shucai.kernel.content.models import Announcement, Receipt
from shucai.kernel.content.reach import Reach, Span
from shucai.kernel.identity import scope
from shucai.kernel.messages import notices

pytestmark = [pytest.mark.django_db, pytest.mark.function("PLAT-004")]
NOW = timezone.now().replace(microsecond=0)


@pytest.fixture
def world(db: None) -> World:
    return content_world.build(now=NOW)


def test_a_unit_is_told_at_once_and_a_division_after_a_second_look(world: World) -> None:
    small = content_world.announcement(world, NOW, reach=Reach(paths=[UNIT], words="市一中"))
    editor = world.actors["bianji"]
    wide = issuing.write(
        actor=editor,
        said=issuing.Letter(title="全市通知", body="请各单位按时办理。"),
        now=NOW,
    )
    wide = issuing.submit(actor=editor, announcement=wide, now=NOW)

    assert (small.state, small.told, small.reviewed_by) == ("published", 2, None)
    assert (wide.state, wide.told) == ("submitted", 0)
    assert [n.title for n in notices.inbox(actor=world.actors["shenhe"])] == ["年终结账安排"]
    assert notices.inbox(actor=world.actors["guoku"]) == []
    none = issuing.write(
        actor=editor,
        said=issuing.Letter(
            title="无人", body="没有人收到。", reach=Reach(paths=["4406/440600/108"])
        ),
        now=NOW,
    )
    with pytest.raises(Refused) as nobody:
        issuing.submit(actor=editor, announcement=none, now=NOW)
    assert nobody.value.code == "CNT-1104"


def test_receipts_reminders_and_withdrawal_in_the_browser(world: World) -> None:
    row = content_world.announcement(world, NOW, reach=Reach(paths=[UNIT], words="市一中"))
    clerk, editor = world.client("zhifu"), world.client("bianji")
    assert "年终结账安排" in clerk.get("/").content.decode()
    page = clerk.get(f"/announcements/{row.pk}").content.decode()
    assert "<strong>12 月 25 日</strong>" in page
    assert clerk.get("/announcements/").status_code == 200
    assert world.client("guoku").get(f"/announcements/{row.pk}").status_code != 200

    row.refresh_from_db()
    listed = editor.get(f"/r/platform.receipt/?announcement={row.pk}&is_read=0").content.decode()
    later = NOW + timedelta(hours=2)
    count = issuing.remind(actor=world.actors["bianji"], announcement=row, now=later)
    with pytest.raises(Refused) as again:
        issuing.remind(actor=world.actors["bianji"], announcement=row, now=later)

    assert (row.told, row.seen) == (2, 1)
    assert "李建国" in listed
    assert "王晓萌" not in listed
    assert (count, again.value.code) == (1, "CNT-1401")
    assert len(notices.inbox(actor=world.actors["shenhe"])) == 2
    said = {"go": "1", "sure": "1", "reason": "时间有误"}
    done = editor.post(f"/r/platform.announcement/{row.pk}/-/withdraw", said, follow=True)
    assert "已撤回" in done.content.decode()
    assert clerk.get(f"/announcements/{row.pk}").status_code != 200
    assert notices.inbox(actor=world.actors["zhifu"])[0].body == "时间有误"


def test_what_must_be_read_stands_before_every_page_until_confirmed(world: World) -> None:
    early = world.client("zhifu")
    row = content_world.announcement(world, NOW, must=True)
    late, officer = world.client("shenhe"), world.client("sysadmin")

    for client in (early, late):
        for address in ("/", "/d/payment.application/", "/bell", "/articles/", "/switch"):
            assert client.get(address)["Location"] == "/must-read", address
        assert client.post("/bell/read", {"up_to": "9"})["Location"] == "/must-read"
    assert "年终结账安排" in early.get("/must-read").content.decode()
    assert officer.get("/").status_code == 200
    done = early.post(f"/announcements/{row.pk}/confirm", {"to": "work"}, follow=True)
    assert done.redirect_chain[-1][0] == "/"
    assert early.get("/d/payment.application/").status_code == 200
    assert late.get("/")["Location"] == "/must-read"
    row.refresh_from_db()
    assert row.seen == 1
    issuing.withdraw(actor=world.actors["bianji"], announcement=row, reason="已改期", now=NOW)
    assert late.get("/must-read")["Location"] == "/"
    assert late.get("/").status_code == 200


def test_who_comes_later_receives_what_is_in_force_and_the_day_is_waited_for(world: World) -> None:
    editor, reviewer = world.actors["bianji"], world.actors["neishen"]
    row = issuing.write(
        actor=editor,
        said=issuing.Letter(
            title="下月执行", body="下月起执行新的标准。", is_must_read=True,
            reach=Reach(duties=["payment.preparer"], positions=["guoku"], words="经办、国库"),
            span=Span(NOW + timedelta(days=1), NOW + timedelta(days=9)),
        ),
        now=NOW,
    )  # fmt: skip
    issuing.submit(actor=editor, announcement=row, now=NOW)
    issuing.review(actor=reviewer, announcement=row, is_agreed=True, opinion="", now=NOW)
    before = Announcement.objects.get(pk=row.pk).told
    day = NOW + timedelta(days=1)
    told = issuing.issue_due(now=day)
    again = issuing.issue_due(now=day)
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('shucai.auditor', 'on', true)")
        names = set(Receipt.objects.values_list("name", flat=True))
        cursor.execute("SELECT set_config('shucai.auditor', '', true)")

    assert (before, told, again) == (0, 2, 0)
    assert names == {"王晓萌", "周敏"}
    clerk = world.actors["zhifu"]
    assert len(reading.pending(actor=clerk, now=day)) == 1
    assert reading.pending(actor=clerk, now=NOW + timedelta(days=10)) == []


def test_receipts_are_ones_own_and_nobody_writes_them(world: World) -> None:
    content_world.announcement(world, NOW, reach=Reach(paths=[UNIT]))

    def seen(name: str) -> int:
        with transaction.atomic():
            scope.apply(world.actors[name])
            return Receipt.objects.count()

    assert [seen(n) for n in ("zhifu", "guoku", "bianji", "auditor", "sysadmin")] == [1, 0, 2, 2, 0]
    with pytest.raises(DatabaseError), transaction.atomic():
        Receipt.objects.update(read_at=NOW)
    stranger = Client()
    assert stranger.get("/must-read")["Location"].startswith("/login")
    assert ("content.announcement_submit", "1", "refused") not in people.trail(
        world.actors["auditor"]
    )

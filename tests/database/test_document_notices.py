"""Makers learn what became of their documents; trouble reaches whoever can mend it."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.payment_world import PaymentWorld, found
from tests.people import NOW

from shucai.kernel import registry
from shucai.kernel.jobs import outbox, queue
from shucai.kernel.jobs.declare import task
from shucai.kernel.jobs.models import JobRun
from shucai.kernel.jobs.running import execute
from shucai.kernel.jobs.work import Work
from shucai.kernel.messages import notices


@pytest.fixture
def world(db: None) -> PaymentWorld:
    return found()


def told(world: PaymentWorld) -> list[tuple[str, str, str]]:
    outbox.relay(now=NOW)
    inbox = notices.inbox(actor=world.staff.clerk)
    return [(n.title, n.level, n.link) for n in reversed(inbox)]


def test_a_returned_document_is_news_to_its_maker(world: PaymentWorld) -> None:
    draft = world.draft()
    world.do("submit", draft, actor=world.staff.clerk)
    world.do("return", draft, actor=world.staff.reviewer, opinion="请补充发票")

    assert told(world) == [
        (f"支付申请 {draft.number} 已退回", "warning", f"/d/payment.application/{draft.number}")
    ]
    notice = notices.inbox(actor=world.staff.clerk)[0]
    assert "100.00 元" in notice.body
    assert notice.body.endswith("支付审核岗甲（支付审核岗）：请补充发票")


def test_a_paid_document_is_good_news_and_an_approved_one_is_none(world: PaymentWorld) -> None:
    draft = world.draft()
    world.do("submit", draft, actor=world.staff.clerk)
    world.do("approve", draft, actor=world.staff.reviewer)
    assert told(world) == []

    world.do("pay", draft, actor=world.treasurer)

    assert [(title, level) for title, level, _ in told(world)] == [
        (f"支付申请 {draft.number} 已支付", "success")
    ]


def test_what_one_does_oneself_is_no_news(world: PaymentWorld) -> None:
    draft = world.draft()
    world.do("submit", draft, actor=world.staff.clerk)
    world.do("recall", draft, actor=world.staff.clerk)

    assert told(world) == []


def test_a_batch_becomes_one_notice(world: PaymentWorld) -> None:
    drafts = [world.draft() for _ in range(8)]
    world.do("submit", *drafts, actor=world.staff.clerk)
    world.do("return", *drafts, actor=world.staff.reviewer, opinion="整批退回")

    assert told(world) == [
        (
            "支付申请 8 笔已退回",
            "warning",
            "/d/payment.application/?maker=me&state=draft",
        )
    ]
    assert "合计 800.00 元" in notices.inbox(actor=world.staff.clerk)[0].body


def test_a_repeated_delivery_tells_nothing_twice(world: PaymentWorld) -> None:
    from django.db import connection

    draft = world.draft()
    world.do("submit", draft, actor=world.staff.clerk)
    world.do("return", draft, actor=world.staff.reviewer, opinion="退回修改")
    assert len(told(world)) == 1

    with connection.cursor() as cursor:
        cursor.execute("UPDATE outbox_delivery SET state = 'waiting'")

    assert len(told(world)) == 1


def test_an_alarm_reaches_the_duty_of_the_task(fresh_database: str) -> None:
    world = found()

    def cry(work: Work) -> None:
        work.alarm("审计链验证发现 1 处不符")

    task(code="test.cry", name="审计链验证", alert="identity.auditor")(cry)
    try:
        run = queue.start(code="test.cry", actor=world.staff.system, now=NOW)
        execute(run.pk, clock=lambda: NOW)
        outbox.relay(now=NOW)
        outbox.relay(now=NOW)
    finally:
        registry.forget("job", ["test.cry"])

    inbox = notices.inbox(actor=world.staff.auditor)
    assert [(n.title, n.body, n.level) for n in inbox] == [
        ("审计链验证", "审计链验证发现 1 处不符", "urgent")
    ]
    assert [n.title for n in notices.inbox(actor=world.staff.system)] == ["审计链验证已完成"]


@pytest.mark.parametrize(
    "code", ["audit.prove", "identity.separation", "files.check", "jobs.purge", "messages.purge",
             "ledger.prove", "identity.leavers"]
)  # fmt: skip
def test_nightly_work_ends_well_on_a_sound_platform(
    fresh_database: str, settings: Any, tmp_path: Path, code: str
) -> None:
    settings.DATA = tmp_path
    world = found()

    run = queue.start(code=code, actor=world.staff.system, now=NOW)
    execute(run.pk, clock=lambda: NOW + timedelta(minutes=1))

    run = JobRun.objects.get(pk=run.pk)
    assert (run.state, run.error) == ("done", "")
    assert not run.result.get("faults")

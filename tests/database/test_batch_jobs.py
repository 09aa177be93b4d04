"""What is too much for one request goes on in the background: batches and long files."""

import re
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from tests import people
from tests.browser import town

from shucai.edge.api.platform import job_shown
from shucai.edge.web.endpoints import scoped
from shucai.kernel.document import batch_jobs, import_jobs
from shucai.kernel.document.models import Header
from shucai.kernel.document.notices import tell_about_jobs
from shucai.kernel.jobs.declare import Message
from shucai.kernel.jobs.models import JobRun, OutboxMessage
from shucai.kernel.jobs.running import execute
from shucai.kernel.messages import notices

PAY = "/d/payment.application"
FIRST = "佛财预〔2026〕12号-01"
FIELDS = {
    "method": "11",
    "settlement": "1",
    "payee_name": "佛山市图书馆",
    "payee_account": "6222021234567890123",
    "payee_bank": "中国工商银行佛山分行",
    "content": "1",
}
pytestmark = pytest.mark.function("PLAT-062")


@pytest.fixture
def clerk(
    fresh_database: str, settings: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Client:
    monkeypatch.setattr(batch_jobs, "AT_ONCE", 2)
    monkeypatch.setattr(batch_jobs, "PART", 2)
    settings.DATA = tmp_path
    town.build()
    client = Client()
    client.post("/login", {"username": "zhifu", "password": people.PASSWORD})
    return client


def drafts(clerk: Client, *amounts: str) -> list[str]:
    """Addresses with versions, as a list sends them, in the order of making."""
    line = {"row": "0", "line-0-allotment": FIRST, "line-0-purpose": "购书"}
    for amount in amounts:
        answer = clerk.post(f"{PAY}/new/save", {**FIELDS, **line, "line-0-amount": amount})
        assert answer.status_code == 302, answer.content.decode()
    with scoped(people.actor_of("zhifu", now=timezone.now())):
        rows = Header.objects.filter(state="draft", type="payment.application").order_by("pk")
        return [f"{header.address}@{header.version}" for header in rows]


def submit(clerk: Client, picks: list[str], *, fragment: bool = False, **more: str) -> Any:
    said = {"action": "submit", "mode": "each", "pick": picks, "key": "once", **more}
    headers = {"HX-Request": "true"} if fragment else {}
    return clerk.post(f"{PAY}/-/batch", said, headers=headers)


def run_of(answer: Any) -> JobRun:
    found = re.fullmatch(r"/tasks/(\d+)", answer["Location"])
    assert found is not None, answer["Location"]
    return JobRun.objects.get(pk=int(found[1]))


def worked(run: JobRun) -> JobRun:
    execute(run.pk, clock=timezone.now)
    run.refresh_from_db()
    return run


def page(clerk: Client, run: JobRun) -> str:
    text: str = clerk.get(f"/tasks/{run.pk}").content.decode()
    return text


def test_a_long_batch_goes_on_without_the_page_and_the_bell_tells(clerk: Client) -> None:
    picks = drafts(clerk, "1.00", "2.00", "999999999.00", "4.00", "5.00")

    run = run_of(submit(clerk, picks))
    waiting = page(clerk, run)
    worked(run)

    assert (run.name, run.state, run.done, run.total) == ("批量送审支付申请", "done", 5, 5)
    assert "排队" in waiting
    assert run.note == "已办理 4 笔，未通过 1 笔"
    assert run.result == {"passed": 4, "refused": 1}
    assert [d["ok"] for d in job_shown(run)["documents"]] == [False, True, True, True, True]
    text = page(clerk, run)
    assert text.count("sc-state-done") >= 4
    assert "可用余额不足" in text
    assert "重新办理未通过的 1 笔" in text
    bell = told_by_bell(run)
    assert (bell.title, bell.body) == ("批量送审支付申请已完成", "已办理 4 笔，未通过 1 笔")
    assert bell.link == f"/tasks/{run.pk}"


def told_by_bell(run: JobRun) -> Any:
    sent = OutboxMessage.objects.get(topic="job.done", key=f"job:{run.pk}")
    message = Message(sent.pk, sent.topic, sent.key, sent.payload, sent.created_at)
    actor = people.actor_of("zhifu", now=timezone.now())
    with scoped(actor):
        tell_about_jobs([message], timezone.now())
    with scoped(actor):
        return notices.inbox(actor=actor)[0]


def test_a_second_click_starts_nothing_and_another_content_is_refused(clerk: Client) -> None:
    picks = drafts(clerk, "1.00", "2.00", "3.00")

    first, second = run_of(submit(clerk, picks)), run_of(submit(clerk, picks))
    other = submit(clerk, picks, opinion="另一个意见").content.decode()
    dialog = submit(clerk, picks, fragment=True).content.decode()

    assert first.pk == second.pk
    assert JobRun.objects.filter(code="document.batch").count() == 1
    assert "DOC-1010" in other
    assert "可以关闭窗口继续工作" in dialog
    assert f"/tasks/{first.pk}" in dialog


def test_a_run_that_is_repeated_moves_nothing_twice(clerk: Client) -> None:
    picks = drafts(clerk, "1.00", "2.00", "3.00")
    run = worked(run_of(submit(clerk, picks)))
    JobRun.objects.filter(pk=run.pk).update(state="cancelled")

    retried = clerk.post(f"/tasks/{run.pk}/retry")
    worked(run)

    assert retried.status_code == 302
    assert (run.state, run.note) == ("done", "已办理 3 笔，未通过 0 笔")
    with scoped(people.actor_of("zhifu", now=timezone.now())):
        states = Header.objects.filter(type="payment.application").values_list("state", "version")
        assert {state for state, _ in states} == {"reviewing"}
        assert len({version for _, version in states}) == 1


def test_all_or_none_keeps_its_reasons(clerk: Client) -> None:
    picks = drafts(clerk, "1.00", "999999999.00", "3.00")

    run = worked(run_of(submit(clerk, picks, mode="atomic")))

    assert run.result["passed"] == 0
    text = page(clerk, run)
    assert "可用余额不足" in text
    assert "同批有 1 笔未通过" in text


def test_a_trial_of_many_leaves_nothing_behind(clerk: Client) -> None:
    picks = drafts(clerk, "1.00", "2.00", "3.00")

    run = worked(run_of(submit(clerk, picks, preview="1")))

    assert (run.name, run.note) == ("批量送审试算支付申请", "可办理 3 笔，未通过 0 笔")
    assert "可办理" in page(clerk, run)
    assert len(drafts(clerk)) == 3


def test_strangers_see_neither_run_nor_result(clerk: Client) -> None:
    run = run_of(submit(clerk, drafts(clerk, "1.00", "2.00", "3.00")))
    stranger = Client()
    stranger.post("/login", {"username": "shenhe", "password": people.PASSWORD})

    assert stranger.get(f"/tasks/{run.pk}").status_code == 404


def test_a_long_file_is_checked_first_and_imported_in_the_background(
    clerk: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(import_jobs, "ROWS_AT_ONCE", 2)
    head = "单据序号,支付方式,结算方式,收款人名称,收款人账号,收款人开户银行,指标,用途,金额"
    row = f"12,1,佛山新苑公司,6222081010077263182,工商银行,{FIRST},办公用品,1.00"
    content = "\n".join([head, *(f"{n},{row}" for n in (1, 2, 3))]).encode()

    checked = clerk.post(
        f"{PAY}/-/import/check", {"file": SimpleUploadedFile("支付.csv", content)}
    ).content.decode()
    held = re.search(r'name="held" value="(\d+)"', checked)
    assert held is not None, checked
    said = {"held": held[1], "rows": "1"}  # what a browser says of the rows counts for nothing
    answer = clerk.post(f"{PAY}/-/import/commit", said)
    again = clerk.post(f"{PAY}/-/import/commit", said)
    run = worked(run_of(answer))

    assert 'name="rows"' not in checked
    assert run_of(again).pk == run.pk
    assert (run.state, run.note) == ("done", "已导入 3 笔")
    assert len(drafts(clerk)) == 3
    assert "查看导入的草稿" in page(clerk, run)

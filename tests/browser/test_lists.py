"""Lists: filters in the address, picking with sums, batch actions with a row for each document."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from shucai.kernel.document import drafts, pipeline
from shucai.kernel.document.action import Action
from shucai.kernel.document.declare import find_type
from tests.browser import town
from tests.browser.conftest import SignIn

Make = Callable[..., list[str]]


@pytest.fixture
def make(here: town.Town) -> Make:
    """Payment applications of the school; returns their addresses."""

    def some(*amounts: str, purpose: str = "办公用品", submit: bool = True) -> list[str]:
        kind = find_type("payment.application")
        assert kind is not None
        now = timezone.now() - timedelta(minutes=5)
        made = []
        for amount in amounts:
            header = drafts.save(
                drafts.Draft(
                    type=kind,
                    actor=here.actors["zhifu"],
                    now=now,
                    today=timezone.localdate(now),
                    fields={
                        "method": "12",
                        "settlement": "1",
                        "payee_name": "佛山市新苑办公用品有限公司",
                        "payee_account": "6222081010077263182",
                        "payee_bank": "中国工商银行佛山分行",
                    },
                    lines=[
                        {
                            "allotment": "佛财预〔2026〕12号-01",
                            "purpose": purpose,
                            "amount": amount,
                        }
                    ],
                )
            )
            made.append(header.address)
        if submit:
            outcome = pipeline.run(
                Action(
                    type=kind.code,
                    numbers=made,
                    name="submit",
                    actor=here.actors["zhifu"],
                    now=now,
                    today=timezone.localdate(now),
                )
            )
            assert outcome.ok, outcome.results
            made = [result.number for result in outcome.results]
        return made

    return some


def test_filters_live_in_the_address_and_back_works(sign_in: SignIn, make: Make) -> None:
    make("11.10", purpose="会议场租")
    page = sign_in("zhifu", "/d/payment.application/")

    page.get_by_label("关键字").fill("会议场租")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("q=%E4%BC%9A"))
    expect(page.locator("tbody tr")).to_have_count(1)
    page.get_by_role("link", name="已支付", exact=False).first.click()
    expect(page.get_by_text("没有符合条件的支付申请")).to_be_visible()
    page.go_back()

    expect(page.locator("tbody tr")).to_have_count(1)


def test_picked_rows_show_their_count_and_sum(sign_in: SignIn, make: Make) -> None:
    make("100.10", "200.20", purpose="合计检查")
    page = sign_in("shenhe", "/d/payment.application/?q=合计检查")

    page.get_by_label("选择本页全部").check()

    expect(page.locator("#sc-picked")).to_have_text("已选 2 笔，300.30 元")
    expect(page.locator("tfoot")).to_contain_text("300.30")
    expect(page.locator("#sc-totals")).to_contain_text("300.30")


def test_a_batch_is_tried_then_done_and_told_one_by_one(sign_in: SignIn, make: Make) -> None:
    numbers = make("10.00", "20.00", purpose="批量审核")
    page = sign_in("shenhe", "/d/payment.application/?q=批量审核")

    page.get_by_label("选择本页全部").check()
    page.get_by_role("button", name="审核", exact=True).click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("已选 2 笔，合计 30.00 元")
    dialog.get_by_role("button", name="同意支付", exact=True).click()
    dialog.get_by_role("button", name="试算").click()
    expect(dialog).to_contain_text("可办理 2 笔")
    dialog.get_by_role("button", name="确认审核").click()
    expect(dialog).to_contain_text("已办理 2 笔")
    expect(dialog.get_by_role("link", name=numbers[0])).to_be_visible()
    dialog.get_by_role("button", name="完成").click()

    expect(page.locator("tbody .sc-state").first).to_have_text("待支付")


def test_a_return_without_reason_is_refused_for_each_document(sign_in: SignIn, make: Make) -> None:
    make("31.00", purpose="退回检查")
    page = sign_in("shenhe", "/d/payment.application/?q=退回检查", java_script_enabled=False)

    page.locator("input[name=pick]").check()
    page.get_by_role("button", name="退回", exact=True).click()
    expect(page.get_by_text("已选 1 笔")).to_be_visible()
    page.locator("textarea").fill("短")
    page.get_by_role("button", name="退回", exact=True).click()

    expect(page.locator("tbody")).to_contain_text("必须填写理由")
    expect(page.locator("tbody")).to_contain_text("DOC-1007")


def test_nothing_picked_is_said_aloud(sign_in: SignIn) -> None:
    page = sign_in("shenhe", "/d/payment.application/")

    page.get_by_role("button", name="审核", exact=True).click()

    expect(page.get_by_role("alert")).to_contain_text("没有选择单据")


def test_own_work_is_not_reviewed_and_the_row_says_why(sign_in: SignIn, make: Make) -> None:
    drafted = make("41.00", purpose="状态不符", submit=False)
    page = sign_in("shenhe", "/d/payment.application/?q=状态不符")

    page.get_by_label(f"选择 {drafted[0]}").check()
    page.get_by_role("button", name="审核", exact=True).click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("其中 1 笔当前状态不能")
    dialog.get_by_role("button", name="审核", exact=True).click()

    expect(dialog).to_contain_text("未通过 1 笔")
    expect(dialog).to_contain_text("草稿")


def test_columns_are_chosen_and_kept(sign_in: SignIn, make: Make) -> None:
    make("51.00", purpose="列设置")
    page = sign_in("zhifu", "/d/payment.application/")

    page.locator("summary[title=列显示设置]").click()
    page.get_by_label("收款人账号").check()
    page.get_by_role("button", name="应用").click()
    expect(page.get_by_role("columnheader", name="收款人账号")).to_be_visible()
    page.reload()
    expect(page.get_by_role("columnheader", name="收款人账号")).to_be_visible()
    page.locator("summary[title=列显示设置]").click()
    page.get_by_role("button", name="恢复默认").click()

    expect(page.get_by_role("columnheader", name="收款人账号")).to_have_count(0)


def test_a_view_keeps_the_filters(sign_in: SignIn, make: Make) -> None:
    make("61.00", purpose="视图保存")
    page = sign_in("zhifu", "/d/payment.application/?state=reviewing")

    page.get_by_text("视图", exact=True).click()
    page.get_by_label("视图名称").fill("待审的")
    page.get_by_role("button", name="保存").click()
    page.goto("/d/payment.application/")
    page.get_by_text("视图", exact=True).click()
    page.get_by_role("link", name="待审的").click()

    expect(page).to_have_url(re.compile("state=reviewing"))


def _amounts(page: Page) -> list[str]:
    return page.locator("tbody td.sc-num").all_inner_texts()


def test_pages_go_on_by_key_in_the_order_asked_for(sign_in: SignIn, make: Make) -> None:
    make(*[f"{n}.00" for n in range(1, 24)], purpose="翻页检查", submit=False)
    page = sign_in("zhifu", "/d/payment.application/?q=翻页检查&sort=amount&size=20")

    expect(page.locator("tbody tr")).to_have_count(20)
    assert _amounts(page)[0] == "1.00"
    page.get_by_role("link", name="下一页").click()
    expect(page.locator("tbody tr")).to_have_count(3)
    assert _amounts(page) == ["21.00", "22.00", "23.00"]
    page.get_by_role("link", name="上一页").click()

    expect(page.locator("tbody tr")).to_have_count(20)


def test_entries_of_an_account_lead_to_their_documents(sign_in: SignIn, make: Make) -> None:
    number = make("71.00", purpose="账户明细")[0]
    page = sign_in("zhifu", "/ledger/budget/unit_allotment/")

    page.get_by_role("link", name="佛财预〔2026〕12号-01").click()
    page.get_by_role("link", name=number).click()

    expect(page).to_have_url(re.compile(number))

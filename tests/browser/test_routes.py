"""The editor of routes: nodes added without a script's help, drawn, and walked on figures."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import SignIn

EDITOR = "/configuration/route/allotment.grant%3Aapprove/edit"


@pytest.mark.function("PLAT-016")
def test_a_route_is_drawn_and_walked_as_it_is_edited(sign_in: SignIn) -> None:
    page = sign_in("sysadmin")
    page.goto(EDITOR)
    boxes = page.locator(".sc-diagram .sc-box")
    expect(boxes).to_have_count(3)

    page.get_by_role("button", name="增加节点").click()
    second = page.get_by_role("row").filter(has=page.get_by_label("第 2 个节点名称"))
    page.get_by_label("第 2 个节点名称").fill("分管领导审批")
    second.get_by_label("指标下达").check()
    page.get_by_label("第 2 个节点金额起").fill("1,000,000")
    page.get_by_role("button", name="保存草稿并画图").click()

    expect(boxes).to_have_count(4)
    expect(page.locator(".sc-diagram")).to_contain_text("2 分管领导审批")
    expect(page.locator(".sc-diagram")).to_contain_text("金额 ≥ 1,000,000.00")
    page.get_by_label("金额", exact=True).fill("20000")
    page.get_by_label("单位", exact=True).fill("105001")
    page.get_by_role("button", name="试走").click()
    expect(page.locator("#walk")).to_contain_text("金额 20,000.00 不在“金额 ≥ 1,000,000.00”内")
    expect(page.locator('.sc-box[data-look="passed"]')).to_have_count(1)
    expect(page.locator('.sc-box[data-look="met"]')).to_have_count(1)


@pytest.mark.function("PLAT-007")
def test_a_document_type_is_shown_with_all_that_is_in_force(sign_in: SignIn) -> None:
    page = sign_in("sysadmin")
    page.goto("/document-types/")

    page.get_by_role("link", name="支付申请").click()

    expect(page.locator(".sc-diagram")).to_contain_text("退回、撤回")
    expect(page.get_by_role("main")).to_contain_text("ZF2026-06105001-000001")
    expect(page.get_by_role("link", name="审批路线").first).to_be_visible()

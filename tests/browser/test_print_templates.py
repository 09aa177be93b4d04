"""The editor of a print template draws what is typed while it is typed."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import SignIn

EDITOR = "/configuration/print_template/allotment.grant:2/draft"


@pytest.mark.function("PLAT-017")
def test_the_preview_follows_what_is_typed_and_names_faults(sign_in: SignIn) -> None:
    page = sign_in("sysadmin")
    page.goto(EDITOR)
    papers = page.locator("#sc-preview img.sc-paper")
    expect(papers).to_have_count(1)
    before = papers.first.get_attribute("src") or ""

    page.get_by_label("标题").fill("指标下达通知书 #read $x$ @a")
    page.get_by_label("左边距").fill("60")
    page.get_by_label("右边距").fill("60")
    page.get_by_label("纸张").select_option("a5")
    expect(papers.first).not_to_have_attribute("src", before)
    expect(page.locator("#sc-preview")).to_contain_text("PAG-4101")

    page.get_by_label("纸张").select_option("a3")
    expect(page.locator("#sc-preview .sc-refusal")).to_have_count(0)
    page.get_by_label("示例单据").select_option("many")
    expect(page.locator("#sc-preview")).to_contain_text(re.compile(r"共 \d 页"))

    page.get_by_label("标题").fill("{工资}")
    page.get_by_label("标题").press("Tab")
    expect(page.locator("#sc-preview")).to_contain_text("PAG-4105")
    with page.expect_popup() as opened:
        page.get_by_role("button", name="在新页预览").click()
    expect(opened.value.get_by_role("heading", name="模板预览")).to_be_visible()
    page.get_by_role("button", name="保存草稿").click()
    expect(page.locator(".sc-refusal").first).to_contain_text("PAG-4105")

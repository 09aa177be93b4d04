"""Layout editors: rows move by buttons, the preview follows, a draft is kept."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import SignIn


@pytest.mark.function("PLAT-015", "PLAT-016")
def test_columns_move_and_the_preview_follows(sign_in: SignIn) -> None:
    page = sign_in("sysadmin", "/configuration/list_layout/payment.application/edit")
    preview = page.locator("#sc-lay-preview")
    page.get_by_role("textbox", name="收款人名称名称").fill("付给谁")
    page.get_by_role("textbox", name="收款人名称名称").press("Tab")
    expect(preview.locator("thead")).to_contain_text("付给谁")
    page.get_by_role("button", name="预算单位上移", exact=True).first.click()
    expect(preview.locator("th").nth(2)).to_contain_text("预算单位")
    page.get_by_role("button", name="保存草稿").click()
    expect(page.get_by_text("草稿已保存")).to_be_visible()

    page.goto(page.url.replace("list_layout", "form_layout"))
    page.locator("summary", has_text="默认值、公式、说明").nth(2).click()
    page.get_by_role("textbox", name="收款人名称填写说明").fill("与发票抬头一致")
    page.get_by_role("textbox", name="收款人名称填写说明").press("Tab")

    expect(page.locator("#sc-lay-preview")).to_contain_text("与发票抬头一致")

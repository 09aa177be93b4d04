"""A register in the browser: the scheduling centre, by dialog, by keyboard, and without script."""

import re

import pytest
from playwright.sync_api import expect

from shucai.kernel.jobs.models import JobPlan
from tests.browser.conftest import SignIn

PLAN = "identity.sweep"


@pytest.mark.function("PLAT-011")
def test_a_rhythm_is_changed_in_the_dialog_after_a_refusal(sign_in: SignIn) -> None:
    page = sign_in("sysadmin", f"/r/platform.job_plan/{PLAN}")

    page.get_by_role("link", name="调整周期").click()
    form = page.get_by_role("dialog")
    form.get_by_label("执行周期").fill("* * * * *")
    form.get_by_label("理由").fill("错峰")
    page.keyboard.press("Enter")
    expect(form.get_by_role("alert")).to_contain_text("只隔 1 分钟")
    expect(form.get_by_label("理由")).to_have_value("错峰")
    expect(form.get_by_label("执行周期")).to_have_attribute("aria-invalid", "true")
    form.get_by_label("执行周期").fill("15 4 * * *")
    page.keyboard.press("Enter")

    expect(page.locator(".sc-toast")).to_contain_text("执行周期已调整")
    expect(page.locator(".rc-facts")).to_contain_text("15 4 * * *")
    assert JobPlan.objects.get(pk=PLAN).every == "15 4 * * *"


def test_the_list_works_without_script(sign_in: SignIn) -> None:
    page = sign_in("sysadmin", "/r/platform.job_plan/", java_script_enabled=False)

    page.get_by_label("关键字").fill("清理")
    page.get_by_role("button", name="查询").click()
    expect(page).to_have_url(re.compile(r"q=%E6%B8%85%E7%90%86"))
    page.get_by_role("link", name="清理过期会话").click()
    page.get_by_role("link", name="立即执行").click()
    expect(page.get_by_role("heading", name="立即执行")).to_be_visible()

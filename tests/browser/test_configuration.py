"""A system administrator edits the portal, a security administrator tries it, then publishes."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import SignIn

ADDRESS = "/configuration/portal/allotment.issuer"


def _edit(page: Page) -> None:
    page.goto(ADDRESS)
    page.get_by_role("link", name=re.compile("编辑草稿")).click()
    page.get_by_label("系统名称").fill("指标下达门户")
    page.get_by_label("第 1 行栏目").select_option(label="待办事项")
    page.get_by_label("第 2 行栏目").select_option(label="快捷功能")
    page.get_by_label("第 1 行功能").select_option("allotment.grant")
    page.get_by_label("发布说明").fill("下达人员先看待办")
    page.get_by_role("button", name="保存并提出发布").click()


@pytest.mark.function("PLAT-002", "OPS-012")
def test_two_officers_configure_the_portal_of_a_duty(sign_in: SignIn) -> None:
    system = sign_in("sysadmin")
    _edit(system)
    expect(system.get_by_role("heading", name="第 1 号发布待发布")).to_be_visible()
    expect(system.locator("tr[data-change=added]").first).to_be_visible()
    expect(system.get_by_role("button", name="发布", exact=True)).to_have_count(0)

    security = sign_in("secadmin")
    security.goto("/configuration/")
    security.get_by_role("link", name=re.compile("门户配置.*待发布 1", re.DOTALL)).click()
    security.get_by_role("link", name="第 1 号待发布").click()
    security.get_by_text("选择试行单位").click()
    security.get_by_label("查找单位").fill("105001")
    security.locator("#sc-units").get_by_label(re.compile("105001")).check()
    security.once("dialog", lambda dialog: dialog.accept())
    security.get_by_role("button", name="对选中单位试行").click()
    expect(security.get_by_role("heading", name="第 1 号发布试行中")).to_be_visible()

    issuer = sign_in("xiada")
    expect(issuer.locator(".sc-brand b")).to_have_text("预算管理一体化")
    security.once("dialog", lambda dialog: dialog.accept())
    security.get_by_role("button", name="对全部单位发布").click()
    expect(security.get_by_role("heading", name="现行：第 1 号发布")).to_be_visible()
    issuer.reload()
    expect(issuer.locator(".sc-brand b")).to_have_text("指标下达门户")
    expect(issuer.get_by_role("heading", name="快捷功能")).to_be_visible()

"""Signing in, the frame around the pages, the work desk, searching by keyboard."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.conftest import SignIn

PAGES = (
    "/",
    "/d/payment.application/",
    "/ledger/budget/unit_allotment/",
    "/report/payment.paid_by_unit/",
    "/bell",
    "/tasks",
    "/switch",
)


@pytest.fixture
def stranger(address: str, open_context: Callable[..., BrowserContext]) -> Page:
    page = open_context(base_url=address).new_page()
    page.goto("/d/payment.application/?state=draft")
    return page


def test_a_wrong_password_keeps_the_name_and_says_what_to_do(stranger: Page) -> None:
    expect(stranger).to_have_url(re.compile(r"/login\?to="))

    stranger.get_by_label("登录名").fill("zhifu")
    stranger.get_by_label("密码").fill("wrong-password")
    stranger.keyboard.press("Enter")

    expect(stranger.get_by_role("alert")).to_contain_text("登录名或密码不正确")
    expect(stranger.get_by_label("登录名")).to_have_value("zhifu")
    expect(stranger.get_by_label("密码")).to_have_value("")
    expect(stranger.get_by_label("密码")).to_be_focused()


def test_signing_in_leads_to_where_one_wanted_to_be(stranger: Page) -> None:
    stranger.get_by_label("登录名").fill("zhifu")
    stranger.get_by_label("密码").fill("Shucai@2026")
    stranger.keyboard.press("Enter")

    expect(stranger).to_have_url(re.compile(r"/d/payment\.application/\?state=draft$"))


def test_the_desk_greets_and_every_figure_leads_somewhere(sign_in: SignIn) -> None:
    page = sign_in("guoku")

    expect(page.get_by_role("heading", level=1)).to_contain_text("周敏")
    figures = page.locator("a.sc-figure")
    expect(figures).to_have_count(5)
    figures.first.click()
    expect(page).to_have_url(re.compile("/ledger/budget/unit_allotment/"))
    expect(page.get_by_role("link", name="佛财预〔2026〕12号-01")).to_be_visible()


def test_functions_are_found_by_pinyin_initials_without_a_mouse(sign_in: SignIn) -> None:
    page = sign_in("zhifu")

    page.keyboard.press("Control+k")
    expect(page.locator("#sc-palette-input")).to_be_focused()
    page.keyboard.type("zfsq")
    expect(page.locator("#sc-palette-list a").first).to_contain_text("支付申请")
    page.keyboard.press("Enter")

    expect(page).to_have_url(re.compile(r"/d/payment\.application/$"))


def test_open_work_stays_in_tabs_and_can_be_closed(sign_in: SignIn) -> None:
    page = sign_in("zhifu", "/d/payment.application/?state=draft")
    page.get_by_role("link", name="指标余额").first.click()
    tabs = page.locator("#sc-tabs .sc-tab")

    expect(tabs).to_have_count(3)
    tabs.nth(1).get_by_role("link").click()
    expect(page).to_have_url(re.compile(r"\?state=draft$"))
    page.get_by_role("button", name="关闭 支付申请").click()

    expect(page).to_have_url(re.compile("/ledger/"))
    expect(tabs).to_have_count(2)


def test_the_menu_folds_and_stays_folded(sign_in: SignIn) -> None:
    page = sign_in("zhifu")

    page.get_by_role("button", name="收起菜单").click()
    page.goto("/tasks")

    expect(page.locator("#sc-frame")).to_have_class(re.compile("sc-folded"))


def test_officers_see_their_own_desk_and_no_business(sign_in: SignIn) -> None:
    page = sign_in("auditor")

    expect(page.get_by_role("heading", name="最近被拒绝的操作")).to_be_visible()
    page.goto("/d/payment.application/")
    expect(page.get_by_role("alert")).to_contain_text("WEB-1001")


def test_a_page_that_is_not_there_says_so(sign_in: SignIn) -> None:
    page = sign_in("zhifu", "/nowhere")

    expect(page.get_by_role("heading", name="没有这个页面")).to_be_visible()


@pytest.mark.parametrize("width", [1280, 1440, 1920, 2560])
def test_nothing_sticks_out_of_the_window(sign_in: SignIn, width: int) -> None:
    page = sign_in("guoku", viewport={"width": width, "height": 900})

    for path in PAGES:
        page.goto(path)
        expect(page.locator("#sc-content")).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path


def test_twice_the_size_loses_nothing(sign_in: SignIn) -> None:
    page = sign_in("zhifu", "/d/payment.application/", viewport={"width": 640, "height": 450})

    assert page.evaluate("document.documentElement.scrollWidth") <= 640
    expect(page.get_by_role("link", name="新增", exact=True)).to_be_visible()


def test_the_frame_works_without_scripts(sign_in: SignIn) -> None:
    page = sign_in("zhifu", "/", java_script_enabled=False)

    page.get_by_role("link", name="支付申请", exact=True).first.click()
    expect(page).to_have_url(re.compile(r"/d/payment\.application/$"))
    page.goto("/find?q=zf")
    expect(page.locator("#sc-content .sc-palette-list")).to_contain_text("支付申请")

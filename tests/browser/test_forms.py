"""Forms: a payment by keyboard from draft to paid, refusals that keep what was typed, paper."""

import re
import subprocess
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from shutil import which
from urllib.parse import urlencode

import pytest
from django.utils import timezone
from playwright.sync_api import Locator, Page, expect

from shucai.edge.web.endpoints import scoped
from shucai.kernel.document import drafts
from shucai.kernel.document.declare import find_type
from shucai.kernel.document.models import Header
from tests.browser import town
from tests.browser.conftest import SignIn

NEW = "/d/payment.application/new"
FIRST, SHORT = "佛财预〔2026〕12号-01", "佛财预〔2026〕12号-03"


@pytest.fixture
def draft(here: town.Town) -> Callable[..., str]:
    """A saved payment application; returns its address."""

    def make(amount: str = "1200.00", *, allotment: str = FIRST, purpose: str = "课桌") -> str:
        kind = find_type("payment.application")
        assert kind is not None
        now = timezone.now() - timedelta(minutes=1)
        header = drafts.save(
            drafts.Draft(
                type=kind,
                actor=here.actors["zhifu"],
                now=now,
                today=timezone.localdate(now),
                fields={
                    "method": "12",
                    "settlement": "1",
                    "payee_name": "华信智能科技股份有限公司",
                    "payee_account": "6222081001007726318",
                    "payee_bank": "中国工商银行佛山分行",
                },
                lines=[{"allotment": allotment, "purpose": purpose, "amount": amount}],
            )
        )
        return header.address

    return make


def open_new(page: Page) -> None:
    """An empty form, whatever an earlier test left autosaved."""
    page.goto(NEW)
    forget = page.get_by_role("button", name="清空重填")
    if forget.count():
        forget.click()
        expect(forget).to_have_count(0)
    expect(page.locator(".tabulator-row").first).to_be_visible()


def fill_head(page: Page) -> None:
    """Everything above the lines, by keyboard; Enter moves on."""
    keys = page.keyboard
    page.locator("#f-method").focus()
    keys.press("ArrowDown")
    keys.press("Enter")
    keys.press("ArrowDown")
    for text in ("华信智能科技股份有限公司", "6222081001007726318", "工商银行佛山新城支行"):
        keys.press("Enter")
        keys.type(text)
    keys.press("Enter")
    expect(page.locator(".tabulator-tableholder")).to_be_focused()


def type_line(page: Page, ask: str, purpose: str, amount: str) -> None:
    """One line: the allotment by search, then purpose and amount; the next row is ready."""
    keys = page.keyboard
    keys.type(ask)
    expect(page.locator("#sc-pick [aria-selected=true]")).to_be_visible()
    keys.press("Enter")
    expect(page.locator(".tabulator-tableholder")).to_be_focused()
    keys.press("Enter")
    keys.type(purpose)
    keys.press("Tab")
    expect(page.locator(".tabulator-tableholder")).to_be_focused()
    keys.type(amount)
    keys.press("Tab")
    expect(page.locator(".tabulator-tableholder")).to_be_focused()


def cell(page: Page, row: int, field: str) -> Locator:
    return (
        page.locator(".tabulator-table .tabulator-row")
        .nth(row - 1)
        .locator(f"[tabulator-field={field}]")
    )


def paste(page: Page, text: str) -> None:
    """Into the grid, as the clipboard of a spreadsheet would."""
    page.locator(".tabulator-tableholder").evaluate(
        """(element, text) => {
          const data = new DataTransfer();
          data.setData("text/plain", text);
          element.dispatchEvent(
            new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }));
        }""",
        text,
    )


@pytest.mark.function("PLAT-062", "PLAT-063")
def test_a_payment_goes_from_the_keyboard_of_the_clerk_to_paid(sign_in: SignIn) -> None:
    clerk = sign_in("zhifu")
    open_new(clerk)
    fill_head(clerk)
    type_line(clerk, "12", "学生用课桌椅", "195.25")
    type_line(clerk, "jcys", "教材", "31.3")

    expect(clerk.locator("[data-total]")).to_have_text("226.55")
    expect(clerk.locator("[data-capitals]")).to_have_text("人民币（大写）贰佰贰拾陆元伍角伍分")
    expect(clerk.locator("#sc-shares .sc-share")).to_have_count(2)
    clerk.keyboard.press("Alt+s")
    clerk.wait_for_url(re.compile("/ZF"))
    expect(clerk.locator(".sc-pill")).to_have_text("待审核")
    where = clerk.url

    reviewer = sign_in("shenhe", where)
    reviewer.locator("#f-opinion").fill("情况属实，同意支付")
    reviewer.keyboard.press("Alt+a")
    expect(reviewer.locator(".sc-pill")).to_have_text("待支付")

    treasurer = sign_in("guoku", where)
    treasurer.keyboard.press("Alt+p")
    expect(treasurer.locator(".sc-pill")).to_have_text("已支付")
    trail = treasurer.locator(".sc-trail")
    expect(trail).to_contain_text("李建国")
    expect(trail).to_contain_text("情况属实，同意支付")


def test_an_input_method_types_chinese_straight_into_the_grid(sign_in: SignIn) -> None:
    page = sign_in("zhifu")
    open_new(page)
    fill_head(page)
    page.keyboard.press("ArrowRight")
    method = page.context.new_cdp_session(page)

    processed = {"key": "Process", "windowsVirtualKeyCode": 229}
    method.send("Input.dispatchKeyEvent", {"type": "rawKeyDown", **processed})
    expect(page.locator(".tabulator-editing input")).to_be_focused()
    composing = {"selectionStart": 2, "selectionEnd": 2}
    method.send("Input.imeSetComposition", {"text": "ke", **composing})
    page.locator(".tabulator-editing input").dispatch_event(
        "keydown", {"key": "Enter", "isComposing": True, "bubbles": True}
    )
    expect(page.locator(".tabulator-editing input")).to_be_focused()
    method.send("Input.insertText", {"text": "课桌"})
    page.keyboard.press("Enter")

    expect(cell(page, 1, "purpose")).to_have_text("课桌")


def test_too_much_for_the_allotment_is_told_with_figures_and_keeps_what_was_typed(
    sign_in: SignIn,
) -> None:
    page = sign_in("zhifu")
    open_new(page)
    fill_head(page)
    type_line(page, "03", "研讨会场地", "20137.80")

    page.keyboard.press("Alt+s")

    refusal = page.locator("#sc-refusals [data-refusal]")
    expect(refusal).to_contain_text("PAY-1202")
    expect(refusal).to_contain_text("可用 8,000.00 元，差 12,137.80 元")
    expect(cell(page, 1, "allotment")).to_have_attribute("aria-invalid", "true")
    expect(cell(page, 1, "amount")).to_have_text("20,137.80")
    expect(page.locator("#f-payee_name")).to_have_value("华信智能科技股份有限公司")
    expect(page.locator(".sc-pill")).to_have_text("草稿")
    refusal.get_by_role("link").click()
    expect(page.locator(".tabulator-tableholder")).to_be_focused()


def test_every_wrong_field_is_marked_at_once(sign_in: SignIn) -> None:
    page = sign_in("zhifu")
    open_new(page)
    page.locator("#f-payee_name").fill("甲")

    page.keyboard.press("Control+s")

    refusal = page.locator("#sc-refusals [data-refusal]")
    expect(refusal).to_contain_text("需要处理")
    expect(page.locator("#f-payee_bank")).to_have_attribute("aria-invalid", "true")
    expect(page.locator("#f-payee_name")).not_to_have_attribute("aria-invalid", "true")
    refusal.get_by_role("link", name="收款人账号").click()
    expect(page.locator("#f-payee_account")).to_be_focused()


def test_a_version_changed_elsewhere_is_not_overwritten(
    sign_in: SignIn, draft: Callable[..., str]
) -> None:
    address = draft()
    one, two = (sign_in("zhifu", f"/d/payment.application/{address}") for _ in range(2))
    expect(cell(two, 1, "amount")).to_have_text("1,200.00")
    one.locator("#f-payee_bank").fill("农业银行佛山分行")
    one.keyboard.press("Control+s")
    expect(one.locator("#sc-saved")).to_contain_text("已保存")

    two.locator("#f-payee_name").fill("顺达公司")
    two.keyboard.press("Control+s")

    expect(two.locator("#sc-refusals")).to_contain_text("DOC-1006")
    expect(two.locator("#f-payee_name")).to_have_value("顺达公司")
    two.reload()
    expect(two.locator("#f-payee_name")).to_have_value("顺达公司")
    expect(two.get_by_text("自动保存的内容")).to_be_visible()


def test_a_double_click_has_one_effect(sign_in: SignIn, here: town.Town) -> None:
    page = sign_in("zhifu")
    open_new(page)
    fill_head(page)
    type_line(page, "12", "双击只办一次", "11.11")

    page.get_by_role("button", name="送审").dblclick()

    page.wait_for_url(re.compile(r"/ZF"))
    with scoped(here.actors["zhifu"]):
        assert Header.objects.filter(summary="双击只办一次").count() == 1


def test_the_same_form_sent_twice_without_script_has_one_effect(
    sign_in: SignIn, here: town.Town
) -> None:
    page = sign_in("zhifu", NEW, java_script_enabled=False)
    fill_plain(page, "重复发送只办一次", "12.12")
    body = urlencode(plain_values(page))

    answers = [
        page.request.post(
            "/d/payment.application/new/submit",
            data=body,
            headers={"Content-Type": "application/x-www-form-urlencoded"},
            max_redirects=0,
        ).headers.get("location")
        for _ in range(2)
    ]

    assert answers[0] == answers[1]
    assert "/ZF" in str(answers[0])
    with scoped(here.actors["zhifu"]):
        assert Header.objects.filter(summary="重复发送只办一次").count() == 1


def fill_plain(page: Page, purpose: str, amount: str) -> None:
    """The form of a browser without script."""
    page.get_by_label("支付方式").select_option("12")
    page.get_by_label("结算方式").select_option("1")
    page.get_by_label("收款人名称").fill("华信智能科技股份有限公司")
    page.get_by_label("收款人账号").fill("6222081001007726318")
    page.get_by_label("收款人开户银行").fill("工商银行佛山新城支行")
    page.get_by_label("第 1 行 指标").select_option(FIRST)
    page.get_by_label("第 1 行 用途").fill(purpose)
    page.get_by_label("第 1 行 金额").fill(amount)


def plain_values(page: Page) -> list[tuple[str, str]]:
    """What the browser would send; playwright reads the fields although scripts are off."""
    fields = page.locator("#sc-doc :is(input, select, textarea)[name]:not([type=checkbox])")
    return [(field.get_attribute("name") or "", field.input_value()) for field in fields.all()]


def test_without_script_a_payment_is_made_refused_corrected_and_submitted(
    sign_in: SignIn,
) -> None:
    page = sign_in("zhifu", NEW, java_script_enabled=False)
    fill_plain(page, "无脚本也能办", "abc")
    page.get_by_role("button", name="增加 5 行").click()
    expect(page.get_by_label("第 6 行 用途")).to_be_visible()

    page.get_by_role("button", name="送审").click()
    expect(page.locator("[data-refusal]")).to_contain_text("不是金额")
    expect(page.get_by_label("第 1 行 用途")).to_have_value("无脚本也能办")
    page.get_by_label("第 1 行 金额").fill("66.60")
    page.get_by_role("button", name="送审").click()

    expect(page.locator(".sc-pill")).to_have_text("待审核")
    expect(page.locator(".sc-capitals")).to_contain_text("陆拾陆元陆角整")
    reviewer = sign_in("shenhe", page.url, java_script_enabled=False)
    reviewer.get_by_role("button", name="审核", exact=True).click()
    expect(reviewer.locator(".sc-pill")).to_have_text("待支付")


def test_a_block_from_a_spreadsheet_fills_rows_and_names_its_codes(sign_in: SignIn) -> None:
    page = sign_in("zhibiao", "/d/allotment.grant/new")
    if page.get_by_role("button", name="清空重填").count():
        page.get_by_role("button", name="清空重填").click()
    expect(page.locator(".tabulator-row").first).to_be_visible()
    cell(page, 1, "receiver").click()
    block = "\n".join(
        f"105001\t2050202 小学教育\t50201\t3020{1 + place % 2}\t11\t项目{place}\t{place + 1},000.50"
        for place in range(8)
    )

    paste(page, block)

    expect(page.locator("[data-total]")).to_have_text("36,004.00")
    expect(cell(page, 8, "function")).to_have_text("2050202小学教育")
    expect(cell(page, 8, "receiver")).to_have_text("105001市第一中学")
    page.keyboard.press("Delete")
    expect(page.locator("[data-total]")).to_have_text("0.00")
    page.keyboard.press("Control+z")


def test_wrong_values_pasted_are_marked_at_their_cells(sign_in: SignIn) -> None:
    page = sign_in("zhifu")
    open_new(page)
    cell(page, 1, "allotment").click()

    paste(page, f"{FIRST}\t课桌\t12.345\n没有这个指标\t讲台\t80")

    expect(cell(page, 1, "amount")).to_have_attribute("aria-invalid", "true")
    expect(cell(page, 2, "allotment")).to_have_attribute("aria-invalid", "true")
    expect(cell(page, 2, "amount")).to_have_attribute("aria-invalid", "false")


def test_a_tree_opens_by_keyboard_and_a_search_finds_by_pinyin(sign_in: SignIn) -> None:
    page = sign_in("zhibiao", "/d/allotment.grant/new")
    expect(page.locator(".tabulator-row").first).to_be_visible()
    cell(page, 1, "function").dblclick()
    options = page.locator("#sc-pick [role=option]")
    expect(options).to_have_count(2)

    for key in ("ArrowDown", "ArrowDown", "ArrowRight"):
        page.keyboard.press(key)
    expect(options).to_have_count(3)
    page.keyboard.type("xxjy")
    expect(options).to_have_count(1)
    page.keyboard.press("Enter")

    expect(cell(page, 1, "function")).to_have_text("2050202小学教育")


def test_what_was_typed_is_there_again_after_the_session_was_lost(sign_in: SignIn) -> None:
    page = sign_in("zhifu")
    open_new(page)
    page.locator("#f-payee_name").fill("会话丢失也不怕")
    expect(page.locator("#sc-saved")).to_contain_text("已自动保存")
    page.context.close()

    again = sign_in("zhifu", NEW)

    expect(again.locator("#f-payee_name")).to_have_value("会话丢失也不怕")
    again.get_by_role("button", name="清空重填").click()
    expect(again.locator("#f-payee_name")).to_have_value("")


def test_the_trial_tells_who_is_next_and_leaves_nothing(
    sign_in: SignIn, draft: Callable[..., str]
) -> None:
    page = sign_in("zhifu", f"/d/payment.application/{draft('150.00')}")

    page.keyboard.press("Alt+t")

    dialog = page.locator("#sc-dialog")
    expect(dialog).to_contain_text("下一环节：审核")
    expect(dialog.get_by_role("row", name="150.00")).to_be_visible()
    page.keyboard.press("Escape")
    page.reload()
    expect(page.locator(".sc-pill")).to_have_text("草稿")


def test_an_attachment_is_added_fetched_and_removed(
    sign_in: SignIn, draft: Callable[..., str], tmp_path: Path
) -> None:
    page = sign_in("zhifu", f"/d/payment.application/{draft()}")
    picture = bytes.fromhex("89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c489")
    paper = tmp_path / "合同.pdf"
    paper.write_bytes(b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n")
    liar = tmp_path / "发票.pdf"
    liar.write_bytes(picture)

    page.locator("#f-files").set_input_files([paper, liar])

    files = page.locator("#sc-doc-files")
    expect(files.get_by_role("link", name="合同.pdf")).to_be_visible()
    expect(files.get_by_role("alert")).to_contain_text("发票.pdf")
    with page.expect_download() as download:
        files.get_by_role("link", name="合同.pdf").click()
    assert Path(download.value.path()).read_bytes() == paper.read_bytes()
    page.on("dialog", lambda asked: asked.accept())
    files.get_by_role("button", name="移除 合同.pdf").click()
    expect(files.get_by_role("link", name="合同.pdf")).to_have_count(0)


@pytest.mark.skipif(which("pdftotext") is None, reason="pdftotext 未安装")
def test_the_paper_says_what_the_document_says(sign_in: SignIn, draft: Callable[..., str]) -> None:
    page = sign_in("zhifu")
    addresses = [draft("1234.50", purpose="打印甲"), draft("2000.00", purpose="打印乙")]
    one = page.request.get(f"/d/payment.application/{addresses[0]}/print.pdf")
    again = page.request.get(f"/d/payment.application/{addresses[0]}/print.pdf")

    token = page.locator("input[name=csrfmiddlewaretoken]").first.input_value()
    many = page.request.post(
        "/d/payment.application/-/print.pdf",
        data=f"csrfmiddlewaretoken={token}"
        + "".join(f"&pick={address}@1" for address in addresses),
        headers={"Content-Type": "application/x-www-form-urlencoded"},
    )

    text = words(one.body())
    assert one.headers["content-type"] == "application/pdf"
    assert one.body() == again.body()
    for said in ("财政资金支付申请书", "打印甲", "1,234.50", "壹仟贰佰叁拾肆元伍角整", "草稿"):
        assert said in text
    both = words(many.body())
    assert "打印甲" in both
    assert "打印乙" in both
    assert both.count("第1页共1页") == 2


def words(paper: bytes) -> str:
    done = subprocess.run(
        ["pdftotext", "-layout", "-", "-"], input=paper, stdout=subprocess.PIPE, check=True
    )
    return re.sub(r"\s+", "", done.stdout.decode())


def test_a_file_is_checked_row_by_row_and_then_becomes_drafts(sign_in: SignIn) -> None:
    page = sign_in("zhifu", "/d/payment.application/-/import")
    with page.expect_download() as download:
        page.get_by_role("link", name="下载模板").click()
    assert Path(download.value.path()).read_bytes()[:2] == b"PK"

    page.locator("#f-file").set_input_files(sheet("导入甲", amount="abc"))
    page.get_by_role("button", name="核对").click()
    expect(page.get_by_role("row", name="不是金额")).to_be_visible()
    expect(page.get_by_role("button", name="生成")).to_have_count(0)
    page.locator("#f-file").set_input_files(sheet("导入甲", amount="45.60"))
    page.get_by_role("button", name="核对").click()
    page.get_by_role("button", name="生成 1 笔草稿").click()

    expect(page.get_by_role("cell", name="导入甲")).to_be_visible()


def sheet(purpose: str, *, amount: str) -> dict[str, object]:
    """A CSV with the columns of the template."""
    heads = "单据序号,预算单位,业务日期,支付方式,结算方式,收款人名称,收款人账号,收款人开户银行,"
    row = "1,105001,,财政授权支付,电子转账支付,华信智能科技,6222081001007726318,工商银行,"
    text = f"{heads}指标,用途,金额\n{row}{FIRST},{purpose},{amount}\n"
    return {"name": "支付.csv", "mimeType": "text/csv", "buffer": text.encode("utf-8-sig")}


def test_the_chain_leads_to_the_allotment_and_versions_show_what_changed(
    sign_in: SignIn, draft: Callable[..., str]
) -> None:
    page = sign_in("zhifu", f"/d/payment.application/{draft('70.00')}")
    page.keyboard.press("Alt+s")
    page.wait_for_url(re.compile("/ZF"))
    where = page.url
    reviewer = sign_in("shenhe", where)
    reviewer.locator("#f-opinion").fill("金额请核对")
    reviewer.keyboard.press("Alt+r")
    expect(reviewer.locator(".sc-pill")).to_have_text("草稿")
    page.goto(where)
    cell(page, 1, "amount").click()
    page.keyboard.type("77")
    page.keyboard.press("Enter")
    page.keyboard.press("Alt+s")
    expect(page.locator(".sc-pill")).to_have_text("待审核")

    page.get_by_role("link", name="版本").click()
    expect(page.locator("#sc-dialog del")).to_have_text("70.00")
    expect(page.locator("#sc-dialog ins")).to_have_text("77.00")
    page.locator("#sc-dialog").get_by_role("button", name="关闭").last.click()
    page.get_by_role("link", name="全链条").click()

    expect(page.locator("#sc-dialog")).to_contain_text(FIRST)
    expect(page.locator("#sc-dialog")).to_contain_text("释放")


def test_nothing_overflows_between_1280_and_2560_pixels(
    sign_in: SignIn, draft: Callable[..., str]
) -> None:
    address = draft()
    for width in (1280, 1440, 1920, 2560):
        viewport = {"width": width, "height": 900}
        page = sign_in("zhifu", f"/d/payment.application/{address}", viewport=viewport)
        expect(page.locator(".tabulator-row").first).to_be_visible()
        wide = page.evaluate("document.documentElement.scrollWidth")
        assert wide <= width
        expect(page.get_by_role("button", name="送审")).to_be_in_viewport()

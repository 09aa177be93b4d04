"""Master data: the tree is opened and added to, a new edition is previewed, two codes are asked."""

from pathlib import Path

import pytest
from playwright.sync_api import expect

from shucai.kernel.masterdata import exporting
from tests import city
from tests.browser import town
from tests.browser.conftest import SignIn


@pytest.mark.function("PLAT-005")
@pytest.mark.function("PLAT-006")
def test_a_keeper_edits_the_tree_and_previews_a_new_edition(
    here: town.Town, sign_in: SignIn, tmp_path: Path
) -> None:
    page = sign_in("jichu", "/r/platform.value/?value_set=functional")

    page.get_by_role("link", name="205", exact=True).click()
    expect(page.get_by_role("heading", name="205 教育支出")).to_be_visible()
    page.get_by_role("link", name="新增下级").click()
    page.get_by_label("标准编码").check()
    page.get_by_label("名称").fill("职业教育")
    page.get_by_role("button", name="新增下级").click()
    expect(page.get_by_role("heading", name="20503 职业教育")).to_be_visible()

    rows = [[row.code, row.name] for row in city.ROWS if row.code != "2010102"]
    path = tmp_path / "新版.xlsx"
    path.write_bytes(exporting.workbook(["编码", "名称"], [*rows, ["20504", "成人教育"]]))
    page.goto("/r/platform.value_set/functional")
    page.get_by_role("link", name="导入新版").click()
    page.get_by_label(f"{here.actors['zhifu'].fiscal_year} 年").check()
    page.get_by_label("标准编码").check()
    page.locator("input[type=file]").set_input_files(path)
    page.get_by_label("文件是完整的新版").check()
    page.get_by_role("button", name="预览").click()
    expect(page.get_by_role("row", name="停用 2010102")).to_be_visible()
    expect(page.get_by_role("row", name="新增 20504 成人教育")).to_be_visible()

    page.goto("/q/platform.elements_together")
    page.get_by_role("combobox", name="支出功能分类").fill("20502")
    page.get_by_role("button", name="判断").click()
    expect(page.get_by_role("status").filter(has_text="不可以")).to_be_visible()

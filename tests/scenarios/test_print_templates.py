"""A print template is drawn, published by another, tried by units and chosen at printing."""

import io
from typing import Any

import pytest
from django.test import Client
from pypdf import PdfReader
from tests.browser import town
from tests.people import UNIT
from tests.scenarios.test_portal_configuration import decide, draft, rows, signed_in

from shucai.kernel.configuration.models import Draft
from shucai.kernel.document.models import Header

BASE = "/configuration/print_template/allotment.grant"
LIST = "/d/allotment.grant/"
PAGE = {
    "f.name": "凭证纸样式",
    "f.title": "指标下达通知书（{年度}年度）",
    "f.paper": "a5",
    "f.orientation": "wide",
    "f.margin_top": "12",
    "f.margin_right": "10",
    "f.margin_bottom": "14",
    "f.margin_left": "10",
    "f.font_size": "8",
    "f.pairs": "2",
    "f.show_number": "1",
    "f.signing": "fixed",
    "f.signing_columns": "3",
}


def template(**more: Any) -> dict[str, Any]:
    """What the editor sends: a paper with a barcode, chosen columns and a remark."""
    return {
        **PAGE,
        **rows("blocks", {"block": "barcode"}, {"block": "lines"}, {"block": "signatures"}),
        **rows("columns", {"field": "project", "label": "项目名称"}, {"field": "amount"}),
        **rows("signers", {"label": "分管领导"}, {"label": "下达", "step": "下达"}),
        **rows("remarks", {"place": "end", "text": "共{明细行数}项，合计{金额}元 #let"}),
        **more,
    }


@pytest.fixture
def here(db: None) -> dict[str, Client]:
    town.build()
    return {name: signed_in(name) for name in ("sysadmin", "secadmin", "zhibiao", "zbsh")}


def printed(client: Client, variant: str = "") -> str:
    number = Header.objects.get(type="allotment.grant").address
    said = f"?variant={variant}" if variant else ""
    answer = client.get(f"{LIST}{number}/print.pdf{said}")
    assert answer["Content-Type"] == "application/pdf", answer.content.decode()
    pages = PdfReader(io.BytesIO(answer.content)).pages
    return "".join("".join(page.extract_text() for page in pages).split())


@pytest.mark.function("PLAT-017")
def test_a_variant_is_published_by_two_persons_and_chosen_at_printing(
    here: dict[str, Client],
) -> None:
    before = printed(here["zhibiao"], "1")
    proposed = draft(here["sysadmin"], f"{BASE}:1", **template())
    waiting = printed(here["zhibiao"], "1")
    own = decide(here["sysadmin"], "publish")
    decide(here["secadmin"], "publish")
    chosen, main = printed(here["zhibiao"], "1"), printed(here["zhibiao"])
    page = here["zhibiao"].get(LIST).content.decode()
    number = Header.objects.get(type="allotment.grant").address
    many = here["zhibiao"].post(f"{LIST}-/print.pdf", {"pick": [f"{number}@1"], "variant": "1"})

    assert proposed.status_code == 302, proposed.content.decode()
    assert own.status_code == 422
    assert before == waiting == main
    assert "指标下达通知书（2026年度）" in chosen
    assert "共4项，合计600,000.00元#let" in chosen
    assert "分管领导" in chosen
    assert "预算指标下达单" in main
    assert "凭证纸样式" in page
    assert len(PdfReader(io.BytesIO(many.content)).pages) == 1


@pytest.mark.function("PLAT-017", "OPS-012")
def test_a_template_on_trial_prints_for_its_units_only(here: dict[str, Client]) -> None:
    draft(here["sysadmin"], BASE, **template())
    elsewhere = decide(here["secadmin"], "try", paths=UNIT)
    other = printed(here["zhibiao"])
    decide(here["secadmin"], "stop")
    draft(here["sysadmin"], BASE, **template())
    bureau = Header.objects.get(type="allotment.grant").unit_path
    decide(here["secadmin"], "try", paths=bureau)
    tried = printed(here["zhibiao"])

    assert elsewhere.status_code == 302, elsewhere.content.decode()
    assert "通知书" not in other
    assert "通知书" in tried


@pytest.mark.function("PLAT-017")
def test_the_preview_draws_what_is_typed_and_keeps_nothing(here: dict[str, Client]) -> None:
    editor = here["sysadmin"]
    asked = {"HTTP_HX_REQUEST": "true"}
    good = editor.post(f"{BASE}/preview", template(), **asked).content.decode()
    many = editor.post(f"{BASE}/preview", template(sample="many"), **asked).content.decode()
    wrong = editor.post(f"{BASE}/preview", template(**{"f.title": "{工资}"}), **asked)
    plain = editor.post(f"{BASE}/preview", template()).content.decode()
    page = editor.get(f"{BASE}/draft").content.decode()
    refused = draft(editor, BASE, **template(**{"f.title": "{工资}"}))

    assert good.count("data:image/png;base64") == 1
    assert many.count("data:image/png;base64") > 1
    assert "PAG-4105" in wrong.content.decode()
    assert "data:image/png;base64" in plain
    assert "没有保存" in plain
    assert f'hx-post="{BASE}/preview"' in page
    assert refused.status_code == 422
    assert "工资" in refused.content.decode()
    assert here["zhibiao"].post(f"{BASE}/preview", template()).status_code == 403
    assert Draft.objects.get().version == 1

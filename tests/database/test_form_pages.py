"""The form at its edges: what a browser may send, what the answer keeps, what a repeat does."""

import json
from typing import Any

import pytest
from django.template import engines
from django.test import Client
from tests import people
from tests.browser import town

from shucai.edge.web.endpoints import scoped
from shucai.edge.web.form import page, paper
from shucai.kernel.document.declare import find_type
from shucai.kernel.document.models import Header

BASE = "/d/payment.application"
FIRST = "佛财预〔2026〕12号-01"
LINE = {"allotment": FIRST, "purpose": "课桌", "amount": "120.50"}
pytestmark = pytest.mark.django_db


def signed_in(username: str) -> Client:
    client = Client()
    client.post("/login", {"username": username, "password": people.PASSWORD})
    return client


@pytest.fixture
def clerk() -> Client:
    town.build()
    return signed_in("zhifu")


def form(*lines: dict[str, str], **more: str) -> dict[str, str]:
    return {
        "content": "1",
        "unit": "105001 市第一中学",
        "method": "12",
        "settlement": "1",
        "payee_name": "华信智能科技股份有限公司",
        "payee_account": "6222081001007726318",
        "payee_bank": "工商银行",
        "lines": json.dumps(lines or (LINE,), ensure_ascii=False),
        "key": "k-1",
        **more,
    }


def post(client: Client, address: str, data: dict[str, Any]) -> str:
    """The page or fragment of a refusal; the address of a redirect."""
    answer = client.post(BASE + address, data)
    return answer["Location"] if answer.status_code == 302 else answer.content.decode()


def drafts_of(username: str) -> int:
    with scoped(people.actor_of(username)):
        return Header.objects.filter(type="payment.application").count()


def test_a_sum_other_than_that_of_the_lines_is_refused_with_both(clerk: Client) -> None:
    said = post(clerk, "/new/save", form(total="120.05"))

    assert "WEB-1013" in said
    assert "页面显示 120.05 元，按明细复算为 120.50 元，差 0.45 元" in said
    assert drafts_of("zhifu") == 0


def test_a_wrong_amount_is_told_at_its_cell_and_not_at_the_sum(clerk: Client) -> None:
    said = post(clerk, "/new/save", form({**LINE, "amount": "1.234"}, total="0.00"))

    assert "超过两位小数" in said
    assert "WEB-1013" not in said


def test_lines_that_arrive_damaged_are_refused_whole(clerk: Client) -> None:
    for damaged in ("[{", '{"a": 1}', "[1, 2]"):
        assert "WEB-1012" in post(clerk, "/new/save", form(lines=damaged))

    assert drafts_of("zhifu") == 0


def test_a_date_that_is_none_is_told_at_its_field(clerk: Client) -> None:
    said = post(clerk, "/new/save", form(business_date="2026-02-30"))

    assert "WEB-1011" in said
    assert 'id="e-business_date"' in said


def test_everything_typed_is_still_there_after_a_refusal(clerk: Client) -> None:
    said = post(clerk, "/new/submit", form(payee_name="顺达公司", payee_bank="", opinion="急"))

    assert "顺达公司" in said
    assert ">急</textarea>" in said
    assert "课桌" in said
    assert "顺达公司" in clerk.get(f"{BASE}/new").content.decode()


def test_the_same_form_twice_saves_and_submits_once(clerk: Client) -> None:
    first, second = (post(clerk, "/new/submit", form()) for _ in range(2))

    assert "/ZF" in first
    assert first == second
    assert drafts_of("zhifu") == 1


def test_another_content_under_the_same_key_is_refused(clerk: Client) -> None:
    post(clerk, "/new/save", form())

    assert "DOC-1010" in post(clerk, "/new/save", form(payee_name="另一家"))


def test_thousands_of_lines_fit_into_one_form(clerk: Client) -> None:
    lines = [{**LINE, "purpose": f"第 {place} 批课桌椅及配套设备采购", "amount": "0.01"}
             for place in range(1, 5001)]  # fmt: skip

    where = post(clerk, "/new/save", form(*lines, total="50.00"))

    assert where.startswith(f"{BASE}/~")
    said = clerk.get(where).content.decode()
    assert "第 5000 批课桌椅" in said
    assert "TOO_MANY" not in said
    over = post(clerk, "/new/save", form(*lines, LINE, key="k-2"))
    assert "DOC-1013" in over


def test_a_draft_is_copied_and_discarded(clerk: Client) -> None:
    where = post(clerk, "/new/save", form())
    address = where.rsplit("/", 1)[-1]

    assert "课桌" in clerk.get(f"{BASE}/new?copy={address}").content.decode()
    assert post(clerk, f"/{address}/discard", {}) == f"{BASE}/"
    assert drafts_of("zhifu") == 0


def test_a_document_is_hung_resumed_and_handed_over(clerk: Client) -> None:
    where = post(clerk, "/new/submit", form()).removeprefix(BASE)
    reviewer = signed_in("shenhe")

    assert "DOC-1007" in post(reviewer, f"{where}/aside/hang", {"opinion": ""})
    assert post(reviewer, f"{where}/aside/hang", {"opinion": "等待发票"}) == BASE + where
    assert "DOC-1008" in post(reviewer, f"{where}/approve", {})
    assert "已挂起" in reviewer.get(BASE + where).content.decode()
    post(reviewer, f"{where}/aside/resume", {"opinion": "发票已到"})
    asked = reviewer.get(f"{BASE}{where}/aside/hand_over").content.decode()
    assert "没有其他可办理的人员" in asked
    assert "DOC-1024" in post(reviewer, f"{where}/aside/hand_over", {"opinion": "请代办"})


def test_only_the_moves_of_the_reader_are_offered(clerk: Client) -> None:
    where = post(clerk, "/new/submit", form())

    own = clerk.get(where).content.decode()
    reviewers = signed_in("shenhe").get(where).content.decode()
    assert f'formaction="{where}/recall"' in own
    assert f'formaction="{where}/approve"' not in own
    assert f'formaction="{where}/approve"' in reviewers
    assert f'formaction="{where}/recall"' not in reviewers


def test_the_list_prints_what_is_picked_and_refuses_too_many(
    clerk: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    picks = [post(clerk, "/new/save", form(key=f"k-{n}")).rsplit("/", 1)[-1] for n in range(3)]
    picked = {"pick": [f"{address}@1" for address in picks]}

    whole = clerk.post(f"{BASE}/-/print.pdf", picked)
    monkeypatch.setattr(paper, "PAGES_TOGETHER", 1)
    joined = clerk.post(f"{BASE}/-/print.pdf", picked)
    monkeypatch.setattr(paper, "DOCUMENTS_MAX", 2)
    refused = clerk.post(f"{BASE}/-/print.pdf", picked)

    assert whole.content.startswith(b"%PDF")
    assert joined.content.startswith(b"%PDF")
    assert joined.content == clerk_again(clerk, picked, monkeypatch)
    assert "WEB-1014" in refused.content.decode()
    assert "3%E7%AC%94.pdf" in whole["Content-Disposition"]


def clerk_again(
    clerk: Client, picked: dict[str, list[str]], monkeypatch: pytest.MonkeyPatch
) -> bytes:
    monkeypatch.setattr(paper, "DOCUMENTS_MAX", 3)
    return clerk.post(f"{BASE}/-/print.pdf", picked).content


def test_an_import_without_a_file_says_what_is_missing(clerk: Client) -> None:
    assert "WEB-1015" in post(clerk, "/-/import/check", {})


def test_pickers_answer_for_declared_fields_alone(clerk: Client) -> None:
    offered = clerk.get(f"{BASE}/-/pick/line/allotment?q=jcys").content.decode()

    assert "教材印刷" in offered
    assert "32,000.00" in offered
    assert clerk.get(f"{BASE}/-/pick/line/purpose").status_code == 404
    units = clerk.get(f"{BASE}/-/pick/field/unit").content.decode()
    assert "105001" in units
    assert "105002" not in units


def test_a_domain_may_replace_one_block_of_the_page() -> None:
    kind = find_type("payment.application")
    assert kind is not None

    names = page.head(kind, None)["block"]("shares")

    assert names == ["payment/application/shares.html", "form/_shares.html"]
    chosen = engines["jinja2"].env.select_template(names)
    assert chosen.name == "form/_shares.html"

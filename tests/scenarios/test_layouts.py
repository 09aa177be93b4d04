"""Lists and forms are laid out in the browser by two persons, and obeyed wherever one writes."""

from html.parser import HTMLParser
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from tests import people
from tests.browser import town
from tests.people import UNIT
from tests.scenarios.test_portal_configuration import decide, signed_in

from shucai.base.errors import Refused
from shucai.edge.web import kept
from shucai.kernel.configuration import drafts as drafts_of
from shucai.kernel.configuration.declare import Place
from shucai.kernel.configuration.models import Draft, Release, Rollback
from shucai.kernel.document import drafts, form_layout, layouts, writing
from shucai.kernel.document.columns import columns_of
from shucai.kernel.document.declare import find_type
from shucai.kernel.document.models import Header
from shucai.kernel.document.reading import open_one
from shucai.kernel.identity import scope
from shucai.kernel.ledger.models import LedgerAccount

CODE = "payment.application"
LIST, FORM = f"/configuration/list_layout/{CODE}", f"/configuration/form_layout/{CODE}"
PAGE = f"/d/{CODE}/"


class Controls(HTMLParser):
    """What a browser would send for the editor, button aside."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.sent: dict[str, str] = {}
        self._inside, self._select = False, ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._inside = said.get("id") == "sc-lay-form"
        if not self._inside:
            return
        if tag == "input" and (said.get("type") != "checkbox" or "checked" in said):
            self.sent[said["name"]] = said.get("value", "")
        if tag == "select":
            self._select = said["name"]
            self.sent[self._select] = ""
        if tag == "option" and "selected" in said:
            self.sent[self._select] = said["value"]


@pytest.fixture
def here(db: None) -> dict[str, Client]:
    town.build()
    kept.forget()
    return {name: signed_in(name) for name in ("sysadmin", "secadmin", "zhifu", "guoku")}


def editor(client: Client, address: str, query: str = "") -> dict[str, str]:
    page = client.get(f"{address}/edit?{query}")
    assert page.status_code == 200, page.content.decode()
    return Controls(page.content.decode()).sent


def send(client: Client, address: str, said: dict[str, str], act: str = "propose") -> Any:
    draft = Draft.objects.filter(key=CODE, kind=address.split("/")[2]).first()
    version = str(draft.version if draft is not None else 0)
    return client.post(f"{address}/edit", {**said, "version": version, act: "1", "note": "调整"})


def publish(here: dict[str, Client], address: str, said: dict[str, str], **trial: Any) -> None:
    proposed = send(here["sysadmin"], address, said)
    assert proposed.status_code == 302, proposed.content.decode()
    decided = decide(here["secadmin"], "try" if trial else "publish", **trial)
    assert decided.status_code == 302, decided.content.decode()


def seen(client: Client, address: str = PAGE) -> str:
    return client.get(address).content.decode()


def draft_of(**changes: Any) -> drafts.Draft:
    kind = find_type(CODE)
    assert kind is not None
    now = timezone.now()
    number = LedgerAccount.objects.filter(unit__code="105001").order_by("pk")[0].number
    line = {"allotment": number, "purpose": "购书", "amount": "100.00"}
    said = {
        "method": "11",
        "settlement": "1",
        "payee_name": "佛山市图书馆",
        "payee_account": "6222021234567890123",
        "payee_bank": "工商银行",
    }
    return drafts.Draft(
        type=kind,
        actor=people.actor_of("zhifu", now=now),
        now=now,
        today=now.date(),
        fields={**said, **changes.pop("fields", {})},
        lines=[{**line, **changes.pop("line", {})}],
        **changes,
    )


def refused(draft: drafts.Draft) -> list[str]:
    with pytest.raises(Refused) as met:
        drafts.save(draft)
    return [finding.text for finding in met.value.findings]


@pytest.mark.function("PLAT-015")
def test_a_list_is_laid_out_for_a_duty_and_rolled_back(here: dict[str, Client]) -> None:
    drafts.save(draft_of())
    before = seen(here["zhifu"])
    said = editor(here["sysadmin"], LIST)
    added = send(here["sysadmin"], LIST, {**said, "new_role": "payment.preparer"}, "add_role")
    said = editor(here["sysadmin"], LIST, "role=payment.preparer")
    said |= {"c.payee_name.label": "付给谁", "c.payee_name.order": "1", "c.number.order": "9",
             "c.payee_name.width": "260",
             "c.amount.align": "left", "f.method.show": "", "sort": "-amount", "size": "20",
             "s.todo.show": ""}  # fmt: skip
    del said["c.updated_at.show"]
    publish(here, LIST, said)
    after, other = seen(here["zhifu"]), seen(here["guoku"])
    place = seen(here["secadmin"], LIST)
    here["sysadmin"].post(f"{LIST}/rollback", {"number": "0", "reason": "恢复标准"})
    back = f"/configuration/-/rollbacks/{Rollback.objects.get().pk}/decide"
    here["secadmin"].post(back, {"act": "approve", "opinion": "同意"})

    assert added.status_code == 302
    assert "付给谁" not in before + other
    head = after[after.index("<thead>") : after.index("</thead>")]
    assert head.index("付给谁") < head.index("单号")
    assert '<col width="260">' in after
    assert 'class="sc-al-left"' in after
    assert "待我办理" in before
    assert "待我办理" not in after
    assert 'name="method"' in before
    assert 'name="method"' not in after
    assert 'aria-sort="descending"' in after
    assert layouts.role_name("payment.preparer") in place
    assert "收款人名称" in place
    assert "付给谁" not in seen(here["zhifu"])


@pytest.mark.function("PLAT-015", "OPS-012")
def test_a_layout_is_tried_by_one_unit_first(here: dict[str, Client]) -> None:
    said = {**editor(here["sysadmin"], LIST), "c.state.label": "办到哪步"}
    publish(here, LIST, said, paths=UNIT)
    drafts.save(draft_of())
    trial = [seen(here["zhifu"]), seen(here["guoku"])]
    decide(here["secadmin"], "publish")

    assert ["办到哪步" in page for page in trial] == [True, False]
    assert "办到哪步" in seen(here["guoku"])


@pytest.mark.function("PLAT-015")
def test_rows_move_without_script_and_the_preview_is_the_list(here: dict[str, Client]) -> None:
    said = editor(here["sysadmin"], LIST)
    moved = here["sysadmin"].post(f"{LIST}/edit", {**said, "up": "c.unit"}).content.decode()
    preview = here["sysadmin"].post(f"{LIST}/preview", {**said, "c.unit.label": "哪个单位"})
    clerk = here["zhifu"].get(f"{LIST}/edit")
    wrong = send(
        here["sysadmin"], LIST, {**said, "c.unit.width": "9999", "c.unit.label": "长" * 30}
    )

    assert moved.index('name="c.unit.show"') < moved.index('name="c.number.show"')
    assert not Draft.objects.filter(kind="list_layout", version=0).exists()
    assert "哪个单位" in preview.content.decode()
    assert "市第一中学" in preview.content.decode()
    assert clerk.status_code == 403
    assert wrong.status_code == 422
    assert "DOC-1414" in wrong.content.decode()
    assert 'value="9999"' in wrong.content.decode()


@pytest.mark.function("PLAT-016")
def test_a_form_demands_defaults_fixes_and_computes_in_every_channel(
    here: dict[str, Client],
) -> None:
    said = editor(here["sysadmin"], FORM)
    said |= {"x.1.name": "contract", "x.1.label": "合同编号"}
    assert send(here["sysadmin"], FORM, said, "save").status_code == 302
    said = editor(here["sysadmin"], FORM)
    said |= {
        "h.payee_bank.default": "工商银行佛山分行",
        "h.payee_bank.readonly": "1",
        "h.payee_name.label": "付给谁",
        "h.payee_name.help": "与发票抬头一致",
        "h.extra.contract.section": "2",
        "h.extra.contract.required": "1",
        "l.purpose.formula": '"支付"&收款人名称',
    }
    publish(here, FORM, said)
    page = seen(here["zhifu"], f"{PAGE}new")
    texts = refused(draft_of(fields={"payee_bank": "别的银行"}, line={"purpose": "购书"}))
    bare = {"payee_bank": "", "payee_name": "", "extra.contract": "HT-1"}
    unnamed = refused(draft_of(fields=bare, line={"purpose": ""}))
    good = {"payee_bank": "", "extra.contract": "HT-2026-01"}
    header = drafts.save(draft_of(fields=good, line={"purpose": ""}))
    stale = refused(draft_of(fields=good, line={"purpose": "购书"}))
    draft = draft_of()
    scope.apply(draft.actor)
    dossier = open_one(kind=draft.type, actor=draft.actor, address=header.address)
    layout = form_layout.current(draft.type, draft.actor)
    labels = [column.label for column in columns_of(draft.type, layout)]
    edited = drafts.save(
        draft_of(
            address=header.address, fields={**good, "extra.contract": "HT-2"}, line={"purpose": ""}
        )
    )

    assert "与发票抬头一致" in page
    assert "合同编号" in page
    assert "付给谁" in page
    assert any("DOC-1402" in text and "工商银行佛山分行" in text for text in texts)
    assert any("DOC-1401" in text and "合同编号" in text and "第 1 号" in text for text in texts)
    assert unnamed == [text for text in unnamed if "付给谁" in text]
    assert dossier.fields["payee_bank"].raw == "工商银行佛山分行"
    assert dossier.lines[0]["purpose"].raw == "支付佛山市图书馆"
    assert any("DOC-1403" in text and "支付佛山市图书馆" in text for text in stale)
    assert Header.objects.get(pk=header.pk).extra == {"contract": "HT-2"}
    assert edited.version == 2
    assert "合同编号" not in writing.facts(dossier.item)
    assert "付给谁" in labels
    assert "合同编号" in labels
    assert "收款人开户银行" not in labels


@pytest.mark.function("PLAT-016")
def test_what_the_declaration_demands_stays_on_the_form(here: dict[str, Client]) -> None:
    said = editor(here["sysadmin"], FORM)
    hidden = send(here["sysadmin"], FORM, {**said, "h.payee_name.section": ""})
    page = hidden.content.decode()
    fixed = send(here["sysadmin"], FORM, {**said, "h.payee_name.readonly": "1"})
    unshown = {name: text for name, text in said.items() if name != "l.amount.show"}
    line = send(here["sysadmin"], FORM, unshown)
    cyclic = {"h.payee_name.formula": "收款人账号&1", "h.payee_account.formula": "收款人名称&1"}
    faulty = send(here["sysadmin"], FORM, {**said, **cyclic}).content.decode()

    assert hidden.status_code == 422
    assert "DOC-1413" in page
    assert "收款人名称" in page
    assert fixed.status_code == 422
    assert "设为只读却没有默认值" in fixed.content.decode()
    assert line.status_code == 422
    assert "DOC-1415" in faulty
    assert not Release.objects.exists()


@pytest.mark.function("PLAT-016", "PLAT-015")
def test_an_extra_field_is_a_column_of_the_list(here: dict[str, Client]) -> None:
    said = editor(here["sysadmin"], FORM) | {"x.1.name": "contract", "x.1.label": "合同编号"}
    send(here["sysadmin"], FORM, said, "save")
    publish(here, FORM, {**editor(here["sysadmin"], FORM), "h.extra.contract.section": "1"})
    said = editor(here["sysadmin"], LIST) | {"c.extra.contract.show": "1"}
    publish(here, LIST, said)
    drafts.save(draft_of(fields={"extra.contract": "HT-<b>1"}))
    page = seen(here["zhifu"])

    assert "合同编号" in page
    assert "HT-&lt;b&gt;1" in page
    assert "合同编号" in seen(here["secadmin"], FORM)


def test_every_fault_of_a_layout_is_told_before_it_can_be_proposed(here: dict[str, Client]) -> None:
    kind = find_type(CODE)
    assert kind is not None
    standard = form_layout.standard_variant(kind)
    twice = {**standard, "sections": [*standard["sections"], *standard["sections"]]}
    foreign = {
        "sections": [{"title": "一", "fields": [{"name": "wage"}]}],
        "lines": {"columns": []},
    }
    contents: list[dict[str, Any]] = [
        {"variants": {"": twice}},
        {"variants": {"": foreign}},
        {"variants": {"": standard, "payroll.nobody": standard}},
        {
            "variants": {"": standard},
            "extras": [{"name": f"a{n}", "label": "甲"} for n in range(21)],
        },
        {"variants": []},
    ]
    place = Place("form_layout", CODE)
    found = [
        {finding.code for finding in drafts_of.check(place, {"type": CODE, "extras": [], **one})}
        for one in contents
    ]

    assert "DOC-1412" in found[0]
    assert {"DOC-1411", "DOC-1413"} <= found[1]
    assert found[2:] == [{"DOC-1416"}, {"DOC-1417"}, {"DOC-1418"}]


def test_what_can_not_be_computed_is_told_at_its_field(here: dict[str, Client]) -> None:
    said = {**editor(here["sysadmin"], FORM), "l.purpose.formula": "LEFT(收款人名称,金额/0)"}
    publish(here, FORM, said)

    texts = refused(draft_of(line={"purpose": ""}))

    assert [text for text in texts if "DOC-1404" in text and "用途" in text] == texts

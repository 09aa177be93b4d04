"""Print templates: faults are named with their place, and nobody's text is ever markup."""

import io
import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from pypdf import PdfReader

from shucai.edge.web.form import paper
from shucai.edge.web.form.paper import barcode, layout, sample
from shucai.kernel.configuration.declare import Place
from shucai.kernel.document.declare import find_type
from shucai.kernel.document.reading import Dossier
from shucai.kernel.masterdata import values
from shucai.kernel.pages import print_template, print_words

KEY = "payment.application"
PLACE = Place(print_template.CODE, KEY)
HOSTILE = [
    '#read("/etc/passwd")',
    "$ x^2 $ \\ \\u{1F600}",
    "@label <tag> `raw` *粗* _斜_ // 注释 /* 注释 */",
    "= 标题 - 列表 + 编号 ~ 空格",
    "很长的中文" * 60,
]


def standard(**more: Any) -> dict[str, Any]:
    return {**print_template.standard(PLACE), **more}


def faults(**more: Any) -> list[tuple[str, str]]:
    found = print_template.KIND.faults(PLACE, standard(**more))
    return [(one.code, one.place) for one in found]


@pytest.fixture
def document(monkeypatch: pytest.MonkeyPatch) -> Dossier:
    """A sample document that asks no database for names."""

    class Empty:
        standard: Mapping[str, Any] = {}

    monkeypatch.setattr(values, "catalogue", lambda *args, **more: Empty)
    kind = find_type(KEY)
    assert kind is not None
    return sample.dossier(kind, "short", year=2026, division="440600000")


def printed(document: Dossier, content: Mapping[str, Any]) -> str:
    """All that a reader of the PDF sees, without spaces and line breaks."""
    stops = sample.stops(document)
    made = layout.form(document, content, stops, place=1, publisher="示例局")
    shown = paper._pdf(paper._data([{**made, "layout": 0}], [layout.layout(content)], "示例局"))
    pages = PdfReader(io.BytesIO(shown)).pages
    return "".join("".join(page.extract_text() for page in pages).split())


def test_the_standard_template_of_every_type_has_no_fault() -> None:
    keys = print_template.keys()
    found = {
        key: print_template.KIND.faults(place, print_template.standard(place))
        for key in keys
        for place in [Place(print_template.CODE, key)]
    }

    assert len(keys) % 4 == 0
    assert {key: said for key, said in found.items() if said} == {}


def test_columns_that_do_not_fit_the_paper_are_told_with_millimetres() -> None:
    wide = [{"field": "allotment", "width": 190}, {"field": "purpose"}, {"field": "amount"}]
    content = standard(columns=wide, paper="a5")
    (found,) = print_template.KIND.faults(PLACE, content)

    assert (found.code, found.place) == ("PAG-4101", "columns")
    assert found.data["needed"] == 190 + 12 + 18 + 9
    assert found.data["usable"] == 148 - 16 - 14
    assert faults(columns=wide, paper="a3", orientation="wide") == []


@pytest.mark.parametrize(
    ("more", "code", "place"),
    [
        ({"head": [{"field": "salary"}]}, "CFG-6002", "head[1].field"),
        ({"head": [{"label": "空"}]}, "PAG-4104", "head[1].field"),
        ({"head": [{"field": "method", "span": 4}]}, "PAG-4103", "head[1].span"),
        ({"title": "{工资}"}, "PAG-4105", "title"),
        ({"title": "{金额"}, "PAG-4106", "title"),
        ({"remarks": [{"place": "end", "text": "共{SUM(}元"}]}, "PAG-4105", "remarks[1].text"),
        ({"signing": "fixed"}, "PAG-4107", "signers"),
        ({"paper": "third", "margin_top": 60}, "PAG-4102", "margin_top"),
        ({"head": [], "columns": []}, "PAG-4108", "blocks"),
        ({"script": "1"}, "CFG-6003", "script"),
    ],
)
def test_a_fault_is_named_with_its_place(more: dict[str, Any], code: str, place: str) -> None:
    assert faults(**more) == [(code, place)]


@pytest.mark.parametrize("text", HOSTILE)
def test_a_text_is_printed_as_it_is_written(document: Dossier, text: str) -> None:
    plain = text.replace("{", "{{").replace("}", "}}")
    content = standard(
        title=plain[:60].replace("{{", "").replace("}}", ""),
        head=[{"label": text[:20], "text": plain[:200], "span": 3}],
        remarks=[{"place": "middle", "text": plain}],
        capitals=text[:20],
    )
    lines = [{**line, "purpose": replace(line["purpose"], text=text)} for line in document.lines]
    shown = printed(replace(document, lines=lines), content)

    assert "root:" not in shown
    wanted = "".join(text.split())
    assert shown.count(wanted[:30]) >= 1 + len(lines)


def test_formulas_stand_for_the_facts_of_the_document(document: Dossier) -> None:
    facts = layout.facts(document, "示例局")
    said = '{年度}年共{明细行数}笔，{IF(金额 > 50000, "大额", "小额")}，{金额}元，{{原样}}'

    assert print_words.filled(said, facts) == "2026年共3笔，大额，74,072.01元，{原样}"
    assert print_words.filled("{1/0}", facts) == "〔无法计算〕"
    assert set(facts) == set(print_words.names(document.kind))


def test_a_paper_differs_by_its_template_and_the_digest_tells(document: Dossier) -> None:
    stops = sample.stops(document)
    signers = [{"label": "复核", "step": "审核"}, {"label": "出纳"}]
    other = standard(signing="fixed", signers=signers, show_totals=True)
    one, two = (
        layout.form(document, content, stops, place=1, publisher="局")
        for content in (standard(), other)
    )

    assert one["digest"] != two["digest"]
    assert [(s["label"], s["name"]) for s in two["signatures"]] == [
        ("复核", "李建国"),
        ("出纳", ""),
    ]
    assert two["totals"] == ["", "", "74,072.01"]
    assert json.loads(json.dumps(two)) == two


def test_bars_are_code_128_with_check_and_stop() -> None:
    found = barcode.bars("ZF2026-000128")

    assert sum(found) % 11 == 2  # whole symbols and the longer stop
    assert found[:6] == [2, 1, 1, 2, 1, 4]
    assert found[-7:] == [2, 3, 3, 1, 1, 1, 2]
    assert barcode.bars("草稿") == []

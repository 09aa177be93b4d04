"""Importing values: the difference first, then one audited change; and pairs of elements."""

import io
from datetime import date

import pytest
import xlsxwriter
from tests import city
from tests.city import CLERK, DAY, FUNCTIONAL, KEEPER, ROWS
from tests.people import NOW

from shucai.base.errors import Refused
from shucai.kernel.masterdata import importing, relations, values
from shucai.kernel.masterdata.editing import Place
from shucai.kernel.masterdata.models import ElementRelation, Value, ValueSet

NEW_EDITION = [
    *(row for row in ROWS if row.code != "2010102"),
    importing.Row(code="2010103", name="机关服务"),
]


@pytest.fixture
def functional(db: None) -> None:
    city.functional()


def test_the_difference_names_what_comes_changes_and_stops(functional: None) -> None:
    renamed = importing.Row(code="2050201", name="学前教育支出")
    rows = [renamed if row.code == renamed.code else row for row in NEW_EDITION]

    found = importing.preview(FUNCTIONAL, rows)

    assert [row.code for row in found.added] == ["2010103"]
    assert [(c.code, dict(c.fields)) for c in found.changed] == [
        ("2050201", {"name": ("学前教育", "学前教育支出")})
    ]
    assert found.stopped == (("2010102", "一般行政管理事务"),)
    assert found.unchanged == 6
    assert found.findings == ()
    assert values.name_of("functional", 2026, "2010103") == ""


def test_columns_the_file_lacks_stay_as_they_are(functional: None) -> None:
    Value.objects.filter(code="2050201").update(edition="2025年版", confidence="verified")
    names = {row.code: row.name for row in ROWS} | {"2050201": "学前教育支出"}
    table = [["编码", "名称"], *([code, name] for code, name in names.items())]
    rows = importing.read_table("新版.csv", table)

    seen = importing.preview(FUNCTIONAL, rows)
    importing.apply(actor=KEEPER, place=FUNCTIONAL, rows=rows, now=NOW, digest=seen.digest)

    assert [(c.code, dict(c.fields)) for c in seen.changed] == [
        ("2050201", {"name": ("学前教育", "学前教育支出")})
    ]
    value = Value.objects.get(code="2050201")
    assert (value.name, value.confidence) == ("学前教育支出", "verified")
    assert value.edition == "2026-03-02导入"
    assert importing.preview(FUNCTIONAL, rows).is_empty


def test_applying_stops_and_deletes_nothing(functional: None) -> None:
    seen = importing.preview(FUNCTIONAL, NEW_EDITION)

    importing.apply(actor=KEEPER, place=FUNCTIONAL, rows=NEW_EDITION, now=NOW, digest=seen.digest)

    stopped = values.usable("functional", 2026, "2010102", on=DAY)
    assert stopped is not None
    assert stopped.code == "MAS-1002"
    assert values.usable("functional", 2026, "2010103", on=DAY) is None
    assert Value.objects.filter(value_set="functional").count() == 9
    with pytest.raises(Refused, match="MAS-4004"):
        importing.apply(actor=KEEPER, place=FUNCTIONAL, rows=NEW_EDITION, now=NOW)


def test_a_stopped_value_comes_back_with_the_next_edition(functional: None) -> None:
    importing.apply(actor=KEEPER, place=FUNCTIONAL, rows=NEW_EDITION, now=NOW)

    found = importing.apply(actor=KEEPER, place=FUNCTIONAL, rows=ROWS, now=NOW)

    assert found.restarted == (("2010102", "一般行政管理事务"),)
    assert values.usable("functional", 2026, "2010102", on=DAY) is None


def test_part_of_an_edition_stops_nothing(functional: None) -> None:
    found = importing.apply(
        actor=KEEPER,
        place=FUNCTIONAL,
        rows=[importing.Row(code="2010104", name="人大会议")],
        now=NOW,
        is_complete=False,
    )

    assert found.stopped == ()
    assert values.usable("functional", 2026, "2010101", on=DAY) is None
    assert values.usable("functional", 2026, "2010104", on=DAY) is None


def test_what_changed_after_the_preview_is_refused(functional: None) -> None:
    seen = importing.preview(FUNCTIONAL, NEW_EDITION)
    Value.objects.filter(code="205").update(name="教育")

    with pytest.raises(Refused, match="MAS-4003"):
        importing.apply(
            actor=KEEPER, place=FUNCTIONAL, rows=NEW_EDITION, now=NOW, digest=seen.digest
        )
    with pytest.raises(Refused, match="MAS-2001"):
        importing.apply(actor=CLERK, place=FUNCTIONAL, rows=NEW_EDITION, now=NOW)


def test_bad_rows_are_told_together(functional: None) -> None:
    rows = [
        *ROWS,
        importing.Row(code="2019901", name="悬空"),
        importing.Row(code="201", name="重复"),
        importing.Row(code="20X01", name="字符"),
    ]

    with pytest.raises(Refused) as refused:
        importing.apply(actor=KEEPER, place=FUNCTIONAL, rows=rows, now=NOW)

    text = str(refused.value)
    assert "上级 20199 不存在" in text
    assert "编码 201 重复" in text
    assert "不允许的字符 X" in text
    assert {f.code for f in refused.value.findings} == {"MAS-4002"}


def test_excel_and_csv_are_read_alike() -> None:
    book = io.BytesIO()
    with xlsxwriter.Workbook(book, {"in_memory": True}) as workbook:
        sheet = workbook.add_worksheet()
        for number, cells in enumerate(
            [["编码", "名称", "启用日期", "备注"], [201, "一般公共服务支出", "2026-01-01", "类"]]
        ):
            sheet.write_row(number, 0, cells)
    text = "编码,名称,启用日期,备注\n201,一般公共服务支出,2026/01/01,类\n"

    found = [
        importing.read_file("新版.xlsx", book.getvalue()),
        importing.read_file("新版.csv", text.encode("utf-8-sig")),
        importing.read_file("新版.csv", text.encode("gb18030")),
    ]

    assert found[0] == found[1] == found[2]
    [row] = found[0]
    assert (row.code, row.parent_code, row.valid_from) == ("201", None, date(2026, 1, 1))
    assert row.extra == {"备注": "类"}


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("a.xlsx", b"not a workbook", "MAS-4001"),
        ("a.csv", "科目,金额\n1,2\n".encode(), "MAS-4001"),
        ("a.csv", "编码,名称,启用日期\n201,一般,去年\n".encode(), "MAS-4002"),
    ],
)
def test_files_of_another_shape_are_refused(name: str, content: bytes, code: str) -> None:
    with pytest.raises(Refused) as refused:
        importing.read_file(name, content)

    assert refused.value.code == code


ECONOMIC = {
    "economic_gov": (
        "政府预算经济分类",
        [
            ("501", "机关工资福利支出", ""),
            ("50101", "工资奖金津补贴", "501"),
            ("505", "对事业单位经常性补助", ""),
            ("50501", "工资福利支出", "505"),
            ("513", "转移性支出", ""),
        ],
    ),
    "economic_dept": (
        "部门预算经济分类",
        [
            ("301", "工资福利支出", ""),
            ("30101", "基本工资", "301"),
            ("30103", "奖金", "301"),
            ("302", "商品和服务支出", ""),
            ("30201", "办公费", "302"),
        ],
    ),
}


@pytest.fixture
def economic(db: None) -> None:
    for value_set, (name, rows) in ECONOMIC.items():
        ValueSet.objects.create(code=value_set, name=name)
        importing.apply(
            actor=KEEPER,
            place=Place(value_set, 2026),
            rows=[importing.Row(code=c, name=n, parent_code=p) for c, n, p in rows],
            now=NOW,
        )
    relations.put_pairs(
        actor=KEEPER,
        code="economic",
        fiscal_year=2026,
        sets=("economic_gov", "economic_dept"),
        pairs=[("50101", "30101"), ("50101", "30103"), ("505", "301")],
        now=NOW,
    )


def test_pairs_hold_for_everything_below(economic: None) -> None:
    assert relations.allowed("economic", 2026, "50101", "30101") is None
    assert relations.allowed("economic", 2026, "50501", "30103") is None

    wrong = relations.allowed("economic", 2026, "50101", "30201")
    none = relations.allowed("economic", 2026, "513", "30201")

    assert wrong is not None
    assert wrong.code == "MAS-3001"
    assert "30101 基本工资、30103 奖金" in wrong.why
    assert none is not None
    assert none.code == "MAS-3002"


def test_pickers_offer_what_may_stand_beside(economic: None) -> None:
    right = relations.partners("economic", 2026, left="50501")
    left = relations.partners("economic", 2026, right="30101")

    assert [e.code for e in right] == ["30101", "30103"]
    assert [e.code for e in left] == ["50101", "50501"]
    assert relations.derived("economic", 2026, "50101") == ""
    assert relations.partners("economic", 2026) == []


def test_new_pairs_switch_old_ones_off(economic: None) -> None:
    came, gone = relations.put_pairs(
        actor=KEEPER,
        code="economic",
        fiscal_year=2026,
        sets=("economic_gov", "economic_dept"),
        pairs=[("50101", "30101")],
        now=NOW,
    )

    assert (came, gone) == (0, 2)
    assert relations.derived("economic", 2026, "50101") == "30101"
    assert relations.allowed("economic", 2026, "50101", "30103") is not None
    assert ElementRelation.objects.count() == 3


def test_a_year_without_pairs_restricts_nothing(economic: None) -> None:
    assert relations.allowed("economic", 2025, "50101", "30201") is None

"""Workbooks go out whole and come in whole: every value is read as a form would read it."""

import io
import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import xlsxwriter
from django.db import transaction
from tests.payment_world import TODAY, PaymentWorld, found
from tests.people import NOW

from shucai.base.errors import Refused
from shucai.kernel.document import import_jobs, importing, spreadsheet
from shucai.kernel.document.importing import ImportPreview
from shucai.kernel.document.models import Header
from shucai.kernel.files import keeping
from shucai.kernel.identity import scope
from shucai.kernel.jobs import outbox, queue
from shucai.kernel.jobs.models import JobRun
from shucai.kernel.jobs.running import execute
from shucai.kernel.messages import notices

HEAD = [
    "单据序号*", "预算单位", "业务日期", "支付方式*", "结算方式*", "收款人名称*", "收款人账号*",
    "收款人开户银行*", "指标*", "用途*", "金额*",
]  # fmt: skip


@pytest.fixture
def store(settings: Any, tmp_path: Path) -> Path:
    settings.DATA = tmp_path
    return tmp_path


@pytest.fixture
def world(db: None, store: Path) -> PaymentWorld:
    return found()


def row(world: PaymentWorld, serial: Any = 1, amount: Any = 100.5, **more: Any) -> list[Any]:
    said = {
        "unit": "", "day": "", "method": "财政直接支付", "settlement": "电子转账支付",
        "payee": "佛山市图书馆", "account": "6222021234567890123", "bank": "工商银行",
        "allotment": world.allotment, "purpose": "购书", **more,
    }  # fmt: skip
    return [serial, *said.values(), amount]


def workbook(rows: Sequence[Sequence[Any]], head: Sequence[str] = HEAD) -> bytes:
    file = io.BytesIO()
    with xlsxwriter.Workbook(file, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        for place, cells in enumerate([list(head), *rows]):
            for column, cell in enumerate(cells):
                if isinstance(cell, date):
                    sheet.write_datetime(place, column, cell, day)
                elif isinstance(cell, str):
                    sheet.write_string(place, column, cell)
                else:
                    sheet.write(place, column, cell)
    return file.getvalue()


def preview(world: PaymentWorld, content: bytes, name: str = "支付.xlsx") -> ImportPreview:
    return importing.preview(world.kind, world.staff.clerk, name, content, TODAY)


def commit(world: PaymentWorld, content: bytes, **more: Any) -> list[Header]:
    said = {"today": TODAY, "now": NOW, **more}
    return importing.commit(world.kind, world.staff.clerk, "支付.xlsx", content, **said)


def refusal(code: str, call: Callable[[], Any]) -> str:
    with pytest.raises(Refused) as refused:
        call()
    assert refused.value.code == code
    return str(refused.value)


def faults(found: ImportPreview) -> list[tuple[int, str, str]]:
    return [(fault.row, fault.column, fault.finding.code) for fault in found.errors]


def test_the_template_has_every_column_a_guide_and_lists(world: PaymentWorld) -> None:
    book = openpyxl.load_workbook(io.BytesIO(importing.template(world.kind)))

    sheet = book["支付申请"]
    assert [cell.value for cell in sheet[1]] == HEAD
    assert sheet.freeze_panes == "A2"
    assert next(v.formula1 for v in sheet.data_validations.dataValidation) == (
        '"财政直接支付,财政授权支付"'
    )
    guide = [cell.value for cell in book["填写说明"]["A"]]
    assert "收款人账号" in guide


def test_a_filled_template_becomes_drafts(world: PaymentWorld) -> None:
    content = workbook(
        [
            row(world, 1, 100.5, day=date(2026, 2, 27)),
            row(world, 1, "1,200.00", payee="", purpose="书架"),
            row(world, "乙", 0.1, unit="105001 单位105001", method="12"),
        ]
    )

    seen = preview(world, content)
    headers = commit(world, content)

    assert (seen.ok, seen.rows, seen.total) == (True, 3, Decimal("1300.60"))
    assert [(d.serial, len(d.lines), d.amount) for d in seen.documents] == [
        ("1", 2, Decimal("1300.50")),
        ("乙", 1, Decimal("0.10")),
    ]
    assert [h.amount for h in Header.objects.order_by("pk")] == [Decimal("1300.50"), Decimal("0.1")]
    assert headers[0].business_date == date(2026, 2, 27)
    assert headers[1].business_date == TODAY
    doc = world.kind.model._default_manager.get(pk=headers[1].pk)
    assert (doc.method, doc.payee_account) == ("12", "6222021234567890123")  # type: ignore[attr-defined]


def test_every_fault_is_told_at_its_cell_and_nothing_is_imported(world: PaymentWorld) -> None:
    content = workbook(
        [
            row(world, 1, 0.305),
            row(world, 1, -5, payee="别人"),
            row(world, 2, 10, account=6222021234567890123, day="昨天"),
            row(world, "", 10),
            row(world, 3, 10, allotment="没有的指标", method="现金", unit="999999"),
            row(world, 4, 10, day="2025-12-31"),
        ]
    )

    seen = preview(world, content)

    assert faults(seen) == [
        (2, "金额", "DOC-1015"),
        (3, "收款人名称", "DOC-1209"),
        (3, "金额", "DOC-1015"),
        (4, "收款人账号", "DOC-1210"),
        (4, "业务日期", "DOC-1015"),
        (4, "收款人账号", "DOC-1014"),
        (5, "单据序号", "DOC-1208"),
        (6, "预算单位", "DOC-1019"),
        (6, "支付方式", "DOC-1015"),
        (6, "指标", "DOC-1015"),
        (7, "业务日期", "DOC-1021"),
    ]
    assert seen.errors[0].text.startswith("第 2 行“金额”：“金额”填写有误：“0.305”超过两位小数")
    told = refusal("DOC-1212", lambda: commit(world, content))
    assert "有 11 处错误" in told
    assert Header.objects.count() == 0


def test_the_same_file_is_imported_once_under_one_key(world: PaymentWorld) -> None:
    content = workbook([row(world)])

    first = commit(world, content, key="a")
    again = commit(world, content, key="a")
    other = commit(world, content, key="b")

    assert [h.pk for h in first] == [h.pk for h in again] != [h.pk for h in other]
    assert Header.objects.count() == 2


def test_csv_in_the_encoding_of_old_spreadsheets_is_read(world: PaymentWorld) -> None:
    lines = [",".join(HEAD), ",".join(str(cell) for cell in row(world, 1, "88.80"))]
    content = "\r\n".join(lines).encode("gb18030")

    seen = preview(world, content, "支付.csv")

    assert (seen.ok, seen.total) == (True, Decimal("88.80"))


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("支付.txt", b"abc", "DOC-1202"),
        ("支付.pdf", b"%PDF-1.7", "DOC-1202"),
        ("支付.xlsx", b"%PDF-1.7", "FIL-1005"),
        ("支付.xlsx", b"PK\x03\x04 broken", "FIL-1010"),
        ("支付.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(2000), "DOC-1211"),
        ("支付.xlsx", bytes(importing.SIZE_MAX + 1), "DOC-1203"),
    ],
)
def test_what_is_no_table_is_refused(
    world: PaymentWorld, name: str, content: bytes, code: str
) -> None:
    told = refusal(code, lambda: preview(world, content, name))

    assert f"“{name}”" in told


def test_a_wrong_head_is_told_column_by_column(world: PaymentWorld) -> None:
    renamed = ["单据序号", "单位", *HEAD[2:-1]]

    told = refusal("DOC-1205", lambda: preview(world, workbook([row(world)[:-1]], renamed)))

    assert "没有“单位”这一列、缺少“金额”列" in told
    refusal("DOC-1204", lambda: preview(world, workbook([row(world)], ["甲"] * 11)))
    refusal("DOC-1207", lambda: preview(world, workbook([])))


def test_more_rows_than_allowed_are_refused(
    world: PaymentWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "ROWS_MAX", 3)

    told = refusal("DOC-1206", lambda: preview(world, workbook([row(world)] * 4)))

    assert "超过 3 行" in told


def test_who_may_not_make_drafts_may_not_import(world: PaymentWorld) -> None:
    reviewer = world.staff.reviewer

    told = refusal(
        "DOC-1002",
        lambda: importing.preview(world.kind, reviewer, "支付.xlsx", workbook([row(world)]), TODAY),
    )

    assert reviewer.position_name in told


@pytest.mark.parametrize("text", ["=1+1", "+86 757", "-5", "@SUM(A1)", "\t=1", "'=1"])
def test_text_that_looks_like_a_formula_survives_the_round_trip(text: str) -> None:
    shown = spreadsheet.harmless(text)

    assert not shown.startswith(("=", "+", "-", "@", "\t"))
    assert spreadsheet.restored(shown) == text


def exported(world: PaymentWorld, **args: Any) -> tuple[JobRun, Any]:
    run = queue.start(
        code="document.export",
        actor=world.staff.clerk,
        now=NOW,
        args={"type": world.kind.code, **args},
    )
    execute(run.pk, clock=lambda: NOW)
    run.refresh_from_db()
    if run.file_id is None:
        return run, None
    file = keeping.open(run.file_id, world.staff.clerk, now=NOW)
    return run, openpyxl.load_workbook(io.BytesIO(file.path.read_bytes()))


def test_the_selection_is_exported_with_its_lines(fresh_database: str, store: Path) -> None:
    world = found()
    for amount in ("100.10", "200.20", "12345678901.23"):
        world.draft(amount, payee_name='=HYPERLINK("http://x")')

    run, book = exported(world, columns=["number", "unit", "payee_name", "amount", "state"])

    assert (run.state, run.result["documents"]) == ("done", 3)
    assert book.sheetnames == ["支付申请", "明细"]
    sheet = book["支付申请"]
    assert [cell.value for cell in sheet[1]] == [
        "单号", "单位编码", "预算单位", "收款人名称", "金额", "状态",
    ]  # fmt: skip
    assert [cell.value for cell in sheet["E"]][1:4] == [12345678901.23, 200.2, 100.1]
    assert sheet["E5"].value == "=SUBTOTAL(109,E2:E4)"
    assert sheet["E2"].number_format == "#,##0.00"
    assert sheet["D2"].value == '\'=HYPERLINK("http://x")'
    assert (sheet["D2"].data_type, sheet["F2"].value) == ("s", "草稿")
    lines = book["明细"]
    assert [cell.value for cell in lines[1]] == ["单号", "行号", "指标编码", "指标", "用途", "金额"]
    assert [cell.value for cell in lines[2]][2] == world.allotment
    assert sheet.freeze_panes == "A2"


def test_many_pages_are_exported_in_order_and_filters_count(
    fresh_database: str, store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = found()
    for amount in range(1, 8):
        world.draft(f"{amount}.00")
    monkeypatch.setattr("shucai.kernel.document.exporting.PAGE", 3)

    _, book = exported(world, sort="-amount", filters={"amount_to": ["6"]}, columns=["amount"])

    assert [c.value for c in book["支付申请"]["A"]][1:7] == [6, 5, 4, 3, 2, 1]


def test_too_many_documents_are_refused_with_the_limit(
    fresh_database: str, store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = found()
    world.draft()
    world.draft()
    monkeypatch.setattr("shucai.kernel.document.exporting.DOCUMENTS_MAX", 1)

    run, _ = exported(world)

    assert (run.state, run.result["code"]) == ("dead", "DOC-1201")
    assert "符合条件的单据超过 1 笔" in run.error


def test_whoever_exported_is_told_where_the_file_is(fresh_database: str, store: Path) -> None:
    world = found()
    world.draft()

    run, _ = exported(world)
    outbox.relay(now=NOW)
    outbox.relay(now=NOW)

    told = notices.inbox(actor=world.staff.clerk)
    assert [(n.title, n.link) for n in told] == [("导出单据已完成", f"/files/{run.file_id}")]


def test_an_export_by_a_position_that_has_ended_is_not_made(
    fresh_database: str, store: Path
) -> None:
    world = found()
    gone = replace(world.staff.clerk, appointment_id=999_999)
    run = queue.start(code="document.export", actor=gone, now=NOW, args={"type": world.kind.code})

    execute(run.pk, clock=lambda: NOW)
    run.refresh_from_db()

    assert (run.state, run.result["code"]) == ("dead", "JOB-1005")
    assert json.loads(json.dumps(run.actor))["name"] == gone.name


def drafts_of(world: PaymentWorld) -> int:
    with transaction.atomic():
        scope.apply(world.staff.clerk)
        return Header.objects.count()


def test_a_long_file_is_imported_in_the_background_once(fresh_database: str, store: Path) -> None:
    world = found()
    content = workbook([row(world, n, "1.00") for n in range(1, 31)])

    def begin() -> JobRun:
        said = {"today": TODAY, "now": NOW, "key": "k1"}
        return import_jobs.start(world.kind, world.staff.clerk, "支付.xlsx", content, **said)  # type: ignore[arg-type]

    run, again = begin(), begin()
    execute(run.pk, clock=lambda: NOW)
    run.refresh_from_db()
    JobRun.objects.filter(pk=run.pk).update(state="running")
    execute(run.pk, clock=lambda: NOW)

    assert (again.pk, run.state, run.result["documents"]) == (run.pk, "done", 30)
    assert drafts_of(world) == 30


def test_a_faulty_file_in_the_background_tells_its_faults(fresh_database: str, store: Path) -> None:
    world = found()
    content = workbook([row(world, 1, "0")])

    run = import_jobs.start(
        world.kind, world.staff.clerk, "支付.xlsx", content, today=TODAY, now=NOW
    )
    execute(run.pk, clock=lambda: NOW)
    run.refresh_from_db()

    assert (run.state, run.result["code"], drafts_of(world)) == ("dead", "DOC-1212", 0)
    assert "必须大于零" in run.error

"""The command line: the same grammar and refusals as the pages, exit codes, machine output."""

import csv
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from tests import callers
from tests.callers import Callers

from shucai.edge.cli import COMMANDS, functions, main, measuring, transfer
from shucai.kernel.audit import sealing
from shucai.kernel.audit.models import AuditEntry
from shucai.kernel.masterdata import importing, values
from shucai.kernel.masterdata.editing import Place

PAYMENT = "payment.application"


@pytest.fixture
def city(db: None, monkeypatch: pytest.MonkeyPatch) -> Callers:
    monkeypatch.delenv("SHUCAI_USER", raising=False)
    return callers.found(monkeypatch)


class Shell:
    """Runs a command and keeps what it said."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self._capsys = capsys

    def __call__(self, *words: str) -> tuple[int, str, str]:
        code = main(list(words))
        said = self._capsys.readouterr()
        return code, said.out, said.err

    def json(self, *words: str) -> tuple[int, Any]:
        code, out, _ = self(*words, "--json")
        return code, json.loads(out)


@pytest.fixture
def shell(capsys: pytest.CaptureFixture[str]) -> Shell:
    return Shell(capsys)


def test_a_payment_is_submitted_and_reviewed_by_two_persons(city: Callers, shell: Shell) -> None:
    payment = city.world.payment(city.world.allot("1000.00"), "400.00")

    code, said = shell.json("do", PAYMENT, payment.address, "submit", "--as", "clerk")
    number = said["results"][0]["number"]
    own, _, complaint = shell("do", PAYMENT, number, "approve", "--as", "clerk")
    good, out, _ = shell("do", PAYMENT, number, "approve", "--as", "reviewer")

    assert (code, said["done"], said["balances"][0]["held"]) == (0, 1, "400.00")
    assert own == 2
    assert "DOC-1002" in complaint
    assert good == 0
    assert "待支付" in out


def test_the_audit_trail_knows_the_channel(city: Callers, shell: Shell) -> None:
    payment = city.world.payment(city.world.allot("1000.00"), "400.00")

    shell("do", PAYMENT, payment.address, "submit", "--as", "clerk")

    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('shucai.auditor', 'on', true)")
    body = json.loads(AuditEntry.objects.order_by("-pk")[0].body)
    assert (body["channel"], body["name"]) == ("cli", "王晓萌")
    assert body["ip"].startswith("local:")


def test_a_batch_goes_each_for_itself_and_ends_with_two(city: Callers, shell: Shell) -> None:
    allotment = city.world.allot("1000.00")
    numbers = [city.world.payment(allotment, a).address for a in ("400.00", "900.00")]

    code, out, complaint = shell("do", PAYMENT, *numbers, "submit", "--as", "clerk", "--each")

    assert code == 2
    assert "办理 1 笔，未办理 1 笔" in out
    assert "差 300.00 元" in complaint


def test_preview_writes_nothing_and_a_key_repeats_the_answer(city: Callers, shell: Shell) -> None:
    allotment = city.world.allot("1000.00")
    payment = city.world.payment(allotment, "400.00")
    words = ("do", PAYMENT, payment.address, "submit", "--as", "clerk")

    preview = shell(*words, "--preview")
    untouched = city.world.balance(allotment)
    first, again = shell(*words, "--key", "k1"), shell(*words, "--key", "k1")

    assert preview[0] == first[0] == again[0] == 0
    assert "试算 1 笔" in preview[1]
    assert untouched[1] == "0.00"
    assert "此前已办理" in again[1]


def test_somebody_must_act(city: Callers, shell: Shell) -> None:
    nobody = shell("list", PAYMENT)
    unknown = shell("list", PAYMENT, "--as", "ghost")
    other = shell("list", PAYMENT, "--as", "clerk", "--position", "国王")
    officer = shell("list", PAYMENT, "--as", "sysadmin")

    assert [one[0] for one in (nobody, unknown, other, officer)] == [2, 2, 2, 2]
    assert "CLI-1001" in nobody[2]
    assert "CLI-1002" in unknown[2]
    assert "CLI-1002" in other[2]
    assert "DOC-1002" in officer[2]


def test_lists_and_shows_what_the_person_may_see(city: Callers, shell: Shell) -> None:
    payment = city.world.payment(city.world.allot("1000.00"), "400.00")

    _, mine = shell.json("list", PAYMENT, "--as", "clerk", "--filter", "state=draft")
    _, theirs = shell.json("list", PAYMENT, "--as", "other-clerk")
    code, whole = shell.json("show", PAYMENT, payment.address, "--as", "clerk")
    missing = shell("show", PAYMENT, payment.address, "--as", "other-clerk")
    wrong = shell("list", PAYMENT, "--as", "clerk", "--filter", "colour=red")
    table = shell("list", PAYMENT, "--as", "clerk")

    assert [row["address"] for row in mine] == [payment.address]
    assert mine[0]["amount"] == "400.00"
    assert theirs == []
    assert (code, whole["lines"][0]["amount"], whole["actions"]) == (0, "400.00", ["submit"])
    assert (missing[0], "DOC-1001" in missing[2]) == (2, True)
    assert (wrong[0], "CLI-1005" in wrong[2]) == (2, True)
    assert "草稿" in table[1] or "draft" in table[1]


def test_proofs_end_with_zero_and_with_one(
    city: Callers, shell: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    city.world.allot("1000.00")

    ledger, said = shell.json("ledger", "check")
    audit, chain = shell.json("audit", "verify")
    bad = tmp_path / "head.json"
    bad.write_text("{}", encoding="utf-8")
    deposited = shell("audit", "verify", "--head", str(bad))
    absent = shell("audit", "verify", "--head", str(tmp_path / "none"))
    broken = sealing.Proof(rows=1, seals=1, unsealed=0, head="00", faults=("审计记录 1 已缺失",))
    monkeypatch.setattr(sealing, "prove", lambda **_: broken)
    failed = shell("audit", "verify")

    assert (ledger, said["ok"]) == (0, True)
    assert (audit, chain["ok"]) == (0, True)
    assert (deposited[0], "CLI-1008" in deposited[2]) == (2, True)
    assert (absent[0], "CLI-1003" in absent[2]) == (2, True)
    assert (failed[0], failed[2].strip()) == (1, "审计记录 1 已缺失")


def test_functions_lists_all_250(shell: Shell) -> None:
    code, rows = shell.json("functions")

    assert code == 0
    assert len(rows) == len({row["id"] for row in rows}) == 250
    assert set(rows[0]) == {"id", "name", "page", "tests", "proven"}
    chain = next(row for row in rows if row["id"] == "PLAT-062")
    assert chain["page"] == "/d/payment.application/"
    assert any(name.startswith("tests/scenarios/") for name in chain["tests"])


def test_a_function_is_proven_by_a_scenario_that_passed_last(tmp_path: Path) -> None:
    (tmp_path / "tests" / "scenarios").mkdir(parents=True)
    (tmp_path / "tests" / "unit").mkdir()
    text = '@pytest.mark.function("{}")\ndef test_it() -> None: ...\n'
    for folder, one in (("scenarios", "PLAT-001"), ("unit", "PLAT-002")):
        path = tmp_path / "tests" / folder / "test_one.py"
        path.write_text(text.format(one), encoding="utf-8")
    results = tmp_path / "results.json"
    names = ["tests/scenarios/test_one.py::test_it[a]", "tests/unit/test_one.py::test_it"]

    def proven(outcome: str) -> list[str]:
        said = {"tests": {name: {"outcome": outcome, "functions": []} for name in names}}
        results.write_text(json.dumps(said), encoding="utf-8")
        return [row["id"] for row in functions.report(tmp_path, results) if row["proven"]]

    assert proven("passed") == ["PLAT-001"]
    assert proven("failed") == proven("skipped") == []


def test_catalogues(shell: Shell) -> None:
    _, kinds = shell.json("kinds")
    _, problems = shell.json("errors", "PAY")

    assert PAYMENT in [kind["code"] for kind in kinds]
    assert {one["code"][:3] for one in problems} == {"PAY"}


def test_misuse_ends_with_two(shell: Shell) -> None:
    assert shell("fly")[0] == 2
    assert shell("do", PAYMENT)[0] == 2
    assert shell("list", PAYMENT, "--limit", "0")[0] == 2
    assert shell("do", "no.such", "~1", "submit", "--as", "x")[0] == 2
    unknown = shell("bench", "everything-at-once")
    assert (unknown[0], "CLI-1006" in unknown[2]) == (2, True)
    assert shell("--help")[0] == 0


def test_a_lost_database_is_one_sentence(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    from django.db import OperationalError

    def lost(name: str, given: Any) -> None:
        raise OperationalError("connection refused\nmore")

    monkeypatch.setattr(measuring, "bench", lambda given: lost("", given))
    code, _, complaint = shell("bench", "ledger")

    assert (code, "CLI-1007" in complaint) == (2, True)
    assert complaint.count("\n") == 1


def test_a_newer_edition_is_shown_before_it_is_written(
    city: Callers, shell: Shell, tmp_path: Path
) -> None:
    file = tmp_path / "fund.csv"
    file.write_text("编码,名称\n111,一般公共预算资金\n112,专项债券资金\n", encoding="utf-8")
    words = ("import", "fund_type", str(file), "--as", "keeper")

    code, out, _ = shell(*words)
    before = values.usable("fund_type", 2026, "112", on=callers.NOW.date())
    done = shell(*words, "--yes")
    importing.cache.forget()

    assert (code, "+ 112 专项债券资金" in out, "没有写入" in out) == (0, True, True)
    assert before is not None
    assert done[0] == 0, done[2]
    assert values.usable("fund_type", 2026, "112", on=callers.NOW.date()) is None
    assert Place("fund_type", 2026).division == ""


def test_drafts_come_in_and_lists_go_out(city: Callers, shell: Shell, tmp_path: Path) -> None:
    allotment = city.world.allot("1000.00")
    file, out = tmp_path / "in.csv", tmp_path / "out.csv"
    head = "单据序号,支付方式,结算方式,收款人名称,收款人账号,收款人开户银行,指标,用途,金额"
    row = f"1,12,1,佛山新苑公司,6222081010077263182,工商银行,{allotment},办公用品,"
    file.write_text(f"{head}\n{row}12.5\n{row}7.50\n", encoding="utf-8")
    words = ("import", PAYMENT, str(file), "--as", "clerk")

    seen = shell(*words)
    none_yet = shell.json("list", PAYMENT, "--as", "clerk")[1]
    taken = shell.json(*words, "--yes")[1]
    given = shell("export", PAYMENT, str(out), "--as", "clerk")
    sheet = shell("export", PAYMENT, str(tmp_path / "out.xlsx"), "--as", "clerk")
    odd = shell("export", PAYMENT, str(tmp_path / "out.pdf"), "--as", "clerk")
    unknown = shell("export", "no_such", str(out), "--as", "clerk")
    file.write_text(f"{head}\n{row}12.555\n", encoding="utf-8")
    refused = shell(*words, "--yes")

    assert (seen[0], "合计 20.00 元" in seen[1]) == (0, True)
    assert none_yet == []
    assert (taken["written"], len(taken["addresses"])) == (True, 1)
    assert given[0] == sheet[0] == 0
    assert "20.00" in out.read_text(encoding="utf-8-sig")
    assert (odd[0], "CLI-1003" in odd[2]) == (2, True)
    assert (unknown[0], "CLI-1004" in unknown[2]) == (2, True)
    assert (refused[0], "第 2 行" in refused[2]) == (2, True)


FORMULAS = ("=1+2", "+86 757", "-见合同", "@公司", "\t制表")


def test_no_text_that_goes_out_is_run_as_a_formula(
    city: Callers, shell: Shell, tmp_path: Path
) -> None:
    allotment, out = city.world.allot("1000.00"), tmp_path / "out.csv"
    for name in FORMULAS:
        city.world.payment(allotment, "12.50", payee_name=f"{name}|")

    code, _, complaint = shell("export", PAYMENT, str(out), "--as", "clerk")
    shell("export", PAYMENT, str(tmp_path / "out.xlsx"), "--as", "clerk")

    assert code == 0, complaint
    with out.open(encoding="utf-8-sig", newline="") as lines:
        rows = list(csv.DictReader(lines))
    assert {row["收款人名称"] for row in rows} == {f"'{name.strip()}|" for name in FORMULAS[:4]} | {
        "制表|"
    }
    assert {row["金额"] for row in rows} == {"12.50"}
    sheet = openpyxl.load_workbook(tmp_path / "out.xlsx").active
    cells = [cell for line in sheet.iter_rows(min_row=2) for cell in line]
    assert {cell.data_type for cell in cells} <= {"s", "n"}
    assert {cell.value for cell in cells if cell.value and "1+2" in str(cell.value)} == {"=1+2|"}
    assert 12.5 in {cell.value for cell in cells}


def test_a_negative_amount_stays_a_number() -> None:
    content = transfer._csv(["摘要", "金额"], [["-见合同", Decimal("-5.00")]])

    assert content.decode("utf-8-sig") == "摘要,金额\r\n'-见合同,-5.00\r\n"


def test_a_value_set_survives_going_out_and_coming_in(
    city: Callers, shell: Shell, tmp_path: Path
) -> None:
    file, out = tmp_path / "funds.csv", tmp_path / "out.csv"
    file.write_text("编码,名称\n111,一般公共预算资金\n118,=拨款+划款\n", encoding="utf-8")
    shell("import", "fund_type", str(file), "--as", "keeper", "--yes")

    shell("export", "fund_type", str(out), "--as", "keeper")

    assert "'=拨款+划款" in out.read_text(encoding="utf-8-sig")
    again = importing.preview(
        Place("fund_type", 2026), importing.read_file("funds.csv", out.read_bytes())
    )
    assert again.is_empty, again


def test_every_command_is_listed_and_parsed() -> None:
    from shucai.edge.cli.command import parser

    assert {
        "do",
        "list",
        "show",
        "import",
        "export",
        "ledger",
        "audit",
        "functions",
        "bench",
    } <= set(COMMANDS)
    assert all(word in parser().format_help() for word in COMMANDS)

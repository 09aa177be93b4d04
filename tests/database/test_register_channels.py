"""Registers through the API and the command line: the same rights, refusals and results."""

import base64
import json
from collections.abc import Iterator

import pytest
from tests import callers, sample_registers
from tests.callers import Callers

from shucai.edge.api import description
from shucai.edge.cli import main
from shucai.kernel.masterdata.models import ValueSet
from shucai.kernel.pages.register import Register

pytestmark = pytest.mark.django_db


@pytest.fixture
def city(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callers]:
    with sample_registers.declared():
        found = callers.found(monkeypatch)
        sample_registers.make("one", "第一个")
        sample_registers.make("two", "第二个")
        yield found


def test_a_program_lists_reads_and_runs(city: Callers) -> None:
    admin = city.as_("sysadmin")

    codes = [one["code"] for one in admin.get("/registers").json()["registers"]]
    assert {"sample.set", "sample.unit"} <= set(codes)
    listing = admin.get("/registers/sample.set?q=第&limit=1&totals=1").json()
    assert (listing["rows"][0]["key"], listing["count"]) == ("one", 2)
    rest = admin.get(f"/registers/sample.set?q=第&limit=1&cursor={listing['next']}").json()
    assert [row["key"] for row in rest["rows"]] == ["two"]
    record = admin.get("/registers/sample.set/one").json()
    assert record["facts"]["name"] == "第一个"
    assert record["tables"]["letters"]["rows"] == [["o"], ["n"], ["e"]]
    assert "rename" in record["commands"]
    made = admin.post(
        "/registers/sample.set/commands/create",
        {"values": {"code": "three", "name": "第三个"}},
        **{"Idempotency-Key": "k"},
    )
    again = admin.post(
        "/registers/sample.set/commands/create",
        {"values": {"code": "three", "name": "第三个"}},
        **{"Idempotency-Key": "k"},
    )
    assert made.json() == again.json()
    assert ValueSet.objects.filter(code="three").count() == 1


def test_a_program_previews_and_sends_files(city: Callers) -> None:
    admin = city.as_("sysadmin")
    file = {"name": "a.csv", "content": base64.b64encode(b"1,2\n").decode()}

    seen = admin.post(
        "/registers/sample.set/commands/rename",
        {"keys": ["one"], "values": {"name": "新名"}, "preview": True},
    ).json()
    sent = admin.post(
        "/registers/sample.set/commands/everything",
        {"keys": ["one"], "values": {"in_file": file, "in_flag": True, "in_money": "1.50"}},
    )
    bad = admin.post(
        "/registers/sample.set/commands/everything",
        {"keys": ["one"], "values": {"in_file": {"name": "a.csv", "content": "?"}}},
    )

    assert seen["preview"]["rows"] == [["第一个", "新名"]]
    assert ValueSet.objects.get(code="one").name == "第一个"
    assert sent.status_code == 200
    assert sent.json()["data"]["in_money"] == "1.50"
    assert bad.status_code == 422


def test_rights_scopes_and_refusals_of_programs(city: Callers) -> None:
    narrow = city.as_("sysadmin", ["registers.read:sample.unit"])
    clerk = city.as_("clerk")
    admin = city.as_("sysadmin")

    assert narrow.get("/registers/sample.unit").status_code == 200
    assert narrow.get("/registers/sample.set").status_code == 403
    assert narrow.post("/registers/sample.set/commands/create").status_code == 403
    for path in ("/registers/sample.set", "/registers/sample.set/one"):
        answer = clerk.get(path)
        assert (answer.status_code, answer.json()["code"]) == (403, "PAG-3002")
    refused = clerk.post("/registers/sample.set/commands/create", {"values": {}})
    assert (refused.status_code, refused.json()["code"]) == (403, "PAG-3002")
    for path, code in (
        ("/registers/no.such", "PAG-3001"),
        ("/registers/sample.set/nobody", "PAG-3003"),
    ):
        assert admin.get(path).json()["code"] == code
        assert admin.get(path).status_code == 404
    for path in ("?nmae=1", "?sort=letters", "?limit=0", "?cursor=x", "?q=1&totals=2&x=1"):
        assert admin.get(f"/registers/sample.set{path}").status_code == 422
    empty = admin.post("/registers/sample.set/commands/create", {"values": {"name": "x"}})
    assert [f["at"] for f in empty.json()["findings"]] == ["code"]
    assert admin.post("/registers/sample.set/commands/explode").status_code == 404


def test_each_register_is_described(city: Callers) -> None:
    description.document.cache_clear()
    try:
        said = description.document()
    finally:
        description.document.cache_clear()

    assert "/api/v1/registers/sample.set" in said["paths"]
    body = said["components"]["schemas"]["SampleSetCreateIn"]
    assert body["properties"]["values"]["required"] == ["code", "name"]
    names = {
        p.get("name") for p in said["paths"]["/api/v1/registers/sample.unit"]["get"]["parameters"]
    }
    assert {"is_enabled", "valid_from_from", "sort", "q"} <= names


def test_the_command_line_lists_shows_and_does(
    city: Callers, capsys: pytest.CaptureFixture[str]
) -> None:
    def shell(*words: str) -> tuple[int, str, str]:
        code = main([*words, "--as", "sysadmin"])
        said = capsys.readouterr()
        return code, said.out, said.err

    code, out, _ = shell("list", "sample.set", "--filter", "q=第", "--sort=-name")
    assert (code, "共 2 条" in out) == (0, True)
    assert "第一个" in shell("show", "sample.set", "one")[1]
    code, out, _ = shell("do", "sample.set", "create", "--set", "code=c", "--set", "name=命令行")
    assert (code, "已新增值集" in out) == (0, True)
    assert json.loads(shell("show", "sample.set", "c", "--json")[1])["facts"]["name"] == "命令行"
    code, out, _ = shell("do", "sample.set", "one", "rename", "--set", "name=新", "--preview")
    assert (code, "新" in out) == (0, True)
    assert "sk-one-0001" in shell("do", "sample.set", "one", "key")[1]
    code, _, complaint = shell("do", "sample.set", "create", "--set", "code=c")
    assert (code, "[name]" in complaint) == (2, True)
    assert "PAG-3003" in shell("show", "sample.set", "nobody")[2]
    assert "CLI-1005" in shell("list", "sample.set", "--filter", "x=1")[2]
    assert "CLI-1005" in shell("do", "sample.set", "create", "--set", "x")[2]
    assert "CLI-1003" in shell("do", "sample.set", "create", "--set", "code=@/no/file")[2]


def test_a_sample_is_gone_afterwards() -> None:
    from shucai.kernel.pages.register import registers

    assert not {"sample.set", "sample.unit"} & set(registers())
    assert all(isinstance(one, Register) for one in registers().values())

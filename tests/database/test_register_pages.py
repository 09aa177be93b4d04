"""Pages of registers: lists, trees, records and command forms, with and without script."""

import re
from collections.abc import Iterator

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from tests import city, people, sample_registers
from tests.browser import town

from shucai.kernel.masterdata.models import Unit, ValueSet
from shucai.kernel.pages.register import Register

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


@pytest.fixture
def sample() -> Iterator[dict[str, Register]]:
    with sample_registers.declared() as found:
        town.staff(timezone.now())
        sample_registers.make("one", "第一个")
        sample_registers.make("two", "第二个")
        yield found


def enter(username: str) -> Client:
    client = Client()
    done = client.post("/login", {"username": username, "password": people.PASSWORD})
    assert done.status_code == 302
    return client


def test_a_list_shows_rows_counts_segments_and_exports(sample: dict[str, Register]) -> None:
    client = enter("sysadmin")

    page = client.get("/r/sample.set/").content.decode()
    assert "第一个" in page
    assert "新增值集" in page
    assert "/r/sample.set/one" in page
    assert "停用" in page  # a segment
    assert "共 <b>2</b> 条" in client.get("/r/sample.set/~/totals").content.decode()
    assert "<small>2</small>" in client.get("/r/sample.set/~/segments").content.decode()
    assert "第一个" not in client.get("/r/sample.set/?description=stopped").content.decode()
    assert "没有符合条件" in client.get("/r/sample.set/?q=没有").content.decode()
    assert client.get("/r/sample.set/", headers=HTMX).content.decode().lstrip().startswith("<sec")
    book = client.post("/r/sample.set/~/export", {"query": "", "format": "xlsx"})
    assert book.content[:2] == b"PK"
    text = client.post("/r/sample.set/~/export", {"query": "?q=第一", "format": "csv"})
    assert text.content.decode().splitlines()[1].startswith("第一个,one,")


def test_an_initial_filter_can_be_emptied(sample: dict[str, Register]) -> None:
    ValueSet.objects.filter(code="two").update(description="stopped")
    client = enter("sysadmin")

    assert "第二个" not in client.get("/r/sample.set/").content.decode()
    everything = client.get("/r/sample.set/?description=").content.decode()
    assert "第二个" in everything
    assert "description=&amp;sort" in everything or "description=&amp;" in everything


def test_columns_and_views_are_kept(sample: dict[str, Register]) -> None:
    client = enter("sysadmin")

    client.post("/r/sample.set/~/columns", {"column": ["name", "national_code"], "query": ""})
    assert "<th>国家标准目录" not in client.get("/r/sample.unit/").content.decode()
    assert "国家标准目录" in client.get("/r/sample.set/").content.decode()
    client.post("/r/sample.set/~/views", {"name": "停用的", "query": "?description=stopped"})
    assert "?description=stopped" in client.get("/r/sample.set/").content.decode()
    client.post("/r/sample.set/~/views", {"name": "停用的", "forget": "1"})
    assert "停用的" not in client.get("/r/sample.set/").content.decode()


def test_a_filter_that_cannot_be_read_is_told_in_the_list(sample: dict[str, Register]) -> None:
    answer = enter("sysadmin").get("/r/sample.unit/?level=x")

    assert answer.status_code == 422
    assert "PAG-3008" in answer.content.decode()


def test_branches_of_a_tree_open_in_place_or_on_a_page(sample: dict[str, Register]) -> None:
    units = city.units()
    client = enter("sysadmin")
    key = units["440600"].pk

    roots = client.get("/r/sample.unit/").content.decode()
    assert "佛山市" in roots
    assert "市教育局" not in roots
    assert f"?parent={key}" in roots
    rows = client.get(f"/r/sample.unit/~/branch?parent={key}&depth=2", headers=HTMX)
    assert "市教育局" in rows.content.decode()
    assert 'data-level="2"' in rows.content.decode()
    page = client.get(f"/r/sample.unit/?parent={key}").content.decode()
    assert "市教育局" in page
    assert "sc-way" in page
    assert "市第一中学" in client.get("/r/sample.unit/?q=第一").content.decode()
    record = client.get(f"/r/sample.unit/{units['105001'].pk}").content.decode()
    assert "市教育局" in record  # the way up


def test_long_branches_have_more(sample: dict[str, Register]) -> None:
    above = city.units()["105"]
    Unit.objects.bulk_create(
        Unit(
            code=f"7{n:03}",
            name=f"学校{n:03}",
            division_code=people.CITY,
            parent=above,
            path=f"{above.path}/7{n:03}",
            level=3,
        )
        for n in range(230)
    )
    client = enter("sysadmin")

    first = client.get(f"/r/sample.unit/~/branch?parent={above.pk}&depth=2", headers=HTMX)
    more = re.search(r'hx-get="([^"]+)"', first.content.decode())

    assert more is not None
    rest = client.get(more[1].replace("&amp;", "&"), headers=HTMX).content.decode()
    assert "学校229" in rest
    assert "更多下级" not in rest


def test_a_record_shows_facts_panels_and_only_allowed_commands(
    sample: dict[str, Register],
) -> None:
    page = enter("sysadmin").get("/r/sample.set/one").content.decode()

    assert "第一个" in page
    assert "字母清单" in page
    assert "更名" in page
    assert "停用后" not in page
    assert "审计记录" not in page
    missing = enter("sysadmin").get("/r/sample.set/nobody")
    assert missing.status_code == 404
    assert "PAG-3003" in missing.content.decode()
    assert enter("sysadmin").get("/r/no.such/").status_code == 404


def test_readers_only_and_refusals_name_the_duty(sample: dict[str, Register]) -> None:
    clerk = enter("zhifu")

    for address in ("/r/sample.set/", "/r/sample.set/one", "/r/sample.set/-/create"):
        answer = clerk.get(address)
        assert answer.status_code == 403
        assert "系统管理员" in answer.content.decode()
    assert clerk.post("/r/sample.set/-/create", {"code": "x"}).status_code == 403
    auditor = people.actor_of("auditor", now=timezone.now())
    assert ("sample.set.create", "", "refused") in people.trail(auditor)


def test_a_form_keeps_what_was_typed_and_tells_every_finding(sample: dict[str, Register]) -> None:
    client = enter("sysadmin")

    assert "名称" in client.get("/r/sample.set/-/create").content.decode()
    plain = client.post("/r/sample.set/-/create", {"name": "第一个", "why": "因为", "go": "1"})
    said = plain.content.decode()
    assert plain.status_code == 422
    assert "因为" in said
    assert "PAG-2001" in said
    assert 'data-jump="code"' in said
    part = client.post(
        "/r/sample.set/-/create", {"code": "new", "name": "第一个", "go": "1"}, headers=HTMX
    )
    assert part.status_code == 422
    assert "SAM-0001" in part.content.decode()
    assert 'id="e-name" hx-swap-oob="true"' in part.content.decode()
    done = client.post("/r/sample.set/-/create", {"code": "new", "name": "新的", "go": "1"})
    assert done.status_code == 302
    assert done["Location"] == "/r/sample.set/new"
    assert "已新增值集" in client.get(done["Location"]).content.decode()


def test_a_preview_comes_before_the_run_and_again_after_a_change(
    sample: dict[str, Register],
) -> None:
    client = enter("sysadmin")
    address = "/r/sample.set/one/-/rename"

    assert 'value="第一个"' in client.get(address).content.decode()
    first = client.post(address, {"name": "改名", "go": "1"}, headers=HTMX).content.decode()
    seen = re.search(r'name="seen" value="(\w+)"', first)
    assert seen is not None
    assert "改名" in first
    again = client.post(address, {"name": "再改", "seen": seen[1], "go": "1"}, headers=HTMX)
    assert 'name="seen"' in again.content.decode()
    assert ValueSet.objects.get(code="one").name == "第一个"
    done = client.post(address, {"name": "改名", "seen": seen[1], "go": "1"}, headers=HTMX)
    assert done["HX-Redirect"] == "/r/sample.set/one"
    assert ValueSet.objects.get(code="one").name == "改名"


def test_a_grave_command_on_many_asks_once_more(sample: dict[str, Register]) -> None:
    client = enter("secadmin")
    address = "/r/sample.set/-/stop"

    asked = client.post(address, {"pick": ["one", "two"], "ask": "1"}, headers=HTMX)
    assert "已选 <b>2</b> 条" in asked.content.decode()
    unsure = client.post(address, {"pick": ["one", "two"], "go": "1"}, headers=HTMX)
    assert "WEB-1016" in unsure.content.decode()
    done = client.post(
        address, {"pick": ["one", "two"], "go": "1", "sure": "1", "key": "k"}, headers=HTMX
    )
    assert done["HX-Retarget"] == "#rc-box"
    assert "已停用 2 个值集" in done.content.decode()
    late = client.post(address, {"pick": ["one"], "go": "1", "sure": "1"}, headers=HTMX)
    assert late.status_code == 422
    assert "PAG-3005" in late.content.decode()
    none = client.post(address, {"ask": "1"}, headers=HTMX)
    assert "PAG-3006" in none.content.decode()


def test_all_that_match_can_be_meant(sample: dict[str, Register]) -> None:
    client = enter("secadmin")

    asked = client.post(
        "/r/sample.set/-/stop", {"all": "1", "query": "?q=第", "ask": "1"}, headers=HTMX
    )
    done = client.post(
        "/r/sample.set/-/stop", {"all": "1", "query": "?q=第", "go": "1", "sure": "1"}
    )

    assert "已选 <b>2</b> 条" in asked.content.decode()
    assert "已停用 2 个值集" in done.content.decode()


def test_a_secret_is_on_the_answer_and_nowhere_else(sample: dict[str, Register]) -> None:
    client = enter("sysadmin")

    done = client.post("/r/sample.set/one/-/key", {"go": "1", "key": "once"})
    again = client.post("/r/sample.set/one/-/key", {"go": "1", "key": "once"})

    assert "sk-one-0001" in done.content.decode()
    assert again.status_code == 302
    assert "sk-one-0001" not in client.get(again["Location"]).content.decode()


def test_every_kind_of_input_is_shown_and_read(sample: dict[str, Register]) -> None:
    city.units()
    city.functional()
    client = enter("sysadmin")
    address = "/r/sample.set/one/-/everything"

    form = client.get(address).content.decode()
    for entry in ("money", "date", "choice", "choices", "unit", "user", "file", "json", "secret"):
        assert f'name="in_{entry}"' in form
    done = client.post(
        address,
        {
            "in_money": "1,200.50", "in_date": "2026-01-31", "in_choices": ["red", "blue"],
            "in_unit": "105001 市第一中学", "in_flag": "1", "in_json": "{}", "go": "1",
            "in_file": SimpleUploadedFile("a.csv", b"1,2\n"),
        },
    )  # fmt: skip
    said = done.content.decode()
    assert done.status_code == 200
    assert "1200.50" in said
    assert "105001" in said
    assert "a.csv" in said
    for name, text in (("unit", "第一"), ("value", "小学"), ("user", "sys")):
        found = client.get(f"{address}/~/pick/in_{name}?q={text}").content.decode()
        assert 'role="option"' in found, name
    assert 'role="option"' in client.get(f"{address}/~/pick/in_value").content.decode()
    assert client.get(f"{address}/~/pick/in_text").status_code == 404

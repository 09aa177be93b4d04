"""Registers: reading by key, filters, trees, cleaning of inputs, commands; on real tables."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction
from tests import city, people, sample_registers

from shucai.base.errors import Refused
from shucai.kernel import registry
from shucai.kernel.files.keeping import Upload
from shucai.kernel.identity import scope
from shucai.kernel.identity.actor import Actor
from shucai.kernel.masterdata.models import Unit, ValueSet
from shucai.kernel.pages import register_commands, register_inputs, registers
from shucai.kernel.pages.register import Column, Command, Filter, Input, Register
from shucai.kernel.pages.register_commands import Attempt
from shucai.kernel.pages.registers import Query

pytestmark = pytest.mark.django_db


@pytest.fixture
def sample() -> Iterator[dict[str, Register]]:
    with sample_registers.declared() as found:
        yield found


@pytest.fixture
def staff() -> people.Staff:
    return people.appoint()


def codes(refused: pytest.ExceptionInfo[Refused]) -> list[str]:
    return [finding.code for finding in refused.value.findings]


# ---------------------------------------------------------------- reading

BY_PARENT = ("parent__name", "-parent__name")
SORTS = ("", "name", "-name", "valid_from", "-valid_from", *BY_PARENT, "is_enabled", "-code")


def walk(query: Query) -> list[list[str]]:
    """Forward through all pages, then back; both ways see the same rows."""
    found, cursors = [], [""]
    page = registers.page(query)
    while True:
        found.append([row.code for row in page.rows])
        if not page.next:
            break
        cursors.append(page.next)
        page = registers.page(replace(query, cursor=page.next))
    back = [found[-1]]
    while page.previous:
        page = registers.page(replace(query, cursor=page.previous))
        back.insert(0, [row.code for row in page.rows])
    assert back == found
    return found


@pytest.mark.parametrize("sort", SORTS)
def test_pages_by_key_cover_every_row_once_in_either_direction(
    sample: dict[str, Register], staff: people.Staff, sort: str
) -> None:
    city.units()
    Unit.objects.filter(code="105").update(valid_from=date(2026, 1, 1))
    Unit.objects.filter(code="108").update(valid_from=date(2025, 1, 1))
    query = Query(register=sample["unit"], actor=staff.system, sort=sort, size=2)

    found = walk(query)

    flat = [code for page in found for code in page]
    assert len(flat) == len(set(flat)) == Unit.objects.count()
    if sort == "valid_from":
        assert flat[:2] == ["108", "105"]
    if sort == "-valid_from":
        assert flat[:2] == ["105", "108"]


def test_a_cursor_of_another_order_is_refused(
    sample: dict[str, Register], staff: people.Staff
) -> None:
    city.units()
    query = Query(register=sample["unit"], actor=staff.system, size=2)
    cursor = registers.page(query).next

    for wrong in (replace(query, sort="name", cursor=cursor), replace(query, cursor="nonsense")):
        with pytest.raises(Refused) as refused:
            registers.page(wrong)
        assert codes(refused) == ["PAG-3009"]


def test_only_rows_of_the_scope_are_shown_and_found(
    sample: dict[str, Register], staff: people.Staff
) -> None:
    units = city.units()
    clerk = replace(staff.system, scope_path="4406/440600/105")

    shown = registers.page(Query(register=sample["unit"], actor=clerk)).rows

    assert {unit.code for unit in shown} == {"105", "105001", "105002"} - {"105"} | {"105"}
    with pytest.raises(Refused) as refused:
        registers.one(sample["unit"], clerk, str(units["108"].pk))
    assert codes(refused) == ["PAG-3003"]
    assert "名录" not in refused.value.findings[0].text
    for key in ("x", "-1", "9" * 30, ""):
        with pytest.raises(Refused) as refused:
            registers.one(sample["unit"], clerk, key)
        assert codes(refused) == ["PAG-3003"]


def test_filters_search_and_count(sample: dict[str, Register], staff: people.Staff) -> None:
    city.units()
    Unit.objects.filter(code="105002").update(is_enabled=False)

    def found(text: str = "", **filters: list[str]) -> list[str]:
        query = Query(register=sample["unit"], actor=staff.system, text=text, filters=filters)
        rows = registers.page(query).rows
        assert registers.count(query) == len(rows)
        assert len(registers.keys(query, limit=10)) == len(rows)
        assert registers.every(query, limit=10) == rows
        return [row.code for row in rows]

    assert found(is_enabled=["0"]) == ["105002"]
    assert found(name=["第一"]) == ["105001"]
    assert found(text="中学 第二") == ["105002"]
    assert found(level=["1"]) == ["440600", "440604"]
    assert found(text="没有的词") == []


def test_a_filter_that_cannot_be_read_is_refused_at_its_name(
    sample: dict[str, Register], staff: people.Staff
) -> None:
    query = Query(
        register=sample["unit"],
        actor=staff.system,
        filters={"level": ["很多"], "valid_from_from": ["昨天"]},
    )

    with pytest.raises(Refused) as refused:
        registers.page(query)

    assert [(f.code, f.place) for f in refused.value.findings] == [
        ("PAG-3008", "level"),
        ("PAG-3008", "valid_from_from"),
    ]


def test_a_tree_shows_roots_then_branches(sample: dict[str, Register], staff: people.Staff) -> None:
    units = city.units()
    query = Query(register=sample["unit"], actor=staff.system, is_tree=True)

    roots = registers.page(query).rows
    branch = registers.page(replace(query, parent=str(units["440600"].pk))).rows
    narrow = replace(query, actor=replace(staff.system, scope_path="4406/440600/105"))

    assert [(u.code, u.has_children) for u in roots] == [("440600", True), ("440604", True)]
    assert [(u.code, u.has_children) for u in branch] == [("105", True), ("108", False)]
    assert [u.code for u in registers.page(narrow).rows] == ["105"]
    above = registers.ancestors(sample["unit"], staff.system, units["105001"])
    assert [u.code for u in above] == ["440600", "105"]


def test_counts_stand_beside_the_values_of_a_filter(
    sample: dict[str, Register], staff: people.Staff
) -> None:
    city.units()
    Unit.objects.filter(code="105002").update(is_enabled=False)
    query = Query(register=sample["unit"], actor=staff.system)

    assert registers.counts(query, sample["unit"].filters[0]) == {"1": 6, "0": 1}


def test_an_unknown_register_or_command_is_told_kindly(sample: dict[str, Register]) -> None:
    with pytest.raises(Refused) as refused:
        registers.found_or_refused("no.such")
    assert codes(refused) == ["PAG-3001"]
    with pytest.raises(Refused) as refused:
        register_commands.found_or_refused(sample["set"], "explode")
    assert codes(refused) == ["PAG-3004"]


# ---------------------------------------------------------------- inputs


def cleaned(actor: Actor, one: Input, said: Any) -> Any:
    command = Command(code="try", label="试", by=[], run=lambda call: None, inputs=[one])  # type: ignore[arg-type, return-value]
    asking = register_inputs.Asking(command, actor, None, people.NOW)
    return register_inputs.clean({one.name: said}, asking)[one.name]


# fmt: off
GOOD = [
    ("text", " 市教育局 ", "市教育局"),
    ("long", "一\r\n二", "一\n二"),
    ("integer", "1,200", 1200),
    ("integer", -3, -3),
    ("money", "1,200.5", Decimal("1200.50")),
    ("money", "-0.01", Decimal("-0.01")),
    ("date", "2026/1/31".replace("/1/", "/01/"), date(2026, 1, 31)),
    ("instant", "2026-01-31 09:30", datetime(2026, 1, 31, 9, 30, tzinfo=people.NOW.tzinfo)),
    ("flag", "1", True), ("flag", None, False), ("flag", True, True),
    ("choice", "red", "red"),
    ("choices", ["red", "blue", "red"], ["red", "blue"]),
    ("choices", [], []),
    ("unit", "105001 市第一中学", "105001"),
    ("value", "2050202 小学教育", "2050202"),
    ("user", "sysadmin", "sysadmin"), ("user", "系统管理员甲", "sysadmin"),
    ("formula", "amount > 10", "amount > 10"),
    ("json", '{"a": [1]}', {"a": [1]}), ("json", {"a": 1}, {"a": 1}),
    ("secret", " 空格 ", " 空格 "),
    ("text", "", None), ("money", "", None),
]
BAD = [
    ("text", "长" * 201, "PAG-2002"),
    ("text", "零\x00宽", "PAG-2003"), ("text", "两\n行", "PAG-2003"),
    ("text", ["a"], "PAG-2015"), ("integer", True, "PAG-2015"),
    ("integer", "1.5", "PAG-2004"), ("integer", "１２", "PAG-2004"),
    ("integer", "9" * 30, "PAG-2004"),
    ("money", "1.005", "PAG-2005"), ("money", "1e5000", "PAG-2005"),
    ("money", "NaN", "PAG-2005"),
    ("money", "9" * 17, "PAG-2005"),
    ("date", "2026-02-30", "PAG-2006"), ("instant", "明天", "PAG-2006"),
    ("flag", "也许", "PAG-2007"), ("choice", "green", "PAG-2007"),
    ("choices", ["green"], "PAG-2007"),
    ("choices", {"a": 1}, "PAG-2015"),
    ("unit", "999", "PAG-2008"), ("value", "999", "PAG-2009"), ("user", "nobody", "PAG-2010"),
    ("file", "text", "PAG-2015"), ("formula", "1 +", "FML"), ("json", "{", "PAG-2013"),
]
# fmt: on


def one_of(entry: str) -> Input:
    known = {one.entry: one for one in sample_registers._inputs()}
    return known[entry]  # type: ignore[index]


@pytest.fixture
def filled(staff: people.Staff) -> Actor:
    city.units()
    city.functional()
    return staff.system


@pytest.mark.parametrize(("entry", "said", "value"), GOOD)
def test_what_is_typed_becomes_a_value(filled: Actor, entry: str, said: Any, value: Any) -> None:
    assert cleaned(filled, one_of(entry), said) == value


@pytest.mark.parametrize(("entry", "said", "code"), BAD)
def test_what_is_no_value_is_refused_at_its_input(
    filled: Actor, entry: str, said: Any, code: str
) -> None:
    with pytest.raises(Refused) as refused:
        cleaned(filled, one_of(entry), said)

    (finding, *_) = refused.value.findings
    assert finding.place == f"in_{entry}"
    assert finding.code.startswith(code)
    assert finding.text


def test_required_and_unknown_inputs_are_told_together(filled: Actor) -> None:
    given = Input(name="name", label="名称")
    command = Command(code="try", label="试", by=[], run=lambda call: None, inputs=[given])  # type: ignore[arg-type, return-value]

    asking = register_inputs.Asking(command, filled, None, people.NOW)

    with pytest.raises(Refused) as refused:
        register_inputs.clean({"nmae": "x"}, asking)

    assert codes(refused) == ["PAG-2014", "PAG-2001"]


def test_files_are_measured_and_recognised(filled: Actor) -> None:
    csv = Upload("a.csv", "编码,名称\n1,一\n".encode())
    one = one_of("file")

    assert cleaned(filled, one, csv).content == csv.content
    with pytest.raises(Refused) as refused:
        cleaned(filled, replace(one, of="xlsx"), csv)
    assert codes(refused) == ["PAG-2011"]
    with pytest.raises(Refused) as refused:
        cleaned(filled, one, Upload("a.csv", b"1,2\n" * 6_000_000))
    assert codes(refused) == ["PAG-2012"]
    with pytest.raises(Refused) as refused:
        cleaned(filled, one, Upload("a.exe", b"MZ"))
    assert refused.value.findings[0].code.startswith("FIL-")


# ---------------------------------------------------------------- commands


@pytest.fixture
def sets(sample: dict[str, Register]) -> Register:
    sample_registers.make("one", "第一个")
    sample_registers.make("two", "第二个")
    return sample["set"]


def attempt(register: Register, verb: str, actor: Actor, *keys: str, **given: Any) -> Attempt:
    command = register.command(verb)
    assert command is not None
    key = given.pop("key", "")
    return Attempt(
        register=register,
        command=command,
        actor=actor,
        now=people.NOW,
        keys=keys,
        given=given,
        key=key,
    )


def test_a_command_runs_and_a_repeat_answers_the_same(sets: Register, staff: people.Staff) -> None:
    asked = attempt(sets, "create", staff.system, code="z1", name="新值集", why="", key="k1")

    first = register_commands.run(asked)
    second = register_commands.run(asked)

    assert first.message == second.message == "已新增值集"
    assert ValueSet.objects.filter(code="z1").count() == 1
    with pytest.raises(Refused) as refused:
        register_commands.run(replace(asked, given={"code": "z2", "name": "另一岗"}))
    assert codes(refused) == ["DOC-1013"] or refused.value.code.startswith("DOC-")


def test_a_secret_is_shown_once(sets: Register, staff: people.Staff) -> None:
    asked = attempt(sets, "key", staff.system, "one", key="k2")

    assert register_commands.run(asked).secret == "sk-one-0001"
    repeated = register_commands.run(asked)
    assert repeated.secret == ""
    assert "不再显示" in repeated.message


def test_every_refusal_leaves_one_row_of_the_trail(sets: Register, staff: people.Staff) -> None:
    before = len(people.trail(staff.auditor))

    for wrong, code in (
        (attempt(sets, "create", staff.auditor, code="x", name="y"), "PAG-3002"),
        (attempt(sets, "create", staff.system, code="", name="y"), "PAG-2001"),
        (attempt(sets, "create", staff.system, code="x", name="第一个"), "SAM-0001"),
        (attempt(sets, "key", staff.system, "nobody"), "PAG-3003"),
        (attempt(sets, "stop", staff.security), "PAG-3006"),
        (attempt(sets, "stop", staff.security, *map(str, range(501))), "PAG-3007"),
    ):
        with pytest.raises(Refused) as refused:
            register_commands.run(wrong)
        assert codes(refused)[0] == code

    rows = people.trail(staff.auditor)[before:]
    assert [row[2] for row in rows] == ["refused"] * 6
    assert {row[0] for row in rows} == {
        "sample.set.create", "sample.set.key", "sample.set.stop",
    }  # fmt: skip


def test_the_moment_is_checked_again_when_the_command_runs(
    sets: Register, staff: people.Staff
) -> None:
    asked = attempt(sets, "stop", staff.security, "one", "two")
    done = register_commands.run(asked)

    assert "2 个值集" in done.message
    with pytest.raises(Refused) as refused:
        register_commands.run(asked)
    assert codes(refused) == ["PAG-3005", "PAG-3005"]


def test_a_preview_changes_nothing(sets: Register, staff: people.Staff) -> None:
    asked = attempt(sets, "rename", staff.system, "one", name="新名")

    seen = register_commands.preview(asked)

    assert seen.table.rows == [["第一个", "新名"]]
    assert ValueSet.objects.get(code="one").name == "第一个"
    other = register_commands.preview(replace(asked, given={"name": "别名"}))
    assert seen.digest != other.digest
    with pytest.raises(Refused) as refused:
        register_commands.preview(attempt(sets, "key", staff.system, "one"))
    assert codes(refused) == ["PAG-3004"]


def test_a_refused_command_leaves_nothing_behind(sets: Register, staff: people.Staff) -> None:
    asked = attempt(sets, "create", staff.system, code="one", name="撞码", key="k3")

    with pytest.raises(Exception, match="unique"), transaction.atomic():
        register_commands.run(asked)
    done = register_commands.run(replace(asked, given={"code": "ok", "name": "撞码"}))

    assert done.to == "/r/sample.set/ok"


# ---------------------------------------------------------------- declarations


def test_faults_of_a_declaration_stop_the_start() -> None:
    faulty = Register(
        code="sample.faulty",
        name="faulty",
        model=ValueSet,
        key="name",
        order="nothing",
        parent="name",
        search="nobody",
        readers=["no.duty"],
        columns=[
            Column(field="nobody"),
            Column(field="code", look="bright", tones={"a": "pink"}),  # type: ignore[arg-type]
            Column(field="code", label="code"),
        ],
        filters=[Filter(field="code"), Filter(field="nothing"), Filter(field="name", entry="json")],
        commands=[
            Command(
                code="Bad",
                label="bad",
                by=["no.duty"],
                run=lambda call: None,  # type: ignore[arg-type, return-value]
                inputs=[
                    Input(name="q", label="q", entry="choice"),
                    Input(name="q", label="值", entry="value"),
                ],
            )
        ],
    )
    try:
        found = {p.message for p in registry.examine() if p.code == faulty.code}
    finally:
        registry.forget("register", ["sample.faulty"])

    assert len(found) >= 18
    assert "职责 no.duty 未声明" in found
    assert registry.examine() == []


def test_rows_under_row_level_security_need_the_scope(sets: Register, staff: people.Staff) -> None:
    with transaction.atomic():
        scope.apply(staff.system)
        assert registers.page(Query(register=sets, actor=staff.system)).rows

"""A keeper's year: a new edition, local codes below it, rules, relations, the next year, a merger.

Told in order, through the commands that pages, API and command line run.
"""

import io
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction
from tests import city, people
from tests.city import DISTRICT, DISTRICT_KEEPER, KEEPER
from tests.people import CITY, NOW

from shucai.base.errors import Refused
from shucai.kernel.audit.models import AuditEntry
from shucai.kernel.files.keeping import Upload
from shucai.kernel.identity import duties, scope
from shucai.kernel.identity.actor import Actor
from shucai.kernel.jobs import acting
from shucai.kernel.jobs.declare import find_task
from shucai.kernel.jobs.models import JobRun
from shucai.kernel.jobs.work import Work
from shucai.kernel.masterdata import exporting, importing, mapping, units, values
from shucai.kernel.masterdata.editing import Place
from shucai.kernel.masterdata.models import ElementRelation, Unit, Value, ValueRule, ValueSet
from shucai.kernel.pages import register_commands
from shucai.kernel.pages.question import Answer, find_question
from shucai.kernel.pages.register import Call, Done, Table, find_register
from shucai.kernel.pages.register_commands import Attempt

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.function("PLAT-005"),
    pytest.mark.function("PLAT-006"),
]
OTHER = "440605000"
OTHER_KEEPER = replace(KEEPER, user_id=903, scope_path="4406/440605", division=OTHER)


class Silent:
    """A journal nobody reads."""

    def progress(self, *, done: int, total: int, note: str) -> bool:
        return True

    def alarm(self, text: str) -> None:
        raise AssertionError(text)


def attempt(actor: Actor, register: str, command: str, key: Any = "", **given: Any) -> Attempt:
    found = find_register(f"platform.{register}")
    assert found is not None
    declared = register_commands.found_or_refused(found, command)
    keys = [str(one) for one in key] if isinstance(key, list) else [str(key)] if key else []
    return Attempt(register=found, command=declared, actor=actor, now=NOW, keys=keys, given=given)


def do(actor: Actor, register: str, command: str, key: Any = "", **given: Any) -> Done:
    return register_commands.run(attempt(actor, register, command, key, **given))


def seen(actor: Actor, register: str, command: str, key: Any = "", **given: Any) -> Table:
    return register_commands.preview(attempt(actor, register, command, key, **given)).table


def work_off(done: Done) -> dict[str, Any]:
    """What the worker would do with the run that the command has started."""
    run = JobRun.objects.get(pk=int(done.to.rsplit("/", maxsplit=1)[-1]))
    task = find_task(run.code)
    assert task is not None
    work = Work(
        run_id=run.pk, code=run.code, name=run.name, args=run.args, actor=acting.unpack(run.actor),
        now=NOW, attempt=1, clock=lambda: NOW, journal=Silent(), is_stopping=lambda: False,
    )  # fmt: skip
    with transaction.atomic():
        scope.apply(work.actor)
        return dict(task(work) or {})


def ask(actor: Actor, code: str, **given: Any) -> Answer:
    question = find_question(f"platform.{code}")
    assert question is not None
    said = {one.name: given.get(one.name) for one in question.inputs}
    return question.answer(Call(actor, None, (), said, NOW))


def pk_of(code: str, *, year: int = 2026, division: str = "") -> int:
    return Value.objects.get(
        value_set="functional", fiscal_year=year, division=division, code=code
    ).pk


def edition(*rows: tuple[str, str]) -> Upload:
    book = exporting.workbook(["编码", "名称"], [list(row) for row in rows])
    return Upload("2026年新版.xlsx", book)


@pytest.fixture
def keepers(db: None, tmp_path: Path, settings: Any) -> None:
    settings.DATA = tmp_path
    people.appoint()
    city.units()
    city.functional()
    for code, name, rows in (
        ("fund_type", "资金性质", [("11", "一般公共预算资金"), ("12", "政府性基金预算资金")]),
        ("economic_gov", "政府预算经济分类", [("50201", "办公经费"), ("50202", "会议费")]),
        ("economic_dept", "部门预算经济分类", [("30201", "办公费"), ("30215", "会议费")]),
    ):
        ValueSet.objects.create(code=code, name=name)
        wanted = [importing.Row(code=one, name=said) for one, said in rows]
        importing.apply(actor=KEEPER, place=Place(code, 2026), rows=wanted, now=NOW)


def test_a_new_edition_is_seen_first_and_then_imported(keepers: None) -> None:
    rows = [(row.code, row.name) for row in city.ROWS if row.code != "2010102"]
    file = edition(
        *[(code, "学前教育支出" if code == "2050201" else name) for code, name in rows],
        ("2010103", "机关服务"),
    )
    given = {"fiscal_year": "2026", "owner": "standard", "file": file, "is_complete": True}

    table = seen(KEEPER, "value_set", "import", "functional", **given)
    before = values.name_of("functional", 2026, "2050201")
    done = do(KEEPER, "value_set", "import", "functional", **given)
    result = work_off(done)

    assert [(row[0], row[1]) for row in table.rows] == [
        ("停用", "2010102"), ("改名", "2050201"), ("新增", "2010103"),
    ]  # fmt: skip
    assert table.rows[0][3] == "没有使用"
    assert table.rows[1][3] == "学前教育 → 学前教育支出"
    assert before == "学前教育"
    assert result == {"added": 1, "changed": 1, "stopped": 1, "restarted": 0, "unchanged": 6}
    assert values.name_of("functional", 2026, "2050201") == "学前教育支出"
    with pytest.raises(Refused, match="MAS-4004"):
        do(KEEPER, "value_set", "import", "functional", **given)
    with pytest.raises(Refused, match="PAG-"):
        do(DISTRICT_KEEPER, "value_set", "import", "functional", **given)


def test_the_export_is_a_template_of_the_import(keepers: None) -> None:
    done = do(KEEPER, "value_set", "export", "functional", fiscal_year="2026", owner="standard")

    result = work_off(done)
    heads, rows = exporting.table(Place("functional", 2026))
    again = importing.read_file("again.xlsx", exporting.workbook(heads, rows))

    assert result["rows"] == len(city.ROWS)
    assert importing.preview(Place("functional", 2026), again).is_empty


def test_local_codes_hang_below_standard_ones_by_the_rule(keepers: None) -> None:
    rule = {"lengths": "3-2-2-2", "charsets": "digits-digits-digits-alphanumeric"}
    [held] = [r.pk for r in [_rule("functional")]]
    narrow = {"lengths": "3-2", "charsets": "", "reason": ""}

    offenders = seen(KEEPER, "code_rule", "change", held, **narrow)
    with pytest.raises(Refused, match=r"已有 4 个编码不符合.*MAS-2007"):
        do(KEEPER, "code_rule", "change", held, **narrow)
    do(KEEPER, "code_rule", "change", held, **rule, reason="")
    told = do(DISTRICT_KEEPER, "code_rule", "propose", held, owner=DISTRICT, above="2050201")
    local = {"owner": DISTRICT, "code": "", "name": "区属幼儿园", "valid_from": "", "valid_to": ""}
    made = do(DISTRICT_KEEPER, "value", "add_below", pk_of("2050201"), **local)
    with pytest.raises(Refused, match="MAS-2003"):
        do(DISTRICT_KEEPER, "value", "add_below", pk_of("2050201"), **{**local, "code": "20502a"})

    assert len(offenders.rows) == 4
    assert told.data == {"编码": "205020101"}
    assert "205020101 区属幼儿园" in made.message
    day = date(2026, 3, 2)
    assert values.usable("functional", 2026, "205020101", on=day, division=DISTRICT) is None
    assert values.usable("functional", 2026, "2050201", on=day, division=CITY) is None

    published = do(
        DISTRICT_KEEPER, "publication", "publish", value_set="functional", owner=DISTRICT,
        below="", targets=[], title="幼儿园细分",
    )  # fmt: skip
    key = published.to.rsplit("/", maxsplit=1)[-1]
    assert [r[1] for r in seen(OTHER_KEEPER, "publication", "take", key).rows] == ["205020101"]
    do(OTHER_KEEPER, "publication", "take", key)
    assert values.usable("functional", 2026, "205020101", on=day, division=OTHER) is None


def _rule(value_set: str) -> Any:
    from shucai.kernel.masterdata.models import CodeRule

    return CodeRule.objects.get(value_set=value_set, fiscal_year=2026)


def test_relations_and_value_rules_say_why_elements_do_not_go_together(keepers: None) -> None:
    file = Upload("关联.csv", "左编码,右编码\n50201,30201\n50202,30215\n".encode())
    sets = {"code": "economic", "left_set": "economic_gov", "right_set": "economic_dept"}
    with pytest.raises(Refused, match="MAS-3007"):
        do(KEEPER, "element_relation", "import", code="x", left_set="", right_set="", file=file)
    do(KEEPER, "element_relation", "import", **sets, file=file, is_complete=True)
    do(
        KEEPER, "value_rule", "put", owner="standard", code="D01", name="教育用一般公共预算",
        condition='LEFT(支出功能分类, 3) = "205"', value_set="fund_type", value="11",
        is_forced=True, position="10", basis="",
    )  # fmt: skip
    do(
        KEEPER, "element_level", "put", element="allotment.grant:function", owner="standard",
        min_level="2", is_demanded=True,
    )  # fmt: skip
    asked = {"fiscal_year": "2026", "division": CITY, "on": date(2026, 3, 2)}

    good = ask(
        KEEPER, "elements_together", functional="2050202", economic_gov="50201",
        economic_dept="30201", fund_type="11", **asked,
    )  # fmt: skip
    bad = ask(
        KEEPER, "elements_together", functional="20502", economic_gov="50201",
        economic_dept="30215", fund_type="12", document_type="allotment.grant", **asked,
    )  # fmt: skip

    assert (good.look, good.data["is_allowed"]) == ("good", True)
    assert bad.verdict.startswith("不可以：2 项不通过")
    failed = {row[0]: row for row in bad.tables["逐项检查"].rows if row[2] == "不通过"}
    assert failed["要素关联"][4:] == ("50201—30201", "30201 办公费")
    assert "MAS-3001" in failed["要素关联"][3]
    assert failed["定值规则"][5:] == ("11 一般公共预算资金",)
    assert "MAS-3003" in failed["定值规则"][3]
    pair = ElementRelation.objects.get(right_code="30215")
    do(KEEPER, "element_relation", "stop", [pair.pk])
    do(KEEPER, "value_rule", "stop", [ValueRule.objects.get(code="D01").pk])
    assert not ElementRelation.objects.get(pk=pair.pk).is_enabled


def test_codes_in_use_are_stopped_and_never_deleted(keepers: None) -> None:
    branch = [pk_of(code) for code in ("20502", "2050201", "2050202")]

    table = seen(KEEPER, "value", "stop", branch)
    with pytest.raises(Refused, match="MAS-2011"):
        do(KEEPER, "value", "stop", branch[:1])
    do(KEEPER, "value", "stop", branch)
    stopped = Value.objects.filter(pk__in=branch, is_enabled=False).count()
    do(KEEPER, "value", "restart", branch)

    assert [row[0] for row in table.rows] == ["2050201", "2050202", "20502"]
    assert stopped == 3
    assert values.usable("functional", 2026, "2050201", on=date(2026, 3, 2)) is None
    scope.apply(replace(KEEPER, duties=frozenset({duties.AUDITOR})))
    assert AuditEntry.objects.filter(action="masterdata.stop_value").count() == 3


def test_the_year_is_copied_and_old_codes_are_mapped(keepers: None) -> None:
    years = {"source": "2026", "target": "2027", "value_sets": []}
    table = seen(KEEPER, "value_set", "copy_year", **years)
    result = work_off(do(KEEPER, "value_set", "copy_year", **years))
    following = replace(KEEPER, fiscal_year=2027)
    gone = pk_of("2050202", year=2027)
    do(following, "value", "stop", [gone])
    do(
        following, "value", "add_below", pk_of("20502", year=2027), owner="standard",
        code="2050203", name="小学教育",
    )  # fmt: skip
    where = {"value_set": "functional", "source": "2026"}

    incomplete = ask(KEEPER, "codes_mapped", **where)
    proposed = seen(KEEPER, "code_mapping", "propose", **where)
    do(KEEPER, "code_mapping", "propose", **where)
    do(
        KEEPER, "code_mapping", "put", **where, old="2010102", kind="split",
        news="2010101=40,2050201=60",
    )  # fmt: skip
    complete = ask(KEEPER, "codes_mapped", **where)

    assert [row[5] for row in table.rows] == ["复制"] * 4
    assert (result["values"], result["sets"]) == (8 + 2 + 2 + 2, 4)
    assert (incomplete.look, incomplete.data["gaps"]) == ("bad", 1)
    assert proposed.rows[0][3] == "2050203 小学教育"
    assert complete.look == "good"
    assert mapping.successors("functional", "2050202", source=2026, target=2027) == ["2050203"]
    with pytest.raises(Refused, match="MAS-2010"):
        do(KEEPER, "value_set", "copy_year", **years)


def test_a_unit_is_moved_merged_and_split_with_what_belongs_to_it_shown(keepers: None) -> None:
    town = {one.code: one for one in Unit.objects.all()}
    when = {"on": "2026-09-01", "reason": "机构改革"}

    shown = seen(KEEPER, "unit", "move", town["105001"].pk, above="108", **when)
    with pytest.raises(Refused, match="MAS-5003"):
        seen(KEEPER, "unit", "move", town["105"].pk, above="105001", **when)
    merging = seen(KEEPER, "unit", "merge", [town["105001"].pk], target="105002", **when)
    merged = do(KEEPER, "unit", "merge", [town["105001"].pk], target="105002", **when)
    born = do(KEEPER, "unit", "add_below", town["105"].pk, code="105003", name="市实验学校")
    do(KEEPER, "unit", "split", town["105002"].pk, targets="105003", is_ended=False, **when)

    assert "4406/440600/108/105001" in shown.note
    assert ("105001 市第一中学", "岗位任职", "2") in merging.rows
    assert "支付经办岗甲" in str(merged.data["待调整的任职"])
    assert not Unit.objects.get(code="105001").is_enabled
    assert born.message == "已新增 105003 市实验学校"
    assert [one.kind for one in units.history(town["105002"].pk)] == ["merged", "split"]
    with pytest.raises(Refused, match="PAG-"):
        do(KEEPER, "unit", "merge", [town["105001"].pk], target="105002", **when)


def test_officers_look_and_nobody_but_a_keeper_changes(keepers: None) -> None:
    clerk = people.actor_of("clerk")
    auditor = people.actor_of("auditor")
    register = find_register("platform.value")
    assert register is not None

    assert register.may_read(auditor)
    assert not register.may_read(clerk)
    for actor in (auditor, clerk, people.actor_of("sysadmin"), people.actor_of("secadmin")):
        with pytest.raises(Refused, match="PAG-"):
            do(actor, "value", "stop", [pk_of("2010101")])
    with pytest.raises(Refused, match="MAS-2002"):
        do(DISTRICT_KEEPER, "value", "stop", [pk_of("2010101")])


def test_an_unreadable_edition_is_refused_row_by_row(keepers: None) -> None:
    broken = io.BytesIO("编码,名称\n20X01,字符\n2019901,悬空\n".encode()).getvalue()
    given = {"fiscal_year": "2026", "owner": "standard", "is_complete": False}

    with pytest.raises(Refused) as refused:
        seen(KEEPER, "value_set", "import", "functional", **given, file=Upload("a.csv", broken))

    assert {finding.code for finding in refused.value.findings} == {"MAS-4002"}

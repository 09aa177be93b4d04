"""Value rules, relations and levels judged together: what decides, and what is allowed instead."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from tests import city
from tests.city import CLERK, DAY, DISTRICT, DISTRICT_KEEPER, KEEPER
from tests.people import CITY, NOW

from shucai.base.errors import Refused
from shucai.kernel.audit.models import AuditEntry
from shucai.kernel.identity import duties, scope
from shucai.kernel.masterdata import explaining, importing, levels, relations, value_rules
from shucai.kernel.masterdata.editing import Place
from shucai.kernel.masterdata.explaining import Case
from shucai.kernel.masterdata.models import ElementRelation, ValueSet

SETS = {
    "fund_type": ("资金性质", [("11", "一般公共预算资金"), ("12", "政府性基金预算资金")]),
    "economic_gov": ("政府预算经济分类", [("50201", "办公经费"), ("50202", "会议费")]),
    "economic_dept": ("部门预算经济分类", [("30201", "办公费"), ("30215", "会议费")]),
}
EDUCATION = {
    "name": "教育支出用一般公共预算",
    "condition": 'LEFT(支出功能分类, 3) = "205"',
    "value_set": "fund_type",
    "value": "11",
}


@pytest.fixture
def elements(db: None) -> None:
    city.functional()
    for code, (name, rows) in SETS.items():
        ValueSet.objects.create(code=code, name=name)
        wanted = [importing.Row(code=one, name=said) for one, said in rows]
        importing.apply(actor=KEEPER, place=Place(code, 2026), rows=wanted, now=NOW)
    relations.put_pairs(
        actor=KEEPER,
        code="economic",
        fiscal_year=2026,
        sets=("economic_gov", "economic_dept"),
        pairs=[("50201", "30201"), ("50202", "30215")],
        now=NOW,
    )


def traces(action: str) -> int:
    scope.apply(replace(KEEPER, duties=frozenset({duties.AUDITOR})))
    return AuditEntry.objects.filter(action=action).count()


def put(**more: Any) -> Any:
    given = {"actor": KEEPER, "fiscal_year": 2026, "division": "", "code": "D01", "now": NOW}
    return value_rules.put(**{**given, "facts": EDUCATION, **more})


def test_a_rule_gives_the_value_where_its_condition_holds(elements: None) -> None:
    put()

    assert value_rules.derived({"functional": "2050202"}, 2026) == {"fund_type": "11"}
    assert value_rules.derived({"functional": "2010101"}, 2026) == {}
    assert value_rules.derived({"functional": "2050202"}, 2025) == {}
    assert traces("masterdata.put_value_rule") == 1


def test_another_value_is_refused_by_a_forced_rule_only(elements: None) -> None:
    put()
    given = {"functional": "2050202", "fund_type": "12"}

    [(value_set, fault)] = value_rules.faults(given, 2026)
    put(facts={**EDUCATION, "is_forced": False})

    assert value_set == "fund_type"
    assert fault.code == "MAS-3003"
    assert "资金性质应为 11 一般公共预算资金" in fault.why
    assert value_rules.faults(given, 2026) == []


def test_the_rules_of_a_division_go_first(elements: None) -> None:
    put()
    put(
        actor=DISTRICT_KEEPER,
        division=DISTRICT,
        code="D01",
        facts={**EDUCATION, "name": "区教育用基金", "value": "12"},
    )

    at = {"functional": "2050202"}
    assert value_rules.derived(at, 2026, division=DISTRICT) == {"fund_type": "12"}
    assert value_rules.derived(at, 2026, division=CITY) == {"fund_type": "11"}
    tried = value_rules.tried(at, 2026, division=DISTRICT)
    assert [(one.holds, one.decides) for one in tried] == [(True, True), (True, False)]


@pytest.mark.parametrize(
    ("facts", "code"),
    [
        ({"value": "99"}, "MAS-1001"),
        ({"condition": '支出分类 = "205"'}, "FML-1002"),
        ({"condition": "LEFT("}, "FML-1001"),
        ({"name": ""}, "MAS-2012"),
    ],
)
def test_a_rule_that_cannot_work_is_refused(
    elements: None, facts: dict[str, str], code: str
) -> None:
    with pytest.raises(Refused) as refused:
        put(facts={**EDUCATION, **facts})

    assert code in {f.code for f in refused.value.findings}


def test_rules_are_kept_by_their_owner(elements: None) -> None:
    rule = put()

    with pytest.raises(Refused, match="MAS-2002"):
        put(actor=DISTRICT_KEEPER)
    with pytest.raises(Refused, match="MAS-2001"):
        value_rules.switch(actor=CLERK, rules=[rule.pk], to=False, now=NOW)
    assert value_rules.switch(actor=KEEPER, rules=[rule.pk], to=False, now=NOW) == 1
    assert value_rules.derived({"functional": "2050202"}, 2026) == {}


def judged(**elements: str) -> explaining.Judgement:
    return explaining.judge(Case(elements=elements, fiscal_year=2026, on=DAY, division=CITY))


def test_elements_that_may_stand_together_pass_every_check(elements: None) -> None:
    put()

    found = judged(
        functional="2050202", economic_gov="50201", economic_dept="30201", fund_type="11"
    )

    assert found.is_allowed
    assert [check.verdict for check in found.checks] == ["pass"] * 6
    relation = next(check for check in found.checks if check.kind == "要素关联")
    assert relation.decided_by == "50201—30201"


def test_the_verdict_names_what_decided_and_what_is_allowed(elements: None) -> None:
    put()

    found = judged(functional="20502", economic_gov="50201", economic_dept="30215", fund_type="12")

    assert not found.is_allowed
    by_kind = {check.kind: check for check in found.failed}
    assert by_kind["编码"].code == "MAS-1003"
    assert "2050201 学前教育" in by_kind["编码"].instead
    assert by_kind["要素关联"].code == "MAS-3001"
    assert by_kind["要素关联"].decided_by == "50201—30201"
    assert by_kind["要素关联"].instead == "30201 办公费"
    assert by_kind["定值规则"].code == "MAS-3003"
    assert by_kind["定值规则"].decided_by.startswith("D01 LEFT(支出功能分类")
    assert by_kind["定值规则"].instead == "11 一般公共预算资金"


def test_levels_and_required_elements_of_the_document_type_are_judged(elements: None) -> None:
    place: dict[str, Any] = {
        "actor": KEEPER,
        "document_type": "allotment.grant",
        "fiscal_year": 2026,
        "division": "",
        "now": NOW,
    }
    levels.put(**place, field="function", min_level=2, required=True)
    levels.put(**place, field="fund_type", min_level=1, required=True)
    case = Case({"functional": "20502"}, 2026, DAY, CITY, "allotment.grant")

    found = explaining.judge(case)

    assert [(c.kind, c.verdict) for c in found.checks] == [("编码", "pass"), ("要素级次", "fail")]
    assert "要求填写资金性质" in found.checks[1].why
    assert explaining.judge(Case({"functional": "20502"}, 2026, DAY, CITY)).is_allowed is False


def test_levels_are_bounded_by_the_tree_and_end_with_a_trace(elements: None) -> None:
    place: dict[str, Any] = {
        "actor": KEEPER,
        "document_type": "allotment.grant",
        "fiscal_year": 2026,
        "division": "",
        "required": False,
        "now": NOW,
    }

    with pytest.raises(Refused, match=r"共 3 级.*MAS-3006"):
        levels.put(**place, field="function", min_level=4)
    with pytest.raises(Refused, match="MAS-3005"):
        levels.put(**place, field="title", min_level=1)
    row = levels.put(**place, field="function", min_level=2)
    levels.remove(actor=KEEPER, level=row.pk, now=NOW)

    assert levels.demand("allotment.grant", "function", 2026) is None
    assert traces("masterdata.remove_level") == 1


def test_pairs_of_unknown_codes_are_refused_and_old_ones_are_stopped(elements: None) -> None:
    sets = ("economic_gov", "economic_dept")

    with pytest.raises(Refused, match="MAS-3004"):
        relations.put_pairs(
            actor=KEEPER, code="economic", fiscal_year=2026, sets=sets,
            pairs=[("50201", "39999")], now=NOW,
        )  # fmt: skip
    change = relations.preview_pairs("economic", 2026, sets, [("50201", "30201")])
    pair = ElementRelation.objects.get(left_code="50202")
    stopped = relations.stop_pairs(actor=KEEPER, pairs=[pair.pk], now=NOW)

    assert (change.added, change.stopped, change.unchanged) == ((), (("50202", "30215"),), 1)
    assert stopped == 1
    assert relations.codes(2026) == ["economic"]
    assert relations.sets_of("economic", 2026) == sets


def test_a_day_outside_the_validity_is_told(elements: None) -> None:
    from shucai.kernel.masterdata import editing

    editing.change(
        actor=KEEPER, place=city.FUNCTIONAL, code="2050202", name="小学教育",
        valid_from=date(2026, 7, 1), now=NOW,
    )  # fmt: skip

    found = judged(functional="2050202")

    assert found.checks[0].code == "MAS-1004"

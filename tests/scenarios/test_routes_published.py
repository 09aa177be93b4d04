"""Routes and settings of types: checked, published by two persons, for new documents only."""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from tests import factories, people, routes
from tests.factories import World, as_person
from tests.routes import KEY, node

from shucai.base.errors import Refused
from shucai.kernel.configuration import compare, drafts
from shucai.kernel.configuration.declare import Place
from shucai.kernel.document import (
    reading,
    routing,
    routing_checks,
    routing_trial,
    sideways,
    trial,
)
from shucai.kernel.document.action import Outcome
from shucai.kernel.document.declare import types
from shucai.kernel.document.drafts import Draft
from shucai.kernel.document.history import timeline
from shucai.kernel.document.models import Header
from shucai.kernel.files.models import StoredFile
from shucai.kernel.identity.models import User
from shucai.kernel.masterdata.models import Division
from shucai.kernel.workflow.models import Route, Todo

PAY = "payment.application"
NOON = datetime(2026, 3, 2, 12, 0, tzinfo=ZoneInfo("Asia/Shanghai"))
SCHOOL = "4406/440600/105/105001"


@pytest.fixture
def world(db: None) -> World:
    world = factories.found()
    people.appoint()
    himself = User.objects.get(username="reviewer")
    as_person(world, "reviewer", user_id=himself.pk)
    world.people["head"] = factories.replace(
        world.people["reviewer"],
        user_id=20,
        name="何主任",
        position_name="单位负责人岗",
        duties=frozenset({"payment.leader"}),
    )
    return world


def submitted(world: World, amount: str = "100.00", who: str = "clerk") -> str:
    unit = world.school if who == "clerk" else world.other
    payment = world.payment(world.allot("900000.00", unit=unit), amount, who=who)
    outcome = world.do(PAY, [payment.address], "submit", who)
    assert outcome.ok, outcome.results
    return outcome.results[0].number


def told(outcome: Outcome) -> tuple[list[str], str]:
    found = [finding for result in outcome.results for finding in result.findings]
    return [f["code"] for f in found], "\n".join(f["text"] for f in found)


def large(**more: Any) -> dict[str, Any]:
    return node("单位负责人审批", "payment.leader", amount_from="500000.00", **more)


def place(division: str = "", year: int = 2026) -> Place:
    return Place("route", KEY, division, year)


def faults(*nodes: Mapping[str, Any], at: Place | None = None) -> list[tuple[str, str]]:
    found = drafts.check(at or place(), {"nodes": list(nodes), "remark": ""})
    return [(one.code, one.text) for one in found]


@pytest.mark.function("PLAT-016")
def test_a_route_published_at_noon_is_for_documents_submitted_after_it(world: World) -> None:
    routes.route(node("单位审核"))
    morning = submitted(world, "600000.00")
    routes.route(node("单位审核"), large(), now=NOON)
    afternoon, small = submitted(world, "600000.00"), submitted(world, "499999.99")

    for number in (morning, afternoon, small):
        assert world.do(PAY, [number], "approve", "reviewer").ok

    states = dict(Header.objects.values_list("number", "state"))
    assert (states[morning], states[small]) == ("approved", "approved")
    assert states[afternoon] == "reviewing"
    waiting = Todo.objects.get(header__number=afternoon, is_open=True)
    assert (waiting.duty, waiting.label) == ("payment.leader", "单位负责人审批")
    assert world.do(PAY, [afternoon], "approve", "head").ok
    both = Route.objects.order_by("release").values_list("release", "is_published")
    assert list(both) == [(1, False), (2, True)]
    changed = [line for line in compare.releases(place(), 1, 2) if line.change != "same"]
    assert ("节点 2 · 条件", "金额 ≥ 500,000.00") in [(line.path, line.after) for line in changed]


@pytest.mark.function("PLAT-016")
def test_the_form_shows_the_way_of_the_document_itself(world: World) -> None:
    routes.route(node("单位审核"))
    earlier = submitted(world, "600000.00")
    routes.route(node("单位审核"), large())
    later = submitted(world, "600000.00")

    def labels(number: str) -> list[str]:
        kind = types()[PAY]
        dossier = reading.open_one(kind=kind, actor=world.people["clerk"], address=number)
        return [stop.label for stop in timeline(dossier)]

    world.see("clerk")
    assert labels(earlier) == ["录入", "送审", "单位审核", "支付"]
    assert labels(later) == ["录入", "送审", "单位审核", "单位负责人审批", "支付"]


@pytest.mark.function("PLAT-016")
def test_a_route_on_trial_is_for_the_units_below_its_paths(world: World) -> None:
    routes.route(node("单位审核"))
    routes.route(node("单位审核"), node("复核", "payment.leader"), paths=[SCHOOL])

    taken = []
    for who in ("clerk", "other_clerk"):
        number = submitted(world, who=who)
        taken.append(Header.objects.values_list("route__release", flat=True).get(number=number))

    assert taken == [2, 1]


@pytest.mark.function("PLAT-016")
def test_a_division_and_a_year_go_before_all(world: World) -> None:
    routes.route(node("全市审核"), year=0)
    routes.publish(place(people.CITY, 2026), {"nodes": [node("市本级审核")], "remark": ""})

    number = submitted(world)

    assert Todo.objects.get(header__number=number, is_open=True).label == "市本级审核"


@pytest.mark.function("PLAT-016")
@pytest.mark.parametrize(
    ("nodes", "code", "said"),
    [
        ([node("审核"), node("审核")], "WFL-1004", "两个节点都叫“审核”"),
        ([node("审核", "payment.nobody")], "WFL-1005", "没有代码为 payment.nobody 的职责"),
        ([node("审核", "allotment.reviewer")], "WFL-1006", "不能查看支付申请"),
        ([node("审核", "payment.preparer")], "WFL-1007", "与“审核”为不相容岗位"),
        ([node("审核", condition="金鹅 > 5")], "WFL-1008", "金鹅"),
        ([node("审核", condition="金额 >")], "WFL-1008", "第 1 个节点“审核”的条件有误"),
        (
            [node("审核"), node("大额", condition="金额 > 500", amount_to="400.00")],
            "WFL-1009",
            "没有单据满足“金额 < 400.00 且 金额 > 500”",
        ),
        ([large(), node("小额", amount_to="1000.00")], "WFL-1010", "金额为 1,000.00时"),
        (
            [node("直接", condition='支付方式 = "11"')],
            "WFL-1010",
            "支付方式为 12时，1 个节点的条件都不成立",
        ),
        ([node("审核", amount_from="一百")], "WFL-1003", "“一百”不是金额"),
        ([node("审核", hours=99_999)], "WFL-1003", "应为 0 至 1440 的整数"),
        ([], "WFL-1002", "现在有 0 个节点"),
    ],
)
def test_a_faulty_route_is_not_proposed(
    world: World, nodes: list[Mapping[str, Any]], code: str, said: str
) -> None:
    with pytest.raises(Refused) as refused:
        routes.propose(place(), {"nodes": nodes, "remark": ""})

    found = {one.code: one.text for one in refused.value.findings}
    assert code in found
    assert said in found[code]


def test_limits_that_meet_cover_every_amount(world: World) -> None:
    assert faults(large(), node("其余", amount_to="500000.00")) == []
    assert faults(node("审核"), large(condition='OR(支付方式 = "11", 年度 < 2030)')) == []


def test_a_file_that_is_no_route_is_told(world: World) -> None:
    found = drafts.check(place(), {"nodes": "x"})

    assert [one.code for one in found] == ["WFL-1001"]


@pytest.mark.function("PLAT-016")
def test_nodes_without_anybody_in_office_are_named(world: World) -> None:
    Division.objects.create(code9=people.CITY, name="佛山市本级", path="4406/440600", level=2)
    content = {"nodes": [node("初审"), node("复审"), large()], "remark": ""}

    found = routing_checks.staffing(place(people.CITY), content, on=date(2026, 3, 2))

    said = {one.code: one.text for one in found}
    assert {one.level for one in found} == {"warn"}
    assert "没有人在佛山市本级范围内持有“支付审批”" in said["WFL-1011"]
    assert "有 2 个节点要由“支付审核”办理" in said["WFL-1012"]
    assert "在岗的只有 1 人" in said["WFL-1012"]


@pytest.mark.function("PLAT-016")
def test_a_route_is_walked_on_a_document_and_on_figures(world: World) -> None:
    kind, content = types()[PAY], {"nodes": [node("单位审核"), large()], "remark": ""}
    number = submitted(world, "120000.00")
    world.see("clerk")

    sample = routing_trial.of_document(kind, number, actor=world.people["clerk"])
    walked = routing_trial.walk(
        kind, "approve", content, sample, now=people.NOW, on=people.NOW.date()
    )
    figures = routing_trial.of_figures(
        kind,
        {"金额": "600,000", "单位": "105001"},
        actor=world.people["clerk"],
        today=people.NOW.date(),
    )
    more = routing_trial.walk(
        kind, "approve", content, figures, now=people.NOW, on=people.NOW.date()
    )

    assert walked.met == [1]
    assert walked.stops[1].reason == "金额 120,000.00 不在“金额 ≥ 500,000.00”内"
    assert [one.name for one in walked.stops[0].people] == ["支付审核岗甲"]
    assert (more.met, more.hours, more.stops[1].people) == ([1, 2], 48, ())
    with pytest.raises(Refused, match="WFL-1013"):
        routing_trial.of_document(kind, "ZF-0", actor=world.people["clerk"])
    with pytest.raises(Refused, match="WFL-1014"):
        routing_trial.of_figures(
            kind, {"金额": "一万"}, actor=world.people["clerk"], today=people.NOW.date()
        )


def test_a_node_may_forbid_handing_over(world: World) -> None:
    routes.route(node("单位审核", may_hand_over=False))
    number = submitted(world)

    outcome = sideways.run(
        sideways.Sideways(
            type=types()[PAY],
            numbers=[number],
            name="hand_over",
            actor=world.people["reviewer"],
            now=world.now(),
            opinion="外出培训",
            to_user=User.objects.get(username="secadmin").pk,
        )
    )

    codes, text = told(outcome)
    assert codes == ["DOC-1032"]
    assert "节点“单位审核”不能转办" in text


def test_standard_content_is_the_duty_of_the_move(world: World) -> None:
    said = routing.lines(routing.standard(place()))

    assert said["节点 1 · 职责"] == "支付审核"
    assert set(routing.keys()) >= {KEY, "payment.application:pay"}


# Settings of a document type


def settings(**more: Any) -> dict[str, Any]:
    number = "ZF{year}-{region}{unit}-{seq:06}"
    return {"number": number, "attachments": [], "remark": ""} | more


def configure(year: int, **more: Any) -> None:
    routes.publish(Place("document_type", PAY, "", year), settings(**more))


@pytest.mark.function("PLAT-007")
def test_a_number_format_counts_for_its_year_and_goes_on_without_gaps(world: World) -> None:
    first = submitted(world)
    configure(2027, number="支{year}-{region}{unit}-{seq:06}")
    second = submitted(world)
    configure(2026, number="ZF{year}-{region}{unit}-{seq:04}")
    third = submitted(world)

    assert first.endswith("-000001")
    assert second == first[:-1] + "2"
    assert third == first.removesuffix("000001") + "0003"


@pytest.mark.function("PLAT-007")
@pytest.mark.parametrize(
    ("number", "said"),
    [
        ("ZF{year}-{unit}-{seq:06}", "{region} 应出现一次，现在 0 次"),
        ("ZF{year}-{region}{unit}{seq:06}", "流水号前应有一个非数字的分隔符"),
        ("ZF{year}-{region}{unit}-{seq}", "流水号应写成 {seq:06}"),
        ("zf{year}-{region}{unit}-{seq:06}", "只能使用大写字母"),
        ("ZF{year}-{region}{unit}-{seq:06}-{who}", "含有未知的 {who}"),
        ("ZF{year", "花括号不成对"),
    ],
)
def test_a_format_that_could_repeat_a_number_is_refused(
    world: World, number: str, said: str
) -> None:
    found = drafts.check(Place("document_type", PAY, "", 2027), settings(number=number))

    assert said in found[0].text


@pytest.mark.function("PLAT-007")
def test_a_format_of_another_type_is_refused(world: World) -> None:
    taken = types()["allotment.grant"].number

    found = drafts.check(Place("document_type", PAY), settings(number=taken))

    assert [one.code for one in found] == ["DOC-1034"]
    assert types()["allotment.grant"].name in found[0].text


@pytest.mark.function("PLAT-007")
def test_a_missing_attachment_is_told_with_its_figures(world: World) -> None:
    demand = {"action": "submit", "category": "合同", "least": 2, "condition": "金额 >= 50000"}
    configure(2026, attachments=[demand])
    small, big = (
        world.payment(world.allot("90000.00"), amount) for amount in ("100.00", "60000.00")
    )
    StoredFile.objects.create(
        name="采购合同.pdf",
        content_type="application/pdf",
        size=1,
        sha256="0" * 64,
        purpose="attachment",
        header_id=big.pk,
        unit_path=big.unit_path,
        office=big.office,
        owner_id=1,
        owner_name="王晓萌",
        created_at=people.NOW,
    )

    refused = world.do(PAY, [big.address], "submit", "clerk")
    passed = world.do(PAY, [small.address], "submit", "clerk")

    codes, text = told(refused)
    assert codes == ["DOC-1033"]
    assert refused.results[0].findings[0]["at"] == "files"
    assert "办理“送审”至少需要 2 份，现有 1 份（条件：金额 >= 50000）" in text
    assert passed.ok, passed.results
    assert Decimal(small.amount) == Decimal(100)


@pytest.mark.function("PLAT-007")
def test_the_condition_of_an_attachment_is_checked(world: World) -> None:
    demand = {"action": "submit", "category": "合同", "least": 1, "condition": "金鹅 > 1"}

    found = drafts.check(Place("document_type", PAY), settings(attachments=[demand]))

    assert [(one.code, one.place) for one in found] == [("DOC-1035", "attachments[1].condition")]
    assert "金鹅" in found[0].text


@pytest.mark.function("PLAT-007")
def test_files_that_wait_for_a_new_document_count_in_its_trial(world: World) -> None:
    configure(2026, attachments=[{"action": "submit", "category": "合同", "least": 1}])
    kind, clerk = types()[PAY], world.people["clerk"]
    StoredFile.objects.create(
        name="采购合同.pdf",
        content_type="application/pdf",
        size=1,
        sha256="0" * 64,
        purpose="draft",
        draft="new",
        unit_path=clerk.scope_path,
        owner_id=clerk.user_id,
        owner_name=clerk.name,
        created_at=people.NOW,
    )
    payment = world.payment(world.allot("90000.00"), "100.00")
    action = world.action(PAY, [payment.address], "submit", "clerk")
    kept = reading.open_one(kind=kind, actor=clerk, address=payment.address)
    draft = Draft(
        type=kind,
        actor=clerk,
        now=world.now(),
        today=factories.TODAY,
        fields={f.name: getattr(kept.item.doc, f.name) for f in kind.fields()},
        lines=[
            {"allotment": line.allotment.number, "purpose": "办公用品", "amount": "100.00"}
            for line in kept.item.lines
        ],
    )

    without = trial.run(action=action, draft=draft)
    with_file = trial.run(action=action, draft=draft, waiting_files="new")

    assert told(without.outcome)[0] == ["DOC-1033"]
    assert with_file.outcome.ok, with_file.outcome.results

"""What the document room, routes, configured rules and the calendar refuse, told with figures."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest
from tests import factories, people, routes
from tests.factories import TODAY, World, as_person

from shucai.base.errors import Refused
from shucai.kernel.calendar import periods
from shucai.kernel.control.models import AllowlistEntry, ConfiguredRule, RecordedFinding
from shucai.kernel.document import drafts, pipeline, sideways
from shucai.kernel.document.action import DOCUMENTS_MAX, Outcome
from shucai.kernel.document.declare import LINES_MAX, types
from shucai.kernel.document.models import Header
from shucai.kernel.identity.models import User
from shucai.kernel.workflow.models import Todo

PAY = "payment.application"


@pytest.fixture
def world(db: None) -> World:
    return factories.found()


def told(outcome: Outcome) -> tuple[list[str], str]:
    """The codes and the texts of everything that was found."""
    found = [finding for result in outcome.results for finding in result.findings]
    return [f["code"] for f in found], "\n".join(f["text"] for f in found)


def refusal(act: Callable[[], object]) -> Refused:
    with pytest.raises(Refused) as refused:
        act()
    return refused.value


def submitted(world: World, amount: str = "100.00") -> str:
    payment = world.payment(world.allot("10000.00"), amount)
    outcome = world.do(PAY, [payment.address], "submit", "clerk")
    assert outcome.ok, outcome.results
    return outcome.results[0].number


def line(allotment: str) -> dict[str, str]:
    return {"allotment": allotment, "purpose": "办公用品", "amount": "1.00"}


# Drafts


def test_nobody_makes_documents_for_units_outside_his_scope(world: World) -> None:
    refused = refusal(
        lambda: world.draft(
            PAY,
            "clerk",
            fields=factories.PAYEE,
            lines=[line(world.allot())],
            unit=world.other.code,
        )
    )

    assert refused.code == "DOC-1003"
    assert "不能为单位“市水利局”办理业务" in str(refused)


def test_a_document_has_lines_but_not_too_many(world: World) -> None:
    lines = [line(world.allot())] * (LINES_MAX + 1)

    none = refusal(lambda: world.draft(PAY, "clerk", fields=factories.PAYEE, lines=[]))
    many = refusal(lambda: world.draft(PAY, "clerk", fields=factories.PAYEE, lines=lines))

    assert none.code == "DOC-1012"
    assert "至少需要一行明细，现在是 0 行" in str(none)
    assert many.code == "DOC-1013"
    assert f"本单 {LINES_MAX + 1} 行，上限 {LINES_MAX} 行" in str(many)


def test_what_was_submitted_is_not_edited(world: World) -> None:
    number = submitted(world)
    allotment = world.allot()

    refused = refusal(
        lambda: world.draft(
            PAY, "clerk", fields=factories.PAYEE, lines=[line(allotment)], address=number
        )
    )
    discarded = refusal(
        lambda: drafts.discard(
            kind=types()[PAY], actor=world.people["clerk"], address=number, now=world.now()
        )
    )

    assert (refused.code, discarded.code) == ("DOC-1009", "DOC-1009")
    assert "单据当前状态为“待审核”，只有“草稿”状态可以修改" in str(refused)


# Moves


def test_more_documents_than_one_batch_holds_are_refused(world: World) -> None:
    numbers = [f"ZF{n}" for n in range(DOCUMENTS_MAX + 1)]

    moved = refusal(lambda: world.do(PAY, numbers, "submit", "clerk"))
    hung = refusal(lambda: aside(world, "hang", *numbers))

    assert (moved.code, hung.code) == ("DOC-1011", "DOC-1011")
    assert f"本次 {DOCUMENTS_MAX + 1} 笔，上限 {DOCUMENTS_MAX} 笔" in str(moved)


@pytest.mark.parametrize(
    ("account", "reason"),
    [("6222-O810", "含有数字以外的字符"), ("6222081", "共 7 位"), ("6" * 33, "共 33 位")],
)
def test_an_implausible_payee_account_is_refused(world: World, account: str, reason: str) -> None:
    payment = world.payment(world.allot(), "1.00", payee_account=account)

    codes, text = told(world.do(PAY, [payment.address], "submit", "clerk"))

    assert codes == ["PAY-1203"]
    assert f"账号“{account}”{reason}" in text


def test_digits_in_groups_are_a_plausible_account(world: World) -> None:
    payment = world.payment(world.allot(), "1.00", payee_account="6222 0810-1007 7263 182")

    assert world.do(PAY, [payment.address], "submit", "clerk").ok


# Routes: two reviewers within one move


def route(*nodes: tuple[str, str], duties: Mapping[int, str] | None = None) -> None:
    """A published route of the review; each node is a name and a condition."""
    held = duties or {}
    routes.route(
        *(
            routes.node(name, held.get(seq, "payment.reviewer"), condition=condition)
            for seq, (name, condition) in enumerate(nodes, start=1)
        )
    )


def second_reviewer(world: World) -> None:
    world.people["head"] = factories.replace(
        world.people["reviewer"], user_id=20, name="何主任", position_name="单位负责人岗"
    )


def test_a_route_asks_its_nodes_in_order_and_sends_back_within_the_review(world: World) -> None:
    route(("初审", ""), ("复审", ""))
    second_reviewer(world)
    number = submitted(world)

    first = world.do(PAY, [number], "approve", "reviewer")
    at_second = Header.objects.get(number=number)
    back = world.do(PAY, [number], "return", "head", to_node=1)
    at_first = Header.objects.get(number=number)

    assert first.ok, first.results
    assert (at_second.state, at_second.node) == ("reviewing", 2)
    assert back.ok, back.results
    assert (at_first.state, at_first.node) == ("reviewing", 1)
    assert [todo.label for todo in Todo.objects.filter(header=at_first, is_open=True)] == ["初审"]


def test_a_review_ends_on_the_route_it_was_entered_with(world: World) -> None:
    route(("初审", ""), ("复审", ""))
    second_reviewer(world)
    number = submitted(world)
    route(("一审", ""))

    first = world.do(PAY, [number], "approve", "reviewer")
    waiting = Header.objects.get(number=number)
    second = world.do(PAY, [number], "approve", "head")
    later = submitted(world)
    alone = world.do(PAY, [later], "approve", "reviewer")

    assert (first.ok, waiting.state, waiting.node) == (True, "reviewing", 2)
    assert second.ok, second.results
    assert alone.ok, alone.results
    states = Header.objects.filter(number__in=[number, later]).values_list("state", "route")
    assert set(states) == {("approved", None)}


def test_who_decides_at_a_node_may_return_from_it(world: World) -> None:
    route(("初审", ""), ("财务复审", ""), duties={2: "payment.treasurer"})
    number = submitted(world)
    assert world.do(PAY, [number], "approve", "reviewer").ok

    assert world.do(PAY, [number], "return", "treasurer", opinion="请补充合同").ok

    returned = Header.objects.get(number=number)
    assert (returned.state, returned.node, returned.route) == ("draft", 0, None)


def test_nothing_is_sent_back_to_a_node_not_yet_passed(world: World) -> None:
    route(("初审", ""), ("复审", ""))
    number = submitted(world)

    codes, text = told(world.do(PAY, [number], "return", "reviewer", to_node=2))

    assert codes == ["DOC-1022"]
    assert f"{number} 不能退回到第 2 个节点" in text
    assert "当前在第 1 个节点" in text


def test_a_node_is_passed_over_when_its_condition_does_not_hold(world: World) -> None:
    route(("初审", ""), ("复审", "金额 > 50000"))
    number = submitted(world, "100.00")

    assert world.do(PAY, [number], "approve", "reviewer").ok

    assert Header.objects.get(number=number).state == "approved"


# Configured rules


def configure(level: str, **more: Any) -> None:
    said = {"formula": "金额 <= 5000", **more}
    ConfiguredRule.objects.create(
        code="KZ-001",
        name="大额支付提醒",
        document_type=PAY,
        action="submit",
        fiscal_year=factories.YEAR,
        level=level,
        message="单笔超过 5000 元",
        fix="请核对合同后办理",
        is_active=True,
        **said,
    )


def test_a_configured_rule_that_forbids_stops_the_document(world: World) -> None:
    configure("forbid")
    allotment = world.allot()
    small, large = world.payment(allotment, "5000.00"), world.payment(allotment, "5000.01")

    outcome = world.do(PAY, [small.address, large.address], "submit", "clerk", mode="each")

    assert [result.ok for result in outcome.results] == [True, False]
    codes, text = told(outcome)
    assert codes == ["CTL-1001"]
    assert "未通过规则“大额支付提醒”（KZ-001）：单笔超过 5000 元。请核对合同后办理" in text


def test_a_warning_is_passed_with_a_written_reason_and_recorded(world: World) -> None:
    configure("warn")
    payment = world.payment(world.allot(), "6000.00")

    silent = world.do(PAY, [payment.address], "submit", "clerk", opinion="")
    reasoned = world.do(PAY, [payment.address], "submit", "clerk", opinion="合同约定一次付清")

    codes, text = told(silent)
    assert not silent.ok
    assert codes == ["CTL-1001", "DOC-1023"]
    assert "有 1 条警告" in text
    assert reasoned.ok
    kept = RecordedFinding.objects.get(header_id=payment.pk)
    assert (kept.level, kept.reason) == ("warn", "合同约定一次付清")


def test_a_flag_lets_the_document_pass_and_is_kept_for_supervision(world: World) -> None:
    configure("flag")
    payment = world.payment(world.allot(), "6000.00")

    assert world.do(PAY, [payment.address], "submit", "clerk", opinion="").ok

    assert RecordedFinding.objects.get(header_id=payment.pk).level == "flag"


def test_a_unit_on_the_allowlist_is_not_asked(world: World) -> None:
    configure("forbid")
    AllowlistEntry.objects.create(
        rule_code="KZ-001",
        unit_path=world.school.path,
        reason="应急采购",
        approved_by=9,
        valid_from=TODAY,
        valid_to=TODAY.replace(day=TODAY.day + 1),
    )
    payment = world.payment(world.allot(), "6000.00")

    assert world.do(PAY, [payment.address], "submit", "clerk").ok


# Sideways


def aside(world: World, name: str, *numbers: str, to_user: int | None = None) -> Outcome:
    return sideways.run(
        sideways.Sideways(
            type=types()[PAY],
            numbers=numbers,
            name=name,
            actor=world.people["reviewer"],
            now=world.now(),
            opinion="外出培训",
            to_user=to_user,
        )
    )


def test_work_is_handed_only_to_another_person_in_office(world: World) -> None:
    number = submitted(world)
    people.appoint()
    himself = User.objects.get(username="reviewer").pk
    as_person(world, "reviewer", user_id=himself)

    unknown = refusal(lambda: aside(world, "hand_over", number, to_user=999_999_999))
    nobody = refusal(lambda: aside(world, "add_signer", number))
    own = refusal(lambda: aside(world, "hand_over", number, to_user=himself))

    assert {unknown.code, nobody.code, own.code} == {"DOC-1024"}
    assert "不能“加签”给“未选择”" in str(nobody)


def test_what_waits_for_nobody_is_not_handed_over(world: World) -> None:
    payment = world.payment(world.allot(), "1.00")

    codes, text = told(aside(world, "hang", payment.address))

    assert codes == ["DOC-1025"]
    assert f"不能对 {payment.address} 办理“挂起”" in text


# The calendar


def change(state: str, **more: Any) -> None:
    said = {"month": 3, "actor_id": 3, "at": factories.NOW, **more}
    periods.change(division=factories.DIVISION, fiscal_year=factories.YEAR, state=state, **said)


def test_a_period_that_does_not_exist_is_closed(world: World) -> None:
    assert refusal(lambda: change("closed", month=14)).code == "CAL-1001"


def test_a_locked_period_stays_locked(world: World) -> None:
    change("closed")
    change("locked")

    refused = refusal(lambda: change("open", reason="补记", approved_by=4))

    assert refused.code == "CAL-1002"
    assert "不能更改 2026 年 3 月的状态" in str(refused)


@pytest.mark.parametrize(
    "more",
    [{}, {"reason": "补记"}, {"reason": "补记", "approved_by": 3}, {"approved_by": 4}],
    ids=["nothing said", "nobody else", "himself", "no reason"],
)
def test_a_period_is_reopened_by_two_persons_with_a_reason(
    world: World, more: dict[str, Any]
) -> None:
    change("closed")

    refused = refusal(lambda: change("open", **more))
    change("open", reason="补记", approved_by=4)

    assert refused.code == "CAL-1003"
    assert "不能重新开放 2026 年 3 月" in str(refused)
    assert periods.is_open(division=factories.DIVISION, fiscal_year=factories.YEAR, month=3)


def test_preview_of_a_warning_needs_no_reason(world: World) -> None:
    configure("warn")
    payment = world.payment(world.allot(), "6000.00")

    outcome = pipeline.run(
        world.action(PAY, [payment.address], "submit", "clerk", opinion="", preview=True)
    )

    assert outcome.ok
    assert told(outcome)[0] == ["CTL-1001"]

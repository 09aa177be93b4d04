"""指标下达 → 支付申请 → 审核 → 支付, and back by return, recall, cancellation and reversal."""

import pytest
from tests import factories, people
from tests.factories import TODAY, World

from shucai.base.errors import Refused
from shucai.kernel.audit.models import AuditEntry
from shucai.kernel.calendar import periods
from shucai.kernel.document import drafts, pipeline, sideways, succession
from shucai.kernel.document.action import Outcome
from shucai.kernel.document.declare import types
from shucai.kernel.document.models import Header, Relation
from shucai.kernel.identity.models import User
from shucai.kernel.masterdata import cache
from shucai.kernel.masterdata.models import ElementRelation
from shucai.kernel.workflow.models import Step, Todo

PAY = "payment.application"
GRANT = "allotment.grant"


@pytest.fixture
def world(db: None) -> World:
    return factories.found()


@pytest.mark.function("PLAT-054", "PLAT-062", "PLAT-063")
def test_money_flows_from_the_budget_to_the_payee(world: World) -> None:
    allotment = world.allot("10000.00")
    payment = world.payment(allotment, "1200.50", "300.00")

    submitted = world.do(PAY, [payment.address], "submit", "clerk")
    number = submitted.results[0].number
    held = world.balance(allotment)
    approved = world.do(PAY, [number], "approve", "reviewer")
    paid = world.do(PAY, [number], "pay", "treasurer")

    assert submitted.ok, submitted.results
    assert number == "ZF2026-00105001-000001"
    assert held == ("10000.00", "1500.50", "0.00", "8499.50")
    assert approved.ok, approved.results
    assert paid.ok, paid.results
    assert world.balance(allotment) == ("10000.00", "0.00", "1500.50", "8499.50")
    assert Header.objects.get(number=number).state == "paid"


def only(outcome: Outcome) -> tuple[bool, list[str]]:
    """Whether the one document was moved, and the codes of its findings."""
    (result,) = outcome.results
    return result.ok, [finding["code"] for finding in result.findings]


def text(outcome: Outcome) -> str:
    return "\n".join(f["text"] for result in outcome.results for f in result.findings)


def approved(world: World, allotment: str, amount: str = "100.00") -> str:
    number = submitted(world, allotment, amount)
    assert world.do(PAY, [number], "approve", "reviewer").ok
    return number


def submitted(world: World, allotment: str, amount: str = "100.00") -> str:
    payment = world.payment(allotment, amount)
    outcome = world.do(PAY, [payment.address], "submit", "clerk")
    assert outcome.ok, outcome.results
    return outcome.results[0].number


@pytest.mark.function("PLAT-062")
def test_return_releases_the_hold_and_the_draft_can_be_changed_again(world: World) -> None:
    allotment = world.allot("500.00")
    number = submitted(world, allotment, "400.00")

    returned = world.do(PAY, [number], "return", "reviewer", opinion="请补充合同")

    assert only(returned) == (True, [])
    assert world.balance(allotment) == ("500.00", "0.00", "0.00", "500.00")
    header = Header.objects.get(number=number)
    assert (header.state, header.is_editable) == ("draft", True)
    again = world.do(PAY, [number], "submit", "clerk")
    assert again.results[0].number == number
    assert world.balance(allotment) == ("500.00", "400.00", "0.00", "100.00")


@pytest.mark.function("PLAT-062")
def test_the_maker_recalls_what_nobody_has_reviewed(world: World) -> None:
    allotment = world.allot("500.00")
    number = submitted(world, allotment)

    assert only(world.do(PAY, [number], "recall", "clerk")) == (True, [])

    assert world.balance(allotment) == ("500.00", "0.00", "0.00", "500.00")


@pytest.mark.function("PLAT-063")
def test_cancellation_releases_and_the_payment_can_be_applied_for_again(world: World) -> None:
    allotment = world.allot("500.00")
    number = approved(world, allotment)

    cancelled = world.do(PAY, [number], "cancel", "treasurer", opinion="收款账户已注销")

    assert only(cancelled) == (True, [])
    assert world.balance(allotment) == ("500.00", "0.00", "0.00", "500.00")
    take = succession.Take(
        type=types()[PAY],
        source=PAY,
        numbers=[number],
        actor=world.people["clerk"],
        now=world.now(),
        today=TODAY,
    )
    (again,) = succession.take(take)
    assert again.amount == Header.objects.get(number=number).amount
    assert Relation.objects.get(target=again).source.number == number
    with pytest.raises(Refused, match="DOC-1027"):
        succession.take(take)


@pytest.mark.function("PLAT-068")
def test_reversal_gives_back_what_was_paid_once(world: World) -> None:
    allotment = world.allot("500.00")
    number = approved(world, allotment)
    assert world.do(PAY, [number], "pay", "treasurer").ok

    reversed_ = world.do(PAY, [number], "reverse", "treasurer", opinion="银行退票")
    twice = world.do(PAY, [number], "reverse", "treasurer", opinion="银行退票")

    assert only(reversed_) == (True, [])
    assert only(twice) == (False, ["DOC-1005"])
    assert world.balance(allotment) == ("500.00", "0.00", "0.00", "500.00")


@pytest.mark.function("PLAT-062")
def test_more_than_the_allotment_has_is_refused_with_the_figures(world: World) -> None:
    allotment = world.allot("320.00")
    payment = world.payment(allotment, "500.00")

    outcome = world.do(PAY, [payment.address], "submit", "clerk")

    assert only(outcome) == (False, ["PAY-1202"])
    assert f"指标 {allotment} 可用余额不足" in text(outcome)
    assert "本行 500.00 元，可用 320.00 元，差 180.00 元" in text(outcome)
    assert "请调减金额，或先办理指标调剂、追加后再送审" in text(outcome)
    assert world.balance(allotment) == ("320.00", "0.00", "0.00", "320.00")
    header = Header.objects.get(pk=payment.pk)
    assert (header.number, header.state, header.version) == (None, "draft", payment.version)


@pytest.mark.function("PLAT-062")
def test_an_allotment_of_another_unit_does_not_exist_for_the_clerk(world: World) -> None:
    foreign = world.allot("320.00", unit=world.other)

    with pytest.raises(Refused, match="不是本年度可用的指标"):
        world.payment(foreign, "10.00")


@pytest.mark.function("PLAT-062")
def test_treasury_may_not_spend_one_units_money_for_another(world: World) -> None:
    foreign = world.allot("320.00", unit=world.other)
    payment = world.draft(
        PAY,
        "everything",
        fields=factories.PAYEE,
        lines=[{"allotment": foreign, "purpose": "办公用品", "amount": "10.00"}],
        unit=world.school.code,
    )

    outcome = world.do(PAY, [payment.address], "submit", "everything")

    assert only(outcome) == (False, ["PAY-1201"])
    assert "该指标属于“市水利局”，本单位是“市第一中学”" in text(outcome)


@pytest.mark.function("PLAT-062")
def test_no_payment_in_a_closed_period(world: World) -> None:
    allotment = world.allot("320.00")
    payment = world.payment(allotment, "10.00")
    periods.change(
        division=factories.DIVISION,
        fiscal_year=factories.YEAR,
        month=3,
        state="closed",
        actor_id=3,
        at=world.now(),
    )

    outcome = world.do(PAY, [payment.address], "submit", "clerk")

    assert not outcome.ok
    assert "2026 年 3 月" in text(outcome)
    assert world.balance(allotment) == ("320.00", "0.00", "0.00", "320.00")


@pytest.mark.function("PLAT-062")
def test_nobody_reviews_his_own_payment(world: World) -> None:
    allotment = world.allot("320.00")
    payment = world.draft(
        PAY,
        "everything",
        fields=factories.PAYEE,
        lines=[{"allotment": allotment, "purpose": "办公用品", "amount": "10.00"}],
        unit=world.school.code,
    )
    number = world.do(PAY, [payment.address], "submit", "everything").results[0].number

    outcome = world.do(PAY, [number], "approve", "everything")

    assert only(outcome) == (False, ["DOC-1004"])
    assert "由您本人（全能）办理" in text(outcome)


@pytest.mark.function("PLAT-062")
def test_an_old_version_is_not_acted_on(world: World) -> None:
    allotment = world.allot("320.00")
    payment = world.payment(allotment, "10.00")
    seen = {payment.address: payment.version}
    drafts.save(
        drafts.Draft(
            type=types()[PAY],
            actor=world.people["clerk"],
            now=world.now(),
            today=TODAY,
            fields=factories.PAYEE,
            lines=[{"allotment": allotment, "purpose": "办公用品", "amount": "20.00"}],
            address=payment.address,
            version=payment.version,
        )
    )

    outcome = world.do(PAY, [payment.address], "submit", "clerk", versions=seen)

    assert only(outcome) == (False, ["DOC-1006"])
    assert "您看到的是第 1 版，现在是第 2 版" in text(outcome)


@pytest.mark.function("PLAT-062")
def test_a_double_click_submits_once(world: World) -> None:
    allotment = world.allot("320.00")
    payment = world.payment(allotment, "10.00")
    action = world.action(PAY, [payment.address], "submit", "clerk", key="click-1")

    first, second = pipeline.run(action), pipeline.run(action)

    assert (first.ok, second.ok) == (True, True)
    assert second.replayed
    assert second.results == first.results
    assert world.balance(allotment) == ("320.00", "10.00", "0.00", "310.00")


@pytest.mark.function("PLAT-062")
def test_a_key_is_not_used_for_something_else(world: World) -> None:
    allotment = world.allot("320.00")
    one, other = world.payment(allotment, "10.00"), world.payment(allotment, "11.00")
    assert world.do(PAY, [one.address], "submit", "clerk", key="click-2").ok

    with pytest.raises(Refused, match="DOC-1010"):
        world.do(PAY, [other.address], "submit", "clerk", key="click-2")


@pytest.mark.function("PLAT-062")
def test_preview_tells_balances_and_next_and_writes_nothing(world: World) -> None:
    allotment = world.allot("320.00")
    payment = world.payment(allotment, "10.00")

    outcome = world.do(PAY, [payment.address], "submit", "clerk", preview=True)

    assert outcome.ok
    assert outcome.results[0].next == "审核"
    (shown,) = outcome.balances
    assert (f"{shown.available:.2f}", f"{shown.change:.2f}") == ("310.00", "10.00")
    assert world.balance(allotment) == ("320.00", "0.00", "0.00", "320.00")
    assert Header.objects.get(pk=payment.pk).state == "draft"


@pytest.mark.function("PLAT-062")
def test_a_batch_takes_the_good_ones_and_tells_about_each_other(world: World) -> None:
    allotment = world.allot("100.00")
    drafts_ = [world.payment(allotment, amount) for amount in ("60.00", "50.00", "40.00")]
    addresses = [d.address for d in drafts_]

    outcome = world.do(PAY, [*addresses, "ZF-none"], "submit", "clerk", mode="each")

    assert [r.ok for r in outcome.results] == [True, False, True, False]
    assert [f["code"] for f in outcome.results[1].findings] == ["PAY-1202"]
    assert [f["code"] for f in outcome.results[3].findings] == ["DOC-1001"]
    assert world.balance(allotment) == ("100.00", "100.00", "0.00", "0.00")
    numbers = [r.number for r in outcome.results if r.ok]
    assert numbers == ["ZF2026-00105001-000001", "ZF2026-00105001-000002"]


@pytest.mark.function("PLAT-062")
def test_an_atomic_batch_is_all_or_nothing(world: World) -> None:
    allotment = world.allot("100.00")
    drafts_ = [world.payment(allotment, amount) for amount in ("60.00", "50.00")]

    outcome = world.do(PAY, [d.address for d in drafts_], "submit", "clerk")

    assert [r.ok for r in outcome.results] == [False, False]
    assert "DOC-1020" in text(outcome)
    assert world.balance(allotment) == ("100.00", "0.00", "0.00", "100.00")
    fresh = world.payment(allotment, "10.00")
    assert world.do(PAY, [fresh.address], "submit", "clerk").results[0].number.endswith("000001")


@pytest.mark.function("PLAT-054")
def test_an_allotment_in_use_is_not_withdrawn(world: World) -> None:
    allotment = world.allot("100.00")
    submitted(world, allotment, "30.00")
    world.see("issuer")
    grant = Header.objects.get(type=GRANT, state="issued")

    outcome = world.do(GRANT, [grant.number], "withdraw", "issuer", opinion="年中压减")

    assert only(outcome) == (False, ["ALT-1201"])
    assert "需收回 100.00 元，未使用的只有 70.00 元，差 30.00 元" in text(outcome)


@pytest.mark.function("PLAT-054")
def test_an_unused_allotment_is_withdrawn_whole(world: World) -> None:
    allotment = world.allot("100.00")
    world.see("issuer")
    grant = Header.objects.get(type=GRANT, state="issued")

    assert world.do(GRANT, [grant.number], "withdraw", "issuer", opinion="年中压减").ok

    assert world.balance(allotment) == ("0.00", "0.00", "0.00", "0.00")


@pytest.mark.function("PLAT-054")
def test_money_for_another_division_is_not_an_allotment(world: World) -> None:
    world.people["planner"] = factories.replace(world.people["planner"], scope_path="4406")
    draft = world.draft(
        GRANT,
        "planner",
        fields={"doc_no": "佛财预〔2026〕9号", "title": "年初预算", "source": "1"},
        lines=[{**world.grant_line("10.00"), "receiver": str(world.district_unit.pk)}],
        unit=world.finance.code,
    )

    outcome = world.do(GRANT, [draft.address], "submit", "planner")

    assert only(outcome) == (False, ["ALT-1203"])


def relate(*pairs: tuple[str, str]) -> None:
    ElementRelation.objects.bulk_create(
        ElementRelation(
            code="economic",
            fiscal_year=factories.YEAR,
            left_set="economic_gov",
            left_code=gov,
            right_set="economic_dept",
            right_code=dep,
        )
        for gov, dep in pairs
    )
    cache.forget()


@pytest.mark.function("PLAT-054")
def test_the_two_economic_classes_of_a_line_stand_in_one_row_of_the_table(world: World) -> None:
    relate(("50502", "30211"), ("50201", "30201"))
    draft = world.draft(
        GRANT,
        "planner",
        fields={"doc_no": "佛财预〔2026〕9号", "title": "年初预算", "source": "1"},
        lines=[{**world.grant_line("10.00"), "dep_economy": dep} for dep in ("30211", "30201")],
    )

    outcome = world.do(GRANT, [draft.address], "submit", "planner")

    assert only(outcome) == (False, ["ALT-1202"])
    assert outcome.results[0].findings[0]["at"] == "lines[2].dep_economy"
    assert "第 2 行的两套经济分类不对应" in text(outcome)
    assert "政府预算经济分类 50502 与部门预算经济分类 30201" in text(outcome)
    assert "对应的economic_dept为 30211 差旅费" in text(outcome)


@pytest.mark.function("PLAT-054")
def test_a_pair_of_the_table_may_be_granted(world: World) -> None:
    relate(("50502", "30201"))

    assert world.allot("10.00").endswith("-01")


@pytest.mark.function("PLAT-062")
def test_a_foreign_document_is_not_found(world: World) -> None:
    number = submitted(world, world.allot("100.00"), "30.00")

    outcome = world.do(PAY, [number], "recall", "other_clerk")

    assert only(outcome) == (False, ["DOC-1001"])


@pytest.mark.function("PLAT-062")
def test_every_act_and_every_refusal_leaves_an_audit_row(world: World) -> None:
    number = submitted(world, world.allot("100.00"), "30.00")
    world.do(PAY, [number], "approve", "clerk")
    world.people["nobody"] = factories.replace(
        world.people["nobody"], duties=frozenset({"identity.auditor"})
    )
    world.see("nobody")

    rows = AuditEntry.objects.filter(target=number).order_by("pk").values_list("action", "result")

    assert list(rows) == [(f"{PAY}.submit", "done"), (f"{PAY}.approve", "refused")]


@pytest.mark.function("PLAT-062")
def test_work_is_handed_over_hung_and_resumed(world: World) -> None:
    number = submitted(world, world.allot("100.00"), "30.00")
    people.appoint()
    helper = User.objects.get(username="reviewer")

    def aside(name: str, **more: object) -> Outcome:
        return sideways.run(
            sideways.Sideways(
                type=types()[PAY],
                numbers=[number],
                name=name,
                actor=world.people["reviewer"],
                now=world.now(),
                opinion="外出培训",
                **more,  # type: ignore[arg-type]
            )
        )

    assert only(aside("hang")) == (True, [])
    assert only(world.do(PAY, [number], "approve", "reviewer")) == (False, ["DOC-1008"])
    assert only(aside("hang")) == (False, ["DOC-1008"])
    assert only(aside("resume")) == (True, [])
    assert only(aside("resume")) == (False, ["DOC-1026"])
    assert only(aside("hand_over", to_user=helper.pk)) == (True, [])
    todo = Todo.objects.get(header__number=number, is_open=True)
    assert todo.user_id == helper.pk
    labels = (
        Step.objects.filter(header__number=number).order_by("pk").values_list("label", flat=True)
    )
    assert list(labels) == ["送审", "挂起", "解除挂起", "转办"]

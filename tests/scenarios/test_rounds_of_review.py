"""One person decides one node of a review and signs once, however he comes by the second."""

from collections.abc import Mapping
from typing import Any

import pytest
from tests import factories, people, routes
from tests.factories import World, as_person

from shucai.kernel.document import reading, sideways
from shucai.kernel.document.action import Outcome
from shucai.kernel.document.declare import types
from shucai.kernel.document.models import Header
from shucai.kernel.identity.models import User
from shucai.kernel.workflow.models import Todo

PAY = "payment.application"
pytestmark = pytest.mark.function("PLAT-062")


@pytest.fixture
def world(db: None) -> World:
    world = factories.found()
    people.appoint()
    himself = User.objects.get(username="reviewer")
    as_person(world, "reviewer", user_id=himself.pk)
    world.people["head"] = factories.replace(
        world.people["reviewer"], user_id=20, name="何主任", position_name="单位负责人岗"
    )
    return world


def route(*nodes: tuple[str, str, list[str]]) -> None:
    """A published route of the review; each node is a name, a mode and its duties."""
    routes.route(*(routes.node(name, *duties, mode=mode) for name, mode, duties in nodes))


def submitted(world: World) -> str:
    payment = world.payment(world.allot("10000.00"), "100.00")
    outcome = world.do(PAY, [payment.address], "submit", "clerk")
    assert outcome.ok, outcome.results
    return outcome.results[0].number


def told(outcome: Outcome) -> tuple[list[str], str]:
    found = [finding for result in outcome.results for finding in result.findings]
    return [f["code"] for f in found], "\n".join(f["text"] for f in found)


def aside(world: World, name: str, number: str, who: str, to: int) -> Outcome:
    return sideways.run(
        sideways.Sideways(
            type=types()[PAY],
            numbers=[number],
            name=name,
            actor=world.people[who],
            now=world.now(),
            opinion="外出培训",
            to_user=to,
        )
    )


def pending(number: str) -> list[tuple[str, int | None]]:
    rows = Todo.objects.filter(header__number=number, is_open=True).order_by("pk")
    return [(todo.duty, todo.user_id) for todo in rows]


BOTH: Mapping[str, Any] = {"duties": frozenset({"payment.reviewer", "payment.treasurer"})}
REVIEWER = ["payment.reviewer"]
TWO_DUTIES = ["payment.reviewer", "payment.treasurer"]


def test_who_decided_one_node_does_not_decide_the_next(world: World) -> None:
    route(("初审", "any", REVIEWER), ("复审", "any", REVIEWER))
    number = submitted(world)
    assert world.do(PAY, [number], "approve", "reviewer").ok

    again = world.do(PAY, [number], "approve", "reviewer")
    other = world.do(PAY, [number], "approve", "head")

    codes, text = told(again)
    assert codes == ["DOC-1028"]
    name = world.people["reviewer"].name
    assert f"本轮审核中，{name}已于 2026-03-16" in text
    assert "在第 1 个节点“初审”办理“审核”，现在是第 2 个节点“复审”" in text
    assert other.ok, other.results


def test_another_position_of_the_same_person_does_not_help(world: World) -> None:
    route(("初审", "any", REVIEWER), ("财务复审", "any", ["payment.treasurer"]))
    number = submitted(world)
    assert world.do(PAY, [number], "approve", "reviewer").ok
    as_person(world, "reviewer", duties=frozenset({"payment.treasurer"}), position_name="支付岗")

    codes, _ = told(world.do(PAY, [number], "approve", "reviewer"))

    assert codes == ["DOC-1028"]


def test_a_node_sent_back_to_is_decided_again_by_the_same_person(world: World) -> None:
    route(("初审", "any", REVIEWER), ("复审", "any", REVIEWER))
    number = submitted(world)
    world.do(PAY, [number], "approve", "reviewer")
    assert world.do(PAY, [number], "return", "head", to_node=1).ok

    crossed, _ = told(world.do(PAY, [number], "approve", "head"))
    first = world.do(PAY, [number], "approve", "reviewer")
    second = world.do(PAY, [number], "approve", "head")

    assert crossed == ["DOC-1028"]
    assert first.ok, first.results
    assert second.ok, second.results


def test_a_new_round_begins_with_the_next_submission(world: World) -> None:
    route(("初审", "any", REVIEWER), ("复审", "any", REVIEWER))
    number = submitted(world)
    world.do(PAY, [number], "approve", "reviewer")
    assert world.do(PAY, [number], "return", "head", opinion="缺合同").ok
    assert world.do(PAY, [number], "submit", "clerk").ok

    assert world.do(PAY, [number], "approve", "head").ok


def test_one_signature_settles_one_duty_of_a_countersigned_node(world: World) -> None:
    """会签: who holds both duties signs for one of them; somebody else signs for the other."""
    route(("会签", "all", TWO_DUTIES))
    as_person(world, "reviewer", **BOTH)
    number = submitted(world)

    first = world.do(PAY, [number], "approve", "reviewer")
    left = pending(number)
    codes, text = told(world.do(PAY, [number], "approve", "reviewer"))
    other = world.do(PAY, [number], "approve", "treasurer")

    assert first.ok, first.results
    assert left == [("payment.treasurer", None)]
    assert codes == ["DOC-1029"]
    assert "在第 1 个节点“会签”办理“审核”，此处还等待其他人员会签" in text
    assert other.ok, other.results
    assert Header.objects.get(number=number).state == "approved"


def test_a_batch_settles_of_each_document_what_its_signer_was_asked(world: World) -> None:
    route(("会签", "all", TWO_DUTIES))
    as_person(world, "reviewer", **BOTH)
    first, second = submitted(world), submitted(world)
    assert world.do(PAY, [first], "approve", "head").ok

    both = world.do(PAY, [first, second], "approve", "reviewer")

    assert both.ok, both.results
    assert Header.objects.get(number=first).state == "approved"
    assert pending(second) == [("payment.treasurer", None)]


def test_an_added_signer_with_the_duty_leaves_the_other_item_open(world: World) -> None:
    number = submitted(world)
    asked = User.objects.get(username="reviewer").pk
    assert aside(world, "add_signer", number, "head", asked).ok

    assert world.do(PAY, [number], "approve", "reviewer").ok

    assert pending(number) == [("payment.reviewer", None)]
    assert told(world.do(PAY, [number], "approve", "reviewer"))[0] == ["DOC-1029"]
    assert world.do(PAY, [number], "approve", "head").ok
    assert Header.objects.get(number=number).state == "approved"


def test_work_is_not_handed_to_who_decided_before(world: World) -> None:
    route(("初审", "any", REVIEWER), ("复审", "any", REVIEWER))
    number = submitted(world)
    world.do(PAY, [number], "approve", "reviewer")

    codes, text = told(aside(world, "hand_over", number, "head", world.people["reviewer"].user_id))

    assert codes == ["DOC-1028"]
    assert "办理“复审”" in text


def test_nobody_is_handed_two_signatures(world: World) -> None:
    route(("会签", "all", TWO_DUTIES))
    world.people["head"] = factories.replace(world.people["head"], **BOTH)
    number = submitted(world)

    codes, text = told(aside(world, "hand_over", number, "head", world.people["reviewer"].user_id))

    assert codes == ["DOC-1031"]
    assert "将有 2 项待办" in text


def test_who_is_not_asked_does_not_sign(world: World) -> None:
    """The one asked was named (转办); another holder of the duty has nothing to sign."""
    route(("会签", "all", TWO_DUTIES))
    number = submitted(world)
    assert aside(world, "hand_over", number, "head", world.people["reviewer"].user_id).ok

    codes, text = told(world.do(PAY, [number], "approve", "head"))

    assert codes == ["DOC-1030"]
    assert "第 1 个节点“会签”等待 2 人会签" in text


def test_the_form_tells_beforehand(world: World) -> None:
    route(("初审", "any", REVIEWER), ("复审", "any", REVIEWER))
    number = submitted(world)
    world.do(PAY, [number], "approve", "reviewer")
    actor = world.people["reviewer"]
    dossier = reading.open_one(kind=types()[PAY], actor=actor, address=number)

    offered = reading.permits(dossier=dossier, actor=actor, now=world.now())

    approve = next(one for one in offered if one.move.action == "approve")
    assert [f["code"] for f in approve.findings] == ["DOC-1028"]

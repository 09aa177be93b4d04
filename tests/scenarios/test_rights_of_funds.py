"""A position for some funds only: other accounts are not offered, not seen and not drawn on."""

from dataclasses import replace

import pytest
from tests import factories
from tests.factories import World

from shucai.base.errors import Refused
from shucai.kernel.document import choosing
from shucai.kernel.document.declare import types
from shucai.kernel.ledger import reading

pytestmark = [pytest.mark.function("PLAT-009"), pytest.mark.django_db]


@pytest.fixture
def world() -> World:
    return factories.found()


def limited(world: World, who: str, *funds: str) -> None:
    world.people[who] = replace(world.people[who], fund_types=frozenset(funds))


def test_a_line_of_another_fund_is_refused_at_every_move(world: World) -> None:
    allotment = world.allot()
    header = world.payment(allotment, "100.00")
    limited(world, "clerk", "12")

    outcome = world.do("payment.application", [header.address], "submit", "clerk")

    [found] = outcome.results[0].findings
    assert not outcome.ok
    assert found["code"] == "DOC-1040"
    assert "资金性质 111" in found["text"]
    limited(world, "clerk", "11")
    assert world.do("payment.application", [header.address], "submit", "clerk").ok
    limited(world, "reviewer", "12")
    assert not world.do("payment.application", [header.address], "approve", "reviewer").ok


def test_accounts_of_another_fund_are_neither_seen_nor_offered(world: World) -> None:
    allotment = world.allot()
    world.see("clerk")
    known = types()["payment.application"].line._meta.get_field("allotment")

    def found() -> tuple[int, int]:
        clerk = world.people["clerk"]
        question = choosing.Question(actor=clerk, on=factories.TODAY)
        listed = reading.page(reading.Query(book="budget", kind="unit_allotment", actor=clerk))
        return len(choosing.choices(known, question)), len(listed.rows)

    assert found() == (1, 1)
    limited(world, "clerk", "2", "12")
    assert found() == (0, 0)
    with pytest.raises(Refused, match="不是本年度可用的指标"):
        world.payment(allotment, "1.00")
    limited(world, "clerk", "2", "111")
    assert found() == (1, 1)

"""指标下达 → 支付申请 → 审核 → 支付, and back by return, recall, cancellation and reversal."""

import pytest
from tests import factories
from tests.factories import World

from shucai.kernel.document.models import Header


@pytest.fixture
def world(db: None) -> World:
    return factories.found()


@pytest.mark.function("PLAT-054", "PLAT-062", "PLAT-063")
def test_money_flows_from_the_budget_to_the_payee(world: World) -> None:
    allotment = world.allot("10000.00")
    payment = world.payment(allotment, "1200.50", "300.00")

    submitted = world.do("payment.application", [payment.address], "submit", "clerk")
    number = submitted.results[0].number
    held = world.balance(allotment)
    approved = world.do("payment.application", [number], "approve", "reviewer")
    paid = world.do("payment.application", [number], "pay", "treasurer")

    assert submitted.ok, submitted.results
    assert number == "ZF2026-105001-000001"
    assert held == ("10000.00", "1500.50", "0.00", "8499.50")
    assert approved.ok, approved.results
    assert paid.ok, paid.results
    assert world.balance(allotment) == ("10000.00", "0.00", "1500.50", "8499.50")
    assert Header.objects.get(number=number).state == "paid"

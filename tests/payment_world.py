"""A unit with money, its clerk and reviewer, and payment applications to do things with."""

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from django.db import transaction

from shucai.kernel.document import drafts, pipeline
from shucai.kernel.document.action import Action, Outcome
from shucai.kernel.document.declare import DocumentType, find_type
from shucai.kernel.document.drafts import Draft
from shucai.kernel.document.models import Header
from shucai.kernel.identity.actor import Actor
from shucai.kernel.ledger.models import LedgerAccount
from tests import ledger_world
from tests.people import NOW, Staff, appoint

TODAY = date(2026, 3, 2)


@dataclass(frozen=True, slots=True)
class PaymentWorld:
    """Everything is committed when the test is not inside a transaction."""

    staff: Staff
    treasurer: Actor
    stranger: Actor
    allotment: str
    kind: DocumentType

    def draft(self, amount: str = "100.00", **fields: str) -> Header:
        said = {
            "method": "11",
            "settlement": "1",
            "payee_name": "佛山市图书馆",
            "payee_account": "6222021234567890123",
            "payee_bank": "中国工商银行佛山分行",
            **fields,
        }
        line = {"allotment": self.allotment, "purpose": "购书", "amount": amount}
        return drafts.save(
            Draft(self.kind, self.staff.clerk, NOW, TODAY, fields=said, lines=[line])
        )

    def do(self, name: str, *headers: Header, actor: Actor, opinion: str = "同意") -> Outcome:
        for header in headers:
            header.refresh_from_db()
        outcome = pipeline.run(
            Action(
                type=self.kind.code,
                numbers=[header.address for header in headers],
                name=name,
                actor=actor,
                now=NOW,
                today=TODAY,
                opinion=opinion,
            )
        )
        assert outcome.ok, outcome.results
        for header in headers:
            header.refresh_from_db()
        return outcome


def found(*, money: str = "1000000.00") -> PaymentWorld:
    """One unit, one allotment with money on it, and the people who pay."""
    kind = find_type("payment.application")
    assert kind is not None
    with transaction.atomic():
        staff = appoint()
        world = ledger_world.found()
        account = world.open("0")
        world.do("grant", account, str(Decimal(money)))
        number = LedgerAccount.objects.get(pk=account).number
    treasurer = replace(
        staff.reviewer,
        user_id=staff.reviewer.user_id + 1000,
        name="国库支付甲",
        position_name="国库支付岗",
        duties=frozenset({"payment.treasurer"}),
        appointment_id=None,
    )
    stranger = replace(
        staff.clerk,
        user_id=staff.clerk.user_id + 2000,
        scope_path=world.other.path,
        unit_code=world.other.code,
        appointment_id=None,
    )
    return PaymentWorld(staff, treasurer, stranger, number, kind)

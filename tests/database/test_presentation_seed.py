"""The ledger prints in double entry as soon as reference data is loaded."""

from decimal import Decimal

from tests import factories
from tests.database_server import ROOT

from shucai.kernel.document.models import Header
from shucai.kernel.ledger import presentation as printed
from shucai.kernel.ledger import proof
from shucai.kernel.ledger.terms import WAYS
from shucai.site.seeding import presentation

SEED = ROOT / "seeds" / "reference" / "presentation.toml"


def test_every_verb_is_mapped_and_each_entry_balances(db: None) -> None:
    world = factories.found()
    allotment = world.allot("100.00")
    payment = world.payment(allotment, "30.00")
    world.do("payment.application", [payment.address], "submit", "clerk")

    assert presentation.load(SEED, fiscal_year=factories.YEAR) == len(WAYS)

    world.see("treasurer")
    header = Header.objects.get(pk=payment.pk)
    legs = printed.of_document(header.pk, fiscal_year=factories.YEAR)
    assert [(leg.name, leg.debit, leg.credit) for leg in legs] == [
        ("单位可执行指标", Decimal("30.00"), Decimal(0)),
        ("在途支付", Decimal(0), Decimal("30.00")),
    ]
    assert not [text for text in proof.check().notices if "核算科目对照" in text]

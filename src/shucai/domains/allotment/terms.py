"""职责与账簿 duties of the domain, and the book of allotments (指标台账)."""

from shucai.kit import identity, ledger

PREPARER = identity.duty(code="allotment.preparer", name="指标经办", domain="allotment")
REVIEWER = identity.duty(
    code="allotment.reviewer",
    name="指标审核",
    domain="allotment",
    incompatible=["allotment.preparer"],
)
ISSUER = identity.duty(
    code="allotment.issuer",
    name="指标下达",
    domain="allotment",
    incompatible=["allotment.preparer"],
)

BUDGET = ledger.book("budget", "预算指标", kinds={"unit_allotment": "单位指标"})

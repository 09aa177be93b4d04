"""职责 duties of the domain."""

from shucai.kit import identity

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

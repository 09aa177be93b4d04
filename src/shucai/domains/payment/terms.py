"""支付方式与职责 payment methods and the duties of the domain.

Codes 11, 12 and 91 are the national ones for direct, authorised and physical appropriation.
"""

from django.db import models

from shucai.kit import identity


class PaymentMethod(models.TextChoices):
    DIRECT = "11", "财政直接支付"
    AUTHORISED = "12", "财政授权支付"


class Settlement(models.TextChoices):
    ELECTRONIC = "1", "电子转账支付"
    CARD = "7", "公务卡"


PREPARER = identity.duty(code="payment.preparer", name="支付经办", domain="payment")
REVIEWER = identity.duty(
    code="payment.reviewer",
    name="支付审核",
    domain="payment",
    incompatible=["payment.preparer"],
)
LEADER = identity.duty(
    code="payment.leader",
    name="支付审批",
    domain="payment",
    incompatible=["payment.preparer"],
)
TREASURER = identity.duty(
    code="payment.treasurer",
    name="国库支付",
    domain="payment",
    incompatible=["payment.preparer", "payment.reviewer"],
)

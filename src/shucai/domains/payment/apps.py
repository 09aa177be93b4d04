"""The domain's registration."""

from shucai.kit.apps import DomainConfig


class PaymentConfig(DomainConfig):
    name = "shucai.domains.payment"
    label = "payment"
    verbose_name = "国库集中支付"

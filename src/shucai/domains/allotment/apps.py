"""The domain's registration."""

from shucai.kit.apps import DomainConfig


class AllotmentConfig(DomainConfig):
    name = "shucai.domains.allotment"
    label = "allotment"
    verbose_name = "预算指标管理"

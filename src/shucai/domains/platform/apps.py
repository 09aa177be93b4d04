"""The Django app of the domain."""

from shucai.kit.apps import DomainConfig


class PlatformConfig(DomainConfig):
    name = "shucai.domains.platform"
    label = "platform"
    verbose_name = "平台管理"

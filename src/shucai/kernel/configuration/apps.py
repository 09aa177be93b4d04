"""The Django app of the room; it checks the declared kinds at start-up."""

from django.apps import AppConfig


class ConfigurationConfig(AppConfig):
    name = "shucai.kernel.configuration"
    label = "configuration"
    verbose_name = "配置"

    def ready(self) -> None:
        from shucai.kernel import registry
        from shucai.kernel.configuration import declare, parameters  # noqa: F401 (declares its kind)

        registry.inspect_with(declare.check_all)

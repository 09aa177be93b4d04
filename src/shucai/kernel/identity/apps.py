"""The Django app of the room; it declares the duties of the three officers."""

from importlib import import_module

from django.apps import AppConfig


class IdentityConfig(AppConfig):
    name = "shucai.kernel.identity"
    label = "identity"
    verbose_name = "身份"

    def import_models(self) -> None:
        """The records around rights have a file of their own."""
        super().import_models()
        import_module("shucai.kernel.identity.records")

    def ready(self) -> None:
        from shucai.kernel import registry
        from shucai.kernel.identity import credential_changes, duties

        credential_changes.add()
        registry.inspect_with(duties.check_all)

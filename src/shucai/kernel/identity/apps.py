"""The Django app of the room; it declares the duties of the three officers."""

from django.apps import AppConfig


class IdentityConfig(AppConfig):
    name = "shucai.kernel.identity"
    label = "identity"
    verbose_name = "身份"

    def ready(self) -> None:
        from shucai.kernel import registry
        from shucai.kernel.identity import credential_changes, duties

        credential_changes.add()
        registry.inspect_with(duties.check_all)

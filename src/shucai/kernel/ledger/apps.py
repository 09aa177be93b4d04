"""The Django app of the room."""

from django.apps import AppConfig


class LedgerConfig(AppConfig):
    name = "shucai.kernel.ledger"
    label = "ledger"
    verbose_name = "台账"

    def ready(self) -> None:
        """Declares the nightly proof."""
        from importlib import import_module

        import_module("shucai.kernel.ledger.nightly")

"""The Django app of the room; guards and policies of typed tables follow every migration."""

from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class DocumentConfig(AppConfig):
    name = "shucai.kernel.document"
    label = "document"
    verbose_name = "单据"

    def ready(self) -> None:
        from importlib import import_module

        from shucai.kernel import registry
        from shucai.kernel.document.checks import check_all

        registry.inspect_with(check_all)
        for module in (
            "batch_jobs",
            "configured",
            "exporting",
            "form_layout_checks",
            "list_layout",
            "import_jobs",
            "leaving",
            "notices",
            "nightly",
            "rights_notices",
        ):
            import_module(f"{self.name}.{module}")
        # Sent once, when all apps have been migrated; domains without a models module send none.
        post_migrate.connect(_guard_tables, sender=self, dispatch_uid="shucai.document.guard")


def _guard_tables(sender: AppConfig, **kwargs: Any) -> None:
    """After migration the tables of every type get the scope policy and the edit guard."""
    from shucai.kernel.document.guards import guard_tables

    guard_tables()

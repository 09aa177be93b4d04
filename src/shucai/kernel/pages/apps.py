"""The Django app of the room; it has no tables, only the check of what was declared."""

from django.apps import AppConfig


class PagesConfig(AppConfig):
    name = "shucai.kernel.pages"
    label = "pages"
    verbose_name = "页面"

    def ready(self) -> None:
        from shucai.kernel import registry
        from shucai.kernel.pages.register_checks import check_all

        registry.inspect_with(check_all)

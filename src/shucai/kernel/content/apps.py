"""The Django app of the room; it declares its duties, its event and its jobs."""

from importlib import import_module

from django.apps import AppConfig


class ContentConfig(AppConfig):
    name = "shucai.kernel.content"
    label = "content"
    verbose_name = "内容"

    def ready(self) -> None:
        for module in ("duties", "issuing", "jobs"):
            import_module(f"shucai.kernel.content.{module}")

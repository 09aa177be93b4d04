"""The Django app of the room; it declares the duty of keeping master data and its jobs."""

from importlib import import_module

from django.apps import AppConfig


class MasterdataConfig(AppConfig):
    name = "shucai.kernel.masterdata"
    label = "masterdata"
    verbose_name = "主数据"

    def ready(self) -> None:
        for module in ("keeping", "keeping_jobs"):
            import_module(f"shucai.kernel.masterdata.{module}")

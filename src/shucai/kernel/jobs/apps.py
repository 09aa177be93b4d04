"""The Django app of the room."""

from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class JobsConfig(AppConfig):
    name = "shucai.kernel.jobs"
    label = "jobs"
    verbose_name = "后台任务"

    def ready(self) -> None:
        """Reads the tasks of the room, and makes the queue know how to run them."""
        from importlib import import_module

        from procrastinate.contrib.django import app

        from shucai.kernel.jobs import running

        running.register(app)
        import_module("shucai.kernel.jobs.nightly")
        post_migrate.connect(_keep_plans, sender=self, dispatch_uid="shucai.jobs.plans")


def _keep_plans(sender: AppConfig, **kwargs: Any) -> None:
    """After migration every declared periodic job has its plan."""
    from django.db import connection

    from shucai.kernel.jobs import plans
    from shucai.kernel.jobs.models import JobPlan

    if JobPlan._meta.db_table in connection.introspection.table_names():
        plans.complete()

"""The Django app of the room."""

from django.apps import AppConfig


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

"""The Django app of the room."""

from django.apps import AppConfig


class JobsConfig(AppConfig):
    name = "shucai.kernel.jobs"
    label = "jobs"
    verbose_name = "后台任务"

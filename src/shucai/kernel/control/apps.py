"""The Django app of the room."""

from django.apps import AppConfig


class ControlConfig(AppConfig):
    name = "shucai.kernel.control"
    label = "control"
    verbose_name = "控制"

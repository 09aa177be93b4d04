"""The Django app of the room."""

from django.apps import AppConfig


class WorkflowConfig(AppConfig):
    name = "shucai.kernel.workflow"
    label = "workflow"
    verbose_name = "流程"

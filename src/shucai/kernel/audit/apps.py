"""The Django app of the room."""

from django.apps import AppConfig


class AuditConfig(AppConfig):
    name = "shucai.kernel.audit"
    label = "audit"

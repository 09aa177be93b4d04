"""The Django app of the room."""

from django.apps import AppConfig


class DocumentConfig(AppConfig):
    name = "shucai.kernel.document"
    label = "document"
    verbose_name = "单据"

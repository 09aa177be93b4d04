"""The Django app of the room."""

from django.apps import AppConfig


class MasterdataConfig(AppConfig):
    name = "shucai.kernel.masterdata"
    label = "masterdata"

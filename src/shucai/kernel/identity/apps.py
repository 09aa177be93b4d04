"""The Django app of the room."""

from django.apps import AppConfig


class IdentityConfig(AppConfig):
    name = "shucai.kernel.identity"
    label = "identity"

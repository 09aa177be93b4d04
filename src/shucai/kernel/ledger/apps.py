"""The Django app of the room."""

from django.apps import AppConfig


class LedgerConfig(AppConfig):
    name = "shucai.kernel.ledger"
    label = "ledger"

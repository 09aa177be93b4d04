"""The Django app of the room; it declares events, templates and the job that sends."""

from importlib import import_module

from django.apps import AppConfig


class MessagesConfig(AppConfig):
    name = "shucai.kernel.messages"
    label = "messages"
    verbose_name = "消息"

    def ready(self) -> None:
        for module in ("events", "templates", "deliveries"):
            import_module(f"shucai.kernel.messages.{module}")

"""The Django app of the room."""

from django.apps import AppConfig


class MessagesConfig(AppConfig):
    name = "shucai.kernel.messages"
    label = "messages"
    verbose_name = "消息"

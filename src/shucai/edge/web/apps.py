"""The Django app of the channel."""

from django.apps import AppConfig


class WebConfig(AppConfig):
    name = "shucai.edge.web"
    label = "web"
    verbose_name = "网页"

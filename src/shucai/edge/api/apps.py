"""The Django app of the edge; its only table holds the request allowances of tokens."""

from django.apps import AppConfig


class ApiConfig(AppConfig):
    name = "shucai.edge.api"
    label = "api"
    verbose_name = "接口"

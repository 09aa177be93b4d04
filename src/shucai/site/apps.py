"""The Django app of the composition root: it only carries the management commands."""

from django.apps import AppConfig


class SiteConfig(AppConfig):
    name = "shucai.site"
    label = "site"

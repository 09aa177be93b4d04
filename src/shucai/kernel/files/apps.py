"""The Django app of the room."""

from django.apps import AppConfig


class FilesConfig(AppConfig):
    name = "shucai.kernel.files"
    label = "files"
    verbose_name = "文件"

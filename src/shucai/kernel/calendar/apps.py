"""The Django app of the room."""

from django.apps import AppConfig


class CalendarConfig(AppConfig):
    name = "shucai.kernel.calendar"
    label = "calendar"

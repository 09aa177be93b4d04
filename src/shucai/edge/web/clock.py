"""时钟 clock: the only place of the channel that reads the time; the kernel is told it."""

from datetime import date, datetime

from django.utils import timezone


def now() -> datetime:
    return timezone.now()


def today() -> date:
    return timezone.localdate()

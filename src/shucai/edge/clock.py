"""时钟 clock: where API and command line read the time; the kernel is told it."""

from datetime import date, datetime

from django.utils import timezone


def now() -> datetime:
    return timezone.now()


def day(at: datetime) -> date:
    """The booking day of an instant, where the city lies."""
    return timezone.localdate(at)

"""期间的开放与结账 opening, closing, re-opening and locking of periods."""

from collections.abc import Iterable
from datetime import datetime

from django.db import connection

from shucai.kernel.calendar import errors
from shucai.kernel.calendar.models import CalendarPeriod

MONTHS = range(1, 14)


def open_year(*, divisions: Iterable[str], fiscal_year: int) -> None:
    """All thirteen periods of the year exist and the new ones are open."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT calendar_open_year(%s::text[], %s)", [sorted(divisions), fiscal_year]
        )


def is_open(*, division: str, fiscal_year: int, month: int) -> bool:
    return CalendarPeriod.objects.filter(
        division=division, fiscal_year=fiscal_year, month=month, state="open"
    ).exists()


def change(
    *,
    division: str,
    fiscal_year: int,
    month: int,
    state: str,
    actor_id: int,
    at: datetime,
    reason: str = "",
    approved_by: int | None = None,
) -> None:
    """Moves a period to `state`. Re-opening needs a reason and a second person.

    Raises Refused for a locked period, or a re-opening without a second person.
    """
    known = CalendarPeriod.objects.filter(
        division=division, fiscal_year=fiscal_year, month=month
    ).first()
    if known is None:
        raise errors.CLOSED.refuse(year=fiscal_year, month=month, division=division)
    if known.state == "locked":
        raise errors.LOCKED.refuse(year=fiscal_year, month=month)
    reopening = known.state == "closed" and state == "open"
    if reopening and (not reason.strip() or approved_by is None or approved_by == actor_id):
        raise errors.SECOND_PERSON.refuse(year=fiscal_year, month=month)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT calendar_change(%s, %s, %s, %s, %s, %s, %s, %s)",
            [division, fiscal_year, month, state, actor_id, approved_by, reason, at],
        )

"""审计视图 prepared views of the trail and the logs: counted over a span, with examples.

The caller has applied the auditor's scope; row-level security shows the trail to nobody else.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from django.db.models import Avg, Count, Q, QuerySet
from django.db.models.functions import ExtractHour, TruncDate

from shucai.kernel.audit import errors
from shucai.kernel.audit.models import AuditEntry, InterfaceCall

SPAN_MAX: Final = 366
ROWS_MAX: Final = 50
GROUPS_MAX: Final = 20
WORK_BEGINS: Final = 8
WORK_ENDS: Final = 19
BULK_ACTIONS: Final = Q(action__endswith=".export") | Q(action="file.produce")
RIGHTS_ACTIONS: Final = (
    "identity.propose",
    "identity.approved",
    "identity.rejected",
    "identity.withdrawn",
    "identity.delegate",
    "identity.end_delegation",
    "identity.unlock",
    "identity.force_out",
    "identity.create_token",
    "identity.rotate_token",
    "identity.revoke_token",
    "identity.ask_application",
    "identity.approve_application",
    "identity.reject_application",
    "identity.stop_application",
    "identity.issue_key",
)
IsWorkday = Callable[[date], bool]


@dataclass(frozen=True, slots=True)
class Span:
    """From an instant up to, not including, another."""

    since: datetime
    until: datetime

    def __post_init__(self) -> None:
        days = (self.until - self.since).days
        if not 0 <= days <= SPAN_MAX or self.until <= self.since:
            raise errors.SPAN.refuse(
                since=self.since.date(), until=self.until.date(), days=days, limit=SPAN_MAX
            )


def rows_in(span: Span) -> QuerySet[AuditEntry]:
    return AuditEntry.objects.filter(at__gte=span.since, at__lt=span.until)


def selected(span: Span, view: str, is_workday: IsWorkday) -> QuerySet[AuditEntry]:
    """The rows of a view: all, refused, odd_hours, exports or rights."""
    rows = rows_in(span)
    if view == "refused":
        return rows.filter(result="refused")
    if view == "exports":
        return rows.filter(BULK_ACTIONS)
    if view == "rights":
        return rows.filter(action__in=RIGHTS_ACTIONS)
    if view == "odd_hours":
        return _odd(rows, span, is_workday)
    return rows


def _odd(rows: QuerySet[AuditEntry], span: Span, is_workday: IsWorkday) -> QuerySet[AuditEntry]:
    """By people, before or after office hours, or on a day that is none."""
    first, days = span.since.date(), (span.until - span.since).days + 3
    every = (first + timedelta(days=n - 1) for n in range(days))
    free = [day for day in every if not is_workday(day)]
    marked = rows.filter(actor_id__gt=0).annotate(hour=ExtractHour("at"), day=TruncDate("at"))
    return marked.filter(Q(hour__lt=WORK_BEGINS) | Q(hour__gte=WORK_ENDS) | Q(day__in=free))


def by_person(rows: QuerySet[AuditEntry]) -> list[tuple[str, str, int, int]]:
    """Name, unit, how many, and how many of them refused; the busiest first."""
    found = rows.values("actor_id", "name", "unit_name").annotate(
        n=Count("pk"), refused=Count("pk", filter=Q(result="refused"))
    )
    return [
        (one["name"] or "（系统）", one["unit_name"], one["n"], one["refused"])
        for one in found.order_by("-n", "name")[:GROUPS_MAX]
    ]


def by_action(rows: QuerySet[AuditEntry]) -> list[tuple[str, int]]:
    found = rows.values("action").annotate(n=Count("pk")).order_by("-n", "action")
    return [(one["action"], one["n"]) for one in found[:GROUPS_MAX]]


def by_day(rows: QuerySet[AuditEntry]) -> list[tuple[date, int, int]]:
    """Every day with rows: done and refused."""
    found = (
        rows.annotate(day=TruncDate("at"))
        .values("day")
        .annotate(
            done=Count("pk", filter=Q(result="done")),
            refused=Count("pk", filter=Q(result="refused")),
        )
    )
    return [(one["day"], one["done"], one["refused"]) for one in found.order_by("day")]


def latest(rows: QuerySet[AuditEntry]) -> Sequence[AuditEntry]:
    return list(rows.order_by("-pk")[:ROWS_MAX])


def usage_by_day(calls: QuerySet[InterfaceCall]) -> list[dict[str, Any]]:
    """Calls a day: how many, how many not well answered, and how long they took."""
    found = calls.annotate(day=TruncDate("at")).values("day").annotate(**_FIGURES)
    return list(found.order_by("-day")[:31])


def usage_by_route(calls: QuerySet[InterfaceCall]) -> list[dict[str, Any]]:
    found = calls.values("method", "route").annotate(**_FIGURES)
    return list(found.order_by("-n")[:GROUPS_MAX])


_FIGURES: Final[dict[str, Any]] = {
    "n": Count("pk"),
    "refused": Count("pk", filter=Q(status__gte=400)),
    "milliseconds": Avg("milliseconds"),
}

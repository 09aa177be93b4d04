"""审计视图 prepared views of the trail and the logs: counted over a span, with examples.

The caller has applied the auditor's scope; row-level security shows the trail to nobody else.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Final

from django.db.models import Avg, Count, Q, QuerySet
from django.db.models.functions import ExtractHour, ExtractIsoWeekDay, TruncDate
from django.utils import timezone

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
VIEWS: Final = {
    "all": "全部操作",
    "refused": "被拒绝的尝试",
    "odd_hours": "非工作时间",
    "exports": "批量导出",
    "rights": "权限变更",
}


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


def span_of(since: date, until: date) -> Span:
    """Whole days of the city, the last one included."""
    zone = timezone.get_current_timezone()
    return Span(
        datetime.combine(since, time.min, tzinfo=zone),
        datetime.combine(until + timedelta(days=1), time.min, tzinfo=zone),
    )


def rows_in(span: Span) -> QuerySet[AuditEntry]:
    return AuditEntry.objects.filter(at__gte=span.since, at__lt=span.until)


def selected(span: Span, view: str) -> QuerySet[AuditEntry]:
    """The rows of one of VIEWS."""
    rows = rows_in(span)
    if view == "refused":
        return rows.filter(result="refused")
    if view == "exports":
        return rows.filter(BULK_ACTIONS)
    if view == "rights":
        return rows.filter(action__in=RIGHTS_ACTIONS)
    if view == "odd_hours":
        return _odd(rows)
    return rows


def _odd(rows: QuerySet[AuditEntry]) -> QuerySet[AuditEntry]:
    """By people, before or after office hours, on Saturday or on Sunday."""
    marked = rows.filter(actor_id__gt=0).annotate(
        hour=ExtractHour("at"), weekday=ExtractIsoWeekDay("at")
    )
    return marked.filter(Q(hour__lt=WORK_BEGINS) | Q(hour__gte=WORK_ENDS) | Q(weekday__gt=5))


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
    found: Any = calls.annotate(day=TruncDate("at")).values("day").annotate(**_FIGURES)
    return list(found.order_by("-day")[:31])


def usage_by_route(calls: QuerySet[InterfaceCall]) -> list[dict[str, Any]]:
    found: Any = calls.values("method", "route").annotate(**_FIGURES)
    return list(found.order_by("-n")[:GROUPS_MAX])


_FIGURES: Final[dict[str, Any]] = {
    "n": Count("pk"),
    "refused": Count("pk", filter=Q(status__gte=400)),
    "milliseconds": Avg("milliseconds"),
}

"""审计查询 reading the trail: rows newest first, for the auditor. Nothing here writes.

Row-level security shows the rows to the auditor only; the caller has applied his scope.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db.models import QuerySet

from shucai.kernel.audit.models import AuditEntry

PAGE: Final = 50
EXPORT_MAX: Final = 20_000
RESULTS: Final = {"done": "完成", "refused": "拒绝"}
SIGNING_IN: Final = (
    "identity.sign_in",
    "identity.first_factor",
    "identity.second_factor",
    "identity.certificate_sign_in",
    "identity.sign_out",
)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which rows. Texts are starts (action, type) or exact (target, result)."""

    action: str = ""
    target_type: str = ""
    target: str = ""
    result: str = ""
    actor_ids: tuple[int, ...] | None = None
    since: datetime | None = None
    until: datetime | None = None
    before: int = 0


@dataclass(frozen=True, slots=True)
class Row:
    """A row with its body read."""

    id: int
    at: datetime
    name: str
    position: str
    ip: str
    channel: str
    action: str
    target_type: str
    target: str
    result: str
    detail: Mapping[str, Any]
    leaf: str

    @property
    def said(self) -> str:
        """The detail in one line."""
        return json.dumps(self.detail, ensure_ascii=False) if self.detail else ""


def page(wanted: Wanted) -> tuple[list[Row], int]:
    """At most PAGE rows, and the id to go on before; 0 at the end."""
    found = list(_selected(wanted).order_by("-pk")[: PAGE + 1])
    more, found = len(found) > PAGE, found[:PAGE]
    return [_row(one) for one in found], found[-1].pk if more else 0


def export(wanted: Wanted) -> tuple[list[Row], bool]:
    """At most EXPORT_MAX rows, and whether there were more."""
    found = list(_selected(wanted).order_by("-pk")[: EXPORT_MAX + 1])
    return [_row(one) for one in found[:EXPORT_MAX]], len(found) > EXPORT_MAX


def _selected(wanted: Wanted) -> QuerySet[AuditEntry]:
    rows = AuditEntry.objects.all()
    if wanted.before:
        rows = rows.filter(pk__lt=wanted.before)
    if wanted.action:
        rows = rows.filter(action__startswith=wanted.action)
    if wanted.target_type:
        rows = rows.filter(target_type__startswith=wanted.target_type)
    if wanted.target:
        rows = rows.filter(target=wanted.target)
    if wanted.result:
        rows = rows.filter(result=wanted.result)
    if wanted.actor_ids is not None:
        rows = rows.filter(actor_id__in=wanted.actor_ids)
    if wanted.since is not None:
        rows = rows.filter(at__gte=wanted.since)
    if wanted.until is not None:
        rows = rows.filter(at__lt=wanted.until)
    return rows


def _row(one: AuditEntry) -> Row:
    said: dict[str, Any] = json.loads(one.body)
    return Row(
        id=one.pk,
        at=one.at,
        name=str(said.get("name", "")),
        position=str(said.get("position", "")),
        ip=str(said.get("ip", "")),
        channel=str(said.get("channel", "")),
        action=one.action,
        target_type=one.target_type,
        target=one.target,
        result=one.result,
        detail=said.get("detail") or {},
        leaf=bytes(one.leaf).hex(),
    )


def signing_in() -> QuerySet[AuditEntry]:
    """Every coming and going, refused ones too."""
    return AuditEntry.objects.filter(action__in=SIGNING_IN)


def same_request(trace: str) -> list[AuditEntry]:
    """At most PAGE rows of one request, in their order; none without a trace id."""
    return list(AuditEntry.objects.filter(trace=trace).order_by("pk")[:PAGE]) if trace else []

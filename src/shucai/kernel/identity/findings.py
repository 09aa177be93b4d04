"""权限检查 findings: what the nightly look at the rights finds, kept from first sight to its end.

Excluding duties in one hand, users who have not signed in for long, users without an appointment,
leavers whose rights were not taken away in time.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction
from django.utils import timezone

from shucai.kernel.identity import separation
from shucai.kernel.identity.acting import valid_on
from shucai.kernel.identity.models import Appointment, User
from shucai.kernel.identity.records import Leaver, RightsFinding

DORMANT: Final = timedelta(days=90)
EACH_MAX: Final = 5_000


def scan(*, now: datetime) -> list[RightsFinding]:
    """Looks anew: fresh findings are added, known ones seen again, the rest resolved.

    Returns those that are open now.
    """
    found = {(f.kind, f.key): f for f in _found(now)}
    with transaction.atomic():
        known = {
            (f.kind, f.key): f
            for f in RightsFinding.objects.filter(resolved_at__isnull=True).order_by("pk")
        }
        gone = [f.pk for place, f in known.items() if place not in found]
        again = [f.pk for place, f in known.items() if place in found]
        RightsFinding.objects.filter(pk__in=gone).update(resolved_at=now)
        RightsFinding.objects.filter(pk__in=again).update(last_seen=now)
        fresh = [f for place, f in found.items() if place not in known]
        RightsFinding.objects.bulk_create(fresh, batch_size=500)
    return list(RightsFinding.objects.filter(resolved_at__isnull=True).order_by("kind", "pk"))


def _found(now: datetime) -> Iterator[RightsFinding]:
    on = timezone.localdate(now)
    for one in separation.scan(on=on)[:EACH_MAX]:
        key = f"{one.user_id or one.who}|{one.left}|{one.right}"[:200]
        detail = f"兼有“{one.left}”和“{one.right}”，{one.where}"[:400]
        yield _finding("collision", key, one.user_id, one.who, detail, now=now)
    users = User.objects.filter(is_active=True).order_by("pk")
    for user in users.filter(last_login_at__lt=now - DORMANT)[:EACH_MAX]:
        last = timezone.localtime(user.last_login_at)
        detail = f"上次登录 {last:%Y-%m-%d}，已超过 {DORMANT.days} 天"
        yield _finding("dormant", str(user.pk), user.pk, user.name, detail, now=now)
    held = Appointment.objects.filter(valid_on(on)).values("user")
    for user in users.exclude(pk__in=held)[:EACH_MAX]:
        detail = "启用，但没有任何有效的任职"
        yield _finding("idle_user", str(user.pk), user.pk, user.name, detail, now=now)
    late = Leaver.objects.select_related("user").filter(done_at__isnull=True, left_on__lt=on)
    for leaver in late.order_by("pk")[:EACH_MAX]:
        detail = f"{leaver.left_on} 离岗，权限尚未清理"
        key, user = str(leaver.pk), leaver.user
        yield _finding("overdue", key, user.pk, user.name, detail, now=now)


def _finding(
    kind: str, key: str, user_id: int | None, who: str, detail: str, *, now: datetime
) -> RightsFinding:
    return RightsFinding(
        kind=kind,
        key=key,
        user_id=user_id,
        who=who[:80],
        detail=detail,
        first_seen=now,
        last_seen=now,
    )

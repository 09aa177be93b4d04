"""离岗移交 leaving: what was handed to a person by name goes back to the duty when he is gone.

Leavers whose day has come lose their rights in the database; then open to-do items that name
somebody who no longer has any appointment over their unit are asked of the duty again, and its
holders are told.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from django.db import connection, transaction
from django.utils import timezone

from shucai.kernel import audit
from shucai.kernel.identity import scope
from shucai.kernel.identity.acting import valid_on
from shucai.kernel.identity.actor import Actor, subtree
from shucai.kernel.identity.duties import SYSTEM_ADMIN
from shucai.kernel.identity.models import Appointment
from shucai.kernel.identity.records import Leaver
from shucai.kernel.jobs import acting
from shucai.kernel.jobs.declare import task
from shucai.kernel.jobs.work import Work
from shucai.kernel.messages import notices
from shucai.kernel.workflow.models import Todo

TODOS_MAX: Final = 5_000


@task(code="identity.leavers", name="离岗清理", every="5 * * * *", alert=SYSTEM_ADMIN)
def clear_leavers(work: Work) -> Mapping[str, Any]:
    """Every hour: nothing of a leaver's rights or tasks is left a day after he went."""
    return clear(now=work.now)


def clear(*, now: datetime) -> dict[str, int]:
    """Ends the rights of leavers whose day has come; hands on what was asked of the absent."""
    actor = acting.system(now=now)
    with transaction.atomic(), connection.cursor() as cursor:
        scope.apply(actor)
        cursor.execute("SELECT identity_leavers_due(%s)", [now])
        ended = int(cursor.fetchone()[0])
        orphans = _orphans(now)
        _hand_on(actor, orphans, now=now)
        per_user: dict[int | None, int] = defaultdict(int)
        for _, was in orphans:
            per_user[was] += 1
        fresh = Leaver.objects.filter(done_at__isnull=False, returned__isnull=True)
        for leaver in fresh.order_by("pk"):
            leaver.returned = per_user.get(leaver.user_id, 0)
            leaver.save(update_fields=["returned"])
    return {"ended": ended, "handed_on": len(orphans)}


def _orphans(now: datetime) -> list[tuple[Todo, int | None]]:
    """Open items that name a person without a valid appointment over their unit."""
    todos = list(
        Todo.objects.select_related("header")
        .filter(is_open=True, user_id__isnull=False)
        .order_by("pk")[:TODOS_MAX]
    )
    held: dict[int, list[tuple[str, str]]] = defaultdict(list)
    rows = Appointment.objects.filter(
        valid_on(timezone.localdate(now)), user__in={todo.user_id for todo in todos}
    )
    for user_id, path, office in rows.values_list("user_id", "scope_path", "office"):
        held[user_id].append((path, office))
    return [
        (todo, todo.user_id)
        for todo in todos
        if not any(_covers(path, office, todo) for path, office in held[todo.user_id or 0])
    ]


def _covers(path: str, office: str, todo: Todo) -> bool:
    low, high = subtree(path)
    return low <= todo.unit_path < high and office in ("", todo.office)


def _hand_on(actor: Actor, found: Sequence[tuple[Todo, int | None]], *, now: datetime) -> None:
    if not found:
        return
    Todo.objects.filter(pk__in=[todo.pk for todo, _ in found]).update(user_id=None)
    day = timezone.localdate(now)
    told: list[tuple[int, notices.Text]] = []
    rows = []
    for todo, was in found:
        address = todo.header.address
        text = notices.Text(
            title=f"{todo.label}待办已转回本岗位",
            body=f"{address} 原由个人办理，该人员已离岗或调岗",
            link=f"/d/{todo.document_type}/{address}",
            topic="identity.leavers",
            key=f"leaver.{todo.pk}",
        )
        holders = notices.holders(
            duty=todo.duty, unit_path=todo.unit_path, office=todo.office, on=day
        )
        told += [(user, text) for user in holders]
        rows.append(
            audit.AuditRow(
                actor=actor,
                at=now,
                action="identity.hand_on",
                target_type=todo.document_type,
                target=address,
                result="done",
                detail={"from": was, "duty": todo.duty, "todo": todo.pk},
            )
        )
    notices.send_all(told, now=now)
    audit.record(rows)

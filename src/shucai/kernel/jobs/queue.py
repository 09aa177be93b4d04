"""任务队列 the queue: starting, repeating and cancelling runs, and looking at them."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from django.db import connection, transaction
from django.db.models import Q, QuerySet
from procrastinate.contrib.django import app

from shucai.kernel import audit
from shucai.kernel.identity.actor import Actor
from shucai.kernel.identity.duties import SYSTEM_ADMIN
from shucai.kernel.jobs import acting, errors
from shucai.kernel.jobs.declare import Task, find_task
from shucai.kernel.jobs.models import JobRun

TASK: Final = "shucai.run"
PAGE_MAX: Final = 200
LISTED_MAX: Final = 50
_STOPPED: Final = ("dead", "failed", "cancelled")
_ENDED: Final = ("done", "dead", "cancelled")


def start(
    *,
    code: str,
    actor: Actor,
    now: datetime,
    args: Mapping[str, Any] | None = None,
    key: str = "",
) -> JobRun:
    """Queues a run in the caller's transaction; a used key gives back the run it started.

    Raises Refused for an unknown code.
    """
    task = find_task(code)
    if task is None:
        raise errors.UNKNOWN.refuse(code=code)
    run = JobRun(
        code=code,
        name=task.name,
        args=dict(args or {}),
        actor=acting.pack(actor),
        started_by=actor.user_id or None,
        started_by_name=actor.name,
        key=key or None,
        attempts_max=task.attempts,
        created_at=now,
    )
    with transaction.atomic():
        if key:
            JobRun.objects.bulk_create([run], ignore_conflicts=True)
            known = JobRun.objects.get(key=key)
            if known.queue_id is not None:
                return known
            run = known
        else:
            run.save(force_insert=True)
        enqueue(run, task)
        _record(run, actor, now=now, action="job.start")
    return run


def enqueue(run: JobRun, task: Task | None) -> None:
    """Puts the run before the workers, in the caller's transaction."""
    lock = (task.lock if task else "") or None
    run.queue_id = app.configure_task(TASK, lock=lock).defer(run=run.pk)
    JobRun.objects.filter(pk=run.pk).update(queue_id=run.queue_id)


def retry(*, run_id: int, actor: Actor, now: datetime) -> JobRun:
    """Runs a failed, dead or cancelled job again from its start. Raises Refused otherwise."""
    with transaction.atomic():
        run = _locked(run_id, actor)
        if run.state not in _STOPPED:
            raise errors.NOT_STOPPED.refuse(name=run.name, state=run.get_state_display())
        _drop_queued(run)
        JobRun.objects.filter(pk=run.pk).update(
            state="queued", attempts=0, error="", is_cancel_wanted=False, finished_at=None
        )
        enqueue(run, find_task(run.code))
        _record(run, actor, now=now, action="job.retry")
    run.refresh_from_db()
    return run


def cancel(*, run_id: int, actor: Actor, now: datetime) -> JobRun:
    """A waiting run ends at once; a running one at its next progress. Raises Refused if ended."""
    with transaction.atomic():
        run = _locked(run_id, actor)
        if run.state in _ENDED:
            raise errors.ENDED.refuse(name=run.name, state=run.get_state_display())
        wanted: dict[str, Any] = {"is_cancel_wanted": True}
        if run.state in ("queued", "failed"):
            _drop_queued(run)
            wanted |= {"state": "cancelled", "finished_at": now}
        JobRun.objects.filter(pk=run.pk).update(**wanted)
        _record(run, actor, now=now, action="job.cancel")
    run.refresh_from_db()
    return run


def find(*, run_id: int, actor: Actor) -> JobRun:
    """The run, for whoever started it or administers the system. Raises Refused otherwise."""
    run = visible(actor).filter(pk=run_id).first()
    if run is None:
        raise errors.NOT_FOUND.refuse(id=run_id, position=actor.position_name)
    return run


def recent(
    *, actor: Actor, before: int | None = None, size: int = 50, state: str = "", code: str = ""
) -> list[JobRun]:
    """Newest first; `before` is the id of the last row seen."""
    rows = visible(actor)
    if before is not None:
        rows = rows.filter(pk__lt=before)
    if state:
        rows = rows.filter(state=state)
    if code:
        rows = rows.filter(code=code)
    return list(rows.order_by("-pk")[: min(max(size, 1), PAGE_MAX)])


def visible(actor: Actor) -> QuerySet[JobRun]:
    """One's own runs; all of them for whoever administers the system."""
    if actor.can(SYSTEM_ADMIN):
        return JobRun.objects.all()
    return JobRun.objects.filter(Q(started_by=actor.user_id))


def _locked(run_id: int, actor: Actor) -> JobRun:
    run = visible(actor).select_for_update().filter(pk=run_id).first()
    if run is None:
        raise errors.NOT_FOUND.refuse(id=run_id, position=actor.position_name)
    return run


def _drop_queued(run: JobRun) -> None:
    if run.queue_id is not None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT procrastinate_cancel_job_v1(%s, false, true)", [run.queue_id])


def _record(run: JobRun, actor: Actor, *, now: datetime, action: str) -> None:
    row = audit.AuditRow(
        actor=actor,
        at=now,
        action=action,
        target_type="job",
        target=str(run.pk),
        result="done",
        detail={"code": run.code, "args": {k: _brief(v) for k, v in run.args.items()}},
    )
    audit.record([row])


def _brief(value: Any) -> Any:
    """Thousands of numbers are told by their count and their ends."""
    if isinstance(value, list) and len(value) > LISTED_MAX:
        return {"count": len(value), "first": value[0], "last": value[-1]}
    if isinstance(value, dict) and len(value) > LISTED_MAX:
        return {"count": len(value)}
    return value

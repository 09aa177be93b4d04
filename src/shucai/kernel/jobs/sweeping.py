"""清扫 sweeping: jobs of dead workers go back to the queue, periodic jobs come due, old rows go."""

from datetime import datetime, timedelta
from typing import Final

from django.db import connection, transaction
from django.db.models import Q

from shucai.kernel.jobs import acting, plans
from shucai.kernel.jobs.declare import find_task, tasks
from shucai.kernel.jobs.models import JobRun, Schedule, WorkerBeat
from shucai.kernel.jobs.queue import TASK, enqueue, start
from shucai.kernel.jobs.running import LOCK_BASE

STALE_SECONDS: Final = 12
KEEP_RUNS: Final = timedelta(days=180)
KEEP_QUEUE: Final = timedelta(days=3)
KEEP_MESSAGES: Final = timedelta(days=30)
PURGE_CHUNK: Final = 5_000

_STALLED: Final = """
SELECT j.id, (j.args ->> 'run')::bigint FROM procrastinate_jobs j
  LEFT JOIN procrastinate_workers w ON w.id = j.worker_id
 WHERE j.status = 'doing' AND j.task_name = %s
   AND (w.id IS NULL OR w.last_heartbeat < now() - make_interval(secs => %s))
 ORDER BY j.id
"""


def sweep(*, now: datetime, stale_seconds: int = STALE_SECONDS) -> int:
    """Offers again what dead workers left behind; returns how many runs that were."""
    return _requeue_stalled(now, stale_seconds) + _requeue_lost(now, stale_seconds)


def _requeue_stalled(now: datetime, stale_seconds: int) -> int:
    with connection.cursor() as cursor:
        cursor.execute(_STALLED, [TASK, stale_seconds])
        stalled = cursor.fetchall()
    found = 0
    for queue_id, run_id in stalled:
        with transaction.atomic(), connection.cursor() as cursor:
            if not _is_abandoned(cursor, run_id):
                continue
            cursor.execute(
                "SELECT procrastinate_retry_job_v2(id, %s, NULL, NULL, NULL)"
                " FROM procrastinate_jobs WHERE id = %s AND status = 'doing'",
                [now, queue_id],
            )
            found += cursor.rowcount
            JobRun.objects.filter(pk=run_id, state="running").update(
                state="failed", note="执行进程中断，已重新排队"
            )
    return found


def _requeue_lost(now: datetime, stale_seconds: int) -> int:
    """Runs that should be waiting, but whose place in the queue has ended or gone."""
    before = now - timedelta(seconds=max(stale_seconds, 1))
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT r.id FROM jobs_run r LEFT JOIN procrastinate_jobs j ON j.id = r.queue_id"
            " WHERE r.state IN ('queued', 'failed', 'running')"
            " AND coalesce(r.seen_at, r.created_at) < %s"
            " AND (j.id IS NULL OR j.status NOT IN ('todo', 'doing')) ORDER BY r.id LIMIT 1000",
            [before],
        )
        lost = [row[0] for row in cursor.fetchall()]
    for run_id in lost:
        with transaction.atomic(), connection.cursor() as cursor:
            if _is_abandoned(cursor, run_id):
                run = JobRun.objects.select_for_update().get(pk=run_id)
                enqueue(run, find_task(run.code))
                JobRun.objects.filter(pk=run_id).update(seen_at=now)
    return len(lost)


def _is_abandoned(cursor: object, run_id: int) -> bool:
    """Nobody holds the run's lock: the process that had it is dead, however fresh its beat."""
    cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [LOCK_BASE + run_id])  # type: ignore[attr-defined]
    return bool(cursor.fetchone()[0])  # type: ignore[attr-defined]


def tick(*, now: datetime) -> list[JobRun]:
    """Queues every periodic job whose slot has come, once among all workers.

    Slots missed while nothing ran are made up for by one run; slots of a paused job are not. A
    job seen for the first time waits for its next slot, one with a predecessor for its success.
    """
    started = []
    known = plans.known()
    for task in tasks().values():
        if not task.every:
            continue
        plan = known.get(task.code) or plans.standard(task)
        slot = plans.previous(plan.rhythm, now)
        with transaction.atomic():
            row, is_new = Schedule.objects.get_or_create(code=task.code, defaults={"slot": slot})
            if is_new or not plans.may_start(plan, since=row.slot):
                continue
            due = Schedule.objects.filter(code=task.code, slot__lt=slot)
            if due.update(slot=slot) and not plan.is_paused:
                actor = acting.system(now=now)
                started.append(start(code=task.code, actor=actor, now=now))
    return started


def purge(*, now: datetime) -> dict[str, int]:
    """Removes what is over: old runs, finished places in the queue, delivered messages."""
    gone = JobRun.objects.filter(
        Q(state__in=["done", "cancelled"]), finished_at__lt=now - KEEP_RUNS
    ).delete()[0]
    WorkerBeat.objects.filter(seen_at__lt=now - timedelta(days=1)).delete()
    queue, messages = 0, 0
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM procrastinate_jobs j WHERE j.status NOT IN ('todo', 'doing')"
            " AND NOT EXISTS (SELECT 1 FROM procrastinate_events e"
            " WHERE e.job_id = j.id AND e.at >= %s)",
            [now - KEEP_QUEUE],
        )
        queue = cursor.rowcount
        while True:
            cursor.execute("SELECT outbox_purge(%s, %s)", [now - KEEP_MESSAGES, PURGE_CHUNK])
            part = cursor.fetchone()[0]
            messages += part
            if part < PURGE_CHUNK:
                break
    return {"runs": gone, "queue": queue, "messages": messages}

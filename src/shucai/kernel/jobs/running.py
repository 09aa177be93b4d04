"""执行 running one job: claimed, watched and settled outside the job's own transactions.

A second connection holds an advisory lock for as long as the process lives, so a run is never
executed twice at once, and keeps progress that survives a rollback.
"""

import json
import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Any, Final

import psycopg
from django.db import DatabaseError, connections
from procrastinate import App, BaseRetryStrategy, JobContext, RetryDecision
from procrastinate.contrib.django import connector_params
from procrastinate.jobs import Job

from shucai.base.errors import Refused, Unavailable
from shucai.kernel.audit import logbook
from shucai.kernel.jobs import acting, errors
from shucai.kernel.jobs.declare import Task, find_task
from shucai.kernel.jobs.queue import TASK
from shucai.kernel.jobs.work import Cancelled, Interrupted, Work

LOG: Final = logging.getLogger("shucai.jobs")
LOCK_BASE: Final = 7_337_010 * 10**12
WAIT_MIN, WAIT_MAX = 5, 600
Clock = Callable[[], datetime]


class Again(Exception):
    """The queue should offer the run once more after `wait` seconds."""

    def __init__(self, wait: int) -> None:
        self.wait = wait
        super().__init__(f"again in {wait} s")


class _AsTold(BaseRetryStrategy):
    """Retries exactly when the run says so; the run itself counts its attempts."""

    def get_retry_decision(self, *, exception: BaseException, job: Job) -> RetryDecision | None:
        if isinstance(exception, Again):
            return RetryDecision(retry_in={"seconds": exception.wait})
        return None


def register(queue: App) -> None:
    """The queue learns the one task that runs every declared job."""
    queue.task(name=TASK, pass_context=True, retry=_AsTold())(_run)


def _run(context: JobContext, run: int) -> None:
    said = context.additional_context
    execute(
        run,
        clock=said["clock"],
        is_stopping=said["is_stopping"],
        worker=context.worker_name or "",
    )


class Run:
    """The journal of one run on its own connection; every statement commits at once."""

    def __init__(self, link: psycopg.Connection[Any], run_id: int, clock: Clock) -> None:
        self._link, self._id, self._clock = link, run_id, clock
        self.code, self.name, self.alert = "", "", ""
        self.args: Mapping[str, Any] = {}
        self.actor: dict[str, Any] | None = None
        self.attempts, self.attempts_max, self.started_by = 0, 0, 0

    def claim(self, *, worker: str, now: datetime) -> bool:
        """Makes the run ours, unless it has ended or another process is at it."""
        held = self._link.execute(
            "SELECT pg_try_advisory_lock(%s)", [LOCK_BASE + self._id]
        ).fetchone()
        if not held or not held[0]:
            raise Again(WAIT_MIN)
        row = self._link.execute(
            "UPDATE jobs_run SET state = 'running', attempts = attempts + 1, worker = %s,"
            " started_at = %s, seen_at = %s, done = 0"
            " WHERE id = %s AND state IN ('queued', 'failed', 'running')"
            " RETURNING code, name, args, actor, attempts, attempts_max, started_by",
            [worker, now, now, self._id],
        ).fetchone()
        if row is None:
            return False
        self.code, self.name, self.args, self.actor, self.attempts, self.attempts_max = row[:6]
        self.started_by = row[6] or 0
        return True

    def progress(self, *, done: int, total: int, note: str) -> bool:
        row = self._link.execute(
            "UPDATE jobs_run SET done = %s, total = greatest(total, %s), note = %s, seen_at = %s"
            " WHERE id = %s RETURNING is_cancel_wanted",
            [done, max(total, done), note[:200], self._clock(), self._id],
        ).fetchone()
        return row is not None and not row[0]

    def alarm(self, text: str) -> None:
        self.tell("job.alarm", text=text)

    def tell(self, topic: str, **more: Any) -> None:
        """An outbox message about the run; what it becomes is for the consumers."""
        said = {"run": self._id, "code": self.code, "name": self.name, "alert": self.alert}
        said |= {"user": self.started_by, **more}
        self._link.execute(
            "SELECT outbox_append(ARRAY[%s], ARRAY[%s], ARRAY[%s])",
            [topic, f"job:{self._id}", json.dumps(said, ensure_ascii=False)],
        )

    def finish(
        self, state: str, *, error: str = "", result: Mapping[str, Any], file_id: int | None = None
    ) -> None:
        with self._link.transaction():
            self._link.execute(
                "UPDATE jobs_run SET state = %s, error = %s, result = %s::jsonb, file_id = %s,"
                " total = CASE WHEN %s = 'done' THEN greatest(total, done) ELSE total END,"
                " done = CASE WHEN %s = 'done' THEN greatest(total, done) ELSE done END,"
                " finished_at = %s, seen_at = %s WHERE id = %s",
                [
                    state,
                    error[:4000],
                    json.dumps(dict(result), ensure_ascii=False, default=str),
                    file_id,
                    state,
                    state,
                    self._clock(),
                    self._clock(),
                    self._id,
                ],
            )
            if state in ("done", "dead"):
                self.tell(f"job.{state}", error=error[:400], file=file_id)

    def put_back(self, *, state: str, error: str, counts: bool) -> None:
        """Waiting again; an interrupted attempt does not count."""
        self._link.execute(
            "UPDATE jobs_run SET state = %s, error = %s, attempts = attempts - %s WHERE id = %s",
            [state, error[:4000], 0 if counts else 1, self._id],
        )


@contextmanager
def _journal(run_id: int, clock: Clock) -> Iterator[Run]:
    """Closing the connection gives the advisory lock back; so does the death of the process."""
    with psycopg.connect(**connector_params("default"), autocommit=True) as link:
        yield Run(link, run_id, clock)


def execute(
    run_id: int,
    *,
    clock: Clock,
    is_stopping: Callable[[], bool] = lambda: False,
    worker: str = "",
) -> None:
    """Runs one job to its end. Raises Again when the queue should offer it once more."""
    with _journal(run_id, clock) as run:
        now = clock()
        if not run.claim(worker=worker, now=now):
            return
        task = find_task(run.code)
        if task is None:
            run.finish("dead", error=errors.UNKNOWN.at(code=run.code).text, result={})
            return
        run.alert = task.alert
        if run.attempts > run.attempts_max:
            # Only a process that died can have used up attempts without settling the run.
            finding = errors.INTERRUPTED.at(
                name=run.name, attempts=run.attempts - 1, limit=run.attempts_max
            )
            run.finish("dead", error=finding.text, result={})
            return
        _perform(task, run, Starting(run_id, now, clock, is_stopping))


class Starting:
    """What an attempt begins with, besides the run itself."""

    def __init__(
        self, run_id: int, now: datetime, clock: Clock, is_stopping: Callable[[], bool]
    ) -> None:
        self.run_id, self.now, self.clock, self.is_stopping = run_id, now, clock, is_stopping

    def work(self, task: Task, run: Run) -> Work:
        if run.actor:
            actor = acting.current(acting.unpack(run.actor), job=task.name, now=self.now)
        else:
            actor = acting.system(now=self.now)
        return Work(
            run_id=self.run_id,
            code=task.code,
            name=task.name,
            args=run.args,
            actor=actor,
            now=self.now,
            attempt=run.attempts,
            clock=self.clock,
            journal=run,
            is_stopping=self.is_stopping,
        )


def _perform(task: Task, run: Run, starting: Starting) -> None:
    try:
        work = starting.work(task, run)
        result = task(work) or {}
        run.finish("done", result=result, file_id=work.file_id)
    except Cancelled:
        run.finish("cancelled", result={})
    except Interrupted:
        run.put_back(state="queued", error="", counts=False)
        raise Again(1) from None
    except Refused as refused:
        run.finish("dead", error=str(refused), result={"code": refused.code})
    except Unavailable as busy:
        _settle_failure(run, str(busy), wait=max(busy.retry_after, 1))
    except Exception as failure:  # whatever a job does wrong must end in its row
        LOG.exception("job %s (run %s) failed", task.code, starting.run_id)
        logbook.note_defect(
            failure,
            at=starting.clock(),
            trace=f"job:{starting.run_id}",
            channel="job",
            where={"route": task.code},
        )
        if isinstance(failure, DatabaseError):
            connections.close_all()
        _settle_failure(run, f"{type(failure).__name__}: {failure}")


def _settle_failure(run: Run, error: str, *, wait: int | None = None) -> None:
    if run.attempts >= run.attempts_max:
        run.finish("dead", error=error, result={})
        return
    run.put_back(state="failed", error=error, counts=True)
    raise Again(min(wait or WAIT_MIN * 2**run.attempts, WAIT_MAX))

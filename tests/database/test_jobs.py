"""Jobs end in their row whatever happens: done, refused, tried again, dead, cancelled."""

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection, transaction

from shucai.base.errors import Refused
from shucai.kernel import registry
from shucai.kernel.identity.actor import Actor
from shucai.kernel.jobs import errors, queue, sweeping
from shucai.kernel.jobs.declare import task
from shucai.kernel.jobs.models import JobRun, OutboxMessage, Schedule
from shucai.kernel.jobs.running import Again, execute
from shucai.kernel.jobs.work import Work

NOW = datetime(2026, 3, 5, 10, 0, tzinfo=UTC)

CLERK = Actor(
    user_id=0,
    name="陈会计",
    position_name="经办岗",
    duties=frozenset({"payment.preparer"}),
    scope_path="4406/440600/105/105001",
    office="",
    unit_code="105001",
    unit_name="佛山市第一中学",
    division="440600000",
    fiscal_year=2026,
)
ADMIN = Actor(
    user_id=9,
    name="王管理",
    position_name="系统管理岗",
    duties=frozenset({"identity.system_admin"}),
    scope_path="4406",
    office="",
    unit_code="",
    unit_name="",
    division="440600000",
    fiscal_year=2026,
)

Declare = Callable[..., None]


@pytest.fixture
def declare() -> Iterator[Declare]:
    """Declares a job for one test."""
    made: list[str] = []

    def one(function: Any, **more: Any) -> None:
        made.append("test.job")
        task(code="test.job", name="试验任务", **more)(function)

    yield one
    registry.forget("job", made)


def start(**args: Any) -> JobRun:
    return queue.start(code="test.job", actor=CLERK, now=NOW, args=args)


def ends(run: JobRun, **more: Any) -> JobRun:
    execute(run.pk, clock=lambda: NOW, **more)
    run.refresh_from_db()
    return run


def queued(run: JobRun) -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT status FROM procrastinate_jobs WHERE id = %s", [run.queue_id])
        row = cursor.fetchone()
    return row[0] if row else "gone"


def test_a_job_reports_progress_and_its_result(fresh_database: str, declare: Declare) -> None:
    def double(work: Work) -> Mapping[str, Any]:
        for done in range(1, 4):
            work.progress(done, 3, f"第 {done} 项")
        return {"doubled": work.args["n"] * 2, "by": work.actor.name}

    declare(double)

    run = ends(start(n=21))

    assert (run.state, run.percent, run.attempts) == ("done", 100, 1)
    assert run.result == {"doubled": 42, "by": "陈会计"}
    assert (run.done, run.total, run.note) == (3, 3, "第 3 项")
    told = OutboxMessage.objects.get(topic="job.done")
    assert told.payload["run"] == run.pk


def test_a_rolled_back_transaction_starts_nothing(fresh_database: str, declare: Declare) -> None:
    declare(lambda work: None)

    with transaction.atomic():
        start()
        transaction.set_rollback(True)

    assert JobRun.objects.count() == 0
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM procrastinate_jobs")
        assert cursor.fetchone() == (0,)


def test_the_same_key_starts_one_run(fresh_database: str, declare: Declare) -> None:
    declare(lambda work: None)

    first = queue.start(code="test.job", actor=CLERK, now=NOW, key="导出-1")
    second = queue.start(code="test.job", actor=CLERK, now=NOW, key="导出-1")

    assert (first.pk, JobRun.objects.count()) == (second.pk, 1)


def test_an_unknown_job_is_refused(fresh_database: str) -> None:
    with pytest.raises(Refused) as refused:
        queue.start(code="no.such", actor=CLERK, now=NOW)

    assert refused.value.code == "JOB-1001"
    assert "不能启动任务 no.such" in str(refused.value)


def test_a_failure_is_tried_again_and_dies_after_its_attempts(
    fresh_database: str, declare: Declare
) -> None:
    def fail(work: Work) -> None:
        raise ZeroDivisionError("除以零")

    declare(fail, attempts=2)
    run = start()

    with pytest.raises(Again):
        ends(run)
    run.refresh_from_db()
    assert (run.state, run.attempts) == ("failed", 1)

    assert ends(run).state == "dead"
    assert run.error == "ZeroDivisionError: 除以零"
    assert OutboxMessage.objects.filter(topic="job.dead").count() == 1


def test_a_refusal_is_not_tried_again(fresh_database: str, declare: Declare) -> None:
    def refuse(work: Work) -> None:
        raise errors.UNKNOWN.refuse(code="别的任务")

    declare(refuse)

    run = ends(start())

    assert (run.state, run.attempts) == ("dead", 1)
    assert "别的任务" in run.error


def test_a_dead_job_is_run_again_by_a_person(fresh_database: str, declare: Declare) -> None:
    hopeful: list[int] = []

    def second_time(work: Work) -> None:
        hopeful.append(1)
        if len(hopeful) == 1:
            raise errors.UNKNOWN.refuse(code="x")

    declare(second_time)
    run = ends(start())
    assert run.state == "dead"

    queue.retry(run_id=run.pk, actor=ADMIN, now=NOW)

    assert ends(run).state == "done"
    with pytest.raises(Refused) as refused:
        queue.retry(run_id=run.pk, actor=ADMIN, now=NOW)
    assert refused.value.code == "JOB-1003"


def test_a_waiting_job_is_cancelled_at_once(fresh_database: str, declare: Declare) -> None:
    declare(lambda work: None)
    run = start()

    queue.cancel(run_id=run.pk, actor=ADMIN, now=NOW)

    assert (ends(run).state, queued(run)) == ("cancelled", "gone")
    with pytest.raises(Refused) as refused:
        queue.cancel(run_id=run.pk, actor=ADMIN, now=NOW)
    assert refused.value.code == "JOB-1004"


def test_a_running_job_is_cancelled_at_its_next_progress(
    fresh_database: str, declare: Declare
) -> None:
    reached: list[int] = []

    def long(work: Work) -> None:
        work.progress(1, 2)
        queue.cancel(run_id=work.run_id, actor=ADMIN, now=NOW)
        work.progress(2, 2)
        reached.append(2)

    declare(long)

    run = ends(start())

    assert (run.state, reached) == ("cancelled", [])


def test_a_stopping_worker_puts_the_job_back_without_counting(
    fresh_database: str, declare: Declare
) -> None:
    declare(lambda work: work.progress(1, 2))
    run = start()

    with pytest.raises(Again):
        ends(run, is_stopping=lambda: True)
    run.refresh_from_db()

    assert (run.state, run.attempts) == ("queued", 0)
    assert ends(run).state == "done"


def test_a_run_is_not_executed_twice_at_once(fresh_database: str, declare: Declare) -> None:
    seen: list[str] = []

    def once(work: Work) -> None:
        seen.append("first")
        with pytest.raises(Again):
            execute(work.run_id, clock=lambda: NOW)

    declare(once)

    assert (ends(start()).state, seen) == ("done", ["first"])


def test_a_finished_run_offered_again_does_nothing(fresh_database: str, declare: Declare) -> None:
    seen: list[int] = []
    declare(lambda work: seen.append(1))
    run = ends(start())

    ends(run)

    assert seen == [1]


def test_work_left_by_a_dead_process_is_swept_and_done_once(
    fresh_database: str, declare: Declare
) -> None:
    seen: list[int] = []
    declare(lambda work: seen.append(work.attempt))
    run = start()
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE procrastinate_jobs SET status = 'doing' WHERE id = %s", [run.queue_id]
        )
    JobRun.objects.filter(pk=run.pk).update(state="running", attempts=1, seen_at=NOW)

    assert sweeping.sweep(now=NOW) == 1

    assert queued(run) == "todo"
    assert ends(run).state == "done"
    assert seen == [2]


def test_a_job_that_kills_its_process_every_time_dies(
    fresh_database: str, declare: Declare
) -> None:
    declare(lambda work: None, attempts=2)
    run = start()
    JobRun.objects.filter(pk=run.pk).update(state="running", attempts=2)

    ends(run)

    assert run.state == "dead"
    assert "执行进程中断 2 次，已达上限 2 次" in run.error
    assert "JOB-1006" in run.error


def test_a_run_whose_place_in_the_queue_is_gone_gets_a_new_one(
    fresh_database: str, declare: Declare
) -> None:
    declare(lambda work: None)
    run = start()
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM procrastinate_jobs")

    assert sweeping.sweep(now=NOW + timedelta(minutes=1)) == 1

    run.refresh_from_db()
    assert queued(run) == "todo"


def test_a_periodic_job_is_queued_once_a_slot(fresh_database: str, declare: Declare) -> None:
    declare(lambda work: None, every="30 * * * *")
    mine = {"code": "test.job"}

    sweeping.tick(now=NOW)
    assert JobRun.objects.filter(**mine).count() == 0
    sweeping.tick(now=NOW + timedelta(minutes=31))
    sweeping.tick(now=NOW + timedelta(minutes=32))
    assert JobRun.objects.filter(**mine).count() == 1
    sweeping.tick(now=NOW + timedelta(hours=9))
    assert JobRun.objects.filter(**mine).count() == 2

    assert Schedule.objects.get(**mine).slot == NOW + timedelta(hours=8, minutes=30)


def test_a_job_of_somebody_else_is_not_shown(fresh_database: str, declare: Declare) -> None:
    declare(lambda work: None)
    run = start()
    stranger = Actor(**{**{f: getattr(CLERK, f) for f in CLERK.__slots__}, "user_id": 77})

    with pytest.raises(Refused) as refused:
        queue.find(run_id=run.pk, actor=stranger)

    assert refused.value.code == "JOB-1002"
    assert queue.recent(actor=stranger) == []
    assert [r.pk for r in queue.recent(actor=ADMIN)] == [run.pk]


def test_what_is_over_is_purged_and_what_is_not_stays(
    fresh_database: str, declare: Declare
) -> None:
    declare(lambda work: None)
    old = ends(start())
    waiting = start()
    JobRun.objects.filter(pk=old.pk).update(finished_at=NOW - timedelta(days=200))

    gone = sweeping.purge(now=NOW)

    assert gone["runs"] == 1
    assert [run.pk for run in JobRun.objects.all()] == [waiting.pk]

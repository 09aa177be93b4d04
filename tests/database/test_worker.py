"""The worker process: killed in the middle nothing is lost or doubled; asked to stop it obeys."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from django.db import connection
from django.utils import timezone
from tests.database.test_jobs import CLERK
from tests.database_server import ROOT, Place

from shucai.kernel import registry
from shucai.kernel.jobs import queue, sweeping
from shucai.kernel.jobs.declare import task
from shucai.kernel.jobs.models import JobRun, WorkerBeat

Spawn = Callable[[str], "subprocess.Popen[bytes]"]


@pytest.fixture
def spawn(database_place: Place, fresh_database: str) -> Iterator[Spawn]:
    running: list[subprocess.Popen[bytes]] = []

    def one(name: str) -> "subprocess.Popen[bytes]":
        environment = database_place.environment(fresh_database)
        environment["DJANGO_SETTINGS_MODULE"] = "shucai.site.settings"
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.database.worker_process", name],
            cwd=ROOT,
            env=environment,
        )
        running.append(process)
        return process

    with declared():
        yield one
    for process in running:
        if process.poll() is None:
            process.kill()
        process.wait()


@contextmanager
def declared() -> Iterator[None]:
    task(code="test.slow", name="慢任务", attempts=3)(lambda work: None)
    yield
    registry.forget("job", ["test.slow"])


def until(holds: Callable[[], bool], *, seconds: int = 30) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, "it never happened"
        time.sleep(0.1)


def start(pause: str = "0.3") -> JobRun:
    args = {"pause": {"0.3": 0.3, "0": 0}[pause]}
    return queue.start(code="test.slow", actor=CLERK, now=timezone.now(), args=args)


def steps() -> list[tuple[str, str]]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT session_key, session_data FROM django_session ORDER BY 1")
        return cursor.fetchall()


def test_a_job_of_a_killed_worker_is_done_once_by_the_next(spawn: Spawn) -> None:
    first = spawn("first")
    run = start()

    def has_begun() -> bool:
        run.refresh_from_db()
        return run.state == "running" and run.done >= 2

    until(has_begun)
    os.kill(first.pid, signal.SIGKILL)
    first.wait()
    assert steps() == []
    until(lambda: sweeping.sweep(now=timezone.now(), stale_seconds=0) == 1)
    spawn("second")

    def is_done() -> bool:
        run.refresh_from_db()
        return run.state == "done"

    until(is_done)
    assert (run.attempts, run.result) == (2, {"by": "second"})
    assert len(steps()) == 10
    assert {by for _, by in steps()} == {"second"}


def test_a_worker_asked_to_stop_puts_its_job_back_and_leaves(spawn: Spawn) -> None:
    first = spawn("first")
    run = start()

    def has_begun() -> bool:
        run.refresh_from_db()
        return run.state == "running" and run.done >= 1

    until(has_begun)
    first.send_signal(signal.SIGTERM)

    assert first.wait(timeout=20) == 0
    run.refresh_from_db()
    assert (run.state, run.attempts) == ("queued", 0)
    assert steps() == []
    assert not WorkerBeat.objects.filter(name="first").exists()


def test_a_worker_outlives_the_loss_of_its_connections(spawn: Spawn, fresh_database: str) -> None:
    process = spawn("first")
    until(lambda: WorkerBeat.objects.filter(name="first").exists())
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
            " WHERE datname = %s AND pid <> pg_backend_pid() AND usename = current_user",
            [fresh_database],
        )
        assert cursor.fetchone()[0] > 0

    run = start("0")

    def is_done() -> bool:
        run.refresh_from_db()
        return run.state == "done"

    until(is_done)
    assert process.poll() is None

"""Releases reach running processes within seconds, are acknowledged, and survive a restart."""

import subprocess
import sys
import time
from collections.abc import Callable, Iterator

import pytest
from django.db import connection
from django.utils import timezone
from tests import configuration_world as world
from tests import people
from tests.configuration_world import published
from tests.database_server import ROOT, Place
from tests.people import Staff

from shucai.kernel.configuration import delivery, reading
from shucai.kernel.configuration.models import ConfigurationVersion, Process

Spawn = Callable[[], "subprocess.Popen[str]"]
LIMIT = 5.0


@pytest.fixture
def staff(fresh_database: str) -> Iterator[Staff]:
    with world.declared():
        yield people.appoint()


@pytest.fixture
def spawn(database_place: Place, fresh_database: str) -> Iterator[Spawn]:
    running: list[subprocess.Popen[str]] = []

    def one() -> "subprocess.Popen[str]":
        environment = database_place.environment(fresh_database)
        environment["DJANGO_SETTINGS_MODULE"] = "shucai.site.settings"
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.database.listening_process"],
            cwd=ROOT,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            encoding="utf-8",
        )
        running.append(process)
        return process

    yield one
    for process in running:
        process.kill()
        process.communicate()


def ask(process: "subprocess.Popen[str]") -> str:
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write("?\n")
    process.stdin.flush()
    return process.stdout.readline().strip()


def seconds_until(holds: Callable[[], bool], *, limit: float = 30) -> float:
    begun = time.monotonic()
    while not holds():
        assert time.monotonic() - begun < limit, "it never happened"
        time.sleep(0.05)
    return time.monotonic() - begun


def serial() -> int:
    return int(ConfigurationVersion.objects.values_list("serial", flat=True).get())


def acknowledged(count: int) -> bool:
    return Process.objects.filter(serial=serial()).count() == count


@pytest.mark.function("OPS-012", "PLAT-015")
def test_a_release_is_seen_and_acknowledged_by_every_process_in_time(
    staff: Staff, spawn: Spawn
) -> None:
    processes = [spawn(), spawn()]
    before = [ask(process) for process in processes]
    seconds_until(lambda: acknowledged(2))
    published(staff, "欢迎")
    waited = seconds_until(lambda: [ask(p) for p in processes] == ["欢迎"] * 2, limit=LIMIT)
    waited += seconds_until(lambda: acknowledged(2), limit=LIMIT)
    told = {(p.process_id, p.serial, p.kind) for p in delivery.processes(now=timezone.now())}

    assert before == ["您好", "您好"]
    assert waited < LIMIT
    assert told == {(process.pid, serial(), "web") for process in processes}


@pytest.mark.function("OPS-012")
def test_a_restarted_process_works_with_the_same_release_and_the_stopped_one_signs_off(
    staff: Staff, spawn: Spawn
) -> None:
    published(staff, "欢迎")
    first = spawn()
    answers = [ask(first)]
    seconds_until(lambda: acknowledged(1))
    first.communicate()
    gone = Process.objects.filter(process_id=first.pid).exists()
    second = spawn()
    answers.append(ask(second))
    second.kill()
    third = spawn()
    answers.append(ask(third))

    assert answers == ["欢迎"] * 3
    assert not gone
    assert serial() == 2


@pytest.mark.function("OPS-012")
def test_a_lost_connection_is_made_again(staff: Staff) -> None:
    listener = delivery.Listener(kind="worker")
    listener.start()
    try:
        seconds_until(lambda: acknowledged(1))
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND application_name = %s",
                [delivery.APPLICATION],
            )
        published(staff, "欢迎")
        waited = seconds_until(lambda: acknowledged(1), limit=10)
    finally:
        listener.stop()

    assert waited < 10
    assert not Process.objects.exists()


@pytest.mark.function("OPS-012")
def test_hearing_costs_a_request_no_query(
    staff: Staff, django_assert_num_queries: Callable[[int], Iterator[None]]
) -> None:
    published(staff, "欢迎")
    told = {"division": people.CITY, "fiscal_year": 2026}
    reading.hear(ConfigurationVersion.objects.get().version)
    try:
        reading.current(world.CODE, "hall", **told)  # type: ignore[arg-type]
        with django_assert_num_queries(0):  # type: ignore[attr-defined]
            found = reading.current(world.CODE, "hall", **told)  # type: ignore[arg-type]
    finally:
        reading.hear(None)

    assert found.content["text"] == "欢迎"

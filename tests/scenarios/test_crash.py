"""kill -9 of clerks and of the database in the middle of batches: what was answered is kept,
what was not is gone whole, and ledger, audit and outbox prove clean after the restart."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.db import connection, connections, transaction
from tests import database_server, factories
from tests.database_server import ROOT, Place

from shucai.kernel.audit import sealing
from shucai.kernel.document.models import Header
from shucai.kernel.identity import scope
from shucai.kernel.ledger import proof
from shucai.site import roles
from shucai.site.postgres import PORT, Server


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    """A durable server of the test's own."""
    own = Server(tmp_path / "postgres", durable=True)
    own.start()
    yield own
    own.stop()
    own.remove()


@pytest.fixture
def place(server: Server, django_db_setup: None, django_db_blocker: object) -> Iterator[Place]:
    known = server.passwords
    found = Place(
        host=str(server.socket),
        port=PORT,
        superuser=roles.SUPERUSER,
        superuser_password=known.superuser,
        passwords={roles.MIGRATOR: known.migrator, roles.APP: known.app},
    )
    before = dict(connections.settings["default"])
    with django_db_blocker.unblock():  # type: ignore[attr-defined]
        name = database_server.template(found)
        database_server.clone(found, name, "shucai_crash")
        database_server.point_django_at(found, "shucai_crash")
        yield found
        connections.close_all()
    connections.settings["default"].update(before)
    os.environ.update(
        SHUCAI_DB_HOST=before["HOST"],
        SHUCAI_DB_NAME=before["NAME"],
        SHUCAI_DB_PASSWORD=before["PASSWORD"],
    )


def clerk(place: Place, name: str, allotment: str, log: Path) -> "subprocess.Popen[bytes]":
    environment = place.environment("shucai_crash")
    environment["DJANGO_SETTINGS_MODULE"] = "shucai.site.settings"
    with log.open("wb") as out, (log.with_suffix(".err")).open("wb") as err:
        return subprocess.Popen(
            [sys.executable, "-m", "tests.scenarios.crash_process", name, allotment],
            cwd=ROOT,
            env=environment,
            stdout=out,
            stderr=err,
        )


def answered(log: Path) -> list[str]:
    """The numbers in whole lines: an answer cut off was not received."""
    lines = log.read_text().split("\n")[:-1]
    return [number for line in lines for number in json.loads(line)]


@pytest.mark.function("PLAT-062")
def test_killing_everything_loses_no_answer_and_leaves_no_half(
    server: Server, place: Place, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    world = factories.found()
    with transaction.atomic():
        allotment = world.allot("100000.00")
    logs = [tmp_path / f"clerk-{n}.log" for n in range(3)]
    clerks = [clerk(place, log.stem, allotment, log) for log in logs]
    for process in clerks:
        request.addfinalizer(process.kill)

    _wait_for_answers(logs, at_least=4)
    clerks[0].send_signal(signal.SIGKILL)
    time.sleep(1)
    connections.close_all()
    assert server.pid is not None
    os.kill(server.pid, signal.SIGKILL)
    for process in clerks:
        process.wait(timeout=60)
    server.start()

    told = {number for log in logs for number in answered(log)}
    with transaction.atomic():
        scope.apply(world.people["treasurer"])
        kept = set(Header.objects.filter(state="reviewing").values_list("number", flat=True))
        drafts = Header.objects.filter(type="payment.application", number=None)
        assert told <= kept
        assert set(drafts.values_list("state", flat=True)) <= {"draft"}
        assert world.balance(allotment)[1] == f"{len(kept)}.00"
    assert not proof.check().faults
    sealing.seal(at=datetime(2026, 3, 16, 4, 0, tzinfo=UTC))
    assert sealing.prove().faults == ()
    with connection.cursor() as cursor:
        cursor.execute("SELECT key FROM outbox_message WHERE topic = 'payment.application.submit'")
        assert sorted(row[0] for row in cursor.fetchall()) == sorted(kept)


def _wait_for_answers(logs: list[Path], *, at_least: int) -> None:
    deadline = time.monotonic() + 90
    while any(log.read_text().count("\n") < at_least for log in logs):
        assert time.monotonic() < deadline, [log.with_suffix(".err").read_text() for log in logs]
        time.sleep(0.2)

"""kill -9 of web, worker and database while clerks' requests are in flight: every answer is kept,
a request without an answer can be sent again under its key, and nothing is done twice."""

import http.client
import json
import os
import signal
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from tests.factories import PAYEE
from tests.instance import City

from shucai.site.postgres import Server
from shucai.site.process import wait_until

CLERKS = 3
PART_SECONDS = 60
TOKEN = """
from datetime import timedelta
from django.utils import timezone
from shucai.kernel.identity import acting, tokens
from shucai.kernel.identity.models import User
now = timezone.now()
user = User.objects.get(username="jingban")
actor = acting.actor_for(user_id=user.pk, appointment_id=None, fiscal_year=None, now=now)
for n in range(3):
    made = tokens.create(
        actor=actor, name=f"clerk {n}", scopes=["*"], expires_at=now + timedelta(days=1), now=now
    )
    print(made.secret)
"""


@pytest.fixture
def city(tmp_path_factory: pytest.TempPathFactory) -> Iterator[City]:
    made = City(tmp_path_factory.mktemp("flight"))
    done = made.up("--demo", "--units", "6")
    assert done.returncode == 0, done.stdout + done.stderr
    yield made
    made.call("down")
    Server(made.data / "postgres").remove()


@dataclass(frozen=True, slots=True)
class Wire:
    """One person's program, over real HTTP: every request on a connection of its own."""

    city: City
    secret: str

    def ask(self, method: str, path: str, body: Any = None, *, key: str = "") -> tuple[int, Any]:
        headers = {"Authorization": f"Bearer {self.secret}", "Content-Type": "application/json"}
        if key:
            headers["Idempotency-Key"] = f"{self.secret[-6:]}-{key}"
        connection = http.client.HTTPConnection("127.0.0.1", self.city.port, timeout=20)
        try:
            said = None if body is None else json.dumps(body)
            connection.request(method, f"/api/v1{path}", body=said, headers=headers)
            answer = connection.getresponse()
            return answer.status, json.loads(answer.read())
        finally:
            connection.close()


class Clerk(threading.Thread):
    """Files payment after payment; whatever got no answer is sent again under the same key."""

    def __init__(self, wire: Wire, allotment: str, stop: threading.Event) -> None:
        super().__init__(daemon=True)
        self.wire, self.allotment, self.stop = wire, allotment, stop
        self.answered: list[str] = []
        self.repeats = 0
        self.wrong: list[str] = []

    def run(self) -> None:
        turn = 0
        while not self.stop.is_set():
            turn += 1
            line = {"allotment": self.allotment, "purpose": "办公用品", "amount": "1.00"}
            made = self.send("", f"draft-{turn}", {"fields": PAYEE, "lines": [line]})
            if made is None:
                continue
            done = self.send(f"/{made['address']}/submit", f"submit-{turn}", {})
            if done is not None:
                self.answered.append(done["results"][0]["number"])

    def send(self, path: str, key: str, body: Any) -> Any:
        """The answer, however often it takes; None when the test is over before."""
        while not self.stop.is_set():
            try:
                where = f"/documents/payment.application{path}"
                status, said = self.wire.ask("POST", where, body, key=key)
            except (OSError, http.client.HTTPException, ValueError):
                status, said = 0, None
            if status in (200, 201):
                return said
            if status not in (0, 429, 502, 503):
                self.wrong.append(f"{status} {said}")
                self.stop.set()
            self.repeats += 1
            self.stop.wait(0.1)
        return None


@pytest.mark.function("PLAT-062")
def test_no_answered_request_is_lost_whatever_is_killed(city: City) -> None:
    wires = [Wire(city, one) for one in city.manage("shell", "-v", "0", "-c", TOKEN).split()]
    allotment = richest(wires[0])
    before = held(wires[0], allotment)
    stop = threading.Event()
    clerks = [Clerk(wire, allotment, stop) for wire in wires]
    for clerk in clerks:
        clerk.start()

    for part in ("web", "worker", "postgres"):
        seen = [len(clerk.answered) for clerk in clerks]
        assert wait_until(lambda: goes_on(clerks, seen), seconds=PART_SECONDS, every=0.1)  # noqa: B023
        os.kill(city.pids()[part], signal.SIGKILL)
    seen = [len(clerk.answered) for clerk in clerks]
    assert wait_until(lambda: goes_on(clerks, seen), seconds=PART_SECONDS, every=0.1)
    stop.set()
    for clerk in clerks:
        clerk.join(timeout=60)

    told = [number for clerk in clerks for number in clerk.answered]
    assert [wrong for clerk in clerks for wrong in clerk.wrong] == []
    assert len(told) == len(set(told))
    assert sum(clerk.repeats for clerk in clerks) > 0
    states = [state(wires[0], number) for number in told]
    assert set(states) == {"reviewing"}
    # A clerk who was stopped between question and answer may have had one more taken in.
    assert len(told) <= held(wires[0], allotment) - before <= len(told) + CLERKS
    for proof in (("ledger", "check"), ("audit", "verify")):
        done = city.call(*proof)
        assert done.returncode == 0, done.stdout + done.stderr


def goes_on(clerks: list[Clerk], seen: list[int]) -> bool:
    """Every clerk got another answer, or one of them met something wrong."""
    if any(clerk.wrong for clerk in clerks):
        return True
    return all(len(clerk.answered) > n for clerk, n in zip(clerks, seen, strict=True))


def accounts(wire: Wire, asked: str) -> list[dict[str, Any]]:
    status, said = wire.ask("GET", f"/ledger/accounts?{asked}")
    assert status == 200, said
    rows: list[dict[str, Any]] = said["rows"]
    return rows


def richest(wire: Wire) -> str:
    rows = accounts(wire, "book=budget&kind=unit_allotment&limit=100")
    return str(max(rows, key=lambda row: float(row["available"]))["number"])


def held(wire: Wire, allotment: str) -> int:
    """In whole yuan: every payment of the test is one yuan."""
    rows = accounts(wire, "book=budget&kind=unit_allotment&limit=100")
    found = next(row for row in rows if row["number"] == allotment)
    return int(str(found["held"]).split(".")[0])


def state(wire: Wire, number: str) -> str:
    status, said = wire.ask("GET", f"/documents/payment.application/{number}")
    assert status == 200, said
    return str(said["state"])

"""Keeping parts alive: order, back-off, sweeping up; with children made of nothing."""

import socket
import time
from pathlib import Path
from typing import Any, cast

import pytest

from shucai.site import supervisor as module
from shucai.site.instance import Instance
from shucai.site.probe import WebProbe, is_answer
from shucai.site.process import Child, wait_until
from shucai.site.supervisor import FIRST_DELAY, Part, Supervisor


class Clock:
    """`time` for the supervisor: sleeping is what makes it pass."""

    def __init__(self) -> None:
        self.moment = 1000.0

    def monotonic(self) -> float:
        return self.moment

    def sleep(self, seconds: float) -> None:
        self.moment += seconds


class FakeChild:
    def __init__(self, pid: int, told: list[str]) -> None:
        self.pid, self.told, self.code = pid, told, None

    def exit_code(self) -> Any:
        return self.code

    def ask_to_stop(self) -> None:
        self.told.append(f"stop {self.pid}")

    def wait(self, seconds: float) -> bool:
        return True

    def kill(self) -> None:
        self.told.append(f"kill {self.pid}")


class Stage:
    """A supervisor with two parts: `web` needs `postgres`."""

    def __init__(self, tmp_path: Path) -> None:
        self.told: list[str] = []
        self.children: dict[str, list[FakeChild]] = {"postgres": [], "web": []}
        self.instance = Instance(tmp_path / "data")
        self.instance.make(asked=None)
        self.supervisor = Supervisor(self.instance, url="http://x/")
        self.parts = [self.part("postgres"), self.part("web", "postgres")]

    def part(self, name: str, *needs: str) -> Part:
        def spawn() -> Child:
            child = FakeChild(100 + sum(map(len, self.children.values())), self.told)
            self.children[name].append(child)
            return cast(Child, child)

        return Part(name=name, spawn=spawn, ready=lambda: True, log=Path("/x"), needs=needs)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    monkeypatch.setattr(module, "time", made)
    return made


def test_a_part_starts_after_what_it_needs(tmp_path: Path, clock: Clock) -> None:
    stage = Stage(tmp_path)

    stage.supervisor.start(stage.parts)

    assert [child.pid for child in stage.children["postgres"]] == [100]
    assert [child.pid for child in stage.children["web"]] == [101]
    assert [part["state"] for part in stage.instance.report()["parts"]] == ["running"] * 2


def test_a_killed_part_is_swept_up_and_back_within_a_second(tmp_path: Path, clock: Clock) -> None:
    stage = Stage(tmp_path)
    stage.supervisor.start(stage.parts)
    stage.children["web"][0].code = -9

    for _ in range(5):
        stage.supervisor.tick()
        clock.sleep(0.2)

    assert "kill 101" in stage.told
    assert stage.parts[1].state == "running"
    assert stage.instance.report()["parts"][1]["pid"] == 102


def test_a_part_that_keeps_dying_is_tried_ever_less_often(tmp_path: Path, clock: Clock) -> None:
    stage = Stage(tmp_path)
    stage.supervisor.start(stage.parts)

    for _ in range(300):  # a minute
        for child in stage.children["web"]:
            child.code = 1
        stage.supervisor.tick()
        clock.sleep(0.2)

    assert 5 < len(stage.children["web"]) < 15
    assert len(stage.children["postgres"]) == 1


def test_steady_running_forgets_old_failures(tmp_path: Path, clock: Clock) -> None:
    stage = Stage(tmp_path)
    stage.supervisor.start(stage.parts)
    stage.parts[1].delay = 8.0

    clock.sleep(60)
    stage.supervisor.tick()

    assert stage.parts[1].delay == FIRST_DELAY


def test_stopping_ends_the_needy_first_and_leaves_nothing(tmp_path: Path, clock: Clock) -> None:
    stage = Stage(tmp_path)
    stage.supervisor.start(stage.parts)

    stage.supervisor.stop()

    assert stage.told == ["stop 101", "kill 101", "stop 100", "kill 100"]
    assert {part["state"] for part in stage.instance.report()["parts"]} == {"stopped"}


@pytest.mark.parametrize(
    ("said", "good"),
    [
        (b"HTTP/1.1 200 OK\r\n", True),
        (b"HTTP/1.1 404 Not Found", True),
        (b"HTTP/1.1 500 Internal Server Error", False),
        (b"", False),
        (b"SSH-2.0-x", False),
    ],
)
def test_only_an_answer_below_500_counts(said: bytes, good: bool) -> None:
    assert is_answer(said) is good


def test_a_probe_does_not_wait_for_a_server_that_is_not_ready() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        probe = WebProbe("127.0.0.1", server.getsockname()[1])
        begun = time.monotonic()
        assert [probe() for _ in range(5)] == [False] * 5
        assert time.monotonic() - begun < 1

        client, _ = server.accept()
        with client:
            client.sendall(b"HTTP/1.1 302 Found\r\n\r\n")
            assert wait_until(probe, seconds=5)

"""The two-command promise, really run: up, killed parts come back, down leaves nothing."""

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from shucai.site.postgres import Server
from shucai.site.process import alive, wait_until

ROOT = Path(__file__).resolve().parents[2]
BACK_SECONDS = 60  # two seconds on a quiet machine; tests share theirs


class City:
    """One instance in a folder of its own, driven as a person would."""

    def __init__(self, folder: Path) -> None:
        self.data = folder / "data"
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]

    def call(self, *words: str) -> subprocess.CompletedProcess[str]:
        inherited = {
            key: value for key, value in os.environ.items() if not key.startswith("SHUCAI_")
        }
        return subprocess.run(
            [sys.executable, "-m", "shucai.site.command", *words, "--data", str(self.data)],
            capture_output=True,
            text=True,
            check=False,
            timeout=180,
            env={**inherited, "PYTHONPATH": str(ROOT / "src"), "PYTHONUTF8": "1"},
        )

    def up(self, *words: str) -> subprocess.CompletedProcess[str]:
        return self.call("up", "--background", "--empty", "--port", str(self.port), *words)

    def parts(self) -> dict[str, dict[str, Any]]:
        found = json.loads(self.call("status", "--json").stdout)
        return {part["name"]: part for part in found["parts"]}

    def pids(self) -> dict[str, int]:
        return {name: part["pid"] for name, part in self.parts().items()}

    def answers(self) -> bool:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            connection.request("GET", "/login")
            return connection.getresponse().status == 200
        except OSError:
            return False
        finally:
            connection.close()


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> Iterator[City]:
    made = City(tmp_path_factory.mktemp("up"))
    done = made.up()
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"http://127.0.0.1:{made.port}/" in done.stdout
    assert "sysadmin" in done.stdout
    yield made
    made.call("down")
    Server(made.data / "postgres").remove()


def test_status_tells_every_part_in_the_promised_form(city: City) -> None:
    done = city.call("status", "--json")
    found = json.loads(done.stdout)

    assert done.returncode == 0
    assert set(found) == {"url", "parts", "version"}
    assert found["url"] == f"http://127.0.0.1:{city.port}/"
    assert [part["name"] for part in found["parts"]] == ["postgres", "web", "worker"]
    for part in found["parts"]:
        assert set(part) == {"name", "state", "pid", "since"}
        assert part["state"] == "running"
        assert alive(part["pid"])


@pytest.mark.parametrize("name", ["web", "worker", "postgres"])
def test_a_part_killed_with_9_is_back_within_seconds(city: City, name: str) -> None:
    before = city.pids()[name]

    os.kill(before, signal.SIGKILL)

    def is_back() -> bool:
        part = city.parts()[name]
        return part["state"] == "running" and part["pid"] != before

    assert wait_until(is_back, seconds=BACK_SECONDS, every=0.3)
    assert wait_until(city.answers, seconds=BACK_SECONDS, every=0.3)


def test_up_again_only_tells_the_address(city: City) -> None:
    before = city.pids()

    done = city.up()

    assert done.returncode == 0
    assert f"http://127.0.0.1:{city.port}/" in done.stdout
    assert city.pids() == before


def test_a_second_city_on_the_same_port_is_refused(city: City, tmp_path: Path) -> None:
    other = City(tmp_path)
    other.port = city.port

    done = other.up()

    assert done.returncode == 2
    assert f"127.0.0.1:{city.port}" in done.stderr + done.stdout
    assert not (other.data / "postgres").exists()


def test_down_leaves_nothing_running_and_the_next_start_is_quick(city: City) -> None:
    before = city.pids()
    supervisor = json.loads((city.data / "run/status.json").read_text())["pid"]

    done = city.call("down")

    assert done.returncode == 0
    assert not any(alive(pid) for pid in [*before.values(), supervisor])
    assert not city.answers()
    begun = time.monotonic()
    again = city.up()
    assert again.returncode == 0, again.stdout + again.stderr
    assert "数据库结构" in again.stdout
    assert again.stdout.count("没有变化") >= 3
    assert time.monotonic() - begun < 60


def test_a_killed_supervisor_leaves_nothing_and_the_city_starts_again(city: City) -> None:
    before = city.pids()
    supervisor = json.loads((city.data / "run/status.json").read_text())["pid"]

    os.kill(supervisor, signal.SIGKILL)

    assert wait_until(lambda: not any(map(alive, before.values())), seconds=BACK_SECONDS)
    assert {part["state"] for part in city.parts().values()} == {"stopped"}
    again = city.up()
    assert again.returncode == 0, again.stdout + again.stderr
    assert wait_until(city.answers, seconds=BACK_SECONDS)

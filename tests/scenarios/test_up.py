"""The two-command promise, really run: up, killed parts come back, down leaves nothing."""

import json
import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.instance import City

from shucai.site.postgres import Server
from shucai.site.process import alive, wait_until

BACK_SECONDS = 60  # two seconds on a quiet machine; tests share theirs


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

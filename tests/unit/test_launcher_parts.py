"""The launcher's own judgement, without processes or a database."""

import os
import socket
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest

from shucai.base.errors import Refused
from shucai.site import assets, command, environment, instance, start, supervisor, tuning
from shucai.site.instance import Instance
from shucai.site.steps import Stamps, cut, mark_of, padded, shown_width, table

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize(
    ("gigabytes", "shared"), [(0.25, "128MB"), (2, "512MB"), (8, "2048MB"), (512, "2048MB")]
)
def test_shared_buffers_are_a_quarter_within_bounds(gigabytes: float, shared: str) -> None:
    chosen = tuning.settings(memory=int(gigabytes * 2**30), cores=2)

    assert chosen["shared_buffers"] == shared


def test_connections_suffice_for_every_web_process() -> None:
    chosen = tuning.settings(memory=2**34, cores=64)

    assert int(chosen["max_connections"]) > 64 * tuning.POOL_MAX


def test_only_a_server_for_tests_gives_up_durability() -> None:
    assert "fsync" not in tuning.settings(memory=2**32, cores=2)
    assert tuning.settings(memory=2**32, cores=2, durable=False)["fsync"] == "off"


def test_a_step_is_remembered_by_its_inputs(tmp_path: Path) -> None:
    place, source = tmp_path / "steps.json", tmp_path / "input"
    source.write_text("一")
    Stamps(place).remember("migrate", mark_of([source]))

    assert Stamps(place).holds("migrate", mark_of([source]))
    source.write_text("二")
    assert not Stamps(place).holds("migrate", mark_of([source]))
    assert not Stamps(place).holds("load_demo", mark_of([source]))


def test_a_torn_memory_of_steps_means_that_nothing_was_done(tmp_path: Path) -> None:
    (tmp_path / "steps.json").write_text('{"migr')

    assert not Stamps(tmp_path / "steps.json").has("migrate")


def test_chinese_takes_two_columns() -> None:
    assert shown_width("指标a") == 5
    assert padded("指标", 6) == "指标  "
    assert cut("一二三四五", 6) == "一二…"
    assert table([["账号", "姓名"], ["zhangsan", "张三"]]).splitlines()[2] == "  zhangsan  张三"


def test_demo_accounts_become_a_table_whether_or_not_they_are_data() -> None:
    data = ['[{"username": "a", "name": "甲", "position": "经办", "password": "p"}]']

    assert start.accounts(data).splitlines()[0].split() == ["账号", "姓名", "岗位", "口令"]
    assert start.accounts(["a 甲"]) == "a 甲"


def test_a_taken_port_is_one_sentence_with_a_free_one() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]

        with pytest.raises(Refused) as refusal:
            start.check_address(start.Wish(port=port))

    assert refusal.value.code == "CLI-9008"
    assert f"127.0.0.1:{port}" in str(refusal.value)
    assert "--port" in str(refusal.value)
    assert "\n" not in str(refusal.value)


def test_a_foreign_address_is_refused() -> None:
    with pytest.raises(Refused) as refusal:
        start.check_address(start.Wish(host="203.0.113.9", port=8000))

    assert refusal.value.code == "CLI-9009"


def test_too_little_disk_is_told_with_figures(tmp_path: Path) -> None:
    with pytest.raises(Refused) as refusal:
        start.check_disk(tmp_path, needed=10**9)

    assert refusal.value.code == "CLI-9006"
    assert "1000000000 MB" in str(refusal.value)


def test_the_server_answers_to_the_names_it_listens_on() -> None:
    assert "192.168.1.9" in start.allowed_hosts("192.168.1.9").split(",")
    assert "localhost" in start.allowed_hosts("127.0.0.1").split(",")
    assert "*" not in start.allowed_hosts("::")


def test_a_full_log_is_emptied_in_place_and_kept_a_few_times(tmp_path: Path) -> None:
    log = tmp_path / "web.log"
    with log.open("ab", buffering=0) as writer:
        for turn in range(4):
            writer.write(f"{turn}".encode() * 10)
            supervisor.rotate(log, limit=10, kept=2)
        writer.write(b"next")

    assert log.read_bytes() == b"next"
    assert (tmp_path / "web.log.1").read_bytes() == b"3" * 10
    assert (tmp_path / "web.log.2").read_bytes() == b"2" * 10
    assert not (tmp_path / "web.log.3").exists()


def test_an_instance_keeps_its_mode(tmp_path: Path) -> None:
    one = Instance(tmp_path / "data")
    assert one.make(asked="empty") == "empty"
    assert one.make(asked=None) == "empty"

    with pytest.raises(Refused) as refusal:
        one.make(asked="demo")

    assert refusal.value.code == "CLI-9011"
    assert "空城" in str(refusal.value)


def test_an_instances_secrets_are_private(tmp_path: Path) -> None:
    one = Instance(tmp_path / "data")
    one.make(asked=None)

    assert (one.data / "instance.json").stat().st_mode & 0o077 == 0
    assert one.run.stat().st_mode & 0o077 == 0
    assert len(one.facts()["secret_key"]) > 40


def test_status_of_what_never_ran_is_stopped(tmp_path: Path) -> None:
    found = Instance(tmp_path).status(at=datetime(2026, 1, 1, tzinfo=UTC))

    assert set(found) == {"url", "parts", "version"}
    assert [(part["name"], part["state"]) for part in found["parts"]] == [
        ("postgres", "stopped"),
        ("web", "stopped"),
        ("worker", "stopped"),
    ]


def test_a_report_of_a_dead_supervisor_is_not_believed(tmp_path: Path) -> None:
    one = Instance(tmp_path / "data")
    one.make(asked=None)
    part = {"name": "web", "state": "running", "pid": os.getpid(), "since": "x"}
    one.write_report(url="http://x/", ready=True, parts=[part])

    found = one.status(at=datetime(2026, 1, 1, tzinfo=UTC))

    assert found["url"] is None
    assert found["parts"][0]["state"] == "stopped"


def test_a_lock_is_held_once_and_seen_by_others(tmp_path: Path) -> None:
    one = Instance(tmp_path / "data")
    one.make(asked=None)

    with one.take_lock():
        assert one.is_locked()
        with pytest.raises(Refused) as refusal:
            one.take_lock()
    assert refusal.value.code == "CLI-9010"
    assert not one.is_locked()


def test_nothing_of_the_callers_database_leaks_into_the_parts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PGPASSWORD", "x")
    monkeypatch.setenv("SHUCAI_DB_NAME", "another")

    found = instance.environment(Instance(tmp_path))

    assert not {"PGPASSWORD", "SHUCAI_DB_NAME"} & found.keys()


@pytest.mark.parametrize(
    ("words", "data", "rest"),
    [
        (["list", "--data", "d", "x"], "d", ["list", "x"]),
        (["list", "--data=d"], "d", ["list"]),
        (["list", "x"], None, ["list", "x"]),
    ],
)
def test_the_data_directory_is_an_option_of_every_command(
    words: list[str], data: str | None, rest: list[str]
) -> None:
    assert command._without_data(words) == (data, rest)


def test_an_unknown_command_is_refused_and_nothing_runs(capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main(["abolish"]) == 2
    assert "abolish" in capsys.readouterr().err


def test_an_environment_is_current_for_its_list_only(tmp_path: Path) -> None:
    lock, place = tmp_path / "a.lock", tmp_path / "venv"
    (place / "bin").mkdir(parents=True)
    environment.python_of(place).touch()
    lock.write_text("a==1")
    assert not environment.is_current(place, lock)
    environment.mark(place, lock)
    assert environment.is_current(place, lock)
    lock.write_text("a==2")
    assert not environment.is_current(place, lock)


def test_locked_lists_pin_by_hash_and_name_no_place() -> None:
    for name in ("requirements.lock", "requirements-dev.lock", "requirements-node.lock"):
        text = (ROOT / name).read_text("utf-8")
        pins = [line for line in text.splitlines() if "==" in line]

        assert pins
        assert all(line.endswith("\\") for line in pins)
        assert "://" not in text
        assert "--index" not in text
    assert '"resolved"' not in (ROOT / "package-lock.json").read_text("utf-8")


def run_script(folder: Path, script: str) -> subprocess.CompletedProcess[str]:
    fake = folder / "python3"
    fake.write_text(script)
    fake.chmod(0o755)
    for name in ("dirname", "sh"):
        (folder / name).symlink_to(f"/usr/bin/{name}")
    return subprocess.run(
        ["/bin/sh", str(ROOT / "shucai"), "status"],
        capture_output=True, text=True, check=False, env={"PATH": str(folder)},
    )  # fmt: skip


def test_an_old_python_is_one_sentence(tmp_path: Path) -> None:
    old = '#!/bin/sh\ncase "$2" in *exit*) exit 1;; *) echo 3.9;; esac\n'

    done = run_script(tmp_path, old)

    assert done.returncode == 2
    assert "3.9" in done.stderr
    assert "3.11" in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


def test_an_unknown_icon_is_named(tmp_path: Path) -> None:
    (tmp_path / "outline.json").write_text('{"home": [["path", {"d": "M0 0"}]]}')
    (tmp_path / "filled.json").write_text('{"star": [["path", {"d": "M1 1"}]]}')

    made = assets.sprite(["home", "star-filled"], tmp_path)
    with pytest.raises(Refused) as refusal:
        assets.sprite(["home", "hoem"], tmp_path)

    assert '<symbol id="home"' in made
    assert '<symbol id="star-filled" viewBox="0 0 24 24" fill="currentColor">' in made
    assert "hoem" in str(refusal.value)


def test_every_icon_of_the_list_is_named_once() -> None:
    lines = [line for line in assets.ICONS.read_text("utf-8").splitlines() if line[:1] != "#"]

    assert len(lines) == len(set(lines))
    assert all(line == line.strip().lower() and line for line in lines)

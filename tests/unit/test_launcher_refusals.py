"""Whatever a machine may lack is one sentence with its code, never a stack of lines."""

import importlib.util
import os
import subprocess
from pathlib import Path
from typing import Any, cast

import psycopg
import pytest

from shucai.base.errors import Refused
from shucai.edge.bench import scratch
from shucai.site import (
    assets,
    command,
    environment,
    external,
    packages,
    postgres_place,
    start,
    verify,
)
from shucai.site import supervisor as watching
from shucai.site.instance import Instance
from shucai.site.postgres import Server
from shucai.site.process import Child
from shucai.site.steps import Progress
from shucai.site.supervisor import Part, Supervisor

Patch = pytest.MonkeyPatch


def refused(call: Any, *arguments: Any, **named: Any) -> tuple[str, str]:
    """The code and the text of the refusal; the text is one line."""
    with pytest.raises(Refused) as refusal:
        call(*arguments, **named)
    assert "\n" not in str(refusal.value)
    return refusal.value.code, str(refusal.value)


def answer(code: int, text: str) -> Any:
    def run(*arguments: Any, **named: Any) -> Any:
        return subprocess.CompletedProcess(arguments, code, text)

    return run


def test_no_venv_and_no_pip(monkeypatch: Patch, tmp_path: Path) -> None:
    monkeypatch.setattr(environment, "_run", answer(1, ""))
    monkeypatch.setattr(environment.shutil, "which", lambda name: None)

    code, text = refused(environment.make, tmp_path)

    assert code == "CLI-9003"
    assert "python3-venv" in text


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ("ERROR: Could not fetch URL: timed out", "CLI-9004"),
        ("ERROR: No matching distribution found for granian==2.8.7", "CLI-9005"),
    ],
)
def test_packages_that_do_not_come(
    monkeypatch: Patch, tmp_path: Path, said: str, code: str
) -> None:
    monkeypatch.setattr(environment, "_run", answer(0, ""))
    monkeypatch.setattr(environment, "follow", lambda *a, **k: (1, ["Collecting x", said]))

    met, text = refused(environment.install, tmp_path, tmp_path / "x.lock")

    assert met == code
    assert said.removeprefix("ERROR: ") in text


def test_an_unreachable_index_is_not_blamed_on_the_machine(
    monkeypatch: Patch, tmp_path: Path
) -> None:
    lines = ["WARNING: Retrying (Retry(total=4))", "ERROR: No matching distribution found for x"]
    monkeypatch.setattr(environment, "_run", answer(0, ""))
    monkeypatch.setattr(environment, "follow", lambda *a, **k: (1, lines))

    assert refused(environment.install, tmp_path, tmp_path / "x.lock")[0] == "CLI-9004"


def test_npm_that_cannot_reach_its_packages(monkeypatch: Patch) -> None:
    monkeypatch.setattr(assets, "_npm", lambda folder: ["/bin/sh", "-c", "echo E404 gone; exit 3"])

    with pytest.raises(Refused) as refusal:
        assets._fetch(assets.Places(), Path(os.environ.get("TMPDIR", "/tmp")))  # noqa: S108

    assert refusal.value.code == "CLI-9001"
    assert "E404 gone" in str(refusal.value)


def test_an_icon_that_is_in_no_library(tmp_path: Path) -> None:
    for name in ("outline", "filled"):
        (tmp_path / f"{name}.json").write_text("{}", "utf-8")

    code, text = refused(assets.sprite, ["no-such-icon", "none-either"], tmp_path)

    assert code == "CLI-9002"
    assert "没有 no-such-icon、none-either" in text


def test_measuring_without_an_administrator_of_the_database(monkeypatch: Patch) -> None:
    monkeypatch.delenv("SHUCAI_ADMIN_USER", raising=False)

    code, text = refused(scratch.database().__enter__)

    assert code == "CLI-1009"
    assert "SHUCAI_ADMIN_USER" in text


def test_a_folder_that_is_somebody_elses(monkeypatch: Patch, tmp_path: Path) -> None:
    def forbid(*arguments: Any, **named: Any) -> None:
        raise PermissionError

    monkeypatch.setattr(Path, "mkdir", forbid)

    assert refused(postgres_place.make_folder, tmp_path / "x", mode=0o700)[0] == "CLI-9007"


def test_a_business_command_needs_a_running_city(monkeypatch: Patch, tmp_path: Path) -> None:
    monkeypatch.delenv("SHUCAI_DB_HOST", raising=False)

    code, text = refused(command.business, ["list", "--data", str(tmp_path)])

    assert code == "CLI-9012"
    assert "./shucai up" in text


def test_a_step_that_fails_names_its_last_line_and_log(monkeypatch: Patch, tmp_path: Path) -> None:
    instance = Instance(tmp_path / "data")
    instance.make(asked=None)
    one = start.Start(instance, start.Wish(), progress=Progress())
    monkeypatch.setattr(start, "follow", lambda *a, **k: (1, ["one", "disk is full"]))

    code, text = refused(one.manage, "migrate", name="数据库结构")

    assert code == "CLI-9013"
    assert "disk is full" in text
    assert "disk is full" in (instance.log / "start.log").read_text("utf-8")


def test_what_is_private_is_not_logged(monkeypatch: Patch, tmp_path: Path) -> None:
    instance = Instance(tmp_path / "data")
    instance.make(asked=None)
    one = start.Start(instance, start.Wish(), progress=Progress())
    monkeypatch.setattr(start, "follow", lambda *a, **k: (0, ["sysadmin\tx\tsecret"]))

    one.manage("first_officers", name="三员账号", private=True)

    assert "secret" not in (instance.log / "start.log").read_text("utf-8")


def test_an_unknown_command_is_named() -> None:
    code, text = refused(command.refuse_unknown, "abolish")

    assert code == "CLI-9014"
    assert "abolish" in text


def test_a_part_that_never_gets_ready(monkeypatch: Patch, tmp_path: Path) -> None:
    class Silent:
        pid = 1

        def exit_code(self) -> None:
            return None

        def kill(self) -> None:
            pass

    instance = Instance(tmp_path / "data")
    instance.make(asked=None)
    log = tmp_path / "web.log"
    log.write_text("ImportError: no module\n")
    monkeypatch.setattr(watching, "START_SECONDS", 0.3)
    part = Part(
        name="web", spawn=lambda: cast(Child, Silent()), ready=lambda: False, log=log, needs=()
    )

    code, text = refused(Supervisor(instance, url="x").start, [part])

    assert code == "CLI-9015"
    assert "ImportError" in text


def test_root_without_useradd(monkeypatch: Patch) -> None:
    monkeypatch.setattr(postgres_place.shutil, "which", lambda *a, **k: None)

    code, text = refused(postgres_place._make_user, "nobody-of-that-name")

    assert code == "CLI-9016"
    assert "useradd" in text


def test_a_folder_that_is_not_a_cluster_is_left_alone(tmp_path: Path) -> None:
    server = Server(tmp_path / "postgres")
    (server.cluster).mkdir(parents=True)
    (server.cluster / "letter.txt").write_text("mine")

    code, _ = refused(server.start)

    assert code == "CLI-9017"
    assert (server.cluster / "letter.txt").read_text() == "mine"


def test_an_environment_without_postgresql(monkeypatch: Patch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)

    assert refused(postgres_place.installed_binaries)[0] == "CLI-9018"


def test_a_socket_folder_open_to_others_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "socket"
    folder.mkdir()
    folder.chmod(0o777)

    code, text = refused(postgres_place.make_socket_folder, folder, None)

    assert code == "CLI-9020"
    assert str(folder) in text


def test_data_that_went_away_is_not_replaced_by_an_empty_city(tmp_path: Path) -> None:
    server = Server(tmp_path / "postgres")
    server.home.mkdir()
    server.cluster.symlink_to(tmp_path / "gone")

    code, text = refused(server.start)

    assert code == "CLI-9030"
    assert str(tmp_path / "gone") in text


def test_an_old_server_is_told_its_version() -> None:
    class Old:
        class info:
            server_version = 130012

    code, text = refused(external._check_version, cast(psycopg.Connection, Old()))

    assert code == "CLI-9023"
    assert "13" in text


def test_test_tools_are_installed_by_root_only(monkeypatch: Patch) -> None:
    monkeypatch.setattr(packages.shutil, "which", lambda name: None)
    monkeypatch.setattr(verify, "FONT_FOLDERS", ())
    monkeypatch.setattr(os, "geteuid", lambda: 1000)

    code, text = refused(verify.need_browser)

    assert code == "CLI-9027"
    assert "sudo apt-get install -y chromium fonts-noto-cjk" in text


def test_an_apt_that_fails_is_told(monkeypatch: Patch) -> None:
    monkeypatch.setattr(
        packages.shutil, "which", lambda name: "/usr/bin/apt-get" if name == "apt-get" else None
    )
    monkeypatch.setattr(verify, "FONT_FOLDERS", ())
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(packages, "follow", lambda *a, **k: (100, ["E: no network"]))

    code, text = refused(verify.need_browser)

    assert code == "CLI-9028"
    assert "E: no network" in text


def test_a_city_that_does_not_stop_is_told(
    monkeypatch: Patch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    instance = Instance(tmp_path / "data")
    instance.make(asked=None)
    monkeypatch.setattr(command, "STOP_SECONDS", 0.2)
    monkeypatch.setattr(command.os, "kill", lambda pid, number: None)

    with instance.take_lock():
        instance.write_report(url="x", ready=True, parts=[])
        code = command.main(["down", "--data", str(instance.data)])

    assert code == 2
    assert "CLI-9029" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("address", "reason"),
    [
        ("hello", "不是以 postgresql:// 开头的地址"),
        ("mysql://boss:s3cret@here/city", "不是以 postgresql:// 开头的地址"),
        ("postgresql://boss:s3 cret@here/city", "地址中有空格"),
        ("postgresql://boss:s3cret%zz@here/city", "地址中的 %xx 编码不完整"),
        ("postgresql://boss:s3cret@here/city?colour=red", "不认识的连接参数“colour”"),
        ("postgresql://boss:s3cret@[::1/city", "IPv6 地址要写在方括号中"),
        ("postgresql://boss:s3cret@here:high/city", "端口“high”不是 1 至 65535 的整数"),
    ],
)
def test_an_unreadable_address_of_the_database_is_told_without_its_password(
    address: str, reason: str, tmp_path: Path
) -> None:
    code, told = refused(external.External, address, home=tmp_path)

    assert code == "CLI-9021"
    assert f"DATABASE_URL 不正确：{reason}。" in told
    assert "cret" not in told

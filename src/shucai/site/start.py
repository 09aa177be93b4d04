"""启动 the start of an instance: each thing in its order, then the supervisor keeps it alive."""

import errno
import json
import os
import shutil
import signal
import socket
import sys
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Final

from shucai import __version__
from shucai.base.errors import Refused
from shucai.site import assets, errors, roles, tuning
from shucai.site import instance as places
from shucai.site.environment import follow, last_line
from shucai.site.external import External
from shucai.site.instance import ROOT, Instance
from shucai.site.postgres import Server
from shucai.site.probe import WebProbe
from shucai.site.process import Child
from shucai.site.steps import Progress, Stamps, mark_of, table
from shucai.site.supervisor import Part, Supervisor, free_port, port_problem

DISK_MB_MIN: Final = 1024
DATABASE: Final = "shucai"
SQL_MODULES: Final = ("sql", "policies", "guards")  # texts that migrations run
SOURCE: Final = ROOT / "src" / "shucai"


class Stop(BaseException):
    """Somebody asked us to end: Ctrl-C, `down`, a closed terminal."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What the command line asked for."""

    host: str = "127.0.0.1"
    port: int = 8000
    mode: str | None = None
    city: str = "4406"
    units: int = 450  # of the demo city

    @property
    def url(self) -> str:
        shown = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(self.host, self.host)  # noqa: S104
        return f"http://{shown}:{self.port}/"


class Start:
    """One run of `up`, from the first check to the last process stopped."""

    def __init__(self, instance: Instance, wish: Wish, *, progress: Progress) -> None:
        self.instance = instance
        self.wish = wish
        self.progress = progress
        self.supervisor = Supervisor(instance, url=wish.url)
        self.mode = "demo"
        self.server: Server | None = None
        self.outside: External | None = None

    def run(self, *, when_ready: Callable[[], None]) -> None:
        """Returns after a stop in good order; raises Refused when something is missing."""
        check_address(self.wish)
        self.mode = self.instance.make(asked=self.wish.mode)
        check_disk(self.instance.data)
        with self.instance.take_lock():
            listen_to_signals()
            try:
                self.supervisor.announce(ready=False)
                self._prepare()
                self.supervisor.announce(ready=True)
                places.remember_started(self.instance)
                self._welcome()
                when_ready()
                self.supervisor.watch()
            except Stop:
                self.progress.say("正在停止……")
            finally:
                ignore_signals()
                self.supervisor.stop()
                if self.server:
                    self.server.stop()
        self.progress.say(f"已停止，数据保存在 {self.instance.data}")

    # the steps

    def _prepare(self) -> None:
        self.progress.say(f"数财 Shucai {__version__}（{places.MODES[self.mode]}）")
        self._assets()
        self._database()
        self._migrate()
        self._collect_static()
        self._load("load_reference", "基础数据", mark=_sources("seeds", "load_reference"))
        if self.mode == "demo":
            size = ["--units", str(self.wish.units)]
            self._load("load_demo", "演示城市", mark="once", arguments=size)
        with self.progress.step("网页与后台任务"):
            self.supervisor.start([self._web(), *self._worker()])

    def _assets(self) -> None:
        if assets.fresh(assets.Places()):
            self.progress.unchanged("前端资源")
            return
        with self.progress.step("前端资源") as say:
            assets.prepare(assets.Places(), say=say)

    def _database(self) -> None:
        url = os.environ.get("DATABASE_URL", "")
        if url:
            with self.progress.step("已有的数据库"):
                self.outside = External(url, home=self.instance.data)
                self.outside.prepare()
                self.supervisor.add_outside("postgres")
            return
        with self.progress.step("内嵌 PostgreSQL"):
            server = Server(self.instance.database)
            server.prepare()
            self.server = server
            log = self.instance.log / "postgres.log"
            self.supervisor.start(
                [
                    Part(
                        name="postgres",
                        spawn=lambda: server.spawn(log=log),
                        ready=server.is_ready,
                        log=log,
                    )
                ]
            )
            server.ensure_roles()
            if not server.has_database(DATABASE):
                server.create_database(DATABASE)
            if server.cluster.is_symlink():
                where = server.cluster.readlink()
        if server.cluster.is_symlink():
            self.progress.say(f"    数据库的普通用户进不了本目录，数据放在 {where}")

    def _migrate(self) -> None:
        files = [
            *SOURCE.rglob("migrations/*.py"),
            *(
                path
                for name in ("sql", "policies", "guards")
                for path in SOURCE.rglob(f"{name}.py")
            ),
            ROOT / "requirements.lock",
        ]
        self._step("migrate", "数据库结构", mark=self._mark(files), owner=True)

    def _collect_static(self) -> None:
        files = [
            path
            for folder in [ROOT / "static", *SOURCE.rglob("static")]
            for path in folder.rglob("*")
            if path.is_file()
        ]
        arguments = ["--noinput", "--clear"]
        mark = mark_of([*files, ROOT / "requirements.lock", SOURCE / "site/settings.py"])
        self._step("collectstatic", "静态文件", mark=mark, arguments=arguments)

    def _load(self, command: str, name: str, *, mark: str, arguments: Iterable[str] = ()) -> None:
        if has_command(command):
            self._step(command, name, mark=self._mark([], mark), arguments=arguments)

    def _mark(self, files: Iterable[Path], *words: str) -> str:
        """Bound to the database: a new one has nothing of the old one's steps."""
        return mark_of(files, os.environ.get("DATABASE_URL", "embedded"), *words)

    def _step(
        self,
        command: str,
        name: str,
        *,
        mark: str,
        owner: bool = False,
        arguments: Iterable[str] = (),
    ) -> None:
        stamps = Stamps(self.instance.run / "steps.json")
        if stamps.holds(command, mark):
            self.progress.unchanged(name)
            return
        with self.progress.step(name) as say:
            self.manage(command, *arguments, name=name, owner=owner, say=say)
            stamps.remember(command, mark)

    def manage(
        self,
        *words: str,
        name: str,
        owner: bool = False,
        private: bool = False,
        say: Callable[[str], None] = lambda _: None,
    ) -> list[str]:
        """A Django management command in a process of its own; its lines.

        What is `private` (passwords) is not logged.
        """
        log = self.instance.log / "start.log"
        code, lines = follow(
            [sys.executable, "-m", "shucai.site.manage", *words],
            say=say,
            environment=self.environment(owner=owner),
            cwd=ROOT,
        )
        with log.open("a", encoding="utf-8") as stream:
            stream.write(f"{places.stamp(places.now())} {' '.join(words)} → {code}\n")
            stream.writelines(f"  {line}\n" for line in lines if not private)
        if code != 0:
            raise errors.STEP_FAILED.refuse(
                step=name, code=code, tail=last_line("\n".join(lines)), log=str(log)
            )
        return lines

    # the parts

    def environment(self, *, owner: bool = False) -> dict[str, str]:
        role = roles.MIGRATOR if owner else roles.APP
        login: Mapping[str, str] = {}
        if self.outside:
            login = self.outside.environment(role=role)
        elif self.server:
            login = self.server.environment(name=DATABASE, role=role)
        hosts = os.environ.get("SHUCAI_HOSTS", allowed_hosts(self.wish.host))
        return places.environment(
            self.instance, SHUCAI_HOSTS=hosts, SHUCAI_URL=self.wish.url, **login
        )

    def _web(self) -> Part:
        log = self.instance.log / "web.log"
        command = [
            *(sys.executable, "-m", "granian", "--interface", "wsgi", "--no-ws"),
            *("--host", self.wish.host, "--port", str(self.wish.port)),
            *("--workers", str(tuning.cores()), "--blocking-threads", "1"),
            *("--respawn-failed-workers", "--workers-kill-timeout", "20"),
            "shucai.site.wsgi:application",
        ]
        return Part(
            name="web",
            spawn=lambda: self._child(command, log),
            ready=WebProbe(self.wish.host, self.wish.port),
            log=log,
            needs=() if self.outside else ("postgres",),
        )

    def _worker(self) -> list[Part]:
        if not has_command("worker"):
            return []
        log = self.instance.log / "worker.log"
        command = [sys.executable, "-m", "shucai.site.manage", "worker"]
        part = Part(
            name="worker",
            # Nobody is left to insist when its supervisor is gone; its jobs are repeatable.
            spawn=lambda: self._child(command, log, orphan_signal=signal.SIGKILL),
            ready=lambda: time.monotonic() - part.begun > 1.0,
            log=log,
            needs=() if self.outside else ("postgres",),
        )
        return [part]

    def _child(
        self, command: list[str], log: Path, *, orphan_signal: int = signal.SIGTERM
    ) -> Child:
        return Child(
            command,
            log=log,
            environment=self.environment(),
            orphan_signal=orphan_signal,
            cwd=ROOT,
        )

    # the end of the start

    def _welcome(self) -> None:
        """The address and who may sign in. Nothing here can undo the start."""
        self.progress.say()
        self.progress.say(f"数财已启动：{self.wish.url}")
        try:
            if self.mode == "demo" and has_command("demo_accounts"):
                lines = self.manage("demo_accounts", name="演示账号", private=True)
                self.progress.say(accounts(lines))
            elif self.mode == "empty" and has_command("first_officers"):
                self._first_officers()
        except Refused as refused:
            self.progress.say(str(refused))
        self.progress.say()
        self.progress.say("  状态 ./shucai status    停止 ./shucai down（前台运行时按 Ctrl-C）")

    def _first_officers(self) -> None:
        """Their one-time passwords are shown once and kept nowhere."""
        stamps, mark = Stamps(self.instance.run / "steps.json"), self._mark([])
        if stamps.holds("first_officers", mark):
            self.progress.say("  请用首次启动时建立的三员账号登录，再建立其他人员与岗位")
            return
        city = self.wish.city
        words = ["first_officers", "--root", city, "--division", f"{city}00000"]
        lines = self.manage(*words, name="三员账号", private=True)
        stamps.remember("first_officers", mark)
        rows = [line.split("\t") for line in lines if line.count("\t") == 2]
        self.progress.say("  三员账号（一次性口令只显示这一次，请分别交给三个人）：")
        self.progress.say(table([["账号", "名称", "一次性口令"], *rows]))
        self.progress.say("  首次登录必须修改口令。系统管理员提出人员与岗位，安全保密管理员审批。")


def accounts(lines: list[str]) -> str:
    """The demo accounts as a table, when they come as JSON; else as they come."""
    try:
        found = json.loads("\n".join(lines))
    except ValueError:
        return "\n".join(lines)
    titles = {"username": "账号", "name": "姓名", "position": "岗位", "unit": "单位"}
    titles["password"] = "口令"  # noqa: S105 (a heading)
    keys = [key for key in titles if any(key in one for one in found)]
    rows = [[titles[key] for key in keys]]
    rows += [[str(one.get(key, "")) for key in keys] for one in found]
    return table(rows)


def check_address(wish: Wish) -> None:
    """The port must be free now, before anything is prepared."""
    fault = port_problem(wish.host, wish.port)
    if fault is None:
        return
    address = f"{wish.host}:{wish.port}"
    proposal = str(free_port("127.0.0.1", wish.port))
    if fault.errno == errno.EADDRINUSE:
        raise errors.PORT_TAKEN.refuse(address=address, free=proposal)
    reason = fault.strerror or str(fault)
    raise errors.PORT_FORBIDDEN.refuse(address=address, free=proposal, reason=reason)


def check_disk(folder: Path, *, needed: int = DISK_MB_MIN) -> None:
    free = shutil.disk_usage(folder).free // (1024 * 1024)
    if free < needed:
        raise errors.DISK_FULL.refuse(folder=str(folder), free=str(free), needed=str(needed))


def allowed_hosts(host: str) -> str:
    """The names under which the server may be addressed."""
    names = ["127.0.0.1", "localhost", "[::1]", "testserver"]
    if host in ("0.0.0.0", "::"):  # noqa: S104 (compared, not bound)
        names += [socket.gethostname(), *_own_addresses()]
    else:
        names.append(f"[{host}]" if ":" in host else host)
    return ",".join(dict.fromkeys(names))


def _own_addresses() -> list[str]:
    try:
        found = socket.getaddrinfo(socket.gethostname(), None, family=socket.AF_INET)
    except OSError:
        return []
    return sorted({str(entry[4][0]) for entry in found})


def has_command(name: str) -> bool:
    """Does any app bring this management command?"""
    return any(SOURCE.rglob(f"management/commands/{name}.py"))


def _sources(*names: str) -> str:
    """The hash of seed data and of the command that loads it."""
    files = [
        path
        for name in names
        for place in SOURCE.rglob(f"{name}*")
        for path in ([place] if place.is_file() else place.rglob("*"))
        if path.is_file() and path.suffix != ".pyc"
    ]
    return mark_of(files)


def listen_to_signals() -> None:
    """The first request to stop ends the run in good order."""

    def stop(number: int, frame: FrameType | None) -> None:
        ignore_signals()
        raise Stop

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, stop)


def ignore_signals() -> None:
    """While stopping: a second Ctrl-C must not leave half of it running."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)

"""命令 the `./shucai` command: runs and stops the platform; business commands go to the edge.

Exit codes: 0 good, 1 a check failed, 2 refused or misused.
"""

import argparse
import importlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any, Final, NoReturn

from shucai import __version__
from shucai.base.arguments import Misused, Parser
from shucai.base.errors import Refused
from shucai.site import errors
from shucai.site import instance as places
from shucai.site.instance import ROOT, Instance
from shucai.site.process import alive, wait_until
from shucai.site.steps import Progress, padded

OWN: Final = ("up", "down", "status", "test", "check", "docs", "changelog", "sign-challenge")
STOP_SECONDS: Final = 90.0
BUSINESS: Final = (
    *("do", "list", "show", "import", "export", "ledger", "audit", "functions", "bench"),
)
EDGE: Final = "shucai.edge.cli"


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command; a refusal is one sentence on standard error."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    try:
        if words and words[0] not in OWN and words[0] in business_commands():
            return business(words)
        if words and words[0] not in OWN and not words[0].startswith("-"):
            refuse_unknown(words[0])
        return _own(words)
    except Refused as refused:
        print(refused, file=sys.stderr)
        return 2
    except Misused as misused:
        told = errors.MISUSED.refuse(reason=misused.reason, command=misused.command)
        print(told, file=sys.stderr)
        return 2
    except BrokenPipeError:
        return 2


def refuse_unknown(word: str) -> NoReturn:
    """There is no such command."""
    raise errors.COMMAND_MISSING.refuse(name=word)


def _own(words: list[str]) -> int:
    from shucai.site import verify

    if words and words[0] in ("test", "check"):  # whatever follows belongs to pytest
        return verify.test(words[1:]) if words[0] == "test" else verify.check(words[1:])
    asked = parser().parse_args(words)
    if asked.command is None:
        parser().print_help()
        return 2
    command: Callable[[argparse.Namespace], int] = asked.run
    return command(asked)


def parser() -> argparse.ArgumentParser:
    """The launcher's own commands."""
    top = Parser(prog="./shucai", description="数财 Shucai：城市公共资金管理平台", epilog=_EPILOG)
    version = f"数财 Shucai {__version__}"
    top.add_argument("--version", action="version", version=version, help="显示版本")
    commands = top.add_subparsers(dest="command", metavar="命令")
    _add_up(commands.add_parser("up", help="启动：准备一切，启动数据库、网页与后台任务"))
    down = commands.add_parser("down", help="停止，不留任何进程，不丢任何数据")
    status = commands.add_parser("status", help="各部分的状态")
    status.add_argument("--json", action="store_true", help="输出 JSON")
    docs = commands.add_parser("docs", help="由声明生成文档 docs/domains、docs/kit.md")
    commands.add_parser("test", help="全部测试（压力测试除外）；其余参数交给 pytest")
    commands.add_parser("check", help="快速检查：规范、类型、依赖关系、快速测试")
    changes = commands.add_parser("changelog", help="由 changes 中的条目编成 CHANGELOG.md")
    _add_signing(commands.add_parser("sign-challenge", help="用软密钥文件对登录页的验证信息签名"))
    own = ((down, _down), (status, _status), (docs, _docs), (changes, _changelog))
    for one, run in own:
        one.set_defaults(run=run)
        one.add_argument("--data", metavar="目录", help="数据目录")
    return top


_EPILOG: Final = """业务命令：
  do list show import export ledger audit functions bench
  用法见 ./shucai 命令 --help

退出码：0 正常，1 检查未通过，2 被拒绝或用法有误
环境变量：DATABASE_URL 使用已有的 PostgreSQL；SHUCAI_DATA 数据目录"""


def _add_up(one: argparse.ArgumentParser) -> None:
    one.add_argument("--host", default="127.0.0.1", metavar="地址", help="监听地址，默认 127.0.0.1")
    one.add_argument("--port", type=_port, default=8000, metavar="端口", help="默认 8000")
    one.add_argument("--data", metavar="目录", help="数据目录，默认 .shucai")
    mode = one.add_mutually_exclusive_group()
    mode.add_argument("--demo", dest="mode", action="store_const", const="demo",
                      help="演示城市（默认）")  # fmt: skip
    mode.add_argument("--empty", dest="mode", action="store_const", const="empty",
                      help="空城：只有基础数据，由三员开始")  # fmt: skip
    one.add_argument("--city", type=_city, default="4406", metavar="代码",
                     help="空城的四位行政区划代码，默认 4406（佛山市）")  # fmt: skip
    one.add_argument("--units", type=_units, default=450, metavar="个数",
                     help="演示城市的预算单位个数，6 至 2500，默认 450")  # fmt: skip
    one.add_argument("--background", action="store_true", help="就绪后转入后台")
    one.add_argument("--detached", action="store_true", help=argparse.SUPPRESS)
    one.set_defaults(run=_up)


def _add_signing(one: argparse.ArgumentParser) -> None:
    one.add_argument("key", metavar="密钥文件")
    one.add_argument("challenge", metavar="验证信息", help="登录页上的整行文字")
    one.set_defaults(run=_sign)


def _sign(asked: argparse.Namespace) -> int:
    from shucai.site import signing

    return signing.sign(asked.key, asked.challenge)


def _port(text: str) -> int:
    if not text.isdigit() or not 1 <= int(text) <= 65535:
        raise argparse.ArgumentTypeError(f"端口应为 1 至 65535 的整数，不是“{text}”")
    return int(text)


def _units(text: str) -> int:
    if not text.isdigit() or not 6 <= int(text) <= 2500:
        raise argparse.ArgumentTypeError(f"单位个数应为 6 至 2500 的整数，不是“{text}”")
    return int(text)


def _city(text: str) -> str:
    if not (text.isdigit() and len(text) == 4):
        raise argparse.ArgumentTypeError(f"应为四位行政区划代码，不是“{text}”")
    return text


# up, down, status


def _up(asked: argparse.Namespace) -> int:
    from shucai.site.start import Start, Wish

    # Not the running one: `up` without --data always means the usual place.
    named = asked.data or os.environ.get("SHUCAI_DATA") or str(places.DEFAULT_DATA)
    instance = places.chosen(named)
    if instance.is_locked():
        instance.agreed(asked.mode)
        return _already(instance)
    if asked.background:
        return _in_background(asked, instance)
    wish = Wish(
        host=asked.host, port=asked.port, mode=asked.mode, city=asked.city, units=asked.units
    )
    Start(instance, wish, progress=Progress()).run(
        when_ready=lambda: _let_go(instance) if asked.detached else None
    )
    return 0


def _already(instance: Instance) -> int:
    told = instance.report()
    state = "已在运行" if told.get("ready") else "正在启动"
    print(f"数财{state}：{told.get('url')}（数据目录 {instance.data}）")
    return 0


def _in_background(asked: argparse.Namespace, instance: Instance) -> int:
    """A process of its own session does it all; its words are passed on until it is ready."""
    words = ["--host", asked.host, "--port", str(asked.port), "--data", str(instance.data)]
    words += ["--city", asked.city, "--units", str(asked.units)]
    words += [f"--{asked.mode}"] if asked.mode else []
    child = subprocess.Popen(  # noqa: S603 (ourselves)
        [sys.executable, "-m", "shucai.site.command", "up", "--detached", *words],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
        text=True,
    )
    try:
        for line in child.stdout or ():
            print(line, end="", flush=True)
    except KeyboardInterrupt:
        child.send_signal(signal.SIGTERM)
        child.wait()
        return 2
    # The pipe is closed: either it is ready and writes to its log now, or it has ended.
    with suppress(subprocess.TimeoutExpired):
        return child.wait(0.3)
    child.returncode = 0  # it lives on: nobody is to wait for it
    return 0


def _let_go(instance: Instance) -> None:
    """From here on this process talks to its log: whoever started it may go."""
    sys.stdout.flush()
    with (instance.log / "supervisor.log").open("ab") as log:
        os.dup2(log.fileno(), 1)
        os.dup2(log.fileno(), 2)


def _down(asked: argparse.Namespace) -> int:
    instance = places.chosen(asked.data)
    if not instance.is_locked():
        print(f"数财没有运行（数据目录 {instance.data}）")
        return 0
    pid = int(instance.report().get("pid", 0))
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGTERM)
    stopped = wait_until(
        lambda: not instance.is_locked() and not alive(pid), seconds=STOP_SECONDS, every=0.1
    )
    if not stopped:
        raise errors.NO_STOP.refuse(
            pid=str(pid), seconds=int(STOP_SECONDS), log=str(instance.log / "supervisor.log")
        )
    print(f"已停止，数据保存在 {instance.data}")
    return 0


def _status(asked: argparse.Namespace) -> int:
    instance = places.chosen(asked.data)
    found = instance.status(at=places.now())
    if asked.json:
        print(json.dumps(found, ensure_ascii=False))
    else:
        print(f"数财 Shucai {found['version']}  {found['url'] or '没有运行'}")
        for part in found["parts"]:
            print(_line(part))
    good = {"running", "external"}
    return 0 if all(part["state"] in good for part in found["parts"]) else 1


_STATES: Final = {
    "running": "运行",
    "starting": "启动中",
    "restarting": "重启中",
    "stopping": "停止中",
    "stopped": "停止",
    "external": "外部",
}


def _line(part: dict[str, Any]) -> str:
    state = padded(_STATES.get(part["state"], part["state"]), 8)
    pid = f"进程 {part['pid']}" if part["pid"] else ""
    since = f"自 {part['since']}" if part["since"] else ""
    return f"  {padded(part['name'], 10)} {state} {padded(pid, 14)} {since}".rstrip()


# docs, the change log, and the business commands


def _docs(asked: argparse.Namespace) -> int:
    _set_up_django(None)
    from shucai.edge.cli import documentation

    changed = documentation.write(ROOT / "docs")
    for path in changed:
        print(path.relative_to(ROOT))
    print(f"文档已更新 {len(changed)} 页" if changed else "文档没有变化")
    return 0


def _changelog(asked: argparse.Namespace) -> int:
    from shucai.site import changelog

    is_new = changelog.write(ROOT)
    print("CHANGELOG.md 已更新" if is_new else "CHANGELOG.md 没有变化")
    return 0


def business_commands() -> tuple[str, ...]:
    """What the edge offers; the usual names while it can't be asked."""
    module = _edge()
    return tuple(getattr(module, "COMMANDS", ())) if module else BUSINESS


def business(words: list[str]) -> int:
    """Hands over to the edge, as the application, on the instance's database."""
    module = _edge()
    if module is None or not hasattr(module, "main"):
        refuse_unknown(words[0])
    data, rest = _without_data(words)
    instance = None if "SHUCAI_DB_HOST" in os.environ else places.chosen(data)
    _set_up_django(instance)
    if rest[0] == "bench" and instance is not None and "DATABASE_URL" not in os.environ:
        os.environ.update(administrator(instance))
    return int(module.main(rest))


def _without_data(words: list[str]) -> tuple[str | None, list[str]]:
    """`--data DIR` is the launcher's own option wherever it stands."""
    for i, word in enumerate(words):
        if word == "--data" and i + 1 < len(words):
            return words[i + 1], [*words[:i], *words[i + 2 :]]
        if word.startswith("--data="):
            return word.removeprefix("--data="), [*words[:i], *words[i + 1 :]]
    return None, words


def _edge() -> Any | None:
    try:
        return importlib.import_module(EDGE)
    except ModuleNotFoundError as fault:
        if fault.name and EDGE.startswith(fault.name):
            return None
        raise


def _set_up_django(instance: Instance | None) -> None:
    """Settings from the instance's login; without one, from the environment as it is."""
    if instance is not None:
        if not instance.is_locked():
            raise errors.NOT_RUNNING.refuse(data=str(instance.data))
        os.environ.update(login(instance))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shucai.site.settings")
    import django

    django.setup()


def login(instance: Instance) -> dict[str, str]:
    """The application's environment on a running instance."""
    from shucai.site.external import External
    from shucai.site.postgres import Server

    url = os.environ.get("DATABASE_URL")
    if url:
        database = External(url, home=instance.data).environment()
    else:
        database = Server(instance.database).environment()
    return places.environment(instance, SHUCAI_DB_KEEP="0", **database)


def administrator(instance: Instance) -> dict[str, str]:
    """The login that may make scratch databases on the embedded server, for `bench` only."""
    from shucai.site import roles
    from shucai.site.postgres import Server

    password = Server(instance.database).passwords.superuser
    return {"SHUCAI_ADMIN_USER": roles.SUPERUSER, "SHUCAI_ADMIN_PASSWORD": password}


if __name__ == "__main__":
    sys.exit(main())

"""命令 command: the words after `shucai`, read once, handed to the module that does them."""

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from importlib import import_module
from typing import Any, Final, NoReturn

from shucai.base.errors import Refused, Unavailable
from shucai.edge.cli import errors, output

COMMANDS: Final = {
    "do": "办理单据：do TYPE NUMBER… ACTION --as 登录名",
    "list": "列出单据：list TYPE [--filter 名称=值]",
    "show": "查阅一张单据：show TYPE NUMBER",
    "import": "导入单据或基础数据：import TYPE|SET FILE，先显示差异，加 --yes 才写入",
    "export": "导出单据：export TYPE FILE",
    "ledger": "台账核对：ledger check",
    "audit": "审计链：audit verify、audit head",
    "functions": "功能清单：页面、测试、是否已证明",
    "bench": "性能测量：bench ledger|document|list|web",
    "kinds": "全部单据类型",
    "errors": "全部拒绝代码",
}
Handler = Callable[[argparse.Namespace], int]
Commands = Any  # argparse publishes no name for what add_subparsers returns


class _Parser(argparse.ArgumentParser):
    """Misuse tells its usage and ends with 2."""

    def error(self, message: str) -> NoReturn:
        self.print_usage(sys.stderr)
        output.complain(f"{self.prog}：{message}")
        raise SystemExit(output.MISUSED)


def main(argv: Sequence[str]) -> int:
    """Runs one command; the exit code is 0 good, 1 check failed, 2 refused or misused."""
    try:
        given = parser().parse_args(list(argv))
    except SystemExit as end:
        return int(end.code or 0)
    _ready()
    from django.db import InterfaceError, OperationalError

    try:
        return _handler(given.handler)(given)
    except Refused as refusal:
        return output.refuse(refusal, as_json=getattr(given, "json", False))
    except (OperationalError, InterfaceError, Unavailable) as failure:
        reason = str(failure).strip().split("\n", maxsplit=1)[0][:200]
        return output.refuse(errors.UNAVAILABLE.refuse(reason=reason), as_json=given.json)
    except BrokenPipeError:
        sys.stderr.close()
        return output.GOOD
    except KeyboardInterrupt:
        return 130


def _ready() -> None:
    """Settings and declarations, unless the caller has them already."""
    import django
    from django.apps import apps

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shucai.site.settings")
    if not apps.ready:
        django.setup()


def _handler(name: str) -> Handler:
    module, function = name.split(".")
    found: Handler = getattr(import_module(f"shucai.edge.cli.{module}"), function)
    return found


def parser() -> argparse.ArgumentParser:
    top = _Parser(prog="shucai", description="数财 Shucai")
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for add in (_documents, _transfer, _proofs, _catalogues):
        add(commands)
    return top


def _command(commands: Commands, name: str, handler: str) -> argparse.ArgumentParser:
    told = COMMANDS.get(name)
    made: argparse.ArgumentParser = commands.add_parser(name, help=told, description=told)
    made.add_argument("--json", action="store_true", help="机器可读的输出")
    made.set_defaults(handler=handler)
    return made


def _person(made: argparse.ArgumentParser) -> None:
    made.add_argument("--as", dest="user", default="", metavar="USER", help="以该登录名办理")
    made.add_argument("--position", default="", help="岗位编码或名称；省略时为默认岗位")
    made.add_argument("--year", type=int, default=None, help="年度；省略时为当前年度")


def _documents(commands: Commands) -> None:
    do = _command(commands, "do", "acting.do")
    do.add_argument("type")
    do.add_argument("numbers", nargs="+", metavar="NUMBER")
    do.add_argument("action")
    _person(do)
    do.add_argument("--opinion", default="", help="意见或理由")
    do.add_argument("--each", action="store_true", help="逐笔办理，未通过的逐笔说明")
    do.add_argument("--key", default="", help="请求标识；重复时返回第一次的结果")
    do.add_argument("--preview", action="store_true", help="试算，不写入")
    do.add_argument("--to-user", type=int, default=None, help="转办、加签的对象（用户编号）")
    shown = _command(commands, "show", "reading.show")
    shown.add_argument("type")
    shown.add_argument("number")
    _person(shown)
    listed = _command(commands, "list", "reading.list_documents")
    listed.add_argument("type")
    listed.add_argument("--filter", action="append", default=[], metavar="NAME=VALUE")
    listed.add_argument("--sort", default="-id", help="排序：id、amount、business_date、updated_at")
    listed.add_argument("--limit", type=_limit, default=50, help="最多列出多少笔")
    _person(listed)


def _limit(text: str) -> int:
    if not text.isdigit() or not 1 <= int(text) <= 100_000:
        raise argparse.ArgumentTypeError("应为 1 至 100000 之间的整数")
    return int(text)


def _transfer(commands: Commands) -> None:
    taken = _command(commands, "import", "transfer.take_in")
    taken.add_argument("target", metavar="TYPE|SET")
    taken.add_argument("file")
    taken.add_argument("--yes", action="store_true", help="写入；省略时只显示将要发生的变化")
    _person(taken)
    given = _command(commands, "export", "transfer.give_out")
    given.add_argument("target", metavar="TYPE|SET")
    given.add_argument("file")
    given.add_argument("--filter", action="append", default=[], metavar="NAME=VALUE")
    given.add_argument("--limit", type=_limit, default=20_000)
    _person(given)


def _proofs(commands: Commands) -> None:
    ledger = commands.add_parser("ledger", help=COMMANDS["ledger"])
    _command(ledger.add_subparsers(required=True, metavar="check"), "check", "proofs.ledger_check")
    audit = commands.add_parser("audit", help=COMMANDS["audit"]).add_subparsers(
        required=True, metavar="verify|head"
    )
    verify = _command(audit, "verify", "proofs.audit_verify")
    verify.add_argument("--head", default="", metavar="FILE", help="由他方寄存的链值")
    _command(audit, "head", "proofs.audit_head")


def _catalogues(commands: Commands) -> None:
    _command(commands, "functions", "proofs.list_functions")
    _command(commands, "kinds", "reading.kinds")
    problems = _command(commands, "errors", "reading.problems")
    problems.add_argument("code", nargs="?", default="", help="代码或其开头，例如 PAY")
    bench = _command(commands, "bench", "measuring.bench")
    bench.add_argument("name", help="ledger、document、list、web 或 all")
    bench.add_argument("--rounds", type=int, default=3)
    bench.add_argument("--seconds", type=int, default=5, help="每轮秒数")
    bench.add_argument("--size", type=int, default=None, help="数据量；用于 list 与 document")

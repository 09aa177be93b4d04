"""命令 command: the words after `shucai`, read once, handed to the module that does them."""

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from importlib import import_module
from typing import Any, Final

from shucai.base.arguments import Misused, Parser
from shucai.base.errors import Refused, Unavailable
from shucai.edge.cli import errors, output

COMMANDS: Final = {
    "do": "办理单据或名录：do 类型 单号… 环节 --as 登录名",
    "list": "列出单据或名录：list 类型 [--filter 名称=值]",
    "show": "查阅一张单据或一条记录：show 类型 单号",
    "import": "导入单据或基础数据：import 类型或值集 文件，先显示差异，加 --yes 才写入",
    "export": "导出单据：export 类型或值集 文件",
    "ledger": "台账核对：ledger check",
    "audit": "审计链：audit verify、audit head",
    "functions": "功能清单：页面、测试、是否已证明",
    "bench": "性能测量：bench ledger|document|list|web",
    "kinds": "全部单据类型",
    "errors": "全部拒绝代码",
}
Handler = Callable[[argparse.Namespace], int]
Commands = Any  # argparse publishes no name for what add_subparsers returns


def main(argv: Sequence[str]) -> int:
    """Runs one command; the exit code is 0 good, 1 check failed, 2 refused or misused."""
    try:
        given = parser().parse_args(list(argv))
    except SystemExit as end:  # of --help
        return int(end.code or 0)
    except Misused as misused:
        told = errors.MISUSED.refuse(reason=misused.reason, command=misused.command)
        return output.refuse(told, as_json="--json" in argv)
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
    top = Parser(prog="./shucai", description="数财 Shucai：业务命令")
    commands = top.add_subparsers(dest="command", required=True, metavar="命令")
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
    made.add_argument("--as", dest="user", default="", metavar="登录名", help="以该登录名办理")
    made.add_argument(
        "--position", default="", metavar="岗位", help="岗位编码或名称；省略时为默认岗位"
    )
    made.add_argument(
        "--year", type=int, default=None, metavar="年度", help="年度；省略时为当前年度"
    )


def _documents(commands: Commands) -> None:
    do = _command(commands, "do", "acting.do")
    do.add_argument("type", metavar="类型", help="单据类型代码，见 kinds；或名录代码")
    do.add_argument("numbers", nargs="*", metavar="单号", help="或记录的键；新增类操作不写")
    do.add_argument("action", metavar="环节", help="例如 submit、approve、return；或名录的操作")
    _person(do)
    do.add_argument(
        "--set", action="append", default=[], metavar="名称=值",
        help="名录操作的录入项，可重复；值写作 @路径 时取文件内容",
    )  # fmt: skip
    do.add_argument("--opinion", default="", metavar="文字", help="意见或理由")
    do.add_argument("--each", action="store_true", help="逐笔办理，未通过的逐笔说明")
    do.add_argument("--key", default="", metavar="标识", help="请求标识；重复时返回第一次的结果")
    do.add_argument("--preview", action="store_true", help="试算，不写入")
    do.add_argument(
        "--to-user", type=int, default=None, metavar="编号", help="转办、加签的对象（用户编号）"
    )
    shown = _command(commands, "show", "reading.show")
    shown.add_argument("type", metavar="类型", help="单据类型代码，见 kinds")
    shown.add_argument("number", metavar="单号")
    _person(shown)
    listed = _command(commands, "list", "reading.list_documents")
    listed.add_argument("type", metavar="类型", help="单据类型代码，见 kinds")
    listed.add_argument(
        "--filter", action="append", default=[], metavar="名称=值", help="筛选条件，可重复"
    )
    listed.add_argument(
        "--sort",
        default="",
        metavar="次序",
        help="排序：id、amount、business_date、updated_at；名录为列名",
    )
    listed.add_argument("--limit", type=_limit, default=50, metavar="笔数", help="最多列出多少笔")
    _person(listed)


def _limit(text: str) -> int:
    if not text.isdigit() or not 1 <= int(text) <= 100_000:
        raise argparse.ArgumentTypeError("应为 1 至 100000 之间的整数")
    return int(text)


def _transfer(commands: Commands) -> None:
    taken = _command(commands, "import", "transfer.take_in")
    taken.add_argument("target", metavar="类型或值集", help="单据类型或值集代码")
    taken.add_argument("file", metavar="文件", help="扩展名 .xlsx 或 .csv")
    taken.add_argument("--yes", action="store_true", help="写入；省略时只显示将要发生的变化")
    _person(taken)
    given = _command(commands, "export", "transfer.give_out")
    given.add_argument("target", metavar="类型或值集", help="单据类型或值集代码")
    given.add_argument("file", metavar="文件", help="扩展名 .xlsx 或 .csv")
    given.add_argument(
        "--filter", action="append", default=[], metavar="名称=值", help="筛选条件，可重复"
    )
    given.add_argument(
        "--limit", type=_limit, default=20_000, metavar="笔数", help="最多导出多少笔"
    )
    _person(given)


def _proofs(commands: Commands) -> None:
    ledger = commands.add_parser("ledger", help=COMMANDS["ledger"])
    _command(ledger.add_subparsers(required=True, metavar="check"), "check", "proofs.ledger_check")
    audit = commands.add_parser("audit", help=COMMANDS["audit"]).add_subparsers(
        required=True, metavar="verify|head"
    )
    verify = _command(audit, "verify", "proofs.audit_verify")
    verify.add_argument("--head", default="", metavar="文件", help="由他方寄存的链值")
    _command(audit, "head", "proofs.audit_head")


def _catalogues(commands: Commands) -> None:
    _command(commands, "functions", "proofs.list_functions")
    _command(commands, "kinds", "reading.kinds")
    problems = _command(commands, "errors", "reading.problems")
    problems.add_argument(
        "code", nargs="?", default="", metavar="代码", help="代码或其开头，例如 PAY"
    )
    bench = _command(commands, "bench", "measuring.bench")
    bench.add_argument("name", metavar="名称", help="ledger、document、list、web 或 all")
    bench.add_argument("--rounds", type=int, default=3, metavar="轮数", help="测几轮，默认 3")
    bench.add_argument("--seconds", type=int, default=5, metavar="秒", help="每轮秒数")
    bench.add_argument(
        "--size", type=int, default=None, metavar="笔数", help="数据量；用于 list 与 document"
    )

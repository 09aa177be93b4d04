"""命令行参数 arguments: the standard parser, speaking Chinese; misuse is told, not printed.

Whoever reads a command line catches `Misused` and tells it as a refusal of his own.
"""

import argparse
import re
from typing import Any, Final, NoReturn

# What the standard library says, in the order in which it is looked for.
_SAID: Final = tuple(
    (re.compile(pattern, re.DOTALL), text)
    for pattern, text in (
        (r"the following arguments are required: (.+)", "缺少 {0}"),
        (r"unrecognized arguments: (.+)", "不认识“{0}”"),
        (r"one of the arguments (.+) is required", "{0} 中须选一项"),
        (r"ambiguous option: (.+?) could match (.+)", "“{0}”不明确，可能是 {1}"),
        (r"argument (.+?): expected one argument", "{0} 后面缺少一个值"),
        (r"argument (.+?): expected at least one argument", "{0} 至少需要一个值"),
        (r"argument (.+?): expected at most one argument", "{0} 最多接受一个值"),
        (r"argument (.+?): expected (\d+) arguments", "{0} 需要 {1} 个值"),
        (r"argument (.+?): invalid int value: '(.*)'", "{0} 应为整数，不是“{1}”"),
        (
            r"argument (.+?): invalid choice: '?(.*?)'? \(choose from (.+)\)",
            "{0} 没有“{1}”，可用的是 {2}",
        ),
        (r"argument (.+?): not allowed with argument (.+)", "{0} 与 {1} 不能同时使用"),
        (r"argument (.+?): ignored explicit argument '(.*)'", "{0} 不接受值“{1}”"),
        (r"argument (.+?): (.+)", "{0}：{1}"),
    )
)


class Misused(Exception):
    """The words after a command that can't be understood: why, and whose help says more."""

    def __init__(self, reason: str, command: str) -> None:
        super().__init__(reason)
        self.reason, self.command = reason, command


class _Formatter(argparse.RawDescriptionHelpFormatter):
    def add_usage(self, usage: Any, actions: Any, groups: Any, prefix: str | None = None) -> None:
        super().add_usage(usage, actions, groups, "用法：" if prefix is None else prefix)


class Parser(argparse.ArgumentParser):
    """Sub-commands are parsers of this kind as well."""

    def __init__(self, **more: Any) -> None:
        super().__init__(**{"formatter_class": _Formatter, **more, "add_help": False})
        self._positionals.title, self._optionals.title = "参数", "选项"
        self.add_argument("-h", "--help", action="help", default=argparse.SUPPRESS, help="显示用法")

    def error(self, message: str) -> NoReturn:
        raise Misused(told(message), self.prog)


def told(message: str) -> str:
    """What the parser complains of, in Chinese; what nobody foresaw stays as it is."""
    for pattern, text in _SAID:
        found = pattern.fullmatch(message)
        if found is not None:
            return text.format(*(_plain(group) for group in found.groups()))
    return message


def _plain(words: str) -> str:
    """Names without quotes, joined as in Chinese."""
    return re.sub(r"'?, '?", "、", words).strip("'")

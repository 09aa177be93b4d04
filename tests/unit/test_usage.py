"""Usage, help and misuse of the command are told in Chinese; misuse ends with 2 and a remedy."""

import re

import pytest

from shucai.edge import cli
from shucai.edge.cli.command import parser as business_parser
from shucai.site.command import main
from shucai.site.command import parser as own_parser

ENGLISH = re.compile(
    r"usage|option|argument|error:|required|invalid|choose|show this|expected|unrecognized", re.I
)


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        ("frob", "本版本没有提供 frob"),
        ("up --port 0", "--port：端口应为 1 至 65535 的整数，不是“0”"),
        ("up --port", "--port 后面缺少一个值"),
        ("up --demo --empty", "--empty 与 --demo 不能同时使用"),
        ("up --d", "“--d”不明确，可能是"),
        ("up --background=1", "--background 不接受值“1”"),
        ("status --wrong", "不认识“--wrong”"),
        ("--wrong", "不认识“--wrong”"),
    ],
)
def test_misuse_of_the_launcher_is_one_sentence(
    words: str, reason: str, capsys: pytest.CaptureFixture[str]
) -> None:
    code = main(words.split())

    told = capsys.readouterr().err
    assert ("CLI-9014" if words == "frob" else "CLI-9042") in told
    _tells(code, reason, told)


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        ("do", "缺少 类型、单号、环节"),
        ("list x --limit 0", "--limit：应为 1 至 100000 之间的整数"),
        ("list x --year z", "--year 应为整数，不是“z”"),
        ("list x --as", "--as 后面缺少一个值"),
        ("audit frob", "没有“frob”，可用的是 verify、head"),
        ("audit", "缺少 verify|head"),
        ("import one two three", "不认识“three”"),
        ("nothing", "命令 没有“nothing”，可用的是 do、show"),
    ],
)
def test_misuse_of_a_business_command_is_one_sentence(
    words: str, reason: str, capsys: pytest.CaptureFixture[str]
) -> None:
    code = cli.main(words.split())

    told = capsys.readouterr().err
    assert "CLI-1031" in told
    _tells(code, reason, told)


def test_misuse_is_told_to_programs_too(capsys: pytest.CaptureFixture[str]) -> None:
    code = cli.main(["do", "--json"])

    assert code == 2
    assert '"CLI-1031"' in capsys.readouterr().out


def test_every_help_is_chinese(capsys: pytest.CaptureFixture[str]) -> None:
    helps = [own_parser().format_help(), business_parser().format_help()]
    for words in ("up", "down", "status", "docs", "changelog"):
        with pytest.raises(SystemExit) as ended:
            own_parser().parse_args([words, "--help"])
        assert ended.value.code == 0
    for word in cli.COMMANDS:
        assert cli.main([word, "--help"]) == 0

    helps.append(capsys.readouterr().out)
    assert "用法：./shucai up" in helps[-1]
    assert "用法：./shucai audit" in helps[-1]
    for text in helps:
        assert not ENGLISH.search(text), ENGLISH.search(text)


def _tells(code: int, reason: str, told: str) -> None:
    assert code == 2
    assert told.count("\n") == 1, told
    assert reason in told
    assert "请用 ./shucai" in told
    assert "--help 查看" in told
    assert not ENGLISH.search(told.replace(reason, "")), told

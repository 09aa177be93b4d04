"""填写的值 typed values of a change of rights: each reader gives the value or says why not."""

import re
import unicodedata
from collections.abc import Callable, Sequence
from datetime import date
from typing import Any, Final

Reader = Callable[[Any], Any]
FUNDS_MAX: Final = 20
USERNAME: Final = re.compile(r"^[a-z0-9][a-z0-9._-]{1,39}$")
CODE: Final = re.compile(r"^[A-Za-z0-9._-]{1,40}$")
PATH: Final = re.compile(r"^[0-9]+(/[0-9A-Za-z]+)*$")
PHONE: Final = re.compile(r"^(\+?[0-9-]{5,20})?$")
EMPLOYEE: Final = re.compile(r"^[A-Za-z0-9-]{0,30}$")
FUND: Final = re.compile(r"^[0-9A-Za-z]{1,20}$")
DIVISION: Final = re.compile(r"^[0-9]{9}$")


class Bad(Exception):
    """A typed value that can't be read; the reason completes a sentence."""


def text(limit: int, *, least: int = 0) -> Callable[[Any], str]:
    def read(raw: Any) -> str:
        said = str(raw or "").strip()
        if not least <= len(said) <= limit:
            raise Bad(f"共 {len(said)} 个字，应为 {least} 至 {limit} 个字")
        if any(unicodedata.category(ch).startswith("C") for ch in said):
            raise Bad("含有不可见字符")
        return said

    return read


def pattern(wanted: re.Pattern[str], hint: str) -> Callable[[Any], str]:
    def read(raw: Any) -> str:
        said = str(raw or "").strip()
        if not wanted.match(said):
            raise Bad(hint)
        return said

    return read


def username(raw: Any) -> str:
    return pattern(USERNAME, "应为 2 至 40 位小写字母、数字、点、横线")(str(raw or "").lower())


def integer(raw: Any) -> int:
    said = str(raw if raw is not None else "").strip()
    if not (said.isascii() and said.isdigit() and len(said) < 10):
        raise Bad("不是整数")
    return int(said)


def day(raw: Any) -> str:
    try:
        return date.fromisoformat(str(raw or "").strip()).isoformat()
    except ValueError:
        raise Bad("不是日期，应如 2026-01-31") from None


def optional_day(raw: Any) -> str | None:
    return day(raw) if str(raw or "").strip() else None


def boolean(raw: Any) -> bool:
    return raw is True or str(raw).strip().lower() in ("1", "true", "on", "yes", "是")


def codes_of(raw: Any) -> list[str]:
    codes = raw.replace(",", " ").split() if isinstance(raw, str) else list(raw or [])
    return sorted({str(code) for code in codes})


def funds(raw: Any) -> list[str]:
    codes = codes_of(raw)
    if not all(FUND.match(code) for code in codes) or len(codes) > FUNDS_MAX:
        raise Bad(f"应为至多 {FUNDS_MAX} 个资金性质代码，用空格分开")
    return codes


def choice(choices: Sequence[tuple[str, str]]) -> Reader:
    """One of the codes of a field with choices."""

    def read(raw: Any) -> str:
        if raw not in dict(choices):
            raise Bad(f"应为 {'、'.join(code for code, _ in choices)} 之一")
        return str(raw)

    return read

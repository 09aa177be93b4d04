"""所填 what was typed: inputs of a question made into values, faults told together."""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from shucai.base.errors import Finding
from shucai.kernel.identity.actor import Actor
from shucai.kernel.pages import errors
from shucai.kernel.pages.register import Input

NAMED_MAX: Final = 8


def read(
    inputs: Sequence[Input], given: Mapping[str, Sequence[str]], *, actor: Actor, record: Any = None
) -> tuple[dict[str, Any], list[Finding]]:
    """Values by name (None for an empty optional entry) and what is wrong with them."""
    values: dict[str, Any] = {}
    findings: list[Finding] = []
    for one in inputs:
        said = [text.strip() for text in given.get(one.name, ()) if text.strip()]
        values[one.name] = _empty(one)
        if not said:
            if one.is_required and one.entry != "flag":
                findings.append(errors.INPUT_EMPTY.at(one.name, label=one.label))
            continue
        try:
            values[one.name] = _value(one, said, actor, record)
        except ValueError as wrong:
            findings.append(
                errors.INPUT_BAD.at(one.name, label=one.label, value=said[0][:60], reason=wrong)
            )
    return values, findings


def _empty(one: Input) -> Any:
    if one.entry == "flag":
        return False
    return [] if one.entry == "choices" else None


def _value(one: Input, said: Sequence[str], actor: Actor, record: Any) -> Any:
    if one.entry == "choices":
        return [_choice(one, text, actor, record) for text in dict.fromkeys(said)]
    if one.entry == "choice":
        return _choice(one, said[0], actor, record)
    return _READERS.get(one.entry, _text)(one, said[0])


def _choice(one: Input, text: str, actor: Actor, record: Any) -> str:
    options = dict(one.options(actor, record)) if one.options else {}
    if text not in options:
        named = "、".join(list(options.values())[:NAMED_MAX])
        raise ValueError(f"不在可选项中，可选 {named or '（无）'}")
    return text


def _text(one: Input, text: str) -> str:
    if len(text) > one.limit or "\x00" in text:
        raise ValueError(f"共 {len(text)} 个字，应为至多 {one.limit} 个可见字符")
    return text


def _code(one: Input, text: str) -> str:
    """Suggestions spell “code name”; the code alone is meant."""
    return _text(one, text).split(" ", maxsplit=1)[0]


def _integer(one: Input, text: str) -> int:
    if not re.fullmatch(r"-?\d{1,15}", text, re.ASCII):
        raise ValueError("应为整数")
    return int(text)


def _money(one: Input, text: str) -> Decimal:
    plain = text.replace(",", "").replace("，", "")
    if not re.fullmatch(r"-?\d{1,14}(\.\d{1,2})?", plain, re.ASCII):
        raise ValueError("应为金额，单位元，至多两位小数")
    try:
        return Decimal(plain)
    except InvalidOperation:
        raise ValueError("应为金额，单位元，至多两位小数") from None


def _date(one: Input, text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ValueError("应为日期，如 2026-01-31") from None


def _flag(one: Input, text: str) -> bool:
    return text.lower() in ("1", "on", "true", "yes", "是")


_READERS: Final[Mapping[str, Callable[[Input, str], Any]]] = {
    "integer": _integer,
    "money": _money,
    "date": _date,
    "flag": _flag,
    "value": _code,
    "unit": _code,
    "user": _code,
}

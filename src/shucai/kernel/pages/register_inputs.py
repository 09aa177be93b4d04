"""名录录入 inputs of commands: what a channel sends becomes typed values, or findings at inputs.

Texts without control characters, money with two places, choices that are offered, units, values
and users that exist, files that are what they say. All findings are told at once.
"""

import io
import json
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from django.db.models import Q
from django.utils import timezone

from shucai.base import formula
from shucai.base.errors import Finding, Refused
from shucai.kernel.files import keeping, sniffing
from shucai.kernel.files.keeping import Upload
from shucai.kernel.identity.actor import Actor
from shucai.kernel.identity.models import User
from shucai.kernel.masterdata import values
from shucai.kernel.masterdata.models import Unit
from shucai.kernel.pages import errors
from shucai.kernel.pages.register import Command, Input

INTEGER_MAX: Final = 2**63 - 1
MONEY_MAX: Final = Decimal(10) ** 16
CHOICES_MAX: Final = 500
LONG_MAX: Final = 20_000
FORMULA_MAX: Final = 2_000
_LINES: Final = {"long", "json", "formula"}
_TRUE: Final = {"1", "true", "on", "yes", "是"}
_FALSE: Final = {"0", "false", "off", "no", "否"}


@dataclass(frozen=True, slots=True)
class Asking:
    """Whose values are read, for which command and record, and when."""

    command: Command
    actor: Actor
    record: Any
    now: datetime

    @property
    def today(self) -> date:
        return timezone.localtime(self.now).date()


def clean(given: Mapping[str, Any], asking: Asking) -> dict[str, Any]:
    """The typed values by name. Raises Refused with every finding."""
    command = asking.command
    found: dict[str, Any] = {}
    findings: list[Finding] = []
    names = [one.name for one in command.inputs]
    for name in given:
        if name not in names:
            known = "、".join(names) or "无"
            findings.append(
                errors.UNKNOWN_INPUT.at(
                    name[:60], command=command.label, name=name[:60], known=known
                )
            )
    for one in command.inputs:
        try:
            found[one.name] = _cleaned(one, given.get(one.name), asking)
        except Refused as refused:
            findings += [replace(finding, place=one.name) for finding in refused.findings]
    if findings:
        raise Refused(findings)
    return found


def options(one: Input, actor: Actor, record: Any) -> list[tuple[str, str]]:
    """What the input offers to this actor for this record."""
    if one.options is None:
        return []
    return [(str(value), str(text)) for value, text in one.options(actor, record)]


def initial(one: Input, record: Any) -> Any:
    """What stands in the input before anything is typed."""
    return one.initial(record) if callable(one.initial) else one.initial


def limit_of(one: Input) -> int:
    """Characters of a text, bytes of a file."""
    if one.entry == "file":
        return max(one.limit, keeping.SIZE_MAX)
    if one.entry in ("long", "json") and one.limit == 200:
        return LONG_MAX
    if one.entry == "formula" and one.limit == 200:
        return FORMULA_MAX
    return one.limit


def _cleaned(one: Input, given: Any, asking: Asking) -> Any:
    if isinstance(given, str) and one.entry != "secret":
        given = given.strip()
    if one.entry == "flag":
        return _flag(one, given)
    if given in (None, "", [], ()):
        if one.is_required:
            raise errors.REQUIRED.refuse(label=one.label, command=asking.command.label)
        return [] if one.entry == "choices" else None
    return _READERS[one.entry](one, given, asking)


def _string(one: Input, given: Any, wanted: str = "文本") -> str:
    if isinstance(given, bool) or not isinstance(given, str | int | Decimal):
        raise errors.NOT_TEXT.refuse(label=one.label, wanted=wanted)
    return str(given)


def _text(one: Input, given: Any, asking: Asking) -> str:
    said = _string(one, given)
    if one.entry in _LINES:
        said = said.replace("\r\n", "\n").replace("\r", "\n")
    limit = limit_of(one)
    if len(said) > limit:
        raise errors.TOO_LONG.refuse(label=one.label, length=len(said), limit=limit)
    for at, character in enumerate(said, start=1):
        is_line = character in "\n\t" and one.entry in _LINES
        if not is_line and unicodedata.category(character) in ("Cc", "Cs", "Co", "Cn"):
            raise errors.CONTROL_CHARACTERS.refuse(
                label=one.label, at=at, character=f"{ord(character):04X}"
            )
    return said


def _integer(one: Input, given: Any, asking: Asking) -> int:
    said = _string(one, given, "整数").replace(",", "")
    digits = said.removeprefix("-")
    if not (digits.isascii() and digits.isdigit()) or abs(int(digits[:40])) > INTEGER_MAX:
        raise errors.NOT_INTEGER.refuse(label=one.label, value=said[:40], limit=INTEGER_MAX)
    return int(said)


def _money(one: Input, given: Any, asking: Asking) -> Decimal:
    said = _string(one, given, "金额").replace(",", "").replace("，", "")
    try:
        amount = Decimal(said)
    except InvalidOperation:
        amount = Decimal("NaN")
    if (
        not amount.is_finite()
        or abs(amount) >= MONEY_MAX
        or amount != amount.quantize(Decimal("0.01"))
    ):
        raise errors.NOT_MONEY.refuse(label=one.label, value=said[:40])
    return amount.quantize(Decimal("0.01"))


def _date(one: Input, given: Any, asking: Asking) -> date:
    said = _string(one, given, "日期")
    try:
        return date.fromisoformat(said.replace("/", "-"))
    except ValueError:
        raise errors.NOT_DATE.refuse(
            label=one.label, value=said[:40], wanted="日期", example="2026-01-31"
        ) from None


def _instant(one: Input, given: Any, asking: Asking) -> datetime:
    said = _string(one, given, "时间")
    try:
        found = datetime.fromisoformat(said.replace("/", "-"))
    except ValueError:
        raise errors.NOT_DATE.refuse(
            label=one.label, value=said[:40], wanted="时间", example="2026-01-31 09:30"
        ) from None
    return found if timezone.is_aware(found) else timezone.make_aware(found)


def _flag(one: Input, given: Any) -> bool:
    if isinstance(given, bool):
        return given
    said = str(given if given is not None else "").strip().lower()
    if said in _TRUE:
        return True
    if said in _FALSE or said == "":
        return False
    raise errors.NOT_CHOICE.refuse(label=one.label, value=said[:40], known="是、否")


def _choice(one: Input, given: Any, asking: Asking) -> str:
    said = _string(one, given)
    known = options(one, asking.actor, asking.record)
    if said not in {value for value, _ in known}:
        told = "、".join(text for _, text in known[:20]) or "无"
        raise errors.NOT_CHOICE.refuse(label=one.label, value=said[:40], known=told)
    return said


def _choices(one: Input, given: Any, asking: Asking) -> list[str]:
    many = [given] if isinstance(given, str) else given
    if not isinstance(many, list | tuple) or len(many) > CHOICES_MAX:
        raise errors.NOT_TEXT.refuse(label=one.label, wanted=f"至多 {CHOICES_MAX} 项的清单")
    return list(dict.fromkeys(_choice(one, said, asking) for said in many if said != ""))


def _unit(one: Input, given: Any, asking: Asking) -> str:
    """A code that means one unit of the actor's scope; where two share it, the path."""
    said = _string(one, given).split(" ", maxsplit=1)[0]
    low, high = asking.actor.range
    rows = Unit.objects.filter(is_enabled=True, path__gte=low, path__lt=high)
    by_path = "/" in said
    count = rows.filter(path=said).count() if by_path else rows.filter(code=said)[:9].count()
    if count != 1:
        raise errors.NO_UNIT.refuse(label=one.label, value=said[:40], count=count)
    return said


def _value(one: Input, given: Any, asking: Asking) -> str:
    said = _string(one, given).split(" ", maxsplit=1)[0]
    year = asking.actor.fiscal_year
    entry = values.catalogue(one.of, year).find(said, division=asking.actor.division)
    if entry is None or not entry.is_enabled:
        raise errors.NO_VALUE.refuse(label=one.label, value=said[:40], year=year)
    return said


def _user(one: Input, given: Any, asking: Asking) -> str:
    """The login name of one active person."""
    said = _string(one, given)
    login = said.split(" ", maxsplit=1)[0].lower()
    rows = User.objects.filter(Q(username=login) | Q(name=said), is_active=True)
    found = list(rows.values_list("username", flat=True)[:9])
    if login in found:
        return login
    if len(found) != 1:
        raise errors.NO_USER.refuse(label=one.label, value=said[:40], count=len(found))
    return found[0]


def _file(one: Input, given: Any, asking: Asking) -> Upload:
    """The content is read, measured and recognised; the extension must fit it."""
    if not isinstance(given, Upload):
        raise errors.NOT_TEXT.refuse(label=one.label, wanted="文件")
    limit = limit_of(one)
    content = given.content if isinstance(given.content, bytes) else given.content.read(limit + 1)
    if len(content) > limit:
        raise errors.FILE_TOO_BIG.refuse(
            label=one.label, name=given.name[:80], size=len(content), limit=limit
        )
    kind = sniffing.sniff(given.name, io.BytesIO(content))
    wanted = one.of.replace(",", " ").split()
    if wanted and not any(
        one_of in (kind.code, *kind.extensions) or kind.content_type.startswith(one_of)
        for one_of in wanted
    ):
        raise errors.WRONG_FILE.refuse(
            label=one.label, name=given.name[:80], kind=kind.label, wanted="、".join(wanted)
        )
    return Upload(given.name, content, kind.code)


def _formula(one: Input, given: Any, asking: Asking) -> str:
    said = _text(one, given, asking)
    found = formula.check(said)
    if found:
        raise Refused(found)
    return said


def _json(one: Input, given: Any, asking: Asking) -> Any:
    if isinstance(given, dict | list):
        return given
    said = _text(one, given, asking)
    try:
        return json.loads(said)
    except json.JSONDecodeError as fault:
        raise errors.NOT_JSON.refuse(
            label=one.label, line=fault.lineno, column=fault.colno
        ) from None


_READERS: Final[Mapping[str, Callable[[Input, Any, Asking], Any]]] = {
    "text": _text,
    "long": _text,
    "secret": _text,
    "integer": _integer,
    "money": _money,
    "date": _date,
    "instant": _instant,
    "choice": _choice,
    "choices": _choices,
    "unit": _unit,
    "value": _value,
    "user": _user,
    "file": _file,
    "formula": _formula,
    "json": _json,
}


def spelled(found: Mapping[str, Any], inputs: Sequence[Input]) -> dict[str, str]:
    """The values as texts for digests and the trail; secrets only as whether they were given."""
    said = {}
    for one in inputs:
        value = found.get(one.name)
        if one.entry == "secret":
            said[one.name] = "（已填写）" if value else ""
        elif isinstance(value, Upload):
            said[one.name] = value.name
        else:
            said[one.name] = "" if value is None else str(value)[:200]
    return said

"""换算 converting: the text of one value turned into what is kept, or told why it can't be.

Nothing is rounded, cut or guessed. Units and accounts are looked up once for many lines.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from django.db import models

from shucai.kernel.document import filling
from shucai.kernel.document.declare import DocumentType
from shucai.kernel.document.form_layout import Extra
from shucai.kernel.identity.actor import Actor
from shucai.kernel.ledger.declare import AccountField
from shucai.kernel.ledger.models import LedgerAccount
from shucai.kernel.masterdata import levels, values
from shucai.kernel.masterdata.fields import ElementField
from shucai.kernel.masterdata.models import Unit

AMOUNT_MAX: Final = Decimal("1000000000000")
EXTRA_MAX: Final = 200  # letters of an extra field
_REMEDY: Final = {
    "money": "请填写不超过两位小数的金额，例如 1234.50",
    "date": "请按 2026-01-31 的格式填写",
    "choice": "请从可选项中选择",
    "number": "请填写整数",
}


@dataclass(frozen=True, slots=True)
class Place:
    """The year, day and person that decide which values may be used.

    `known` remembers what was looked up, so that five thousand lines cost one query.
    """

    fiscal_year: int
    on: date
    actor: Actor
    known: dict[tuple[str, str, str], list[int]] = field(default_factory=dict)
    document_type: str = ""

    def demand(self, known: models.Field[Any, Any]) -> levels.Demand | None:
        """How deep the element must go in this type of document; None for any other field."""
        if not isinstance(known, ElementField):
            return None
        division = self.actor.division
        return levels.demand(self.document_type, known.name, self.fiscal_year, division=division)


def clean(raw: Any) -> str:
    """Text without outer blanks and with full-width letters and digits made plain."""
    if raw is None:
        return ""
    if isinstance(raw, float):
        return repr(raw)
    return (
        unicodedata.normalize("NFKC", str(raw)).strip() if not isinstance(raw, str) else _fold(raw)
    )


def _fold(text: str) -> str:
    """Full-width digits and letters become plain; Chinese punctuation stays."""
    folded = "".join(
        unicodedata.normalize("NFKC", ch) if ("０" <= ch <= "ｚ" and ch.isalnum()) else ch
        for ch in text
    )
    return folded.strip()


class Bad(Exception):
    def __init__(self, reason: str, remedy: str) -> None:
        self.reason, self.remedy = reason, remedy
        super().__init__(reason)


def typed(known: models.Field[Any, Any], text: str, place: Place) -> Any:
    if isinstance(known, AccountField):
        return _account(known, text, place)
    if _names_unit(known):
        return _unit(text, place)
    if isinstance(known, models.DecimalField):
        return _money(text)
    if isinstance(known, models.DateField):
        return _date(text)
    if isinstance(known, models.IntegerField):
        return _whole(text)
    if isinstance(known, ElementField):
        return _element(known, text, place)
    return _text(known, text)


def _money(text: str) -> Decimal:
    plain = text.replace(",", "").replace("，", "").removeprefix("¥").removeprefix("￥")
    try:
        amount = Decimal(plain)
    except InvalidOperation:
        raise Bad("不是金额", _REMEDY["money"]) from None
    if not amount.is_finite():
        raise Bad("不是金额", _REMEDY["money"])
    exact = amount.quantize(Decimal("0.01")) if abs(amount) < AMOUNT_MAX else amount
    if exact != amount:
        raise Bad("超过两位小数", _REMEDY["money"])
    if amount <= 0:
        raise Bad("必须大于零", "请填写大于 0.00 的金额")
    if amount >= AMOUNT_MAX:
        raise Bad("超过单笔上限 1,000,000,000,000.00 元", "请核对金额单位")
    return exact


def _whole(text: str) -> int:
    if not text.isascii() or not text.lstrip("-").isdigit():
        raise Bad("不是整数", _REMEDY["number"])
    return int(text)


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text.replace("/", "-"))
    except ValueError:
        raise Bad("不是日期", _REMEDY["date"]) from None


def _element(known: ElementField, text: str, place: Place) -> str:
    code = text.split(" ", maxsplit=1)[0]
    demand = place.demand(known)
    found = values.usable(
        known.value_set,
        place.fiscal_year,
        code,
        on=place.on,
        division=place.actor.division,
        min_level=demand.min_level if demand else None,
    )
    if found is not None:
        raise Bad(found.why, found.fix)
    return code


_UNIT: Final = "unit"


def _names_unit(known: models.Field[Any, Any]) -> bool:
    return isinstance(known, models.ForeignKey) and known.related_model is Unit


def _code(text: str) -> str:
    """The code of `105001 市第一中学`."""
    return text.split(" ", maxsplit=1)[0]


def _unit(text: str, place: Place) -> int:
    """By code or id within the scope of the actor; a code goes before an id."""
    code = _code(text)
    if (_UNIT, "", code) not in place.known:
        _find_units({code}, place)
    found = place.known[_UNIT, "", code]
    if not found:
        raise Bad("不是可用的单位", "请从本岗位范围内的单位中选择")
    return found[0]


def _find_units(codes: set[str], place: Place) -> None:
    ids = {int(c) for c in codes if c.isascii() and c.isdigit() and len(c) < 19}
    for code in codes:
        place.known.setdefault((_UNIT, "", code), [])
    rows = Unit.objects.filter(models.Q(code__in=codes) | models.Q(pk__in=ids), is_enabled=True)
    for unit in rows.order_by("pk"):
        if place.actor.covers(unit.path, unit.office):
            if unit.code in codes:
                place.known[_UNIT, "", unit.code].insert(0, unit.pk)
            if str(unit.pk) in codes:
                place.known[_UNIT, "", str(unit.pk)].append(unit.pk)


def look_up(kind: DocumentType, lines: Sequence[Mapping[str, Any]], place: Place) -> None:
    """Finds every account and unit the lines name, by number or id, in one query a field."""
    for known in kind.line_fields():
        if isinstance(known, AccountField):
            texts = {clean(raw.get(known.name)) for raw in lines} - {""}
            fresh = {t for t in texts if (known.book, known.kind, t) not in place.known}
            if fresh:
                _find_accounts(known, fresh, place)
        elif _names_unit(known):
            codes = {_code(clean(raw.get(known.name))) for raw in lines} - {""}
            fresh = {code for code in codes if (_UNIT, "", code) not in place.known}
            if fresh:
                _find_units(fresh, place)


def _find_accounts(known: AccountField, texts: set[str], place: Place) -> None:
    ids = {int(t) for t in texts if t.isascii() and t.isdigit() and len(t) < 19}
    for text in texts:
        place.known.setdefault((known.book, known.kind, text), [])
    found = LedgerAccount.objects.filter(
        models.Q(number__in=texts) | models.Q(pk__in=ids),
        book=known.book,
        kind=known.kind,
        fiscal_year=place.fiscal_year,
    ).values_list("pk", "number", "fund_type_code")
    for pk, number, fund_type in found:
        if not place.actor.draws_on(fund_type):
            continue
        for text in {number, str(pk)} & texts:
            place.known[known.book, known.kind, text].append(pk)


def _account(known: AccountField, text: str, place: Place) -> int:
    """By number or id; an account outside the scope of the actor is as good as missing."""
    key = (known.book, known.kind, text)
    if key not in place.known:
        _find_accounts(known, {text}, place)
    found = place.known[key]
    if len(found) != 1:
        raise Bad("不是本年度可用的" + str(known.verbose_name), "请从可用余额列表中选择")
    return found[0]


def _text(known: models.Field[Any, Any], text: str) -> str:
    if known.choices:
        for value, label in known.flatchoices:
            if text in (str(value), str(label)):
                return str(value)
        raise Bad("不在可选项中", _REMEDY["choice"])
    return _bounded(text, known.max_length)


def _bounded(text: str, limit: int | None) -> str:
    if limit is not None and len(text) > limit:
        raise Bad(f"共 {len(text)} 个字，上限 {limit} 个字", "请缩短后再保存")
    if any(unicodedata.category(ch) == "Cc" and ch not in "\n\t" for ch in text):
        raise Bad("含有不可见字符", "请删除后重新输入")
    return text


def extra_text(one: Extra, text: str) -> str:
    """The value of an extra field in its one spelling; raises for what is none."""
    if one.kind == "money":
        return f"{_money(text):.2f}"
    if one.kind == "date":
        return _date(text).isoformat()
    if one.kind == "number":
        return str(_whole(text))
    if one.kind == "choice" and text not in one.options:
        raise Bad("不在可选项中", _REMEDY["choice"])
    return _bounded(text, EXTRA_MAX)


def extra_fault(one: Extra, text: str) -> str:
    """What is wrong with a value of an extra field, or nothing."""
    try:
        extra_text(one, text)
    except Bad as bad:
        return bad.reason
    return ""


def plain_fault(known: models.Field[Any, Any], text: str) -> str:
    """What is wrong with a value that is looked up nowhere, or nothing."""
    try:
        if isinstance(known, models.DecimalField):
            _money(text)
        elif isinstance(known, models.DateField):
            _date(text)
        elif isinstance(known, models.IntegerField):
            _whole(text)
        else:
            _text(known, text)
    except Bad as bad:
        return bad.reason
    return ""


def same_value(known: models.Field[Any, Any], place: Place) -> filling.Same:
    """Whether two texts mean the same value of a field."""

    def same(one: str, other: str) -> bool:
        if one == other:
            return True
        try:
            found: bool = typed(known, one, place) == typed(known, other, place)
        except Bad:
            return False
        return found

    return same

"""录入 input: what people, files and programs typed, turned into values or into findings.

Used by the form, the API, the CLI and the import alike; nothing is rounded, cut or guessed.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from django.db import models

from shucai.base.errors import Finding
from shucai.kernel.document import errors, filling, form_layout
from shucai.kernel.document.declare import LINES_MAX, DocumentType, is_required
from shucai.kernel.document.filling import Laid, Stored
from shucai.kernel.document.form_layout import Extra, FormLayout
from shucai.kernel.identity.actor import Actor
from shucai.kernel.ledger.declare import AccountField
from shucai.kernel.ledger.models import LedgerAccount
from shucai.kernel.masterdata import levels, value_rules, values
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


@dataclass(slots=True)
class Reading:
    """Typed values and the findings met on the way; usable only without findings."""

    fields: dict[str, Any] = field(default_factory=dict)
    extra: dict[str, str] = field(default_factory=dict)
    lines: list[dict[str, Any]] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)


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


def read(
    kind: DocumentType,
    *,
    fields: Mapping[str, Any],
    lines: Sequence[Mapping[str, Any]],
    place: Place,
    stored: Stored = filling.NOTHING,
) -> Reading:
    """All fields and lines at once, every fault at its place; `stored` is what stands already."""
    reading = Reading()
    place = replace(place, document_type=kind.code)
    layout = form_layout.current(kind, place.actor)
    extras = layout.shown_extras if layout is not None else ()
    head = {f.name for f in kind.fields()} | {one.key for one in extras}
    _refuse_unknown(kind, fields, head, "", reading)
    for known in kind.fields():
        laid = _laid(layout, known, known.name, stored)
        value = fields.get(known.name)
        _read_one(known, value, laid=laid, into=reading.fields, found=(reading, place))
    if layout is not None:
        _read_extras(layout, fields, stored, reading)
    if not lines:
        reading.findings.append(errors.NO_LINES.at("lines"))
    if len(lines) > LINES_MAX:
        reading.findings.append(
            errors.TOO_MANY_LINES.at("lines", count=len(lines), limit=LINES_MAX)
        )
        return reading
    look_up(kind, lines, place)
    own = {f.name for f in kind.line_fields()}
    for seq, raw in enumerate(lines, start=1):
        into: dict[str, Any] = {"seq": seq}
        _refuse_unknown(kind, raw, own, f"lines[{seq}].", reading)
        for known in kind.line_fields():
            laid = _laid(layout, known, f"lines[{seq}].{known.name}", stored, is_line=True)
            _read_one(known, raw.get(known.name), laid=laid, into=into, found=(reading, place))
        reading.lines.append(into)
    if layout is not None:
        _compute(kind, layout, (fields, lines), reading, place)
    _keep_value_rules(kind, place, reading)
    return reading


def _laid(
    layout: FormLayout | None,
    known: models.Field[Any, Any],
    where: str,
    stored: Stored,
    *,
    is_line: bool = False,
) -> Laid:
    """The field as laid out; as declared where nothing was published."""
    label = str(known.verbose_name)
    if layout is None:
        return Laid(form_layout.Item(known.name), label, where, 0)
    item = layout.line(known.name) if is_line else layout.item(known.name)
    return Laid(
        item,
        item.label or label,
        where,
        layout.release,
        kept="" if is_line else stored.fields.get(known.name, ""),
        allowed=stored.lines.get(known.name, frozenset()) if is_line else frozenset(),
        is_trusted=stored.is_trusted,
    )


def _read_extras(
    layout: FormLayout, fields: Mapping[str, Any], stored: Stored, reading: Reading
) -> None:
    """Extra fields are kept as plain text in the form of their kind."""
    for one in layout.shown_extras:
        item = layout.item(one.key)
        laid = Laid(
            item,
            item.label or one.label,
            one.key,
            layout.release,
            kept=stored.fields.get(one.key, ""),
            is_trusted=stored.is_trusted,
        )
        text, findings = laid.settled(clean(fields.get(one.key)), lambda a, b: a == b)
        reading.findings += findings
        try:
            reading.extra[one.name] = extra_text(one, text) if text else ""
        except _Bad as bad:
            reading.findings.append(_invalid(laid, text, bad))


def extra_text(one: Extra, text: str) -> str:
    """The value of an extra field in its one spelling; raises for what is none."""
    if one.kind == "money":
        return f"{_money(text):.2f}"
    if one.kind == "date":
        return _date(text).isoformat()
    if one.kind == "number":
        return str(_whole(text))
    if one.kind == "choice" and text not in one.options:
        raise _Bad("不在可选项中", _REMEDY["choice"])
    return _bounded(text, EXTRA_MAX)


def extra_fault(one: Extra, text: str) -> str:
    """What is wrong with a value of an extra field, or nothing."""
    try:
        extra_text(one, text)
    except _Bad as bad:
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
    except _Bad as bad:
        return bad.reason
    return ""


def _compute(
    kind: DocumentType,
    layout: FormLayout,
    given: tuple[Mapping[str, Any], Sequence[Mapping[str, Any]]],
    reading: Reading,
    place: Place,
) -> None:
    """Lines first, since the document may name their sum; what was sent must be the same."""
    fields, lines = given
    was_clean = not reading.findings
    above = filling.head_facts(kind, reading.fields, fiscal_year=place.fiscal_year, on=place.on)
    computed = [f for f in kind.line_fields() if layout.line(f.name).formula]
    for raw, into in zip(lines, reading.lines, strict=True) if computed else ():
        facts = {**above, **filling.line_facts(kind, into)}
        for known in computed:
            laid = _laid(
                layout, known, f"lines[{into['seq']}].{known.name}", filling.NOTHING, is_line=True
            )
            _computed(known, laid, raw, facts=facts, into=into, found=(reading, place, was_clean))
    amounts = [line.get("amount") for line in reading.lines]
    total = sum((one for one in amounts if isinstance(one, Decimal)), Decimal(0))
    facts = {**above, "金额": total, "明细行数": Decimal(len(lines))}
    for known in kind.fields():
        if layout.item(known.name).formula:
            laid = _laid(layout, known, known.name, filling.NOTHING)
            _computed(
                known,
                laid,
                fields,
                facts=facts,
                into=reading.fields,
                found=(reading, place, was_clean),
            )


def _computed(
    known: models.Field[Any, Any],
    laid: Laid,
    raw: Mapping[str, Any],
    *,
    facts: Mapping[str, Any],
    into: dict[str, Any],
    found: tuple[Reading, Place, bool],
) -> None:
    """The computed value; told as a fault only where what it is computed from is right."""
    reading, place, was_clean = found
    value, findings = laid.computed(facts)
    text = filling.as_text(value)
    into[known.attname] = None if known.null else known.get_default() or ""
    if not findings:
        try:
            if text:
                into[known.attname] = _typed(known, text, place)
            elif is_required(known):
                findings = [errors.FIELD_REQUIRED.at(laid.where, label=laid.label)]
        except _Bad as bad:
            findings = [_invalid(laid, text, bad)]
    sent = clean(raw.get(known.name))
    if not findings and sent and not _same(known, place)(sent, text):
        findings = [laid.differs(text, sent)]
    reading.findings += findings if was_clean else []


def _same(known: models.Field[Any, Any], place: Place) -> filling.Same:
    """Whether two texts mean the same value of a field."""

    def same(one: str, other: str) -> bool:
        if one == other:
            return True
        try:
            found: bool = _typed(known, one, place) == _typed(known, other, place)
        except _Bad:
            return False
        return found

    return same


def _keep_value_rules(kind: DocumentType, place: Place, reading: Reading) -> None:
    """An element that a forced value rule (定值规则) gives another value is a finding."""
    year, division = place.fiscal_year, place.actor.division
    if not value_rules.known(year, division=division):
        return
    head = {f.value_set: f.name for f in kind.fields() if isinstance(f, ElementField)}
    own = {f.value_set: f.name for f in kind.line_fields() if isinstance(f, ElementField)}
    above = {of: str(reading.fields.get(name) or "") for of, name in head.items()}
    judged: dict[tuple[str, ...], list[tuple[str, Finding]]] = {}
    for line in reading.lines or [{}]:
        codes = {**above, **{of: str(line.get(name) or "") for of, name in own.items()}}
        key = tuple(codes.values())
        if key not in judged:
            judged[key] = value_rules.faults(codes, year, division=division)
        for value_set, fault in judged[key]:
            is_own = value_set in own
            where = f"lines[{line.get('seq', 1)}].{own[value_set]}" if is_own else head[value_set]
            found = replace(fault, place=where)
            if found not in reading.findings:
                reading.findings.append(found)


def _refuse_unknown(
    kind: DocumentType, raw: Mapping[str, Any], names: set[str], prefix: str, reading: Reading
) -> None:
    for name in raw:
        if name not in names and name not in {"seq", "id"}:
            reading.findings.append(
                errors.UNKNOWN_FIELD.at(
                    f"{prefix}{name}", name=name, type=kind.name, known="、".join(sorted(names))
                )
            )


def _read_one(
    known: models.Field[Any, Any],
    raw: Any,
    *,
    laid: Laid,
    into: dict[str, Any],
    found: tuple[Reading, Place],
) -> None:
    reading, place = found
    if laid.item.formula:  # filled in when everything else is there
        into[known.attname] = None
        return
    text, findings = laid.settled(clean(raw), _same(known, place))
    reading.findings += findings
    if text == "":
        demand = place.demand(known)
        is_demanded = is_required(known) or (demand is not None and demand.required)
        if is_demanded and not findings:
            reading.findings.append(errors.FIELD_REQUIRED.at(laid.where, label=laid.label))
        into[known.attname] = None if known.null else known.get_default() or ""
        return
    try:
        into[known.attname] = _typed(known, text, place)
    except _Bad as bad:
        reading.findings.append(_invalid(laid, text, bad))


def _invalid(laid: Laid, text: str, bad: _Bad) -> Finding:
    return errors.FIELD_INVALID.at(
        laid.where, label=laid.label, value=text[:40], reason=bad.reason, remedy=bad.remedy
    )


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


class _Bad(Exception):
    def __init__(self, reason: str, remedy: str) -> None:
        self.reason, self.remedy = reason, remedy
        super().__init__(reason)


def _typed(known: models.Field[Any, Any], text: str, place: Place) -> Any:
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
        raise _Bad("不是金额", _REMEDY["money"]) from None
    if not amount.is_finite():
        raise _Bad("不是金额", _REMEDY["money"])
    exact = amount.quantize(Decimal("0.01")) if abs(amount) < AMOUNT_MAX else amount
    if exact != amount:
        raise _Bad("超过两位小数", _REMEDY["money"])
    if amount <= 0:
        raise _Bad("必须大于零", "请填写大于 0.00 的金额")
    if amount >= AMOUNT_MAX:
        raise _Bad("超过单笔上限 1,000,000,000,000.00 元", "请核对金额单位")
    return exact


def _whole(text: str) -> int:
    if not text.isascii() or not text.lstrip("-").isdigit():
        raise _Bad("不是整数", _REMEDY["number"])
    return int(text)


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text.replace("/", "-"))
    except ValueError:
        raise _Bad("不是日期", _REMEDY["date"]) from None


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
        raise _Bad(found.why, found.fix)
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
        raise _Bad("不是可用的单位", "请从本岗位范围内的单位中选择")
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
        raise _Bad("不是本年度可用的" + str(known.verbose_name), "请从可用余额列表中选择")
    return found[0]


def _text(known: models.Field[Any, Any], text: str) -> str:
    if known.choices:
        for value, label in known.flatchoices:
            if text in (str(value), str(label)):
                return str(value)
        raise _Bad("不在可选项中", _REMEDY["choice"])
    return _bounded(text, known.max_length)


def _bounded(text: str, limit: int | None) -> str:
    if limit is not None and len(text) > limit:
        raise _Bad(f"共 {len(text)} 个字，上限 {limit} 个字", "请缩短后再保存")
    if any(unicodedata.category(ch) == "Cc" and ch not in "\n\t" for ch in text):
        raise _Bad("含有不可见字符", "请删除后重新输入")
    return text

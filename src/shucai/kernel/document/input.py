"""录入 input: what people, files and programs typed, turned into values or into findings.

Used by the form, the API, the CLI and the import alike; nothing is rounded, cut or guessed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from django.db import models

from shucai.base.errors import Finding
from shucai.kernel.document import errors, filling, form_layout
from shucai.kernel.document.converting import (
    Bad,
    Place,
    clean,
    extra_text,
    look_up,
    same_value,
    typed,
)
from shucai.kernel.document.declare import LINES_MAX, DocumentType, is_required
from shucai.kernel.document.filling import Laid, Stored
from shucai.kernel.document.form_layout import FormLayout
from shucai.kernel.masterdata import value_rules
from shucai.kernel.masterdata.fields import ElementField


@dataclass(slots=True)
class Reading:
    """Typed values and the findings met on the way; usable only without findings."""

    fields: dict[str, Any] = field(default_factory=dict)
    extra: dict[str, str] = field(default_factory=dict)
    lines: list[dict[str, Any]] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)


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
        except Bad as bad:
            reading.findings.append(_invalid(laid, text, bad))


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
                into[known.attname] = typed(known, text, place)
            elif is_required(known):
                findings = [errors.FIELD_REQUIRED.at(laid.where, label=laid.label)]
        except Bad as bad:
            findings = [_invalid(laid, text, bad)]
    sent = clean(raw.get(known.name))
    if not findings and sent and not same_value(known, place)(sent, text):
        findings = [laid.differs(text, sent)]
    reading.findings += findings if was_clean else []


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
    text, findings = laid.settled(clean(raw), same_value(known, place))
    reading.findings += findings
    if text == "":
        demand = place.demand(known)
        is_demanded = is_required(known) or (demand is not None and demand.required)
        if is_demanded and not findings:
            reading.findings.append(errors.FIELD_REQUIRED.at(laid.where, label=laid.label))
        into[known.attname] = None if known.null else known.get_default() or ""
        return
    try:
        into[known.attname] = typed(known, text, place)
    except Bad as bad:
        reading.findings.append(_invalid(laid, text, bad))


def _invalid(laid: Laid, text: str, bad: Bad) -> Finding:
    return errors.FIELD_INVALID.at(
        laid.where, label=laid.label, value=text[:40], reason=bad.reason, remedy=bad.remedy
    )

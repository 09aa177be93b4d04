"""草稿 drafts: making and changing a document before it is submitted.

A draft has an address `~id`, no number and no hold. What was typed but can't be saved yet is
kept beside it by `autosave`, so a lost session loses nothing.
"""

import hashlib
import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

from django.db import connection, models, transaction

from shucai.base.errors import Refused
from shucai.kernel import audit
from shucai.kernel.document import (
    errors,
    filling,
    form_layout,
    layouts,
    repeats,
    search,
    showing,
)
from shucai.kernel.document.converting import Place, look_up
from shucai.kernel.document.declare import DocumentType
from shucai.kernel.document.input import Reading, read
from shucai.kernel.document.models import Autosave, Header, SearchText
from shucai.kernel.document.permits import duty_name
from shucai.kernel.document.work import load, lock_headers, split_addresses
from shucai.kernel.identity import scope
from shucai.kernel.identity.actor import Actor
from shucai.kernel.masterdata.models import Unit

CHUNK: Final = 1_000


@dataclass(frozen=True, slots=True)
class Draft:
    """What is to be saved. `address` is empty for a new document."""

    type: DocumentType
    actor: Actor
    now: datetime
    today: date
    fields: Mapping[str, Any]
    lines: Sequence[Mapping[str, Any]]
    unit: str = ""
    summary: str = ""
    business_date: date | None = None
    address: str = ""
    version: int | None = None
    key: str = ""
    is_handed_over: bool = False  # made by the platform from another document

    @property
    def digest(self) -> str:
        """What a repeat under the same key must match."""
        said = [self.type.code, self.actor.user_id, self.address, self.unit, self.summary]
        said += [str(self.business_date), dict(self.fields), list(self.lines)]
        plain = json.dumps(said, ensure_ascii=False, sort_keys=True, default=str)
        return hashlib.sha256(plain.encode()).hexdigest()


def save(draft: Draft) -> Header:
    """Writes one draft; a new one when it has no address. Raises Refused with all findings.

    A repeat under the same `key` writes nothing and returns the first answer.
    """
    if not draft.key:
        return save_many([draft])[0]
    with transaction.atomic():
        scope.apply(draft.actor)
        actor_id = draft.actor.user_id
        first = repeats.claim(key=draft.key, digest=draft.digest, actor_id=actor_id, at=draft.now)
        if first is not None:
            return Header.objects.get(pk=first["id"])
        header = save_many([draft])[0]
        repeats.keep(key=draft.key, outcome={"id": header.pk})
    return header


def save_many(drafts: Sequence[Draft]) -> list[Header]:
    """Writes drafts of one type by one actor, all or none."""
    first = drafts[0]
    kind, actor = first.type, first.actor
    if not actor.can(kind.maker):
        label = "新增" if not first.address else "修改"
        raise errors.NO_DUTY.refuse(
            number=first.address or kind.name,
            label=label,
            duty=duty_name(kind.maker),
            position=actor.position_name,
        )
    with transaction.atomic():
        scope.apply(actor)
        readings = _read_all(drafts)
        findings = [f for reading in readings for f in reading.findings]
        if findings:
            raise Refused(findings)
        made = iter(
            _make([pair for pair in zip(drafts, readings, strict=True) if not pair[0].address])
        )
        headers = [
            _change(draft, reading) if draft.address else next(made)
            for draft, reading in zip(drafts, readings, strict=True)
        ]
        _record(drafts, headers)
        Autosave.objects.filter(
            user_id=actor.user_id,
            document_type=kind.code,
            header__in=[header.pk for header in headers],
        ).delete()
        if any(not draft.address for draft in drafts):
            Autosave.objects.filter(
                user_id=actor.user_id, document_type=kind.code, header=None
            ).delete()
    return headers


def _read_all(drafts: Sequence[Draft]) -> list[Reading]:
    """Units and accounts are looked up once for all the drafts together."""
    first = drafts[0]
    known: dict[tuple[str, str, str], list[int]] = {}
    together = Place(first.actor.fiscal_year, first.today, first.actor, known)
    look_up(first.type, [line for draft in drafts for line in draft.lines], together)
    stands = stored([draft for draft in drafts if draft.address])
    return [_read(draft, known, stands.get(draft.address)) for draft in drafts]


def stored(drafts: Sequence[Draft]) -> dict[str, filling.Stored]:
    """What documents that are being changed say already, by address; only a layout asks."""
    if not drafts or form_layout.current(drafts[0].type, drafts[0].actor) is None:
        return {}
    kind = drafts[0].type
    numbers, ids = split_addresses([draft.address for draft in drafts])
    wanted = models.Q(number__in=numbers) | models.Q(pk__in=ids)
    items = load(kind, list(Header.objects.filter(wanted, type=kind.code)))
    found: dict[str, filling.Stored] = {}
    for item in items:
        plain = {f.name: showing.plain(getattr(item.doc, f.attname)) for f in kind.fields()}
        extra = {layouts.EXTRA + name: text for name, text in item.header.extra.items()}
        columns = {
            f.name: frozenset(showing.plain(getattr(line, f.attname)) for line in item.lines)
            for f in kind.line_fields()
        }
        one = filling.Stored({**plain, **extra}, columns)
        found |= {f"~{item.header.pk}": one, item.address: one}
    return found


def _read(
    draft: Draft,
    known: dict[tuple[str, str, str], list[int]],
    stands: filling.Stored | None,
) -> Reading:
    place = Place(
        fiscal_year=draft.actor.fiscal_year,
        on=draft.business_date or draft.today,
        actor=draft.actor,
        known=known,
    )
    stands = stands or filling.Stored(is_trusted=draft.is_handed_over)
    reading = read(draft.type, fields=draft.fields, lines=draft.lines, place=place, stored=stands)
    on = draft.business_date or draft.today
    if on.year != draft.actor.fiscal_year:
        reading.findings.append(
            errors.YEAR_MISMATCH.at("business_date", date=on, year=draft.actor.fiscal_year)
        )
    return reading


def unit_for(draft: Draft) -> Unit:
    """The unit the document belongs to: the one named, else the actor's own."""
    return _units_for([draft])[_unit_code(draft)]


def _unit_code(draft: Draft) -> str:
    return (draft.unit or draft.actor.unit_code).split(" ", maxsplit=1)[0]


def _units_for(drafts: Sequence[Draft]) -> dict[str, Unit]:
    """The units of drafts by one actor, by code; each within his scope or refused."""
    codes = {_unit_code(draft): draft.actor for draft in drafts}
    named: dict[str, list[Unit]] = defaultdict(list)
    for unit in Unit.objects.filter(code__in=codes, is_enabled=True).order_by("pk"):
        named[unit.code].append(unit)
    found = {}
    for code, actor in codes.items():
        if not named[code]:
            raise errors.UNKNOWN_UNIT.refuse("unit", unit=code)
        covered = next((u for u in named[code] if actor.covers(u.path, u.office)), None)
        if covered is None:
            name = named[code][0].name
            raise errors.OUT_OF_SCOPE.refuse("unit", unit=name, position=actor.position_name)
        found[code] = covered
    return found


def _make(pairs: Sequence[tuple[Draft, Reading]]) -> list[Header]:
    """New documents, written in few statements however many they are."""
    if not pairs:
        return []
    kind = pairs[0][0].type
    units = _units_for([draft for draft, _ in pairs])
    headers = [_new_header(draft, reading, units[_unit_code(draft)]) for draft, reading in pairs]
    Header.objects.bulk_create(headers, batch_size=CHUNK)
    docs, lines, words = [], [], []
    for header, (_, reading) in zip(headers, pairs, strict=True):
        words.append(SearchText(header=header, bigrams=_words(header, reading)))
        place = {"unit_path": header.unit_path, "office": header.office}
        docs.append(kind.model(header=header, **reading.fields, **place))
        lines += [kind.new_line(parent_id=header.pk, **line, **place) for line in reading.lines]
    SearchText.objects.bulk_create(words, batch_size=CHUNK)
    kind.model._default_manager.bulk_create(docs, batch_size=CHUNK)
    kind.lines.bulk_create(lines, batch_size=CHUNK)
    return headers


def _new_header(draft: Draft, reading: Reading, unit: Unit) -> Header:
    header = Header(
        type=draft.type.code,
        fiscal_year=draft.actor.fiscal_year,
        division=unit.division_code,
        unit=unit,
        unit_path=unit.path,
        office=unit.office,
        state=draft.type.initial,
        maker_id=draft.actor.user_id,
        maker_name=draft.actor.name,
        created_at=draft.now,
        business_date=draft.business_date or draft.today,
    )
    _fill(header, draft, reading)
    return header


def _change(draft: Draft, reading: Reading) -> Header:
    found = lock_headers(draft.type, [draft.address])
    if not found:
        raise errors.NOT_FOUND.refuse(number=draft.address, position=draft.actor.position_name)
    header = found[0]
    if not header.is_editable:
        raise errors.NOT_EDITABLE.refuse(
            number=header.address,
            state=draft.type.state_label(header.state),
            needed=draft.type.state_label(draft.type.initial),
        )
    if draft.version is not None and draft.version != header.version:
        raise errors.STALE.refuse(number=header.address, seen=draft.version, current=header.version)
    header.version += 1
    header.business_date = draft.business_date or header.business_date
    _fill(header, draft, reading)
    header.save(
        update_fields=["version", "business_date", "amount", "summary", "extra", "updated_at"]
    )
    SearchText.objects.filter(pk=header.pk).update(bigrams=_words(header, reading))
    _rewrite(draft.type, header, reading)
    return header


def _fill(header: Header, draft: Draft, reading: Reading) -> None:
    header.amount = sum((line["amount"] for line in reading.lines), Decimal(0))
    header.summary = draft.summary or _summary(draft.type, reading)
    header.updated_at = draft.now
    header.extra = {**header.extra, **reading.extra}


def _words(header: Header, reading: Reading) -> list[str]:
    values = [str(value) for value in (*reading.fields.values(), *reading.extra.values())]
    return search.bigrams_of([header.summary, header.unit.name, *values])


def _summary(kind: DocumentType, reading: Reading) -> str:
    """The declared summary field of the document, else of its first line."""
    if kind.summary in reading.fields:
        return str(reading.fields[kind.summary] or "")[:200]
    return str(reading.lines[0].get(kind.summary, ""))[:200] if reading.lines else ""


def _rewrite(kind: DocumentType, header: Header, reading: Reading) -> None:
    """The content anew; lines are replaced as a whole."""
    place = {"unit_path": header.unit_path, "office": header.office}
    kind.model(header=header, **reading.fields, **place).save(force_update=True)
    kind.lines.filter(parent_id=header.pk).delete()
    kind.lines.bulk_create(
        [kind.new_line(parent_id=header.pk, **line, **place) for line in reading.lines],
        batch_size=CHUNK,
    )


def _record(drafts: Sequence[Draft], headers: Sequence[Header]) -> None:
    audit.record(
        [
            audit.AuditRow(
                actor=draft.actor,
                at=draft.now,
                action=f"{draft.type.code}.{'edit' if draft.address else 'create'}",
                target_type=draft.type.code,
                target=header.address,
                result="done",
                detail={"id": header.pk, "amount": str(header.amount), "version": header.version},
            )
            for draft, header in zip(drafts, headers, strict=True)
        ]
    )


def autosave(
    *, kind: DocumentType, actor: Actor, address: str, content: Mapping[str, Any], now: datetime
) -> None:
    """Keeps what was typed, complete or not, for this user only."""
    with transaction.atomic():
        scope.apply(actor)
        header = None
        if address:
            numbers, ids = split_addresses([address])
            wanted = models.Q(number__in=numbers) | models.Q(pk__in=ids)
            header = Header.objects.filter(wanted, type=kind.code).first()
            if header is None:
                raise errors.NOT_FOUND.refuse(number=address, position=actor.position_name)
        Autosave.objects.update_or_create(
            user_id=actor.user_id,
            document_type=kind.code,
            header=header,
            defaults={"content": dict(content), "saved_at": now},
        )


def forget(*, kind: DocumentType, actor: Actor, address: str) -> None:
    """Throws away what autosave kept for this user and document."""
    with transaction.atomic():
        scope.apply(actor)
        headers = lock_headers(kind, [address]) if address else []
        kept = Autosave.objects.filter(user_id=actor.user_id, document_type=kind.code)
        kept.filter(header=headers[0] if headers else None).delete()


def autosaved(*, kind: DocumentType, actor: Actor, header_id: int | None) -> Autosave | None:
    kept = Autosave.objects.filter(user_id=actor.user_id, document_type=kind.code)
    if header_id is None:
        return kept.filter(header__isnull=True).first()
    return kept.filter(header_id=header_id).first()


def discard(*, kind: DocumentType, actor: Actor, address: str, now: datetime) -> None:
    """Deletes a draft that never had a number. Raises Refused for any other document."""
    if not actor.can(kind.maker):
        raise errors.NO_DUTY.refuse(
            number=address,
            label="删除",
            duty=duty_name(kind.maker),
            position=actor.position_name,
        )
    with transaction.atomic():
        scope.apply(actor)
        found = lock_headers(kind, [address])
        if not found:
            raise errors.NOT_FOUND.refuse(number=address, position=actor.position_name)
        header = found[0]
        if header.number is not None or not header.is_editable:
            raise errors.NOT_EDITABLE.refuse(
                number=header.address,
                state=kind.state_label(header.state),
                needed="未编号草稿",
            )
        with connection.cursor() as cursor:
            cursor.execute("SELECT document_unrelate(%s)", [header.pk])
        kind.model._default_manager.filter(pk=header.pk).delete()
        header.delete()
        audit.record(
            [
                audit.AuditRow(
                    actor=actor,
                    at=now,
                    action=f"{kind.code}.discard",
                    target_type=kind.code,
                    target=address,
                    result="done",
                    detail={"amount": str(header.amount)},
                )
            ]
        )

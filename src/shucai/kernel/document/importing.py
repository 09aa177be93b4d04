"""导入 importing: many drafts from one workbook or CSV, all or none.

The file is read twice with the same code, for the preview and for the import, and every value
goes through `input.read`: a file is refused for what a form would be refused, row by row.
"""

import hashlib
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from django.db import transaction
from python_calamine import CalamineError

from shucai.base.errors import Finding, Refused
from shucai.kernel import audit
from shucai.kernel.document import (
    converting,
    drafts,
    errors,
    form_layout,
    input,
    layouts,
    repeats,
    spreadsheet,
)
from shucai.kernel.document.columns import Column, columns_of, template
from shucai.kernel.document.declare import DocumentType
from shucai.kernel.document.drafts import Draft
from shucai.kernel.document.models import Header
from shucai.kernel.document.permits import duty_name
from shucai.kernel.files import naming, sniffing
from shucai.kernel.identity import scope
from shucai.kernel.identity.actor import Actor
from shucai.kernel.masterdata.models import Unit

__all__ = ["ImportDocument", "ImportPreview", "RowError", "commit", "preview", "template"]

ROWS_MAX: Final = 5_000
SIZE_MAX: Final = 10 * 1024 * 1024
HEAD_ROWS: Final = 5
ERRORS_SHOWN: Final = 500
_TYPES: Final = {"xlsx": ("xlsx",), "ole": ("xls",), "csv": ("csv",)}


@dataclass(frozen=True, slots=True)
class RowError:
    """A fault at one cell: the row and column a person finds it by, and the refusal."""

    row: int
    column: str
    finding: Finding

    @property
    def text(self) -> str:
        where = f"第 {self.row} 行" + (f"“{self.column}”" if self.column else "")
        return f"{where}：{self.finding.text}"


@dataclass(slots=True)
class ImportDocument:
    """One document of the file: the rows with the same serial."""

    serial: str
    row: int
    cells: dict[str, str] = field(default_factory=dict)
    cell_rows: dict[str, int] = field(default_factory=dict)
    lines: list[dict[str, str]] = field(default_factory=list)
    line_rows: list[int] = field(default_factory=list)
    unit: Unit | None = None
    amount: Decimal = Decimal(0)

    @property
    def unit_name(self) -> str:
        return self.unit.name if self.unit else self.cells.get("unit", "")


@dataclass(frozen=True, slots=True)
class ImportPreview:
    """What the file would bring. With errors nothing is imported."""

    name: str
    digest: str
    rows: int
    errors: tuple[RowError, ...]
    documents: tuple[ImportDocument, ...]
    total: Decimal

    @property
    def ok(self) -> bool:
        return not self.errors


def preview(
    kind: DocumentType, actor: Actor, name: str, content: bytes, today: date
) -> ImportPreview:
    """Reads the whole file and tells every fault. Raises Refused when it can't be read at all."""
    shown = naming.clean(name)
    _refuse_without_duty(kind, actor)
    code = _recognise(shown, content)
    faults: list[RowError] = []
    with transaction.atomic():
        scope.apply(actor)
        columns = columns_of(kind, form_layout.current(kind, actor))
        documents, rows = _documents(
            kind, shown, content, code=code, columns=columns, faults=faults
        )
        _read_all(kind, actor, documents, today=today, columns=columns, faults=faults)
    return ImportPreview(
        name=shown,
        digest=hashlib.sha256(content).hexdigest(),
        rows=rows,
        errors=tuple(sorted(faults, key=lambda fault: fault.row)[:ERRORS_SHOWN]),
        documents=tuple(documents),
        total=sum((document.amount for document in documents), Decimal(0)),
    )


def rows_of(kind: DocumentType, name: str, content: bytes) -> int:
    """How many rows stand below the head. Raises Refused when the file can't be read."""
    shown = naming.clean(name)
    rows = _rows(shown, content, _recognise(shown, content))
    head_row, _ = _head(kind, shown, columns_of(kind), rows)
    return sum(1 for cells in rows[head_row:] if not _is_empty(cells))


def commit(
    kind: DocumentType,
    actor: Actor,
    name: str,
    content: bytes,
    *,
    today: date,
    now: datetime,
    key: str = "",
) -> list[Header]:
    """Saves every document of the file as a draft, or none. Raises Refused with the reasons.

    The same file under the same key is imported once; its repeat returns the same drafts.
    """
    found = preview(kind, actor, name, content, today)
    if not found.ok:
        whole = errors.IMPORT_HAS_ERRORS.at(name=found.name, count=len(found.errors))
        raise Refused([whole, *(fault.finding for fault in found.errors)])
    said = [kind.code, found.digest, key, actor.user_id, actor.appointment_id, actor.fiscal_year]
    claimed = hashlib.sha256(repr(said).encode()).hexdigest()
    with transaction.atomic():
        scope.apply(actor)
        first = repeats.claim(
            key=f"import-{claimed}", digest=claimed, actor_id=actor.user_id, at=now
        )
        if first is not None:
            known = Header.objects.in_bulk(first["headers"])
            return [known[pk] for pk in first["headers"] if pk in known]
        headers = drafts.save_many(
            [_draft(kind, actor, document, now=now, today=today) for document in found.documents]
        )
        repeats.keep(
            key=f"import-{claimed}", outcome={"headers": [header.pk for header in headers]}
        )
        _record(kind, actor, found, now=now)
    return headers


def _refuse_without_duty(kind: DocumentType, actor: Actor) -> None:
    if not actor.can(kind.maker):
        raise errors.NO_DUTY.refuse(
            number=kind.name,
            label="导入",
            duty=duty_name(kind.maker),
            position=actor.position_name,
        )


def _recognise(name: str, content: bytes) -> str:
    """What kind of table the content is, whatever the name says."""
    if len(content) > SIZE_MAX:
        size, limit = sniffing.size_text(len(content)), sniffing.size_text(SIZE_MAX)
        raise errors.IMPORT_FILE_SIZE.refuse(name=name, size=size, limit=limit)
    if naming.extension(name) not in {e for known in _TYPES.values() for e in known}:
        raise errors.IMPORT_FILE_TYPE.refuse(name=name)
    code = sniffing.sniff(name, io.BytesIO(content)).code
    if code not in _TYPES:
        raise errors.IMPORT_FILE_TYPE.refuse(name=name)
    return code


def _documents(
    kind: DocumentType,
    name: str,
    content: bytes,
    *,
    code: str,
    columns: Sequence[Column],
    faults: list[RowError],
) -> tuple[list[ImportDocument], int]:
    """The rows grouped by serial, in the order of their first row."""
    rows = _rows(name, content, code)
    head_row, places = _head(kind, name, columns, rows)
    found: dict[str, ImportDocument] = {}
    count = 0
    for number, cells in enumerate(rows[head_row:], start=head_row + 1):
        if _is_empty(cells):
            continue
        count += 1
        if count > ROWS_MAX:
            raise errors.IMPORT_TOO_MANY_ROWS.refuse(name=name, limit=ROWS_MAX)
        typed = _typed_row(number, cells, places, faults)
        serial = typed.pop("serial", "")
        if not serial:
            faults.append(RowError(number, "单据序号", errors.IMPORT_SERIAL.at(row=number)))
            continue
        document = found.setdefault(serial, ImportDocument(serial=serial, row=number))
        _add_row(document, number, typed, columns, faults)
    if not count:
        raise errors.IMPORT_EMPTY.refuse(name=name)
    return list(found.values()), count


def _is_empty(cells: Sequence[Any]) -> bool:
    return all(cell is None or str(cell).strip() == "" for cell in cells)


def _rows(name: str, content: bytes, code: str) -> list[list[Any]]:
    """A few rows more than allowed are read, so that a file with too many is told apart."""
    limit = ROWS_MAX * 2 + HEAD_ROWS
    try:
        return list(spreadsheet.rows_of(content, code, limit=limit))
    except (CalamineError, ValueError, IndexError) as broken:
        raise errors.IMPORT_UNREADABLE.refuse(name=name) from broken


def _head(
    kind: DocumentType, name: str, columns: Sequence[Column], rows: Sequence[Sequence[Any]]
) -> tuple[int, dict[int, Column]]:
    """The number of the head row, and which column stands at which place."""
    serial = columns[0].label
    for number, cells in enumerate(rows[:HEAD_ROWS], start=1):
        labels = [str(cell or "").strip().rstrip("*＊").strip() for cell in cells]
        if serial in labels:
            return number, _places(kind, columns, labels)
    raise errors.IMPORT_NO_HEAD.refuse(name=name, rows=HEAD_ROWS, column=serial)


def _places(
    kind: DocumentType, columns: Sequence[Column], labels: Sequence[str]
) -> dict[int, Column]:
    known = {column.label: column for column in columns}
    given = [label for label in labels if label]
    reasons = []
    for label in dict.fromkeys(given):
        if label not in known:
            reasons.append(f"没有“{label}”这一列")
        elif given.count(label) > 1:
            reasons.append(f"“{label}”出现了 {given.count(label)} 次")
    reasons += [
        f"缺少“{column.label}”列"
        for column in columns
        if column.is_required and column.label not in given
    ]
    if reasons:
        raise errors.IMPORT_COLUMNS.refuse(type=kind.name, reason="、".join(reasons[:10]))
    return {place: known[label] for place, label in enumerate(labels) if label}


def _typed_row(
    number: int, cells: Sequence[Any], places: Mapping[int, Column], faults: list[RowError]
) -> dict[str, str]:
    typed: dict[str, str] = {}
    for place, column in places.items():
        cell = cells[place] if place < len(cells) else None
        try:
            typed[column.key] = spreadsheet.typed(cell, money=column.is_money)
        except (OverflowError, InvalidOperation):
            finding = errors.IMPORT_PRECISION.at(column.label, label=column.label)
            faults.append(RowError(number, column.label, finding))
    return typed


def _add_row(
    document: ImportDocument,
    number: int,
    typed: Mapping[str, str],
    columns: Sequence[Column],
    faults: list[RowError],
) -> None:
    """What belongs to the document may be left out on later rows, but not say otherwise."""
    line: dict[str, str] = {}
    for column in columns[1:]:
        value = typed.get(column.key, "")
        if column.is_line:
            line[column.name] = value
            continue
        was = document.cells.setdefault(column.key, value)
        document.cell_rows.setdefault(column.key, number)
        if value and not was:
            document.cells[column.key], document.cell_rows[column.key] = value, number
        elif value and value != was:
            finding = errors.IMPORT_DIFFERS.at(
                column.label,
                serial=document.serial,
                label=column.label,
                first=document.cell_rows[column.key],
                was=was,
                row=number,
                now=value,
            )
            faults.append(RowError(number, column.label, finding))
    document.lines.append(line)
    document.line_rows.append(number)


def _read_all(
    kind: DocumentType,
    actor: Actor,
    documents: Sequence[ImportDocument],
    *,
    today: date,
    columns: Sequence[Column],
    faults: list[RowError],
) -> None:
    known: dict[tuple[str, str, str], list[int]] = {}
    everywhere = converting.Place(actor.fiscal_year, today, actor, known)
    converting.look_up(kind, [line for d in documents for line in d.lines], everywhere)
    labels = {column.key: column.label for column in columns}
    units: dict[str, Unit | Refused] = {}
    for document in documents:
        on = _date_of(document, today, labels, faults)
        _find_unit(kind, actor, document, today=today, units=units, faults=faults)
        place = converting.Place(actor.fiscal_year, on, actor, known)
        reading = input.read(
            kind, fields=_fields(kind, document), lines=document.lines, place=place
        )
        if on.year != actor.fiscal_year:
            year = errors.YEAR_MISMATCH.at("business_date", date=on, year=actor.fiscal_year)
            reading.findings.append(year)
        document.amount = sum(
            (line.get("amount") or Decimal(0) for line in reading.lines), Decimal(0)
        )
        faults.extend(_located(document, labels, reading.findings))


def _fields(kind: DocumentType, document: ImportDocument) -> dict[str, str]:
    """What the file says of fields of the type, and of extra fields."""
    own = {f.name for f in kind.fields()}
    return {
        name: text
        for name, text in document.cells.items()
        if name in own or name.startswith(layouts.EXTRA)
    }


def _date_of(
    document: ImportDocument, today: date, labels: Mapping[str, str], faults: list[RowError]
) -> date:
    text = document.cells.get("business_date", "")
    if not text:
        return today
    try:
        return date.fromisoformat(text.replace("/", "-"))
    except ValueError:
        label = labels["business_date"]
        finding = errors.FIELD_INVALID.at(
            label,
            label=label,
            value=text[:40],
            reason="不是日期",
            remedy="请按 2026-01-31 的格式填写",
        )
        faults.append(RowError(document.cell_rows["business_date"], label, finding))
        return today


def _find_unit(
    kind: DocumentType,
    actor: Actor,
    document: ImportDocument,
    *,
    today: date,
    units: dict[str, Unit | Refused],
    faults: list[RowError],
) -> None:
    code = document.cells.get("unit", "")
    if code not in units:
        midnight = datetime.combine(today, time(), UTC)  # the unit does not depend on it
        probe = Draft(
            type=kind, actor=actor, now=midnight, today=today, fields={}, lines=[], unit=code
        )
        try:
            units[code] = drafts.unit_for(probe)
        except Refused as refused:
            units[code] = refused
    found = units[code]
    if isinstance(found, Refused):
        row = document.cell_rows.get("unit", document.row)
        faults.append(RowError(row, "预算单位", found.findings[0]))
    else:
        document.unit = found


def _located(
    document: ImportDocument, labels: Mapping[str, str], findings: Iterable[Finding]
) -> list[RowError]:
    """Places of the form turned into rows and columns of the file."""
    found = []
    for finding in findings:
        place, row = finding.place, document.row
        if place.startswith("lines["):
            seq, _, name = place.removeprefix("lines[").partition("].")
            row = document.line_rows[int(seq) - 1]
            label = labels.get(f"lines.{name}", "")
        else:
            row = document.cell_rows.get(place, row)
            label = labels.get(place, "")
        found.append(RowError(row, label, finding))
    return found


def _draft(
    kind: DocumentType, actor: Actor, document: ImportDocument, *, now: datetime, today: date
) -> Draft:
    text = document.cells.get("business_date", "")
    return Draft(
        type=kind,
        actor=actor,
        now=now,
        today=today,
        fields=_fields(kind, document),
        lines=document.lines,
        unit=document.unit.code if document.unit else "",
        business_date=date.fromisoformat(text.replace("/", "-")) if text else None,
    )


def _record(kind: DocumentType, actor: Actor, found: ImportPreview, *, now: datetime) -> None:
    row = audit.AuditRow(
        actor=actor,
        at=now,
        action=f"{kind.code}.import",
        target_type=kind.code,
        target=found.digest,
        result="done",
        detail={
            "file": found.name,
            "rows": found.rows,
            "documents": len(found.documents),
            "amount": str(found.total),
        },
    )
    audit.record([row])

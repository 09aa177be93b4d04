"""导入 importing values: read a file, show the difference, bring it about as one audited change.

Nothing is deleted: a value that a complete new edition no longer has is stopped. What is brought
about is what was shown: the difference carries a digest of rows and present values.
"""

import csv
import hashlib
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from typing import Any, Final

from django.db import transaction
from django.utils import timezone
from python_calamine import CalamineError, CalamineWorkbook

from shucai.base.cells import restored
from shucai.base.errors import Finding, Refused
from shucai.kernel import audit
from shucai.kernel.identity.actor import Actor
from shucai.kernel.masterdata import cache, codes, editing, errors, keeping, pinyin, tree, values
from shucai.kernel.masterdata.editing import Place
from shucai.kernel.masterdata.models import Value, ValueSet

ROWS_MAX: Final = 50_000
BYTES_MAX: Final = 20 * 1024 * 1024
FINDINGS_MAX: Final = 200
HEADS: Final = {
    "code": ("编码", "科目编码", "code"),
    "name": ("名称", "科目名称", "name"),
    "parent_code": ("上级编码", "parent_code", "parent"),
    "valid_from": ("启用日期", "valid_from"),
    "valid_to": ("停用日期", "valid_to"),
    "edition": ("版本", "edition"),
    "source": ("出处", "source", "evidence"),
    "confidence": ("可信度", "confidence"),
}


@dataclass(frozen=True, slots=True)
class Row:
    """One value as a file or a data set states it. `parent_code` None: by the code rule.

    `silent` names the fields the file has no column for; they stay as they are.
    """

    code: str
    name: str
    parent_code: str | None = None
    valid_from: date | None = None
    valid_to: date | None = None
    edition: str = ""
    source: str = ""
    confidence: str = ""
    extra: Mapping[str, Any] = field(default_factory=dict)
    silent: frozenset[str] = frozenset()

    @property
    def stated(self) -> list[str]:
        """The compared fields the row says something about."""
        return [name for name in _COMPARED if name not in self.silent]


@dataclass(frozen=True, slots=True)
class Change:
    """A value that will differ: field by field, old and new."""

    code: str
    name: str
    fields: Mapping[str, tuple[Any, Any]]


@dataclass(frozen=True, slots=True)
class Difference:
    """What the rows would do to the place. Usable only without findings."""

    place: Place
    added: tuple[Row, ...]
    changed: tuple[Change, ...]
    stopped: tuple[tuple[str, str], ...]
    restarted: tuple[tuple[str, str], ...]
    unchanged: int
    findings: tuple[Finding, ...]
    digest: str

    @property
    def is_empty(self) -> bool:
        return not (self.added or self.changed or self.stopped or self.restarted)


def read_file(name: str, content: bytes) -> list[Row]:
    """Rows of the first sheet of an xlsx, xls or ods file, or of a CSV file (UTF-8 or GB18030)."""
    return read_table(name, read_cells(name, content))


def read_cells(name: str, content: bytes) -> list[list[Any]]:
    """The cells of the first sheet, head line included. Raises Refused for anything else."""
    if len(content) > BYTES_MAX:
        size = f"文件 {len(content):,} 字节，上限 {BYTES_MAX:,} 字节"
        raise _file_refused(name, size)
    if name.lower().endswith(".csv"):
        return _csv(name, content)
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(content))
        return book.get_sheet_by_index(0).to_python()
    except (CalamineError, ValueError, IndexError):
        raise _file_refused(name, "不是可以读取的 Excel 文件") from None


def _csv(name: str, content: bytes) -> list[list[Any]]:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return [list(row) for row in csv.reader(io.StringIO(content.decode(encoding)))]
        except (UnicodeDecodeError, csv.Error):
            continue
    raise _file_refused(name, "文字编码既不是 UTF-8 也不是 GB18030")


def _file_refused(name: str, reason: str) -> Refused:
    heads = "、".join(aliases[0] for aliases in HEADS.values())
    return errors.FILE_FORM.refuse(name=name, reason=reason, heads=heads)


def read_table(name: str, table: Sequence[Sequence[Any]]) -> list[Row]:
    """Rows under the head line; unknown columns become `extra`. Every bad row is told."""
    heads = [str(cell).strip() for cell in table[0]] if table else []
    at = {
        known: heads.index(alias)
        for known, aliases in HEADS.items()
        for alias in aliases
        if alias in heads
    }
    if "code" not in at or "name" not in at:
        raise _file_refused(
            name, f"第一行没有“编码”“名称”两列，现有 {'、'.join(heads) or '（空）'}"
        )
    if len(table) > ROWS_MAX + 1:
        raise _file_refused(name, f"共 {len(table) - 1:,} 行，上限 {ROWS_MAX:,} 行")
    others = {i: head for i, head in enumerate(heads) if head and i not in at.values()}
    rows, faults = [], []
    for number, cells in enumerate(table[1:], start=2):
        if not any(str(cell).strip() for cell in cells):
            continue
        try:
            rows.append(_row(cells, at, others))
        except ValueError as wrong:
            faults.append(errors.ROW_BAD.at(f"rows[{number}]", row=number, reason=str(wrong)))
    if faults:
        raise Refused(faults[:FINDINGS_MAX])
    return rows


def _row(cells: Sequence[Any], at: Mapping[str, int], others: Mapping[int, str]) -> Row:
    said = {name: cells[i] if i < len(cells) else "" for name, i in at.items()}
    code, name = text(said["code"]), text(said["name"])
    if not code or not name:
        raise ValueError("编码或名称为空")
    return Row(
        code=code,
        name=name,
        parent_code=text(said["parent_code"]) if "parent_code" in said else None,
        valid_from=day(said.get("valid_from")),
        valid_to=day(said.get("valid_to")),
        edition=text(said.get("edition")),
        source=text(said.get("source")),
        confidence=text(said.get("confidence")),
        extra={h: text(cells[i]) for i, h in others.items() if i < len(cells) and text(cells[i])},
        silent=frozenset(HEADS.keys() - said.keys() - {"parent_code"}),
    )


def text(cell: Any) -> str:
    """Whole numbers that Excel kept as floats lose their “.0”; leading zeros need text cells."""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return "" if cell is None else restored(str(cell).strip())


def day(cell: Any) -> date | None:
    """A cell or text as a date; None when empty. Raises ValueError."""
    if isinstance(cell, datetime):
        return cell.date()
    if isinstance(cell, date):
        return cell
    said = text(cell).replace("/", "-")
    if not said:
        return None
    try:
        return date.fromisoformat(said)
    except ValueError:
        raise ValueError(f"日期 {said} 应如 2026-01-31") from None


def preview(place: Place, rows: Sequence[Row], *, is_complete: bool = True) -> Difference:
    """What would be added, changed, stopped and used again. Writes nothing.

    With `is_complete` the rows are the whole edition, and enabled values they lack are stopped.
    """
    findings, wanted = _checked(place, rows)
    known = values.catalogue(place.value_set, place.fiscal_year)
    standard = {e.code: (e.name, e.parent_code) for e in known.standard.values() if e.is_enabled}
    held = {row.code: row for row in _held(place)}
    nodes = {code: (row.name, row.parent_code or "") for code, row in wanted.items()}
    beside = dict(standard) if place.division else {}
    if not is_complete:
        beside |= {c: (v.name, v.parent_code) for c, v in held.items() if v.is_enabled}
    _, faults = tree.shape(nodes, beside=beside)
    findings += [errors.ROW_BAD.at("", row=f.code, reason=f.reason) for f in faults]
    changes = [_change(held[code], row) for code, row in wanted.items() if code in held]
    gone = [v for code, v in held.items() if code not in wanted and v.is_enabled and is_complete]
    back = [
        (code, wanted[code].name) for code, v in held.items() if code in wanted and not v.is_enabled
    ]
    changed = tuple(change for change in changes if change.fields)
    return Difference(
        place=place,
        added=tuple(row for code, row in wanted.items() if code not in held),
        changed=changed,
        stopped=tuple((v.code, v.name) for v in sorted(gone, key=lambda v: v.code)),
        restarted=tuple(back),
        unchanged=len(changes) - len({c.code for c in changed} | {code for code, _ in back}),
        findings=tuple(findings[:FINDINGS_MAX]),
        digest=_digest(wanted, held, is_complete=is_complete),
    )


def _held(place: Place) -> list[Value]:
    rows = Value.objects.filter(
        value_set__code=place.value_set, fiscal_year=place.fiscal_year, division=place.division
    )
    return list(rows.order_by("code"))


def _checked(place: Place, rows: Sequence[Row]) -> tuple[list[Finding], dict[str, Row]]:
    """Rows by code with their parents filled in by the rule; codes that break it are findings.

    Codes that were kept with a reason when the rule changed are no longer judged.
    """
    rule = codes.rule_for(place.value_set, place.fiscal_year)
    excused = codes.excused(place.value_set, place.fiscal_year)
    wanted: dict[str, Row] = {}
    findings: list[Finding] = []
    for number, row in enumerate(rows, start=1):
        parent = row.parent_code
        if parent is None:
            parent = rule.parent_of(row.code) if rule else ""
        is_judged = rule is not None and row.code not in excused
        reason = rule.fault(row.code, parent=parent) if rule and is_judged else ""
        if row.code in wanted:
            reason = f"编码 {row.code} 重复"
        if len(row.name) > editing.NAME_MAX:
            reason = f"名称共 {len(row.name)} 个字，上限 {editing.NAME_MAX} 个字"
        if reason:
            findings.append(errors.ROW_BAD.at(f"rows[{number}]", row=number, reason=reason))
            continue
        wanted[row.code] = Row(**{**_fields(row), "parent_code": parent})
    return findings, wanted


def _fields(row: Row) -> dict[str, Any]:
    return {name: getattr(row, name) for name in Row.__dataclass_fields__}


_COMPARED: Final = (
    "name",
    "parent_code",
    "valid_from",
    "valid_to",
    "edition",
    "source",
    "confidence",
)


def _change(held: Value, row: Row) -> Change:
    fields = {
        name: (getattr(held, name), getattr(row, name))
        for name in row.stated
        if getattr(held, name) != getattr(row, name)
    }
    if row.extra and dict(held.extra) != dict(row.extra):
        fields["extra"] = (dict(held.extra), dict(row.extra))
    return Change(code=row.code, name=row.name, fields=fields)


def _digest(wanted: Mapping[str, Row], held: Mapping[str, Value], *, is_complete: bool) -> str:
    said = [
        is_complete,
        [asdict(wanted[code]) | {"silent": sorted(wanted[code].silent)} for code in sorted(wanted)],
        [
            [v.code, v.name, v.parent_code, v.valid_from, v.valid_to, v.is_enabled, v.extra]
            for v in held.values()
        ],
    ]
    spelt = json.dumps(said, ensure_ascii=False, default=str, sort_keys=True)
    return hashlib.sha256(spelt.encode()).hexdigest()


@audit.refusals("masterdata.import_values", "masterdata.value_set")
def apply(
    *,
    actor: Actor,
    place: Place,
    rows: Sequence[Row],
    now: datetime,
    digest: str = "",
    is_complete: bool = True,
) -> Difference:
    """Brings the difference about. `digest` is that of the preview the person has agreed to.

    Refuses when there are findings, when nothing would change, and when rows or present values
    are no longer those of the preview.
    """
    name = values.catalogue(place.value_set, place.fiscal_year).name
    keeping.demand_owner(actor, "导入值", division=place.division, set_name=name)
    with transaction.atomic():
        owner = ValueSet.objects.select_for_update(no_key=True).get(code=place.value_set)
        cache.forget()
        found = preview(place, rows, is_complete=is_complete)
        if not found.findings and digest and digest != found.digest:
            raise errors.PREVIEW_STALE.refuse(set=name, year=place.fiscal_year)
        demand_change(found)
        _write(place, owner, found, rows, edition=f"{timezone.localdate(now)}导入")
        _audit(actor, now, found)
    cache.forget()
    return found


def demand_change(found: Difference) -> None:
    """Raises Refused where the difference has faults or there is none."""
    if found.findings:
        raise Refused(found.findings)
    if found.is_empty:
        place = found.place
        name = values.catalogue(place.value_set, place.fiscal_year).name
        raise errors.NO_DIFFERENCE.refuse(count=found.unchanged, set=name, year=place.fiscal_year)


def _write(
    place: Place, owner: ValueSet, found: Difference, rows: Sequence[Row], *, edition: str
) -> None:
    """`edition` marks what a file without that column brought in or changed."""
    _, wanted = _checked(place, rows)
    held = {v.code: v for v in _held(place)}
    before = {code: _facts(value) for code, value in held.items()}
    said = {code: _said(value) for code, value in held.items()}
    stopped = {code for code, _ in found.stopped}
    Value.objects.filter(pk__in=[held[code].pk for code in stopped]).update(is_enabled=False)
    standard = (
        values.catalogue(place.value_set, place.fiscal_year).standard if place.division else {}
    )
    alive = {
        c: (v.name, v.parent_code) for c, v in held.items() if v.is_enabled and c not in stopped
    }
    alive |= {code: (row.name, row.parent_code or "") for code, row in wanted.items()}
    shapes, _ = tree.shape(
        alive, beside={e.code: (e.name, e.parent_code) for e in standard.values()}
    )
    fresh: list[Value] = []
    changed: list[Value] = []
    for code, row in wanted.items():
        value = held.get(code) or Value(
            value_set=owner, fiscal_year=place.fiscal_year, division=place.division, code=code
        )
        _fill(value, row)
        if "edition" in row.silent and _said(value) != said.get(code):
            value.edition = edition
        held[code] = value
    for code, shape in shapes.items():
        value = held[code]
        value.level, value.is_leaf, value.full_name = (
            shape.level,
            shape.is_leaf,
            shape.full_name[:600],
        )
        if value._state.adding:
            fresh.append(value)
        elif _facts(value) != before[code]:
            changed.append(value)
    Value.objects.bulk_create(fresh, batch_size=2_000)
    Value.objects.bulk_update(changed, _WRITTEN, batch_size=500)


_WRITTEN: Final = (
    *_COMPARED,
    "extra",
    "is_enabled",
    "pinyin",
    "level",
    "is_leaf",
    "full_name",
)


def _facts(value: Value) -> tuple[Any, ...]:
    return tuple(getattr(value, name) for name in _WRITTEN)


def _said(value: Value) -> tuple[Any, ...]:
    return (value.name, value.parent_code, value.valid_from, value.valid_to, value.is_enabled)


def _fill(value: Value, row: Row) -> None:
    if value.name != row.name or not value.pinyin:
        value.pinyin = pinyin.spelled(row.name)
    for name in row.stated:
        setattr(value, name, getattr(row, name))
    value.extra = dict(row.extra) or value.extra
    value.is_enabled = True


def _audit(actor: Actor, now: datetime, found: Difference) -> None:
    place = found.place
    keeping.note(
        actor=actor,
        now=now,
        action="import_values",
        target=("value_set", f"{place.value_set}/{place.fiscal_year}/{place.division or '*'}"),
        detail={
            "added": [[row.code, row.name] for row in found.added],
            "changed": [
                {"code": c.code, "fields": {k: [str(o), str(n)] for k, (o, n) in c.fields.items()}}
                for c in found.changed
            ],
            "stopped": list(found.stopped),
            "restarted": list(found.restarted),
            "unchanged": found.unchanged,
        },
    )

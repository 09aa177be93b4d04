"""导入导出 import and export: drafts from a workbook, newer editions of value sets, lists to files.

Nothing is written before the difference has been shown and agreed to with --yes.
"""

import csv
import io
import os
from argparse import Namespace
from collections.abc import Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import xlsxwriter  # type: ignore[import-untyped]  # publishes no types
from django.db import models
from django.utils import timezone

from shucai.base.cells import harmless_row
from shucai.base.errors import Refused
from shucai.edge import clock
from shucai.edge.cli import errors, output, who
from shucai.edge.cli.reading import collect, filters, refuse_without_duty
from shucai.kernel.document import importing as documents
from shucai.kernel.document.declare import DocumentType, find_type, types
from shucai.kernel.document.listing import HEADER_FIELDS
from shucai.kernel.identity.actor import Actor
from shucai.kernel.masterdata import importing as values
from shucai.kernel.masterdata.editing import Place
from shucai.kernel.masterdata.models import Value, ValueSet

SHOWN: Final = 20
EXTENSIONS: Final = (".csv", ".xlsx")
VALUE_COLUMNS: Final = (
    ("编码", "code"),
    ("名称", "name"),
    ("上级编码", "parent_code"),
    ("启用日期", "valid_from"),
    ("停用日期", "valid_to"),
    ("版本", "edition"),
    ("出处", "source"),
    ("可信度", "confidence"),
)


def take_in(given: Namespace) -> int:
    """`shucai import TYPE|SET FILE [--yes]`: 2 when the file has faults or nothing may be done."""
    now = clock.now()
    kind = find_type(given.target)
    known = None if kind else _value_set(given.target)
    actor = who.actor(user=given.user, position=given.position, year=given.year, now=now)
    content = _read(given.file)
    name = Path(given.file).name
    if kind is not None:
        return _documents(given, kind, actor, name, content)
    assert known is not None  # noqa: S101 (_value_set refuses unknown codes)
    return _values(given, known, actor, name, content)


def _value_set(code: str) -> ValueSet:
    found = ValueSet.objects.filter(code=code).first()
    if found is None:
        sets = ValueSet.objects.order_by("code").values_list("code", flat=True)
        known = "、".join([*types(), *sets[:60]])
        raise errors.UNKNOWN_TARGET.refuse(target=code, known=known)
    return found


def _read(path: str) -> bytes:
    try:
        return Path(path).read_bytes()
    except OSError as failure:
        reason = failure.strerror or "无法读取"
        raise errors.NO_FILE.refuse("file", path=path, reason=reason) from None


def _documents(
    given: Namespace, kind: DocumentType, actor: Actor, name: str, content: bytes
) -> int:
    now = clock.now()
    found = documents.preview(kind, actor, name, content, clock.day(now))
    said = {
        "type": kind.code,
        "file": found.name,
        "rows": found.rows,
        "documents": len(found.documents),
        "amount": f"{found.total:.2f}",
        "errors": [
            {"row": f.row, "column": f.column, "text": f.finding.text} for f in found.errors
        ],
        "written": False,
        "addresses": [],
    }
    if found.ok and given.yes:
        headers = documents.commit(kind, actor, name, content, today=clock.day(now), now=now)
        said |= {"written": True, "addresses": [header.address for header in headers]}
    if given.json:
        output.say_json(said)
    else:
        _tell_documents(kind, found, said)
    return output.GOOD if found.ok else output.MISUSED


def _tell_documents(
    kind: DocumentType, found: documents.ImportPreview, said: Mapping[str, Any]
) -> None:
    for fault in found.errors:
        output.complain(fault.text)
    if not found.ok:
        output.complain(f"{found.name} 有 {len(found.errors)} 处问题，没有导入")
        return
    output.say(
        f"{found.name}：{found.rows} 行，{kind.name} {len(found.documents)} 张，"
        f"合计 {found.total:,.2f} 元"
    )
    if said["written"]:
        output.say(f"已保存为草稿：{'、'.join(said['addresses'][:SHOWN])}")
    else:
        output.say("没有写入；确认无误后加 --yes")


def _values(given: Namespace, known: ValueSet, actor: Actor, name: str, content: bytes) -> int:
    place = Place(known.code, actor.fiscal_year)
    rows = values.read_file(name, content)
    found = values.preview(place, rows)
    if given.json and not (given.yes and not found.findings):
        output.say_json(_difference(known, found, written=False))
    elif not given.json:
        _tell_values(known, found)
    if found.findings:
        raise Refused(found.findings)
    if found.is_empty or not given.yes:
        if not given.json and not found.is_empty:
            output.say("没有写入；确认无误后加 --yes")
        return output.GOOD
    values.apply(actor=actor, place=place, rows=rows, now=clock.now(), digest=found.digest)
    if given.json:
        output.say_json(_difference(known, found, written=True))
    else:
        output.say("已写入")
    return output.GOOD


def _difference(known: ValueSet, found: values.Difference, *, written: bool) -> dict[str, Any]:
    return {
        "set": known.code,
        "fiscal_year": found.place.fiscal_year,
        "added": [[row.code, row.name] for row in found.added],
        "changed": [
            {"code": c.code, "name": c.name, "fields": {k: list(v) for k, v in c.fields.items()}}
            for c in found.changed
        ],
        "stopped": [list(one) for one in found.stopped],
        "restarted": [list(one) for one in found.restarted],
        "unchanged": found.unchanged,
        "findings": [finding.as_dict() for finding in found.findings],
        "written": written,
    }


def _tell_values(known: ValueSet, found: values.Difference) -> None:
    output.say(
        f"{known.name}（{known.code}）{found.place.fiscal_year} 年度：新增 {len(found.added)}，"
        f"变更 {len(found.changed)}，停用 {len(found.stopped)}，恢复 {len(found.restarted)}，"
        f"不变 {found.unchanged}"
    )
    for row in found.added[:SHOWN]:
        output.say(f"  + {row.code} {row.name}")
    for change in found.changed[:SHOWN]:
        told = "；".join(f"{name} {old} → {new}" for name, (old, new) in change.fields.items())
        output.say(f"  ~ {change.code} {told}")
    for code, name in found.stopped[:SHOWN]:
        output.say(f"  - {code} {name}")
    for code, name in found.restarted[:SHOWN]:
        output.say(f"  ^ {code} {name}")


def give_out(given: Namespace) -> int:
    """`shucai export TYPE|SET FILE`: a .csv or .xlsx file; an existing file is replaced whole."""
    kind = find_type(given.target)
    actor = who.actor(user=given.user, position=given.position, year=given.year, now=clock.now())
    if kind is not None:
        refuse_without_duty(actor, kind)
        heads, table = _document_table(kind, actor, given)
    else:
        heads, table = _value_table(_value_set(given.target).code, actor)
    _write(Path(given.file), heads, table)
    if given.json:
        output.say_json({"file": given.file, "rows": len(table)})
    else:
        output.say(f"已导出 {len(table)} 行到 {given.file}")
    return output.GOOD


def _document_table(
    kind: DocumentType, actor: Actor, given: Namespace
) -> tuple[list[str], list[list[Any]]]:
    rows = collect(kind, actor, filters(kind, given.filter), limit=given.limit)
    labels = {
        "address": "单号",
        "unit": "单位编码",
        "unit_name": "预算单位",
        "state_label": "状态",
        **{n: t for n, t in HEADER_FIELDS.items() if n not in ("number", "unit", "state")},
        **{f.name: str(f.verbose_name) for f in kind.fields()},
    }
    fields = (f for f in kind.fields() if isinstance(f, models.DecimalField))
    amounts = {"amount", *(f.name for f in fields)}
    table = [[_cell(row[name], is_amount=name in amounts) for name in labels] for row in rows]
    return list(labels.values()), table


def _cell(value: Any, *, is_amount: bool) -> Any:
    """Amounts are numbers, so that a negative one is not taken for a formula."""
    return Decimal(value) if is_amount and value else value


def _value_table(code: str, actor: Actor) -> tuple[list[str], list[list[Any]]]:
    """The standard values of the year, in the columns that import reads again."""
    rows = Value.objects.filter(
        value_set__code=code, fiscal_year=actor.fiscal_year, division="", is_enabled=True
    ).order_by("code")
    names = [name for _, name in VALUE_COLUMNS]
    table = [["" if v is None else str(v) for v in row] for row in rows.values_list(*names)]
    return [label for label, _ in VALUE_COLUMNS], table


def _write(path: Path, heads: Sequence[str], table: Sequence[Sequence[Any]]) -> None:
    """Beside the file first, then in its place: a full disk leaves the old one."""
    if path.suffix.lower() not in EXTENSIONS:
        reason = f"扩展名应为 {' 或 '.join(EXTENSIONS)}"
        raise errors.NO_FILE.refuse("file", path=str(path), reason=reason)
    content = _csv(heads, table) if path.suffix.lower() == ".csv" else _xlsx(heads, table)
    partial = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        partial.write_bytes(content)
        partial.replace(path)
    except OSError as failure:
        reason = failure.strerror or "无法写入"
        raise errors.NO_FILE.refuse("file", path=str(path), reason=reason) from None


def _csv(heads: Sequence[str], table: Sequence[Sequence[Any]]) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(harmless_row(heads))
    writer.writerows(harmless_row(row) for row in table)
    return text.getvalue().encode("utf-8-sig")


def _xlsx(heads: Sequence[str], table: Sequence[Sequence[Any]]) -> bytes:
    """Amounts as numbers, all else as text: codes and account numbers keep their zeros."""
    file = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_numbers": False}
    book = xlsxwriter.Workbook(file, options)
    book.set_properties({"created": timezone.make_naive(clock.now())})
    money = book.add_format({"num_format": "#,##0.00"})
    bold = book.add_format({"bold": True})
    sheet = book.add_worksheet()
    sheet.freeze_panes(1, 0)
    for place, head in enumerate(heads):
        sheet.write_string(0, place, head, bold)
    for number, row in enumerate(table, start=1):
        for place, value in enumerate(row):
            if isinstance(value, Decimal):
                sheet.write_number(number, place, value, money)
            else:
                sheet.write_string(number, place, "" if value is None else str(value))
    book.close()
    return file.getvalue()

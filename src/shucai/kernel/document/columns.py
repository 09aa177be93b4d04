"""导入列 import columns of a document type, and the template that has them as its head."""

import io
from dataclasses import dataclass
from typing import Any, Final

import xlsxwriter  # type: ignore[import-untyped]  # publishes no types
from django.db import models

from shucai.kernel.document import showing, spreadsheet
from shucai.kernel.document.declare import DocumentType, is_required
from shucai.kernel.document.form_layout import Extra, FormLayout, Item
from shucai.kernel.masterdata.fields import ElementField

TEMPLATE_ROWS: Final = 5_000
_CHOICES_MAX: Final = 250  # characters of a drop-down list that spreadsheets accept
_HINTS: Final = {
    "text": "文本",
    "money": "金额（元），最多两位小数，必须大于零，例如 1234.50",
    "number": "整数",
    "date": "日期，例如 2026-01-31",
    "element": "要素编码（末级），也可写“编码 名称”",
    "unit": "单位编码，也可写“编码 名称”",
    "account": "台账编号，须在本岗位范围内且为本年度",
}


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the file. `key` is unique; `name` is the field it fills."""

    key: str
    name: str
    label: str
    hint: str
    is_required: bool = False
    is_line: bool = False
    is_money: bool = False
    is_text: bool = True
    choices: tuple[str, ...] = ()


_FIRST: Final = (
    Column("serial", "serial", "单据序号", "同一张单据的各行填相同的序号", is_required=True),
    Column("unit", "unit", "预算单位", "单位编码；不填则为本岗位所在单位"),
    Column("business_date", "business_date", "业务日期", "日期；不填则为导入当天", is_text=False),
)


def line_fields(kind: DocumentType) -> list[models.Field[Any, Any]]:
    """The line fields as the grid of the form has them; those it leaves out follow."""
    shown = kind.page.line_columns.split()
    order = {name: place for place, name in enumerate(shown)}
    return sorted(kind.line_fields(), key=lambda f: order.get(f.name, len(shown)))


def columns_of(kind: DocumentType, layout: FormLayout | None = None) -> list[Column]:
    """Serial, unit, date, then what a person fills in above the lines and on them, as the form
    in force has it: in its order, in its words, without what nobody types."""
    found = list(_FIRST)
    taken = {column.label for column in found}
    for is_line, entries in ((False, _head(kind, layout)), (True, _lines(kind, layout))):
        for known, item in entries:
            label = item.label or _declared(known)
            label = f"明细{label}" if label in taken else label
            taken.add(label)
            found.append(_column(known, label, item, is_line=is_line))
    return found


Known = models.Field[Any, Any] | Extra


def _head(kind: DocumentType, layout: FormLayout | None) -> list[tuple[Known, Item]]:
    if layout is None:
        return [(f, Item(f.name)) for f in kind.fields()]
    known: dict[str, Known] = {f.name: f for f in kind.fields()}
    known |= {one.key: one for one in layout.extras}
    return [(known[item.name], item) for item in layout.items.values() if not item.is_fixed]


def _lines(kind: DocumentType, layout: FormLayout | None) -> list[tuple[Known, Item]]:
    if layout is None:
        return [(f, Item(f.name)) for f in line_fields(kind)]
    known = {f.name: f for f in kind.line_fields()}
    return [(known[item.name], item) for item in layout.columns if not item.is_fixed]


def _declared(known: Known) -> str:
    return known.label if isinstance(known, Extra) else str(known.verbose_name)


def _column(known: Known, label: str, item: Item, *, is_line: bool) -> Column:
    if isinstance(known, Extra):
        return _extra_column(known, label, item)
    sort = showing.kind_of(known)
    choices = tuple(str(text) for _, text in known.flatchoices) if known.choices else ()
    hint = "可选：" + "、".join(choices) if choices else _HINTS.get(sort, "文本")
    if sort == "text" and known.max_length:
        hint = f"文本，最多 {known.max_length} 个字"
    if isinstance(known, ElementField):
        hint = f"“{label}”的{_HINTS['element']}"
    return Column(
        key=f"lines.{known.name}" if is_line else known.name,
        name=known.name,
        label=label,
        hint=_with_help(hint, item),
        is_required=(is_required(known) or item.required) and not item.default,
        is_line=is_line,
        is_money=sort == "money",
        is_text=sort not in ("money", "number", "date"),
        choices=choices,
    )


def _extra_column(known: Extra, label: str, item: Item) -> Column:
    hint = "可选：" + "、".join(known.options) if known.options else _HINTS.get(known.kind, "文本")
    return Column(
        key=known.key,
        name=known.key,
        label=label,
        hint=_with_help(hint, item),
        is_required=item.required and not item.default,
        is_money=known.kind == "money",
        is_text=known.kind not in ("money", "number", "date"),
        choices=known.options,
    )


def _with_help(hint: str, item: Item) -> str:
    parts = [hint, item.help, f"不填则为 {item.default}" if item.default else ""]
    return "；".join(part for part in parts if part)


def template(kind: DocumentType, layout: FormLayout | None = None) -> bytes:
    """A workbook to fill in: heads with a star where needed, lists to choose from, a guide."""
    file = io.BytesIO()
    book = xlsxwriter.Workbook(file, {"in_memory": True, "strings_to_formulas": False})
    head = book.add_format({"bold": True, "bg_color": "#E8EEF7", "border": 1, "align": "center"})
    needed = book.add_format({"bold": True, "bg_color": "#FDECEC", "border": 1, "align": "center"})
    text = book.add_format({"num_format": "@"})
    money = book.add_format({"num_format": "#,##0.00"})
    day = book.add_format({"num_format": "yyyy-mm-dd"})
    sheet = book.add_worksheet(spreadsheet.sheet_name(kind.name))
    sheet.freeze_panes(1, 0)
    columns = columns_of(kind, layout)
    for place, column in enumerate(columns):
        form = text if column.is_text else money if column.is_money else day
        sheet.set_column(place, place, 18, form)
        star = "*" if column.is_required else ""
        sheet.write_string(0, place, column.label + star, needed if star else head)
        sheet.write_comment(0, place, column.hint)
        if column.choices and len(",".join(column.choices)) <= _CHOICES_MAX:
            rule = {"validate": "list", "source": list(column.choices)}
            sheet.data_validation(1, place, TEMPLATE_ROWS, place, rule)
    _guide(book, columns, head)
    book.close()
    return file.getvalue()


def _guide(book: Any, columns: list[Column], head: Any) -> None:
    wrap = book.add_format({"text_wrap": True, "valign": "top"})
    sheet = book.add_worksheet("填写说明")
    for place, (label, width) in enumerate((("列", 18), ("必填", 8), ("位置", 10), ("说明", 70))):
        sheet.set_column(place, place, width, wrap)
        sheet.write_string(0, place, label, head)
    for row, column in enumerate(columns, start=1):
        sheet.write_string(row, 0, column.label)
        sheet.write_string(row, 1, "是" if column.is_required else "")
        sheet.write_string(row, 2, "明细" if column.is_line else "单据")
        sheet.write_string(row, 3, column.hint, wrap)
    rules = (
        "一行是一条明细；同一张单据的各行填相同的“单据序号”，单据上的内容只须填在第一行。",
        "账号、编码等号码类的列是文本格式，粘贴时请选“只粘贴值”，以免超过 15 位的号码被改变。",
        "一个文件最多 5000 行、10 MB；有一处错误，整个文件都不导入。",
    )
    for row, rule in enumerate(rules, start=len(columns) + 2):
        sheet.merge_range(row, 0, row, 3, rule, wrap)

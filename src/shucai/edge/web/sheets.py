"""表格文件 workbooks: a small table as xlsx, made at once; large ones are jobs."""

import csv
import io
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from urllib.parse import quote

import xlsxwriter  # type: ignore[import-untyped]
from django.http import HttpResponse
from django.utils import timezone

from shucai.base.cells import harmless

TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def answer(
    name: str, heads: Sequence[str], rows: Sequence[Sequence[Any]], *, note: str = ""
) -> HttpResponse:
    """A download. Codes and numbers of documents stay text; amounts are numbers of two places."""
    kept = io.BytesIO()
    book = xlsxwriter.Workbook(kept, {"in_memory": True, "strings_to_formulas": False})
    sheet = book.add_worksheet()
    head = book.add_format({"bold": True, "bg_color": "#F1F4F9", "bottom": 1})
    money = book.add_format({"num_format": "#,##0.00"})
    widths = [len(text) for text in heads]
    for at, text in enumerate(heads):
        sheet.write_string(0, at, text, head)
    for line, row in enumerate(rows, start=1):
        for at, value in enumerate(row):
            if isinstance(value, Decimal):
                sheet.write_number(line, at, value, money)
            elif isinstance(value, int):
                sheet.write_number(line, at, value)
            else:
                sheet.write_string(line, at, _text(value))
            widths[at] = min(max(widths[at], len(str(value))), 40)
    for at, width in enumerate(widths):
        sheet.set_column(at, at, width * 1.6 + 3)
    if note:
        sheet.write_string(len(rows) + 1, 0, note)
    sheet.freeze_panes(1, 0)
    book.close()
    reply = HttpResponse(kept.getvalue(), content_type=TYPE)
    reply["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name)}.xlsx"
    return reply


def csv_answer(name: str, heads: Sequence[str], rows: Sequence[Sequence[Any]]) -> HttpResponse:
    """A download that spreadsheets open as UTF-8; a text that looks like a formula stays text."""
    kept = io.StringIO()
    kept.write("\ufeff")
    lines = csv.writer(kept)
    lines.writerow(heads)
    lines.writerows([_harmless(value) for value in row] for row in rows)
    reply = HttpResponse(kept.getvalue(), content_type="text/csv; charset=utf-8")
    reply["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name)}.csv"
    return reply


def _harmless(value: Any) -> str:
    if isinstance(value, Decimal):
        return f"{value:.2f}"
    return harmless(value) if isinstance(value, str) else _text(value)


def cell(value: Any, text: str) -> Any:
    """Amounts and numbers stay numbers; everything else is as people read it."""
    is_number = isinstance(value, Decimal | int) and not isinstance(value, bool)
    return value if is_number and text.replace(",", "") == _number(value) else text


def _number(value: Any) -> str:
    return f"{value:.2f}" if isinstance(value, Decimal) else str(value)


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return timezone.localtime(value).strftime("%Y-%m-%d %H:%M:%S")
    return value.isoformat() if isinstance(value, date) else str(value)

"""电子表格 spreadsheets: how values stand in cells, on the way out and on the way in.

Money is a number with two decimals; codes and account numbers are text; a text that a
spreadsheet would run as a formula is written with a leading apostrophe and read without it.
"""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, Final, Literal

import xlsxwriter  # type: ignore[import-untyped]  # publishes no types
from django.utils import timezone
from python_calamine import CalamineWorkbook

from shucai.base.cells import harmless, restored
from shucai.kernel.files import sniffing

Look = Literal["text", "money", "number", "date", "instant"]

ROWS_MAX: Final = 1_000_000
EXACT_DIGITS: Final = 10**15
_WIDTHS: Final = {"text": 22, "money": 18, "number": 10, "date": 12, "instant": 18}
_FORMATS: Final = {
    "money": "#,##0.00",
    "number": "0",
    "date": "yyyy-mm-dd",
    "instant": "yyyy-mm-dd hh:mm",
}


@dataclass(frozen=True, slots=True)
class Head:
    """A column of a sheet being written."""

    label: str
    look: Look = "text"
    width: int = 0


def sheet_name(label: str) -> str:
    return re.sub(r"[\[\]:*?/\\']", " ", label)[:31].strip() or "数据"


class Book:
    """A workbook written row by row in constant memory."""

    def __init__(self, path: Path, *, created: datetime, title: str) -> None:
        options = {
            "constant_memory": True,
            "strings_to_numbers": False,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "tmpdir": str(path.parent),
        }
        self._book = xlsxwriter.Workbook(str(path), options)
        plain = timezone.localtime(created).replace(tzinfo=None)
        self._book.set_properties({"title": title, "created": plain})
        self._formats = {
            look: self._book.add_format({"num_format": code, "valign": "top"})
            for look, code in _FORMATS.items()
        }
        self._formats["text"] = self._book.add_format({"num_format": "@", "valign": "top"})
        border = {"border": 1, "border_color": "#C9CED6"}
        self._head = self._book.add_format(
            {"bold": True, "bg_color": "#E8EEF7", "align": "center", "valign": "vcenter", **border}
        )
        self._total = self._book.add_format(
            {"bold": True, "num_format": _FORMATS["money"], "top": 1}
        )

    def sheet(self, label: str, heads: Sequence[Head]) -> "Sheet":
        return Sheet(self._book.add_worksheet(sheet_name(label)), heads, self)

    def __enter__(self) -> "Book":
        return self

    def __exit__(self, *said: object) -> None:
        """Closed whatever happened: the rows of every sheet stand in an open file of their own."""
        self._book.close()


class Sheet:
    """One sheet: a frozen head, then rows in order."""

    def __init__(self, sheet: Any, heads: Sequence[Head], book: Book) -> None:
        self._sheet, self._heads, self._book = sheet, heads, book
        self.rows = 0
        self._sums = [Decimal(0)] * len(heads)
        for place, head in enumerate(heads):
            look = book._formats[head.look]
            sheet.set_column(place, place, head.width or _WIDTHS[head.look], look)
        sheet.freeze_panes(1, 0)
        sheet.set_row(0, 22)
        for place, head in enumerate(heads):
            sheet.write_string(0, place, head.label, book._head)

    def add(self, values: Sequence[Any]) -> None:
        self.rows += 1
        for place, (head, value) in enumerate(zip(self._heads, values, strict=True)):
            self._write(place, head.look, value)

    def _write(self, place: int, look: Look, value: Any) -> None:
        if value is None or value == "":
            return
        form = self._book._formats[look]
        if look == "money":
            self._sums[place] += value
            self._sheet.write_number(self.rows, place, value, form)
        elif look == "number":
            self._sheet.write_number(self.rows, place, value, form)
        elif look in ("date", "instant") and isinstance(value, date):
            plain = value
            if isinstance(value, datetime):
                plain = timezone.localtime(value).replace(tzinfo=None)
            self._sheet.write_datetime(self.rows, place, plain, form)
        else:
            self._sheet.write_string(self.rows, place, harmless(str(value)), form)

    def finish(self, *, total: bool = False) -> None:
        """Adds the totals of the money columns, which follow whatever the reader filters."""
        last = self.rows
        self._sheet.autofilter(0, 0, max(last, 1), len(self._heads) - 1)
        if not total or not last:
            return
        self._sheet.write_string(last + 1, 0, "合计", self._book._total)
        for place, head in enumerate(self._heads):
            if head.look == "money" and place:
                column = xlsxwriter.utility.xl_col_to_name(place)
                self._sheet.write_formula(
                    last + 1,
                    place,
                    f"=SUBTOTAL(109,{column}2:{column}{last + 1})",
                    self._book._total,
                    value=str(self._sums[place]),
                )


def rows_of(content: bytes, kind: str, *, limit: int) -> Iterator[list[Any]]:
    """The rows of the first sheet, at most `limit`, as the file holds them."""
    if kind == "csv":
        text = sniffing.decode(content) or content.decode("gb18030")
        first = text.split("\n", maxsplit=1)[0]
        delimiter = max(",\t;，", key=first.count)
        found: Iterable[list[Any]] = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    else:
        book = CalamineWorkbook.from_filelike(io.BytesIO(content))
        found = book.get_sheet_by_index(0).iter_rows()
    for place, row in enumerate(found):
        if place >= limit:
            return
        yield list(row)


def typed(value: Any, *, money: bool = False) -> str:
    """A cell as a person would have typed it.

    A whole number loses its point, so that a code stays a code. Raises OverflowError for a
    number of more than 15 digits, which the spreadsheet has rounded already.
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, int | float):
        exact = Decimal(repr(value))
        if abs(exact) >= EXACT_DIGITS and not money:
            raise OverflowError(repr(value))
        return f"{exact.normalize():f}" if exact == exact.to_integral_value() else f"{exact:f}"
    return restored(str(value).strip())

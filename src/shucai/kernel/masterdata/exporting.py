"""导出值 exporting values: a workbook in the columns that the import reads again."""

import io
from collections.abc import Sequence
from typing import Any, Final

import xlsxwriter  # type: ignore[import-untyped]  # publishes no types

from shucai.kernel.masterdata.editing import Place
from shucai.kernel.masterdata.models import Value

COLUMNS: Final = (
    ("编码", "code"),
    ("名称", "name"),
    ("上级编码", "parent_code"),
    ("启用日期", "valid_from"),
    ("停用日期", "valid_to"),
    ("版本", "edition"),
    ("出处", "source"),
    ("可信度", "confidence"),
)
ROWS_MAX: Final = 50_000
_WIDTHS: Final = {"name": 40, "source": 30, "code": 18, "parent_code": 18}


def table(place: Place) -> tuple[list[str], list[list[str]]]:
    """Heads and the enabled values of the place; own columns of the set follow the common ones."""
    rows = Value.objects.filter(
        value_set__code=place.value_set,
        fiscal_year=place.fiscal_year,
        division=place.division,
        is_enabled=True,
    ).order_by("code")[:ROWS_MAX]
    found = list(rows)
    others = list(dict.fromkeys(name for value in found for name in value.extra))
    heads = [label for label, _ in COLUMNS] + others
    cells = [
        [_text(getattr(value, name)) for _, name in COLUMNS]
        + [_text(value.extra.get(name)) for name in others]
        for value in found
    ]
    return heads, cells


def _text(value: Any) -> str:
    return "" if value is None else str(value)


def workbook(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> bytes:
    """One sheet, everything as text: codes keep their zeros. Nothing runs as a formula."""
    kept = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_numbers": False}
    book = xlsxwriter.Workbook(kept, options)
    sheet, bold = book.add_worksheet(), book.add_format({"bold": True, "bg_color": "#F1F4F9"})
    text = book.add_format({"num_format": "@"})
    names = dict(COLUMNS)
    for at, head in enumerate(heads):
        sheet.write_string(0, at, head, bold)
        sheet.set_column(at, at, _WIDTHS.get(names.get(head, ""), 14), text)
    for number, row in enumerate(rows, start=1):
        for at, cell in enumerate(row):
            sheet.write_string(number, at, cell)
    sheet.freeze_panes(1, 0)
    book.close()
    return kept.getvalue()

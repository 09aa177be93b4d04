"""单元格 cells: text on its way into a table that a spreadsheet will open, and back.

A spreadsheet runs a cell of a CSV file that begins like a formula; an apostrophe before it keeps
it text. Numbers are no text and stay as they are.
"""

from collections.abc import Sequence
from typing import Any, Final

RUNS: Final = ("=", "+", "-", "@", "\t", "\r", "\n")


def harmless(text: str) -> str:
    """Text that no spreadsheet takes for a formula, wherever the file is opened."""
    return "'" + text if text.lstrip("'").startswith(RUNS) else text


def restored(text: str) -> str:
    """The text that `harmless` was given."""
    return text[1:] if text[:1] == "'" and text.lstrip("'").startswith(RUNS) else text


def harmless_row(row: Sequence[Any]) -> list[Any]:
    """The cells of a row for a CSV file."""
    return [harmless(value) if isinstance(value, str) else value for value in row]

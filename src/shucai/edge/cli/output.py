"""输出 output: people read lines, programs read JSON; refusals go to the error stream."""

import json
import sys
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any

from shucai.base.errors import Refused

GOOD, FAILED, MISUSED = 0, 1, 2


def say(text: str) -> None:
    sys.stdout.write(text + "\n")


def complain(text: str) -> None:
    sys.stderr.write(text + "\n")


def say_json(value: Any) -> None:
    say(json.dumps(value, ensure_ascii=False, indent=1, default=str))


def refuse(refusal: Refused, *, as_json: bool) -> int:
    """Tells every finding; the exit code of a refusal."""
    if as_json:
        say_json({"ok": False, "findings": [finding.as_dict() for finding in refusal.findings]})
    for finding in refusal.findings:
        place = f"[{finding.place}] " if finding.place else ""
        complain(place + finding.text)
    return MISUSED


def table(columns: Sequence[str], rows: Sequence[Mapping[str, Any]]) -> None:
    """Columns as wide as their widest cell; a Chinese character counts for two."""
    shown = [[_cell(row.get(name)) for name in columns] for row in rows]
    heads = list(columns)
    widths = [max(width(line[place]) for line in [heads, *shown]) for place in range(len(columns))]
    for line in [heads, *shown]:
        cells = [text + " " * (widths[place] - width(text)) for place, text in enumerate(line)]
        say("  ".join(cells).rstrip())


def width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(ch) in "WF" else 1 for ch in text)


def _cell(value: Any) -> str:
    if value is None:
        return ""
    return str(value).replace("\n", " ")

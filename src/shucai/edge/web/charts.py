"""图表 charts: numbers for the browser's chart library, as one attribute of the element.

Exact until the last step: amounts become plain decimals in the chosen unit, never floats.
"""

import json
from collections.abc import Sequence
from decimal import Decimal
from itertools import accumulate
from typing import Any

Unit = tuple[Decimal, str]


def progress(months: Sequence[Decimal], *, granted: Decimal, unit: Unit) -> str:
    """Payments by month, the part of the year's money spent so far, and the part of the year."""
    so_far = list(accumulate(months, initial=Decimal(0)))[1:]
    return _json(
        {
            "kind": "progress",
            "unit": unit[1],
            "names": [f"{month}月" for month in range(1, len(months) + 1)],
            "bars": [_plain(amount / unit[0]) for amount in months],
            "line": [percent(amount, granted) for amount in so_far],
            "time": [
                str((Decimal(month) * 100 / 12).quantize(Decimal("0.1")))
                for month in range(1, len(months) + 1)
            ],
        }
    )


def shares(parts: Sequence[tuple[str, Decimal]], *, unit: Unit) -> str:
    """The parts of a whole."""
    return _json(
        {
            "kind": "shares",
            "unit": unit[1],
            "names": [name for name, _ in parts],
            "bars": [_plain(amount / unit[0]) for _, amount in parts],
        }
    )


def bars(parts: Sequence[tuple[str, Decimal]], *, unit: Unit, name: str) -> str:
    """One bar for each part, for reports."""
    return _json(
        {
            "kind": "bars",
            "unit": unit[1],
            "title": name,
            "names": [label for label, _ in parts],
            "bars": [_plain(amount / unit[0]) for _, amount in parts],
        }
    )


def percent(part: Decimal, whole: Decimal) -> str:
    return str((part * 100 / whole).quantize(Decimal("0.1"))) if whole else "0.0"


def _plain(value: Decimal) -> str:
    return str(value.quantize(Decimal("0.01")))


def _json(said: dict[str, Any]) -> str:
    return json.dumps(said, ensure_ascii=False)

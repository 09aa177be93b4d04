"""期间 accounting period: a fiscal year and a month 1 to 12, or 13 for the year-end period.

China's fiscal year is the calendar year (《预算法》第十八条).
"""

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date
from typing import Final

from shucai.base.errors import Problem

YEAR_END: Final = 13
FIRST_YEAR: Final = 2000
LAST_YEAR: Final = 2099

NOT_A_PERIOD = Problem(
    code="PER-1001",
    what="“{text}”不是会计期间",
    why="期间由 2000 至 2099 的年度和 1 至 13 的月份组成，13 为年终期间",
    fix="请按 2026-03 的样式填写",
)


@dataclass(frozen=True, slots=True, order=True)
class Period:
    """One period. Ordered by time; month 13 follows December."""

    year: int
    month: int

    def __post_init__(self) -> None:
        if not (FIRST_YEAR <= self.year <= LAST_YEAR and 1 <= self.month <= YEAR_END):
            raise NOT_A_PERIOD.refuse(text=f"{self.year}-{self.month}")

    @classmethod
    def of(cls, day: date) -> "Period":
        """The period a business date falls into; never the year-end period."""
        return cls(day.year, day.month)

    @classmethod
    def parse(cls, text: str) -> "Period":
        found = re.fullmatch(r"(\d{4})-?(\d{1,2})", text.strip())
        if found is None:
            raise NOT_A_PERIOD.refuse(text=text[:20])
        return cls(int(found[1]), int(found[2]))

    def __str__(self) -> str:
        return f"{self.year}-{self.month:02}"

    @property
    def label(self) -> str:
        return f"{self.year}年年终" if self.is_year_end else f"{self.year}年{self.month}月"

    @property
    def is_year_end(self) -> bool:
        return self.month == YEAR_END

    @property
    def quarter(self) -> int:
        return (min(self.month, 12) + 2) // 3

    @property
    def first_day(self) -> date:
        """The year-end period is booked on the last day of December."""
        return self.last_day if self.is_year_end else date(self.year, self.month, 1)

    @property
    def last_day(self) -> date:
        month = min(self.month, 12)
        return date(self.year, month, monthrange(self.year, month)[1])

    @property
    def next(self) -> "Period":
        if self.is_year_end:
            return Period(self.year + 1, 1)
        return Period(self.year, self.month + 1)

    def contains(self, day: date) -> bool:
        return self.first_day <= day <= self.last_day


def months(year: int) -> tuple[Period, ...]:
    """All thirteen periods of the year in order."""
    return tuple(Period(year, month) for month in range(1, YEAR_END + 1))


def year_to_date(period: Period) -> tuple[Period, ...]:
    """The periods from January up to and including `period` (本年累计)."""
    return months(period.year)[: period.month]

"""业务的编排 what happens in the demo city: documents and the steps they go through, in time.

Everything goes the way people would do it: a step is one action by one person at one instant
for one or many documents. Nothing here writes.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, Final
from zoneinfo import ZoneInfo

ZONE: Final = ZoneInfo("Asia/Shanghai")


@dataclass(frozen=True, slots=True)
class DocumentPlan:
    """One document as it will be typed in."""

    type: str
    year: int
    unit: str
    division: str
    business_date: date
    fields: Mapping[str, str]
    lines: tuple[Mapping[str, str], ...]

    @property
    def amount(self) -> Decimal:
        return sum((Decimal(line["amount"]) for line in self.lines), Decimal(0))


@dataclass(frozen=True, slots=True)
class StepPlan:
    """`action` "save" makes the drafts; every other one is a move of the type."""

    at: datetime
    username: str
    year: int
    type: str
    action: str
    documents: tuple[DocumentPlan, ...]
    opinion: str = ""
    today: date | None = None


@dataclass(slots=True)
class Story:
    """Steps as they are planned; told in order of time."""

    steps: list[StepPlan] = field(default_factory=list)

    def add(
        self,
        at: datetime,
        username: str,
        action: str,
        documents: Sequence[DocumentPlan],
        *,
        opinion: str = "",
        today: date | None = None,
    ) -> None:
        if documents:
            first = documents[0]
            self.steps.append(
                StepPlan(
                    at=at,
                    username=username,
                    year=first.year,
                    type=first.type,
                    action=action,
                    documents=tuple(documents),
                    opinion=opinion,
                    today=today,
                )
            )

    def told(self) -> list[StepPlan]:
        return sorted(self.steps, key=lambda step: step.at)


def instant(day: date, *, hour: int = 9, minute: int = 0) -> datetime:
    return datetime.combine(day, time(hour, minute), ZONE)


def working_day(day: date) -> date:
    """The day itself, or the Monday after a weekend."""
    return day + timedelta(days=max(0, 7 - day.weekday()) if day.weekday() > 4 else 0)


def text(amount: Decimal) -> str:
    return f"{amount:.2f}"


def chosen(options: Any, dice: Any) -> Any:
    return options[dice.randrange(len(options))]

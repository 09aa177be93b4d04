"""数字 figures: rates, their ratio to a yardstick, and how far the rounds lay apart."""

import statistics
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured ratio. `is_ceiling` says that smaller is better."""

    name: str
    ratio: float
    yardstick: str
    spread: str
    target: float
    is_ceiling: bool = False

    @property
    def met(self) -> bool:
        return self.ratio <= self.target if self.is_ceiling else self.ratio >= self.target

    @property
    def text(self) -> str:
        sign = "≤" if self.is_ceiling else "≥"
        told = "达到" if self.met else "未达到"
        detail = f"目标 {sign} {self.target}，{told}；{self.spread}；{self.yardstick}"
        return f"{self.name} {self.ratio:.2f}（{detail}）"

    def as_dict(self) -> dict[str, Any]:
        said = asdict(self)
        said.pop("is_ceiling")
        return {**said, "met": self.met}


def figure(
    name: str,
    ratios: Sequence[float],
    *,
    yardstick: str,
    target: float,
    is_ceiling: bool = False,
) -> Figure:
    """The median of the rounds; the spread is the least and the greatest."""
    ordered = sorted(ratios)
    return Figure(
        name=name,
        ratio=round(statistics.median(ordered), 2),
        yardstick=yardstick,
        spread=f"{ordered[0]:.2f}–{ordered[-1]:.2f}",
        target=target,
        is_ceiling=is_ceiling,
    )

"""纸张 papers: sizes in millimetres, and what a template needs of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

WIDE_FROM: Final = 7  # columns of lines from which the paper lies on its side
SEQUENCE_WIDTH: Final = 9
NUMBER_WIDTH: Final = 18  # the least an amount takes
TEXT_WIDTH: Final = 12
HEIGHT_LEAST: Final = 60
ORIENTATIONS: Final = (("auto", "自动（明细 7 列起横向）"), ("upright", "纵向"), ("wide", "横向"))
BLOCKS: Final = (
    ("head", "抬头"), ("lines", "明细"), ("signatures", "签章"), ("barcode", "单号条码"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Paper:
    name: str
    width: int
    height: int


# fmt: off
PAPERS: Final[Mapping[str, Paper]] = {
    "a4":      Paper("A4 纸 210 × 297", 210, 297),
    "a5":      Paper("A5 纸 148 × 210", 148, 210),
    "a3":      Paper("A3 纸 297 × 420", 297, 420),
    "b5":      Paper("B5 纸 176 × 250", 176, 250),
    "voucher": Paper("凭证纸 240 × 140", 240, 140),
    "half":    Paper("连续纸二等分 241 × 140", 241, 140),
    "third":   Paper("连续纸三等分 241 × 93", 241, 93),
}
# fmt: on


def size(content: Mapping[str, Any]) -> tuple[int, int]:
    """Width and height as the paper lies; voucher papers are wide as they are."""
    paper = PAPERS.get(str(content.get("paper")), PAPERS["a4"])
    short, long = sorted((paper.width, paper.height))
    said = content.get("orientation")
    if said == "auto":
        if paper.width > paper.height:
            return paper.width, paper.height
        said = "wide" if len(content.get("columns", ())) >= WIDE_FROM else "upright"
    return (long, short) if said == "wide" else (short, long)


def margins(content: Mapping[str, Any]) -> dict[str, int]:
    return {
        side: int(content.get(f"margin_{side}") or 15)
        for side in ("left", "right", "top", "bottom")
    }

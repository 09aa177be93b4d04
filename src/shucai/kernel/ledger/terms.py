"""台账用语 ledger terms: verbs, buckets, control levels and period modes, as the database has them.

`available` is never stored by a verb: it is granted − held − spent, so each verb names only the
columns it moves. Every verb takes an amount out of one bucket and puts it into another.
"""

from dataclasses import dataclass
from typing import Final, Literal

from django.db import models

Verb = Literal[
    "grant", "ungrant", "announce", "activate", "retract",
    "hold", "settle", "release", "reverse", "move",
]  # fmt: skip
Bucket = Literal["outside", "incoming", "available", "held", "spent"]


class Control(models.TextChoices):
    """How an account answers to a posting that would take it below zero."""

    NONE = "none", "不控制"
    WARN = "warn", "提示"
    HARD = "hard", "刚性控制"
    ALWAYS = "always", "绝对控制"


class PeriodMode(models.TextChoices):
    """Over which span what was granted may be used. The writer keeps whole years so far; the
    database refuses to open accounts of the other modes."""

    YEAR = "year", "按年"
    CUMULATIVE = "cumulative", "按月累计"
    MONTH = "month", "按当月"


@dataclass(frozen=True, slots=True)
class Way:
    """What one verb does: its name for people, and the buckets it moves between."""

    label: str
    source: Bucket
    target: Bucket


WAYS: Final[dict[str, Way]] = {
    "grant": Way("下达", "outside", "available"),
    "ungrant": Way("收回", "available", "outside"),
    "announce": Way("预下达", "outside", "incoming"),
    "activate": Way("生效", "incoming", "available"),
    "retract": Way("撤销预下达", "incoming", "outside"),
    "hold": Way("冻结", "available", "held"),
    "settle": Way("核销", "held", "spent"),
    "release": Way("释放", "held", "available"),
    "reverse": Way("红冲", "spent", "available"),
    "move": Way("调剂", "available", "available"),
}
BUCKET_LABELS: Final[dict[str, str]] = {
    "outside": "账外",
    "incoming": "待生效",
    "available": "可用",
    "held": "冻结",
    "spent": "已用",
}

"""汇总表 summary: sums of one document type by some of its fields, declared beside the type."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from shucai.kernel import registry


@dataclass(frozen=True, slots=True)
class Summary:
    """`by` names header or document fields; `measures` maps labels to `sum(amount)`, `count()`."""

    code: str
    name: str
    of: Any
    by: str
    measures: Mapping[str, str]
    where: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        registry.declare("summary", self.code, self, where=registry.caller())

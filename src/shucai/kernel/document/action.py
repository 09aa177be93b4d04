"""办理请求 action and its outcome: the one grammar that web, API and CLI speak."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final, Literal

from shucai.base.errors import Finding
from shucai.kernel.identity.actor import Actor

Mode = Literal["atomic", "each"]
DOCUMENTS_MAX: Final = 20_000


@dataclass(frozen=True, slots=True)
class Action:
    """One move wanted for a list of documents of one type; one document is a list of one.

    `now` is the instant of the action and `today` its booking date. `versions` are the versions
    the user saw. `key` makes a repeat return the first answer.
    """

    type: str
    numbers: Sequence[str]
    name: str
    actor: Actor
    now: datetime
    today: date
    opinion: str = ""
    mode: Mode = "atomic"
    key: str = ""
    versions: Mapping[str, int] = field(default_factory=dict)
    to_node: int | None = None
    preview: bool = False

    @property
    def digest(self) -> str:
        """What a repeat under the same key must match."""
        said = [self.type, sorted(self.numbers), self.name, self.actor.user_id, self.opinion]
        said += [self.mode, self.to_node]
        return hashlib.sha256(json.dumps(said, ensure_ascii=False).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class BalanceView:
    """What one ledger account shows after the action, in yuan; `change` is this action's part."""

    account: int
    number: str
    name: str
    granted: Decimal
    held: Decimal
    spent: Decimal
    available: Decimal
    change: Decimal


@dataclass(frozen=True, slots=True)
class DocumentResult:
    """The answer for one document: done or not, and every finding."""

    id: int
    number: str
    ok: bool
    state: str
    version: int
    findings: tuple[dict[str, Any], ...] = ()
    next: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """One row per document, in the order asked for; nothing is skipped in silence."""

    results: tuple[DocumentResult, ...]
    balances: tuple[BalanceView, ...] = ()
    replayed: bool = False

    @property
    def ok(self) -> bool:
        return all(result.ok for result in self.results)

    @property
    def done(self) -> int:
        return sum(result.ok for result in self.results)

    def as_dict(self) -> dict[str, Any]:
        """Plain JSON: amounts as text with two places."""
        return {
            "ok": self.ok,
            "results": [{**asdict(r), "findings": list(r.findings)} for r in self.results],
            "balances": [
                {k: str(v) if isinstance(v, Decimal) else v for k, v in asdict(b).items()}
                for b in self.balances
            ],
        }

    @classmethod
    def from_dict(cls, said: Mapping[str, Any]) -> "Outcome":
        """The stored first answer, marked as replayed."""
        results = tuple(
            DocumentResult(**{**row, "findings": tuple(row["findings"])}) for row in said["results"]
        )
        balances = tuple(_balance(row) for row in said["balances"])
        return cls(results=results, balances=balances, replayed=True)


def _balance(row: Mapping[str, Any]) -> BalanceView:
    return BalanceView(**{**row, **{name: Decimal(row[name]) for name in _MONEY}})


_MONEY: Final = ("granted", "held", "spent", "available", "change")


def shown(findings: Sequence[Finding]) -> tuple[dict[str, Any], ...]:
    """Findings in their machine form, with the one-line text people read."""
    return tuple({**finding.as_dict(), "text": finding.text} for finding in findings)

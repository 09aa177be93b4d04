"""拒绝 refusal: what could not be done, why (with the figures) and the next step.

A `Problem` is a named constant with a permanent code; a `Finding` is that problem at one
place with its figures; `Refused` carries all findings of one attempt at once.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from string import Formatter
from typing import Any, Final, Literal

Level = Literal["forbid", "warn", "flag", "record"]

_CODE: Final = re.compile(r"^[A-Z]{3}-\d{4}$")
_CATALOGUE: dict[str, "Problem"] = {}


def _placeholders(text: str) -> set[str]:
    names = set()
    for _, name, _, _ in Formatter().parse(text):
        if name is None:
            continue
        if not name.isidentifier():
            raise ValueError(f"only named placeholders are allowed, not {{{name}}} in {text!r}")
        names.add(name)
    return names


def shown(value: Any) -> str:
    """Money gets thousands separators and two places; everything else is `str`."""
    if isinstance(value, Decimal):
        return f"{value:,.2f}"
    if isinstance(value, date):
        return value.isoformat()[:10]
    return str(value)


@dataclass(frozen=True, slots=True)
class Problem:
    """A reason to refuse. `code` never changes its meaning and is never reused."""

    code: str
    what: str
    why: str
    fix: str
    basis: str = ""
    names: frozenset[str] = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        if not _CODE.match(self.code):
            raise ValueError(f"{self.code!r} is not of the form ABC-1234")
        known = _CATALOGUE.get(self.code)
        if known is not None and (known.what, known.why, known.fix) != (
            self.what,
            self.why,
            self.fix,
        ):
            raise ValueError(f"{self.code} is already taken by {known.what!r}")
        names = _placeholders(self.what) | _placeholders(self.why) | _placeholders(self.fix)
        object.__setattr__(self, "names", frozenset(names))
        _CATALOGUE[self.code] = self

    def at(self, place: str = "", *, level: Level = "forbid", **data: Any) -> "Finding":
        """The finding at `place` (`"payee_name"`, `"lines[3].amount"`, or "" for the whole)."""
        missing = self.names - data.keys()
        if missing:
            raise TypeError(f"{self.code} needs {', '.join(sorted(missing))}")
        return Finding(problem=self, place=place, data=dict(data), level=level)

    def refuse(self, place: str = "", **data: Any) -> "Refused":
        """The exception to raise."""
        return Refused([self.at(place, **data)])


@dataclass(frozen=True, slots=True)
class Finding:
    """A problem met at one place, with the figures that explain it."""

    problem: Problem
    place: str
    data: Mapping[str, Any]
    level: Level = "forbid"

    def _formatted(self, text: str) -> str:
        return text.format(**{name: shown(value) for name, value in self.data.items()})

    @property
    def code(self) -> str:
        return self.problem.code

    @property
    def what(self) -> str:
        return self._formatted(self.problem.what)

    @property
    def why(self) -> str:
        return self._formatted(self.problem.why)

    @property
    def fix(self) -> str:
        return self._formatted(self.problem.fix)

    @property
    def text(self) -> str:
        """One line for people: what：why。fix。（code）"""
        return f"{self.what}：{self.why}。{self.fix}。（{self.code}）"

    def as_dict(self) -> dict[str, Any]:
        """The machine form used by the API, the CLI and the audit trail."""
        return {
            "code": self.code,
            "level": self.level,
            "at": self.place,
            "what": self.what,
            "why": self.why,
            "fix": self.fix,
            "basis": self.problem.basis,
            "data": {name: _plain(value) for name, value in self.data.items()},
        }


def _plain(value: Any) -> Any:
    if value is None or isinstance(value, bool | int | str):
        return value
    return str(value)


class Refused(Exception):
    """The business says no. Shown to the user; never logged as a defect."""

    def __init__(self, findings: Iterable[Finding]) -> None:
        self.findings = tuple(findings)
        if not self.findings:
            raise ValueError("a refusal needs at least one finding")
        self.is_recorded = False  # the trail has its row already
        super().__init__("\n".join(finding.text for finding in self.findings))

    @property
    def code(self) -> str:
        return self.findings[0].code


class Unavailable(Exception):
    """Retrying may help; `retry_after` is in seconds."""

    def __init__(self, message: str, *, retry_after: int = 3) -> None:
        self.retry_after = retry_after
        super().__init__(message)


def catalogue() -> Mapping[str, Problem]:
    """Every problem declared so far, by code."""
    return dict(sorted(_CATALOGUE.items()))

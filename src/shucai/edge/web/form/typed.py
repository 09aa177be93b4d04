"""录入内容 typed: what a posted form says, as plain text; nothing is judged here.

The detail rows arrive as JSON in `lines` when the grid wrote them, else as one input a cell
(`line-3-amount`). Empty rows are left out, so a finding's line number counts filled rows.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any, Final

from django.http import QueryDict

from shucai.base.errors import Finding, Refused
from shucai.edge.web import errors
from shucai.kernel.document.declare import LINES_MAX, DocumentType
from shucai.kernel.document.drafts import Draft
from shucai.kernel.document.layouts import EXTRA
from shucai.kernel.identity.actor import Actor

TEXT_MAX: Final = 2_000
OPINION_MAX: Final = 500
EXTRAS_MAX: Final = 50


@dataclass(frozen=True, slots=True)
class Typed:
    """One form as it was sent. `total` is the sum the browser showed, "" when it showed none."""

    unit: str = ""
    business_date: str = ""
    fields: Mapping[str, str] = field(default_factory=dict)
    lines: tuple[Mapping[str, str], ...] = ()
    opinion: str = ""
    total: str = ""
    version: int | None = None
    key: str = ""
    has_content: bool = False
    to_node: int | None = None

    def draft(
        self, kind: DocumentType, actor: Actor, *, now: datetime, today: date, address: str = ""
    ) -> Draft:
        """What the document room is to save. Raises Refused for a date that is none."""
        return Draft(
            type=kind,
            actor=actor,
            now=now,
            today=today,
            fields=self.fields,
            lines=self.lines,
            unit=self.unit,
            business_date=self._date(),
            address=address,
            version=self.version,
            key=f"{self.key}:save" if self.key else "",
        )

    def glance(
        self, kind: DocumentType, actor: Actor, *, now: datetime, today: date
    ) -> tuple[Draft, list[Finding]]:
        """A draft to look at while it is being typed; a date that is none yet is told apart."""
        try:
            return self.draft(kind, actor, now=now, today=today), []
        except Refused as refused:
            undated = replace(self, business_date="")
            return undated.draft(kind, actor, now=now, today=today), list(refused.findings)

    def _date(self) -> date | None:
        if not self.business_date:
            return None
        try:
            return date.fromisoformat(self.business_date.replace("/", "-"))
        except ValueError:
            raise errors.NOT_A_DATE.refuse("business_date", value=self.business_date[:20]) from None

    def as_dict(self) -> dict[str, Any]:
        """The form that autosave keeps."""
        return {
            "unit": self.unit,
            "business_date": self.business_date,
            "fields": dict(self.fields),
            "lines": [dict(line) for line in self.lines],
            "opinion": self.opinion,
        }


def from_dict(kept: Mapping[str, Any]) -> Typed:
    """What autosave kept, as if it had just been sent."""
    return Typed(
        unit=str(kept.get("unit", "")),
        business_date=str(kept.get("business_date", "")),
        fields=dict(kept.get("fields", {})),
        lines=tuple(kept.get("lines", ())),
        opinion=str(kept.get("opinion", "")),
        has_content=True,
    )


def read(kind: DocumentType, sent: QueryDict, *, keep_empty: bool = False) -> Typed:
    """The form in `sent`; only the names the type declares are looked at."""
    version, node = sent.get("version", ""), sent.get("to_node", "")
    return Typed(
        unit=_text(sent.get("unit")),
        business_date=_text(sent.get("business_date")),
        fields=_fields(kind, sent),
        lines=_lines(kind, sent, keep_empty=keep_empty),
        opinion=_text(sent.get("opinion"))[:OPINION_MAX],
        total=_text(sent.get("total")).replace(",", ""),
        version=int(version) if version.isascii() and version.isdigit() else None,
        key=_text(sent.get("key"))[:60],
        has_content=sent.get("content") == "1",
        to_node=int(node) if node.isascii() and node.isdigit() and len(node) < 5 else None,
    )


def _fields(kind: DocumentType, sent: QueryDict) -> dict[str, str]:
    """The declared fields, and whatever extra fields were sent; the kernel knows them."""
    extra = [name for name in sent if name.startswith(EXTRA)][:EXTRAS_MAX]
    names = [*(known.name for known in kind.fields()), *extra]
    return {name: _text(sent.get(name)) for name in names}


def _text(said: Any) -> str:
    return str(said or "").strip()[:TEXT_MAX]


def _lines(kind: DocumentType, sent: QueryDict, *, keep_empty: bool) -> tuple[dict[str, str], ...]:
    names = [known.name for known in kind.line_fields()]
    rows = _from_grid(str(sent["lines"]), names) if sent.get("lines") else _from_cells(sent, names)
    kept = rows if keep_empty else [row for row in rows if any(row.values())]
    return tuple(kept[: LINES_MAX + 1])  # one more than allowed, so that the refusal can say so


def _from_grid(said: str, names: list[str]) -> list[dict[str, str]]:
    try:
        rows = json.loads(said)
    except ValueError:
        raise errors.DAMAGED_LINES.refuse("lines", length=len(said)) from None
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise errors.DAMAGED_LINES.refuse("lines", length=len(said))
    return [{name: _text(row.get(name)) for name in names} for row in rows]


def _from_cells(sent: QueryDict, names: list[str]) -> list[dict[str, str]]:
    """Rows in the order of the page; a row ticked in `drop` is gone."""
    dropped = set(sent.getlist("drop"))
    rows = []
    for place in sent.getlist("row"):
        if place not in dropped:
            rows.append({name: _text(sent.get(f"line-{place}-{name}")) for name in names})
    return rows

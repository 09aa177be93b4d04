"""填表 filling: what a layout makes of the text for a field: kept, by default, computed, demanded.

Pure: `input` calls it for every field of every channel.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, Final

from shucai.base import formula
from shucai.base.errors import Finding, Refused
from shucai.kernel.document import layout_errors as errors
from shucai.kernel.document.declare import DocumentType
from shucai.kernel.document.form_layout import Item

HEAD_WORDS: Final = ("金额", "明细行数", "年度", "业务日期")


@dataclass(frozen=True, slots=True)
class Stored:
    """What the document says already, as a person would type it; of lines, every value of a
    column. `is_trusted` values were handed over by the platform itself and may be anything."""

    fields: Mapping[str, str] = field(default_factory=dict)
    lines: Mapping[str, frozenset[str]] = field(default_factory=dict)
    is_trusted: bool = False


NOTHING: Final = Stored()
Same = Callable[[str, str], bool]


@dataclass(frozen=True, slots=True)
class Laid:
    """A field as laid out, where it stands, and what it may stay."""

    item: Item
    label: str
    where: str
    release: int
    kept: str = ""
    allowed: frozenset[str] = frozenset()
    is_trusted: bool = False

    def settled(self, text: str, same: Same) -> tuple[str, list[Finding]]:
        """The text to be read, and what is wrong with the one given. `same` compares two texts
        by what they mean."""
        item = self.item
        if item.readonly or item.hidden:
            return self._fixed(text, same)
        text = text or item.default
        if not text and item.required:
            finding = errors.LAYOUT_REQUIRED.at(
                self.where, label=self.label, release=self.release, length=0
            )
            return "", [finding]
        return text, []

    def _fixed(self, text: str, same: Same) -> tuple[str, list[Finding]]:
        kept = self.kept or self.item.default
        if not text:
            return kept, []
        known = {kept, *self.allowed} - {""}
        if self.is_trusted or any(same(text, one) for one in known):
            return text, []
        shown = kept or "、".join(sorted(known)[:3])
        finding = errors.LAYOUT_FIXED.at(
            self.where, label=self.label, release=self.release, kept=shown, given=text[:40]
        )
        return kept, [finding]

    def computed(self, facts: Mapping[str, Any]) -> tuple[Any, list[Finding]]:
        """The value of the formula."""
        try:
            return formula.evaluate(self.item.formula, facts), []
        except Refused as refused:
            reason = "；".join(one.why for one in refused.findings)
            return None, [self._failed(reason)]

    def _failed(self, reason: str) -> Finding:
        return errors.NOT_COMPUTED.at(
            self.where, label=self.label, formula=self.item.formula, reason=reason
        )

    def differs(self, computed: str, given: str) -> Finding:
        return errors.LAYOUT_COMPUTED.at(
            self.where,
            label=self.label,
            formula=self.item.formula,
            computed=computed,
            given=given[:40],
        )


def words(kind: DocumentType, *, is_line: bool) -> set[str]:
    """What a formula may name: declared labels, and a few facts of the document."""
    head = {str(known.verbose_name) for known in kind.fields()}
    if not is_line:
        return {*HEAD_WORDS, *head}
    own = {str(known.verbose_name) for known in kind.line_fields()}
    return {"年度", "业务日期", *head, *own}


def head_facts(
    kind: DocumentType, values: Mapping[str, Any], *, fiscal_year: int, on: date
) -> dict[str, Any]:
    own = {str(known.verbose_name): values.get(known.attname) for known in kind.fields()}
    return {"年度": Decimal(fiscal_year), "业务日期": on, **own}


def line_facts(kind: DocumentType, values: Mapping[str, Any]) -> dict[str, Any]:
    return {str(known.verbose_name): values.get(known.attname) for known in kind.line_fields()}


def as_text(value: Any) -> str:
    """A computed value as a person would type it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, Decimal):
        return f"{value:f}"
    return value.isoformat() if isinstance(value, date) else str(value)

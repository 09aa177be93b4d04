"""打印文字 texts of a paper: plain words with formulas in braces, over the facts of a document.

The result is text and nothing else: no part of it is ever read as markup or run.
"""

import re
from collections.abc import Collection, Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import Any, Final

from shucai.base import formula
from shucai.base.errors import Finding, Refused
from shucai.kernel.document.declare import DocumentType
from shucai.kernel.document.showing import kind_of
from shucai.kernel.pages import print_errors

_PIECE: Final = re.compile(r"\{\{|\}\}|\{([^{}]*)\}|[{}]")
_FAILED: Final = "〔无法计算〕"
COMMON: Final = (
    "单号", "单位", "单位名称", "业务日期", "金额", "大写金额合计", "明细行数", "年度", "区划",
    "摘要", "状态", "版次", "经办人", "打印单位",
)  # fmt: skip


def names(kind: DocumentType) -> list[str]:
    """What a text may name. Elements, units and accounts have a code and a name."""
    found = list(COMMON)
    for known in kind.fields():
        label = str(known.verbose_name)
        found.append(label)
        if kind_of(known) in ("element", "unit", "account"):
            found.append(f"{label}名称")
    return list(dict.fromkeys(found))


def filled(text: str, facts: Mapping[str, Any]) -> str:
    """The text with its formulas computed; one that can't be is marked, never left out."""
    return "".join(
        _said(piece, facts) if is_formula else piece for piece, is_formula in _pieces(text)
    )


def check(text: str, known: Collection[str], *, place: str, label: str) -> list[Finding]:
    """Every fault of a text, with the formula it stands in."""
    found: list[Finding] = []
    for match in _PIECE.finditer(text):
        said = match.group()
        if said in ("{", "}"):
            at = match.start() + 1
            found.append(print_errors.BRACE_OPEN.at(place, label=label, at=at, brace=said))
        elif match.group(1) is not None:
            wrong = formula.check(match.group(1), known)
            found += [
                print_errors.TEXT_WRONG.at(
                    place, label=label, formula=match.group(1), reason=one.why, fix=one.fix
                )
                for one in wrong[:1]
            ]
    return found


def _pieces(text: str) -> Iterator[tuple[str, bool]]:
    end = 0
    for match in _PIECE.finditer(text):
        yield text[end : match.start()], False
        end = match.end()
        if match.group(1) is not None:
            yield match.group(1), True
        else:
            yield match.group()[0], False
    yield text[end:], False


def _said(text: str, facts: Mapping[str, Any]) -> str:
    try:
        return spelled(formula.evaluate(text, facts))
    except Refused:
        return _FAILED


def spelled(value: Any) -> str:
    """A value as it is printed: amounts with separators, whole numbers plain."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, Decimal):
        if value.as_tuple().exponent == -2:
            return f"{value:,.2f}"
        return f"{value:,f}" if value % 1 else f"{value:.0f}"
    if isinstance(value, date):
        return f"{value.year}年{value.month}月{value.day}日"
    return str(value)

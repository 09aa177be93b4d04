"""单据类型设置 settings of a document type: how it is numbered, which attachments it needs.

Data by division and year. The states, moves and postings of a type are code; element levels are
kept by the master data room and not repeated here.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from string import Formatter
from typing import Any, Final

from shucai.base import formula
from shucai.base.errors import Finding
from shucai.kernel.configuration import reading
from shucai.kernel.configuration.declare import Content, Place
from shucai.kernel.configuration.fields import Field
from shucai.kernel.configuration.models import InForce
from shucai.kernel.document import errors, writing
from shucai.kernel.document.declare import DocumentType, find_type, types
from shucai.kernel.document.models import Header

KIND: Final = "document_type"
PARTS: Final = ("year", "region", "unit", "seq")
NUMBER_MAX: Final = 40
WIDTHS: Final = range(3, 11)
COUNT_MAX: Final = 20
_LITERAL: Final = re.compile(r"[A-Z0-9\-.〔〕()（）\u4e00-\u9fff]*")
_SEQ: Final = re.compile(r"0(\d{1,2})d?")
_SHOWN: Final = {"year": 2026, "region": "06", "unit": "105001", "seq": 1}


@dataclass(frozen=True, slots=True)
class Requirement:
    """Attachments that a move asks for: at least `least` of a category, where a condition holds."""

    action: str
    category: str
    least: int
    condition: str = ""


@dataclass(frozen=True, slots=True)
class Settings:
    """What counts for one document."""

    number: str
    requirements: tuple[Requirement, ...] = ()
    release_number: int = 0


class TypeSettings:
    """Everything in force for a type, for every division, year and unit; read once a version."""

    def __init__(self, kind: DocumentType) -> None:
        self._standard = Settings(number=kind.number)
        self._places: dict[tuple[str, int], tuple[Settings | None, Settings | None, list[str]]] = {}
        rows = InForce.objects.select_related("published", "trial")
        for row in rows.filter(kind=KIND, key=kind.code):
            self._places[row.division, row.fiscal_year] = (
                _settings(kind, row.published),
                _settings(kind, row.trial),
                list(row.trial_paths),
            )

    def of(self, header: Header) -> Settings:
        """Division before year before all; a release on trial for the units below its paths."""
        for division in (header.division, "") if self._places else ():
            for year in (header.fiscal_year, 0):
                found = self._places.get((division, year))
                if found is None:
                    continue
                published, tried, paths = found
                if tried is not None and _below(header.unit_path, paths):
                    return tried
                if published is not None:
                    return published
        return self._standard


def _settings(kind: DocumentType, release: Any) -> Settings | None:
    if release is None:
        return None
    content = release.content
    rows = content.get("attachments") or []
    return Settings(
        number=content.get("number") or kind.number,
        requirements=tuple(
            Requirement(row["action"], row["category"], row["least"], row.get("condition", ""))
            for row in rows
        ),
        release_number=release.number,
    )


def required(
    kind: DocumentType, *, division: str, fiscal_year: int, unit_path: str
) -> list[tuple[str, str, int, str]]:
    """What a form says of its attachments: move, material, how many, condition."""
    found = reading.current(
        KIND, kind.code, division=division, fiscal_year=fiscal_year, unit_path=unit_path
    )
    labels = {move.action: move.label for move in kind.flow}
    return [
        (labels.get(row["action"], ""), row["category"], row["least"], row.get("condition", ""))
        for row in found.content.get("attachments") or []
    ]


def _below(path: str, paths: Sequence[str]) -> bool:
    return any(path == one or path.startswith(one + "/") for one in paths)


# What may be configured


def keys() -> Mapping[str, str]:
    return {code: kind.name for code, kind in sorted(types().items())}


def standard(place: Place) -> Content:
    kind = find_type(place.key)
    return {"number": kind.number if kind else "", "attachments": [], "remark": ""}


@lru_cache(maxsize=200)
def fields(place: Place) -> Sequence[Field]:
    """The form of a type's settings."""
    kind = find_type(place.key)
    moves = [(move.action, move.label) for move in kind.flow] if kind else []
    actions = tuple(dict(moves).items())
    attachments = (
        Field(name="action", label="环节", kind="choice", required=True, options=lambda: actions),
        Field(name="category", label="材料", required=True, size=40),
        Field(
            name="least",
            label="至少",
            kind="integer",
            unit="份",
            required=True,
            low=1,
            high=COUNT_MAX,
        ),
        Field(name="condition", label="条件", size=400, help="公式，空白为所有单据"),
    )
    return (
        Field(
            name="number",
            label="单号规则",
            required=True,
            size=NUMBER_MAX,
            test=number_fault,
            help="依次写明 {year} 年度、{region} 地区、{unit} 单位，以 {seq:06} 流水号结尾",
        ),
        Field(
            name="attachments",
            label="必须上传的附件",
            kind="rows",
            columns=attachments,
            help="材料类别或文件名含该材料名称的附件计入；条件是公式，例如 金额 >= 50000",
        ),
        Field(name="remark", label="说明", kind="long", size=500),
    )


def number_fault(text: str) -> str:
    """What is wrong with a number format; "" for nothing."""
    try:
        parts = list(Formatter().parse(text))
    except ValueError:
        return "的花括号不成对"
    names = [name for _, name, _, _ in parts if name is not None]
    unknown = [name for name in names if name not in PARTS]
    if unknown:
        return f"含有未知的 {{{unknown[0]}}}，可用的是 {{year}}、{{region}}、{{unit}}、{{seq:06}}"
    missing = [name for name in PARTS if names.count(name) != 1]
    if missing:
        count = names.count(missing[0])
        return f"中 {{{missing[0]}}} 应出现一次，现在 {count} 次，否则各年度、各单位会重号"
    if any(not _LITERAL.fullmatch(literal) for literal, _, _, _ in parts):
        return "只能使用大写字母、数字、汉字和 - . 〔〕"
    if any(conversion for _, _, _, conversion in parts):
        return "不能使用 !r 一类的转换"
    return _shape_fault(text, parts)


def _shape_fault(text: str, parts: Sequence[tuple[str, str | None, str | None, Any]]) -> str:
    """The running number stands apart at the end, so that a number can be read in one way only."""
    if any(spec for _, name, spec, _ in parts if name != "seq"):
        return "中只有 {seq} 可以规定位数"
    literal, name, spec, _ = parts[-1]
    if name != "seq" or not text.endswith("}"):
        return "应以 {seq:06} 流水号结尾"
    width = _SEQ.fullmatch(spec or "")
    if width is None or int(width[1]) not in WIDTHS:
        return f"的流水号应写成 {{seq:06}}，位数 {WIDTHS[0]} 至 {WIDTHS[-1]}"
    if not literal or literal[-1].isdigit():
        return "的流水号前应有一个非数字的分隔符，例如 -"
    if len(text.format(**_SHOWN)) > NUMBER_MAX:
        return f"得到的单号超过 {NUMBER_MAX} 个字"
    return ""


def sample(number: str) -> str:
    """What the first number of a unit looks like."""
    return "" if number_fault(number) else number.format(**_SHOWN)


def check(place: Place, content: Content) -> Sequence[Finding]:
    """Formats of other types, and the formulas of attachments."""
    kind = find_type(place.key)
    if kind is None:
        return [errors.UNKNOWN_TYPE.at("key", type=place.key)]
    found = []
    mine = sample(content.get("number", ""))
    for other, numbers in _others(kind).items():
        if mine in {sample(one) for one in numbers}:
            found.append(
                errors.NUMBER_TAKEN.at(
                    "number", number=content["number"], type=other.name, sample=mine
                )
            )
    for seq, row in enumerate(content.get("attachments") or [], start=1):
        condition = row.get("condition") or ""
        for one in formula.check(condition, writing.fact_names(kind)) if condition else ():
            found.append(
                errors.REQUIREMENT_CONDITION.at(
                    f"attachments[{seq}].condition",
                    seq=seq,
                    category=row.get("category", ""),
                    reason=f"{one.what}：{one.why}",
                    remedy=one.fix,
                )
            )
    return found


def _others(kind: DocumentType) -> dict[DocumentType, list[str]]:
    """The formats of the other types, declared or in force anywhere."""
    found = {one: [one.number] for one in types().values() if one is not kind}
    rows = InForce.objects.select_related("published").filter(kind=KIND, published__isnull=False)
    for row in rows[:2_000]:
        other = find_type(row.key)
        if other in found and row.published is not None:
            found[other].append(row.published.content.get("number", ""))
    return found

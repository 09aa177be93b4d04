"""列表布局 list layout: columns, filters, order, size and segments of a list, by role.

What is published at a place (type × division × year) is read from memory; a type without a
release has the list that it declares. Nothing here decides what a person may see.
"""

from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from shucai.base.errors import Finding
from shucai.kernel.configuration import reading
from shucai.kernel.configuration.declare import Content, Kind, Place
from shucai.kernel.document import form_layout, layouts
from shucai.kernel.document import layout_errors as errors
from shucai.kernel.document.declare import DocumentType, find_type
from shucai.kernel.document.listing import HEADER_FIELDS, SIZES, SORTS
from shucai.kernel.identity.actor import Actor

ALIGNMENTS: Final = {"": "自动", "left": "左", "center": "中", "right": "右"}
FILTERS: Final = {"unit": "预算单位", "state": "状态", "date": "业务日期", "amount": "金额"}
WIDTH: Final = (40, 600)
COLUMNS_MAX: Final = 30
SEGMENTS: Final = {"all": "全部", "todo": "待我办理"}
SORT_NAMES: Final = {"id": "录入顺序", "amount": "金额"}
KEPT_MAX: Final = 1_000


@dataclass(frozen=True, slots=True)
class LaidColumn:
    """A column as laid out; an empty label is the declared one, width 0 is as wide as needed."""

    name: str
    label: str = ""
    width: int = 0
    align: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class ListLayout:
    """A list as it opens; one object for all who have it. `token` changes with the release."""

    columns: tuple[LaidColumn, ...]
    filters: tuple[str, ...]
    segments: tuple[str, ...]
    sort: str = "-id"
    size: int = 0
    release: int = 0
    extras: tuple[form_layout.Extra, ...] = ()
    token: Hashable = None

    def column(self, name: str) -> LaidColumn:
        return next((one for one in self.columns if one.name == name), LaidColumn(name))


_KEPT: dict[Hashable, ListLayout] = {}


def current(kind: DocumentType, actor: Actor) -> ListLayout:
    """What counts for the actor."""
    found = reading.current(
        KIND.code,
        kind.code,
        division=actor.division,
        fiscal_year=actor.fiscal_year,
        unit_path=actor.scope_path,
    )
    extras = form_layout.extras(kind, actor)
    variants = layouts.variants_of(found.content)
    role = layouts.role_of(variants, actor)
    key = (kind.code, found.token, extras, role)
    if key not in _KEPT:
        if len(_KEPT) >= KEPT_MAX:
            _KEPT.clear()
        said = variants.get(role, {})
        _KEPT[key] = laid(kind, said, extras=extras, release=found.release_number, token=key)
    return _KEPT[key]


def laid(
    kind: DocumentType,
    said: Mapping[str, Any],
    *,
    extras: tuple[form_layout.Extra, ...] = (),
    release: int = 0,
    token: Hashable = None,
) -> ListLayout:
    """A variant as the list reads it; what no longer exists is left out."""
    known, plain = names_of(kind, extras), standard_variant(kind)
    rows = [row for row in layouts.rows_of(said.get("columns")) if row["name"] in known]
    filters = [one for one in said.get("filters", plain["filters"]) if one in filter_names(kind)]
    segments = [one for one in said.get("segments", plain["segments"]) if one in segments_of(kind)]
    return ListLayout(
        columns=tuple(
            LaidColumn(
                row["name"],
                str(row.get("label") or ""),
                int(row.get("width") or 0),
                str(row.get("align") or ""),
            )
            for row in rows or plain["columns"]
        ),
        filters=tuple(filters),
        segments=tuple(segments),
        sort=str(said.get("sort") or "-id"),
        size=int(said.get("size") or 0),
        release=release,
        extras=extras,
        token=token,
    )


def names_of(kind: DocumentType, extras: Sequence[form_layout.Extra] = ()) -> dict[str, str]:
    """Every column a list of the type may show, with its declared label."""
    own = {known.name: str(known.verbose_name) for known in kind.fields()}
    return {**HEADER_FIELDS, **own, **{one.key: one.label for one in extras}}


def filter_names(kind: DocumentType) -> dict[str, str]:
    """Every filter a list of the type may offer; words are always asked for."""
    own = {known.name: str(known.verbose_name) for known in kind.fields()}
    return {**FILTERS, **own}


def segments_of(kind: DocumentType) -> dict[str, str]:
    return {**SEGMENTS, **{str(code): str(label) for code, label in kind.states.choices}}


def sorts() -> dict[str, str]:
    """The orders that have an index."""
    return {
        f"{sign}{name}": f"{SORT_NAMES[name]}{word}"
        for name in SORTS
        for sign, word in (("-", "，从后往前"), ("", "，从前往后"))
    }


def standard_variant(kind: DocumentType) -> dict[str, Any]:
    declared = [name for name in kind.page.filters.split() if name != "state"]
    return {
        "columns": [{"name": name} for name in kind.page.columns.split()],
        "filters": [*declared, "state", "date", "amount"],
        "segments": list(segments_of(kind)),
        "sort": "-id",
        "size": 0,
    }


def _standard(place: Place) -> Content:
    variant = standard_variant(layouts.type_of(place.key))
    return {"type": place.key, "variants": {layouts.EVERYBODY: variant}}


def _check(place: Place, content: Content) -> list[Finding]:
    kind = layouts.type_of(place.key)
    found = list(layouts.faults_of_roles(place.key, content, ["type", "variants"]))
    extras = form_layout.extras_at(place)
    for role, said in layouts.variants_of(content).items():
        found += _faults(kind, layouts.role_name(role), said, extras)
    return found


def _faults(
    kind: DocumentType,
    who: str,
    said: Mapping[str, Any],
    extras: Sequence[form_layout.Extra],
) -> Iterator[Finding]:
    for name in said.keys() - {"columns", "filters", "segments", "sort", "size"}:
        yield errors.LAYOUT_SHAPE.at(str(name), where=f"{who}的 {name}", wanted="列表布局的项目")
    columns = layouts.rows_of(said.get("columns"))
    if columns != said.get("columns") or not columns:
        yield errors.LAYOUT_SHAPE.at("columns", where=f"{who}的列", wanted="至少一列的清单")
        return
    known = names_of(kind, extras)
    names = [row["name"] for row in columns]
    where = f"{who}的列"
    yield from layouts.faults_of_names(kind, where, names, known)
    if "number" not in names:
        yield errors.LAYOUT_NEEDED.at(
            "number",
            label=known["number"],
            type=kind.name,
            where=where,
            reason="没有它就打不开单据",
        )
    if len(names) > COLUMNS_MAX:
        yield errors.LAYOUT_TOO_MANY.at("columns", what="列", count=len(names), limit=COLUMNS_MAX)
    for row in columns:
        at = f"{where}“{known.get(row['name'], row['name'])}”"
        yield from layouts.faults_of_label(at, row)
        yield from layouts.faults_of_number(at, row, name="width", label="宽度", span=WIDTH)
        if row.get("align", "") not in ALIGNMENTS:
            yield _wrong(at, "对齐", row.get("align"), "左、中、右之一")
    yield from _lists(kind, who, said)


def _lists(kind: DocumentType, who: str, said: Mapping[str, Any]) -> Iterator[Finding]:
    for name, label, known in (
        ("filters", "筛选", filter_names(kind)),
        ("segments", "分段", segments_of(kind)),
    ):
        given = said.get(name, [])
        if not isinstance(given, list) or not all(isinstance(one, str) for one in given):
            yield errors.LAYOUT_SHAPE.at(name, where=f"{who}的{label}", wanted="清单")
            continue
        yield from layouts.faults_of_names(kind, f"{who}的{label}", given, known)
    if said.get("sort", "-id") not in sorts():
        yield _wrong(who, "默认排序", said.get("sort"), "、".join(sorts().values()))
    if said.get("size", 0) not in (0, *SIZES):
        yield _wrong(who, "每页行数", said.get("size"), "、".join(str(size) for size in SIZES))


def _wrong(where: str, label: str, value: Any, wanted: str) -> Finding:
    return errors.LAYOUT_VALUE.at(
        label,
        where=where,
        label=label,
        value=str(value)[:20],
        reason=f"应为 {wanted}",
        fix="请从可选项中选择",
    )


def _lines(content: Content) -> Mapping[str, str]:
    words = {**layouts.labels_of(content), **HEADER_FIELDS, **FILTERS, **SEGMENTS}
    kind = find_type(str(content.get("type", "")))
    if kind is not None:
        words |= segments_of(kind)
    found: dict[str, str] = {}
    for role, said in layouts.variants_of(content).items():
        who = layouts.role_name(role)
        for place, row in enumerate(layouts.rows_of(said.get("columns")), start=1):
            found[f"{who} · 列 · {words.get(row['name'], row['name'])}"] = _column_text(place, row)
        for label, name in (("筛选", "filters"), ("分段", "segments")):
            for place, one in enumerate(said.get(name, ()), start=1):
                found[f"{who} · {label} · {words.get(one, one)}"] = f"第 {place} 个"
        found[f"{who} · 默认排序"] = sorts().get(str(said.get("sort", "-id")), "")
        found[f"{who} · 每页行数"] = str(said.get("size") or "按系统参数")
    return found


def _column_text(place: int, row: Mapping[str, Any]) -> str:
    parts = [f"第 {place} 列"]
    if row.get("label"):
        parts.append(f"名称“{row['label']}”")
    if row.get("width"):
        parts.append(f"宽 {row['width']}")
    if row.get("align"):
        parts.append(f"{ALIGNMENTS.get(row['align'], '')}对齐")
    return "，".join(parts)


KIND: Final = Kind(
    code="list_layout",
    name="列表布局",
    keys=layouts.keys,
    lines=_lines,
    standard=_standard,
    check=_check,
    editor_page="/configuration/list_layout/{key}/edit?division={division}&fiscal_year={fiscal_year}",
    covers=["PLAT-015"],
    icon="columns-3",
    intro="各类单据列表的列、筛选、排序、分段，按区划、年度、职责和岗位",
    position=30,
)

"""表单布局检查 checks of form layouts: every fault before a release, and the words of a content."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any, Final

from django.db import models

from shucai.base import formula
from shucai.base.errors import Finding
from shucai.kernel.configuration.declare import Content, Kind, Place
from shucai.kernel.document import converting, filling, form_layout, layouts
from shucai.kernel.document import layout_errors as errors
from shucai.kernel.document.declare import DocumentType, is_required
from shucai.kernel.document.form_layout import EXTRA_KINDS, LINES, Extra
from shucai.kernel.document.showing import kind_of
from shucai.kernel.masterdata import values
from shucai.kernel.masterdata.fields import ElementField

EXTRAS_MAX: Final = 20
SECTIONS_MAX: Final = 20
OPTIONS_MAX: Final = 50
HELP_MAX: Final = 200
SPAN: Final = (1, 3)
WIDTH: Final = (60, 600)
FLAGS: Final = {"required": "必填", "readonly": "只读", "hidden": "隐藏"}
_TEXTS: Final = {
    "default": ("默认值", 200),
    "help": ("填写说明", HELP_MAX),
    "formula": ("公式", 500),
}
_KNOWN: Final = {"name", "label", "span", "width", *FLAGS, *_TEXTS}


def check(place: Place, content: Content) -> list[Finding]:
    kind = layouts.type_of(place.key)
    found = list(layouts.faults_of_roles(place.key, content, ["type", "extras", "variants"]))
    found += _extra_faults(kind, content)
    if found:
        return found
    extras = form_layout.read_extras(content)
    for role, said in layouts.variants_of(content).items():
        found += _variant_faults(_Variant(kind, layouts.role_name(role), said, extras, place))
    return found


def _extra_faults(kind: DocumentType, content: Content) -> Iterator[Finding]:
    said = content.get("extras", [])
    rows = layouts.rows_of(said)
    if rows != said:
        yield errors.LAYOUT_SHAPE.at("extras", where="扩展栏目", wanted="清单")
        return
    if len(rows) > EXTRAS_MAX:
        yield errors.LAYOUT_TOO_MANY.at(
            "extras", what="扩展栏目", count=len(rows), limit=EXTRAS_MAX
        )
    names = [row["name"] for row in rows]
    for row in rows:
        name, where = row["name"], "扩展栏目"
        if not layouts.NAME.match(name):
            yield _wrong(name, where, "代码", name, "只能用小写字母、数字和下划线，30 个以内")
        if names.count(name) > 1:
            yield errors.LAYOUT_TWICE.at(name, label=name, where=where, count=names.count(name))
        if not str(row.get("label") or "").strip():
            yield _wrong(name, where, "名称", "", "没有填写")
        yield from layouts.faults_of_label(where, row)
        if row.get("kind", "text") not in EXTRA_KINDS:
            yield _wrong(name, where, "类型", row.get("kind"), "、".join(EXTRA_KINDS.values()))
        options = row.get("options", [])
        if not isinstance(options, list) or len(options) > OPTIONS_MAX:
            yield _wrong(name, where, "选项", options, f"应为不超过 {OPTIONS_MAX} 个选项")
        elif row.get("kind") == "choice" and not options:
            yield _wrong(name, where, "选项", "", "没有填写")


class _Variant:
    """A variant with what its names mean."""

    def __init__(
        self,
        kind: DocumentType,
        who: str,
        said: Mapping[str, Any],
        extras: Sequence[Extra],
        place: Place,
    ) -> None:
        self.kind, self.who, self.said, self.place = kind, who, said, place
        self.fields = {f.name: f for f in kind.fields()}
        self.columns = {f.name: f for f in kind.line_fields()}
        self.extras = {one.key: one for one in extras}
        self.labels = {
            **{name: str(f.verbose_name) for name, f in self.fields.items()},
            **{one.key: one.label for one in extras},
        }
        self.line_labels = {name: str(f.verbose_name) for name, f in self.columns.items()}


def _variant_faults(one: _Variant) -> Iterator[Finding]:
    for name in one.said.keys() - {"sections", LINES}:
        yield errors.LAYOUT_SHAPE.at(
            str(name), where=f"{one.who}的 {name}", wanted="表单布局的项目"
        )
    parts, grid = one.said.get("sections"), one.said.get(LINES)
    if not isinstance(parts, list) or not all(_is_part(part) for part in parts):
        yield errors.LAYOUT_SHAPE.at(
            "sections", where=f"{one.who}的分区", wanted="分区和栏目的清单"
        )
        return
    if not isinstance(grid, Mapping) or layouts.rows_of(grid.get("columns")) != grid.get("columns"):
        yield errors.LAYOUT_SHAPE.at(LINES, where=f"{one.who}的明细", wanted="明细列的清单")
        return
    if len(parts) > SECTIONS_MAX:
        yield errors.LAYOUT_TOO_MANY.at(
            "sections", what="分区", count=len(parts), limit=SECTIONS_MAX
        )
    for part in parts:
        title = part.get("title")
        if not isinstance(title, str) or not 0 < len(title) <= layouts.LABEL_MAX:
            yield _wrong("sections", f"{one.who}的分区", "标题", title, "应为 1 至 20 个字")
    own, own_lines = form_layout.demanded(one.kind)
    rows = [row for part in parts for row in part["fields"]]
    yield from _rows_faults(one, f"{one.who}的表单", rows, labels=one.labels, demanded=own)
    columns = list(grid["columns"])
    yield from _rows_faults(
        one,
        f"{one.who}的明细",
        columns,
        labels=one.line_labels,
        demanded=own_lines,
        is_line=True,
    )
    if all(row.get("hidden") for row in columns):
        yield errors.LAYOUT_SHAPE.at(LINES, where=f"{one.who}的明细", wanted="至少显示一列的清单")


def _is_part(part: Any) -> bool:
    if not isinstance(part, Mapping):
        return False
    return layouts.rows_of(part.get("fields")) == part.get("fields")


def _rows_faults(
    one: _Variant,
    where: str,
    rows: Sequence[Mapping[str, Any]],
    *,
    labels: Mapping[str, str],
    demanded: set[str],
    is_line: bool = False,
) -> Iterator[Finding]:
    yield from layouts.faults_of_names(one.kind, where, [row["name"] for row in rows], labels)
    by_name = {row["name"]: row for row in rows}
    for name in sorted(demanded):
        row = by_name.get(name)
        if row is None or row.get("hidden"):
            reason = "没有它" if row is None else "把它隐藏了"
            yield _needed(one, name, labels[name], where, reason)
    for row in rows:
        if row["name"] in labels:
            yield from _row_faults(one, where, row, labels[row["name"]], is_line)


def _needed(one: _Variant, name: str, label: str, where: str, reason: str) -> Finding:
    return errors.LAYOUT_NEEDED.at(
        name, label=label, type=one.kind.name, where=where, reason=reason
    )


def _row_faults(
    one: _Variant, where: str, row: Mapping[str, Any], label: str, is_line: bool
) -> Iterator[Finding]:
    name, at = row["name"], f"{where}“{label}”"
    for key in row.keys() - _KNOWN:
        yield errors.LAYOUT_SHAPE.at(name, where=f"{at}的 {key}", wanted="栏目的项目")
    yield from layouts.faults_of_label(at, row)
    yield from layouts.faults_of_number(at, row, name="span", label="占列", span=SPAN)
    yield from layouts.faults_of_number(at, row, name="width", label="宽度", span=WIDTH)
    for key, word in FLAGS.items():
        if not isinstance(row.get(key, False), bool):
            yield _wrong(name, at, word, row.get(key), "应为是或否")
    for key, (word, size) in _TEXTS.items():
        text = row.get(key, "")
        if not isinstance(text, str) or len(text) > size:
            yield _wrong(name, at, word, text, f"应为不超过 {size} 个字的文字")
            return
    known = (one.columns if is_line else one.fields).get(name)
    needed = known is not None and is_required(known)
    filled = row.get("default") or row.get("formula")
    if row.get("readonly") and (needed or row.get("required")) and not filled:
        yield _needed(one, name, label, where, "设为只读却没有默认值和公式")
    yield from _default_faults(one, at, row, known)
    yield from _formula_faults(one, row, label, is_line)


def _default_faults(
    one: _Variant, at: str, row: Mapping[str, Any], known: "models.Field[Any, Any] | None"
) -> Iterator[Finding]:
    text = str(row.get("default") or "")
    if not text:
        return
    reason = _not_a_value(one, row["name"], text, known)
    if reason:
        yield _wrong(row["name"], at, "默认值", text, reason)


def _not_a_value(
    one: _Variant, name: str, text: str, known: "models.Field[Any, Any] | None"
) -> str:
    """What is wrong with a default, or nothing."""
    if known is None:
        return converting.extra_fault(one.extras[name], text)
    sort = kind_of(known)
    if sort in ("account", "unit"):
        return "台账和单位不能有默认值"
    if isinstance(known, ElementField):
        year, division = one.place.fiscal_year, one.place.division
        if not year:  # a layout of every year: the value is judged when it is used
            return ""
        found = values.usable(
            known.value_set,
            year,
            text.split(" ", maxsplit=1)[0],
            on=date(year, 12, 31),
            division=division,
        )
        return found.why if found is not None else ""
    return converting.plain_fault(known, text)


def _formula_faults(
    one: _Variant, row: Mapping[str, Any], label: str, is_line: bool
) -> Iterator[Finding]:
    text = str(row.get("formula") or "")
    if not text:
        return
    name = row["name"]
    known = (one.columns if is_line else one.fields).get(name)
    if known is None or kind_of(known) in ("account", "unit"):
        yield errors.LAYOUT_FORMULA.at(
            name, label=label, formula=text, reason="台账、单位和扩展栏目不能计算", fix="请去掉公式"
        )
        return
    allowed = filling.words(one.kind, is_line=is_line) - _computed(one, is_line)
    for fault in formula.check(text, allowed):
        yield errors.LAYOUT_FORMULA.at(
            name, label=label, formula=text, reason=fault.why, fix=fault.fix
        )


def _computed(one: _Variant, is_line: bool) -> set[str]:
    """Fields with a formula: no formula reads another. The sum of the lines is no field."""
    heads = [row for part in one.said["sections"] for row in part["fields"]]
    found = {one.labels.get(r["name"], "") for r in heads if r.get("formula")}
    if is_line:
        rows = one.said[LINES]["columns"]
        found |= {one.line_labels.get(r["name"], "") for r in rows if r.get("formula")}
    return found


def _wrong(name: str, where: str, label: str, value: Any, reason: str) -> Finding:
    return errors.LAYOUT_VALUE.at(
        name, where=where, label=label, value=str(value)[:60], reason=reason, fix="请改正后重试"
    )


def lines(content: Content) -> Mapping[str, str]:
    """The content in words, path → text."""
    words = {**layouts.labels_of(content)}
    found: dict[str, str] = {}
    for row in layouts.rows_of(content.get("extras")):
        words[layouts.EXTRA + row["name"]] = str(row.get("label", row["name"]))
        options = "、".join(str(one) for one in row.get("options", ()))
        sort = EXTRA_KINDS.get(row.get("kind", "text"), "")
        found[f"扩展栏目 · {row['name']}"] = "，".join(
            filter(None, (row.get("label"), sort, options))
        )
    for role, said in layouts.variants_of(content).items():
        who = layouts.role_name(role)
        for part in said.get("sections", ()):
            for place, row in enumerate(layouts.rows_of(part.get("fields")), start=1):
                path = f"{who} · {words.get(row['name'], row['name'])}"
                found[path] = f"{part.get('title', '')}第 {place} 项{_said(row)}"
        grid = said.get(LINES, {})
        found[f"{who} · 明细标题"] = str(grid.get("title", ""))
        for place, row in enumerate(layouts.rows_of(grid.get("columns")), start=1):
            path = f"{who} · 明细 · {words.get(row['name'], row['name'])}"
            found[path] = f"第 {place} 列{_said(row)}"
    return found


def _said(row: Mapping[str, Any]) -> str:
    parts = [f"名称“{row['label']}”"] if row.get("label") else []
    parts += [f"占 {row['span']} 列"] if row.get("span") else []
    parts += [f"宽 {row['width']}"] if row.get("width") else []
    parts += [word for key, word in FLAGS.items() if row.get(key)]
    parts += [f"{word}“{row[key]}”" for key, (word, _) in _TEXTS.items() if row.get(key)]
    return "".join(f"，{part}" for part in parts)


KIND: Final = Kind(
    code=form_layout.CODE,
    name="表单布局",
    keys=layouts.keys,
    lines=lines,
    standard=form_layout.standard,
    check=check,
    editor_page="/configuration/form_layout/{key}/edit?division={division}&fiscal_year={fiscal_year}",
    covers=["PLAT-016"],
    icon="list-details",
    intro="各类单据表单的分区、栏目、必填、默认值、公式、说明和扩展栏目，按区划、年度、职责和岗位",
    position=32,
)

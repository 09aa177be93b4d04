"""打印模板 print templates: what the paper of a document type looks like, by division and year.

A template is plain data: a page, a title, fields, columns, signatures, remarks. The standard one
prints what the declaration says. Variants of a type are offered at printing once published.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from shucai.base.errors import Finding
from shucai.kernel.configuration import reading
from shucai.kernel.configuration.declare import Content, Kind, Place
from shucai.kernel.configuration.fields import Field, Options
from shucai.kernel.document.declare import DocumentType, find_type, types
from shucai.kernel.identity.actor import Actor
from shucai.kernel.pages import print_checks
from shucai.kernel.pages.print_paper import BLOCKS, ORIENTATIONS, PAPERS

CODE: Final = "print_template"
VARIANTS: Final = {"1": "备选样式一", "2": "备选样式二", "3": "备选样式三"}
TEXT_MAX: Final = 500
LONG_TEXT: Final = 150

_ALIGN: Final = (("left", "左"), ("center", "中"), ("right", "右"))
_SIGNING: Final = (("taken", "按实际经过"), ("fixed", "按指定栏目"), ("none", "不印"))
_PLACES: Final = (("top", "标题下"), ("middle", "明细后"), ("end", "签章后"))


@dataclass(frozen=True, slots=True)
class Variant:
    """A template that may be chosen at printing; the main one has no code."""

    code: str
    name: str


def split(key: str) -> tuple[str, str]:
    """Document type and variant of a key."""
    code, _, variant = key.partition(":")
    return code, variant


def kind_of(place: Place) -> DocumentType:
    found = find_type(split(place.key)[0])
    if found is None:
        raise LookupError(place.key)  # the room refuses unknown keys before
    return found


def offered(kind: DocumentType, actor: Actor) -> tuple[Variant, ...]:
    """What the actor may choose at printing: the main template and those in force for him."""
    return variants(
        kind,
        division=actor.division,
        fiscal_year=actor.fiscal_year,
        unit_path=actor.scope_path,
    )


def variants(
    kind: DocumentType, *, division: str, fiscal_year: int, unit_path: str
) -> tuple[Variant, ...]:
    """The main template, and those of the others that were published for the place."""
    found = []
    for code in ("", *VARIANTS):
        key = f"{kind.code}:{code}" if code else kind.code
        now = reading.current(
            CODE, key, division=division, fiscal_year=fiscal_year, unit_path=unit_path
        )
        if not code or now.release_number:
            name = now.content.get("name") or VARIANTS.get(code, "标准样式")
            found.append(Variant(code, str(name)))
    return tuple(found)


def template(
    kind: DocumentType, variant: str, *, division: str, fiscal_year: int, unit_path: str
) -> reading.Current:
    """The template in force for a document; the main one where the variant is not in force."""
    where: dict[str, Any] = {
        "division": division, "fiscal_year": fiscal_year, "unit_path": unit_path,
    }  # fmt: skip
    if variant in VARIANTS:
        found = reading.current(CODE, f"{kind.code}:{variant}", **where)
        if found.release_number:
            return found
    return reading.current(CODE, kind.code, **where)


def keys() -> Mapping[str, str]:
    found: dict[str, str] = {}
    for code, kind in sorted(types().items()):
        found[code] = kind.page.print_title or kind.name
        found |= {f"{code}:{n}": f"{kind.name} · {name}" for n, name in VARIANTS.items()}
    return found


def standard(place: Place) -> Content:
    """What the declaration says, in the order of its sections and columns."""
    kind = kind_of(place)
    own = {f.name for f in kind.fields()}
    head = [n for said in kind.page.sections.values() for n in said.split() if n in own]
    lines = kind.page.line_columns.split() or [f.name for f in kind.line_fields()]
    return {
        "name": VARIANTS.get(split(place.key)[1], "标准样式"),
        "title": kind.page.print_title or kind.name,
        "paper": "a4",
        "orientation": "auto",
        "margin_top": 16,
        "margin_right": 14,
        "margin_bottom": 17,
        "margin_left": 16,
        "font_size": 9,
        "pairs": 3,
        "show_unit": True,
        "show_date": True,
        "show_number": True,
        "show_sequence": True,
        "capitals": "合计（大写）",
        "signing": "taken",
        "signing_columns": 2,
        "blocks": [{"block": code} for code in ("head", "lines", "signatures")],
        "head": [{"field": name} for name in head],
        "columns": [{"field": name} for name in lines],
    }


def _choices(pairs: Sequence[tuple[str, str]]) -> Any:
    return lambda: list(pairs)


def _margin(name: str, label: str) -> Field:
    return Field(name=name, label=label, kind="integer", low=5, high=60, unit="毫米", required=True)


def _page_fields() -> list[Field]:
    papers = [(code, one.name) for code, one in PAPERS.items()]
    return [
        Field(name="name", label="样式名称", size=20, required=True, help="打印时选择所见"),
        Field(name="title", label="标题", size=60, required=True, help="可含公式，例如 {年度}"),
        Field(name="paper", label="纸张", kind="choice", options=_choices(papers), required=True),
        Field(
            name="orientation", label="方向", kind="choice", options=_choices(ORIENTATIONS),
            required=True,
        ),
        _margin("margin_top", "上边距"),
        _margin("margin_right", "右边距"),
        _margin("margin_bottom", "下边距"),
        _margin("margin_left", "左边距"),
        Field(
            name="font_size", label="字号", kind="integer", low=6, high=14, unit="磅",
            required=True,
        ),
        Field(
            name="pairs", label="抬头每行组数", kind="integer", low=1, high=4, required=True,
            help="一组为栏名和内容",
        ),
        Field(name="show_unit", label="印预算单位", kind="flag"),
        Field(name="show_date", label="印业务日期", kind="flag"),
        Field(name="show_number", label="印单号", kind="flag"),
        Field(name="show_sequence", label="印明细序号", kind="flag"),
        Field(name="show_totals", label="印各列合计", kind="flag", help="金额列下加一行合计"),
        Field(name="capitals", label="大写合计栏名", size=20, help="不填则不印大写合计"),
        Field(
            name="signing", label="签章方式", kind="choice", options=_choices(_SIGNING),
            required=True,
        ),
        Field(
            name="signing_columns", label="签章每行栏数", kind="integer", low=1, high=4,
            required=True,
        ),
    ]  # fmt: skip


def _fields(place: Place) -> Sequence[Field]:
    """The form of one template: page, then head, columns, signatures, remarks and their order."""
    kind = kind_of(place)
    own = [(f.name, str(f.verbose_name)) for f in kind.fields()]
    lines = [(f.name, str(f.verbose_name)) for f in kind.line_fields()]
    label = Field(name="label", label="栏名", size=20, help="不填用原名")
    align = Field(name="align", label="对齐", kind="choice", options=_choices(_ALIGN))
    width = Field(name="width", label="宽（毫米）", kind="integer", low=5, high=400)
    return [
        *_page_fields(),
        Field(
            name="head", label="抬头栏目", kind="rows",
            help="选择字段，或填写文字和公式；占几组不填则自动",
            columns=(
                Field(name="field", label="字段", kind="choice", options=_choices(own)),
                label,
                Field(name="text", label="文字", size=200),
                Field(name="span", label="占几组", kind="integer", low=1, high=4),
            ),
        ),
        Field(
            name="columns", label="明细列", kind="rows", help="列宽不填则按剩余宽度分配",
            columns=(
                Field(
                    name="field", label="字段", kind="choice", options=_choices(lines),
                    required=True,
                ),
                label, width, align,
            ),
        ),
        Field(
            name="signers", label="签章栏目", kind="rows",
            help="签章方式为“按指定栏目”时使用；不选环节则留空手签",
            columns=(
                Field(name="label", label="栏名", size=20, required=True),
                Field(name="step", label="环节", kind="choice", options=lambda: _steps(kind)),
            ),
        ),
        Field(
            name="remarks", label="附注", kind="rows", help="公式写在花括号中",
            columns=(
                Field(
                    name="place", label="位置", kind="choice", options=_choices(_PLACES),
                    required=True,
                ),
                Field(name="text", label="文字", kind="long", size=TEXT_MAX, required=True),
                Field(name="size", label="字号", kind="integer", low=6, high=14),
                align,
            ),
        ),
        Field(
            name="blocks", label="版面次序", kind="rows", help="未列出的不印",
            required=True,
            columns=(
                Field(
                    name="block", label="版块", kind="choice", options=_choices(BLOCKS),
                    required=True,
                ),
            ),
        ),
    ]  # fmt: skip


def _steps(kind: DocumentType) -> Options:
    labels = dict.fromkeys(["录入", *(move.label for move in kind.flow)])
    return [(label, label) for label in labels]


def _check(place: Place, content: Content) -> Sequence[Finding]:
    return print_checks.check(kind_of(place), content)


KIND: Final = Kind(
    code=CODE,
    name="打印模板",
    keys=keys,
    fields=_fields,
    standard=standard,
    check=_check,
    preview_page=f"/configuration/{CODE}/{{key}}/preview",
    covers=["PLAT-017"],
    icon="printer",
    intro="单据的纸质样式：纸张、标题、抬头、明细、合计、签章和附注，边改边看",
    position=30,
)

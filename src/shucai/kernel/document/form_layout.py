"""表单布局 form layout: sections, fields, grid columns and extra fields of a form, by role.

A layout adds to what the declaration demands and never takes from it. What it demands is kept by
`filling` wherever a document is written: in the form, the API, an import or at the prompt.
"""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final, Literal

from shucai.kernel.configuration import reading
from shucai.kernel.configuration.declare import Content, Place
from shucai.kernel.document import layouts
from shucai.kernel.document.declare import DocumentType, is_required
from shucai.kernel.identity.actor import Actor

CODE: Final = "form_layout"
ExtraKind = Literal["text", "number", "money", "date", "choice"]
EXTRA_KINDS: Final[Mapping[str, str]] = {
    "text": "文字", "number": "整数", "money": "金额", "date": "日期", "choice": "选项",
}  # fmt: skip
LINES: Final = "lines"
KEPT_MAX: Final = 1_000


@dataclass(frozen=True, slots=True)
class Extra:
    """An extra field: shown and kept with the document, read by no rule and by no posting."""

    name: str
    label: str
    kind: ExtraKind = "text"
    options: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        return layouts.EXTRA + self.name


@dataclass(frozen=True, slots=True)
class Item:
    """A field as laid out. What is `hidden`, `readonly` or computed is not typed by a person."""

    name: str
    label: str = ""
    span: int = 0
    width: int = 0
    required: bool = False
    readonly: bool = False
    hidden: bool = False
    default: str = ""
    help: str = ""
    formula: str = ""

    @property
    def is_fixed(self) -> bool:
        return self.readonly or self.hidden or bool(self.formula)


@dataclass(frozen=True)
class FormLayout:
    """A form as laid out. `token` is equal for equal layouts within a process."""

    sections: tuple[tuple[str, tuple[Item, ...]], ...]
    line_title: str
    columns: tuple[Item, ...]
    extras: tuple[Extra, ...] = ()
    release: int = 0
    token: Hashable = None

    @cached_property
    def items(self) -> Mapping[str, Item]:
        """The fields above the lines, by name."""
        return {item.name: item for _, items in self.sections for item in items}

    @cached_property
    def lines(self) -> Mapping[str, Item]:
        """The columns of the grid, by name."""
        return {item.name: item for item in self.columns}

    def item(self, name: str) -> Item:
        """A field that the layout does not mention is hidden."""
        return self.items.get(name) or Item(name, hidden=True)

    def line(self, name: str) -> Item:
        return self.lines.get(name) or Item(name, hidden=True)

    @cached_property
    def shown_extras(self) -> tuple[Extra, ...]:
        """The extra fields that stand somewhere on the form."""
        return tuple(one for one in self.extras if not self.item(one.key).hidden)


_KEPT: dict[Hashable, FormLayout] = {}


def current(kind: DocumentType, actor: Actor) -> FormLayout | None:
    """What counts for the actor; None where nothing but the declaration does."""
    found = _found(kind, actor)
    if found.release_id is None:
        return None
    variants = layouts.variants_of(found.content)
    role = layouts.role_of(variants, actor)
    key = (kind.code, found.token, role)
    if key not in _KEPT:
        if len(_KEPT) >= KEPT_MAX:
            _KEPT.clear()
        _KEPT[key] = laid(
            kind, found.content, variants.get(role, {}), release=found.release_number, token=key
        )
    return _KEPT[key]


def extras(kind: DocumentType, actor: Actor) -> tuple[Extra, ...]:
    """The extra fields of documents of the type where the actor works."""
    found = current(kind, actor)
    return found.extras if found is not None else ()


def extras_at(place: Place) -> tuple[Extra, ...]:
    """The extra fields published for a place."""
    found = reading.current(CODE, place.key, division=place.division, fiscal_year=place.fiscal_year)
    return read_extras(found.content)


def _found(kind: DocumentType, actor: Actor) -> reading.Current:
    return reading.current(
        CODE,
        kind.code,
        division=actor.division,
        fiscal_year=actor.fiscal_year,
        unit_path=actor.scope_path,
    )


def laid(
    kind: DocumentType,
    content: Content,
    said: Mapping[str, Any],
    *,
    release: int = 0,
    token: Hashable = None,
) -> FormLayout:
    """A variant as the form reads it; what no longer exists is left out, what the declaration
    demands is there again."""
    known = read_extras(content)
    own = {f.name for f in kind.fields()} | {one.key for one in known}
    columns = {f.name for f in kind.line_fields()}
    sections = [
        (str(part.get("title") or ""), tuple(_item(row) for row in layouts.rows_of(
            part.get("fields")) if row["name"] in own))
        for part in said.get("sections", ()) if isinstance(part, Mapping)
    ]  # fmt: skip
    told = said.get(LINES)
    grid: Mapping[str, Any] = told if isinstance(told, Mapping) else {}
    rows = [row for row in layouts.rows_of(grid.get("columns")) if row["name"] in columns]
    plain = standard_variant(kind)
    return FormLayout(
        sections=tuple(sections) or _sections(plain),
        line_title=str(grid.get("title") or plain[LINES]["title"]),
        columns=tuple(_item(row) for row in rows or plain[LINES]["columns"]),
        extras=known,
        release=release,
        token=token,
    )


def read_extras(content: Content) -> tuple[Extra, ...]:
    return tuple(
        Extra(
            row["name"],
            str(row.get("label") or row["name"]),
            row.get("kind", "text") if row.get("kind") in EXTRA_KINDS else "text",
            tuple(str(one) for one in row.get("options", ())),
        )
        for row in layouts.rows_of(content.get("extras"))
        if layouts.NAME.match(row["name"])
    )


def _item(row: Mapping[str, Any]) -> Item:
    return Item(
        name=row["name"],
        label=str(row.get("label") or ""),
        span=int(row.get("span") or 0),
        width=int(row.get("width") or 0),
        required=bool(row.get("required")),
        readonly=bool(row.get("readonly")),
        hidden=bool(row.get("hidden")),
        default=str(row.get("default") or ""),
        help=str(row.get("help") or ""),
        formula=str(row.get("formula") or ""),
    )


def _sections(said: Mapping[str, Any]) -> tuple[tuple[str, tuple[Item, ...]], ...]:
    return tuple(
        (part["title"], tuple(_item(row) for row in part["fields"])) for part in said["sections"]
    )


def standard_variant(kind: DocumentType) -> dict[str, Any]:
    """What the type declares, as a variant."""
    sections = [
        {"title": title, "fields": [{"name": n} for n in names.split() if n != LINES]}
        for title, names in kind.page.sections.items()
    ]
    title = next((t for t, names in kind.page.sections.items() if LINES in names.split()), "明细")
    columns = kind.page.line_columns.split() or [f.name for f in kind.line_fields()]
    return {
        "sections": [part for part in sections if part["fields"]],
        LINES: {"title": title, "columns": [{"name": name} for name in columns]},
    }


def standard(place: Place) -> Content:
    variant = standard_variant(layouts.type_of(place.key))
    return {"type": place.key, "extras": [], "variants": {layouts.EVERYBODY: variant}}


def demanded(kind: DocumentType) -> tuple[set[str], set[str]]:
    """The names above the lines and on them that no layout may take away."""
    legal = set(kind.page.legal.split())
    own = {f.name for f in kind.fields() if is_required(f) or f.name in legal}
    return own, {f.name for f in kind.line_fields() if is_required(f) or f.name in legal}

"""表单样式 sheet: the cells, columns and rows a form shows, from the declaration and the values.

One builder serves a new document, a saved one, what autosave kept and what was just refused:
typed text always comes before stored text, so nothing a person wrote is lost.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

from django.db import models

from shucai.edge.web.form.typed import Typed
from shucai.kernel.document import choosing
from shucai.kernel.document.converting import EXTRA_MAX
from shucai.kernel.document.declare import DocumentType, is_required
from shucai.kernel.document.form_layout import Extra, FormLayout, Item
from shucai.kernel.document.reading import Dossier
from shucai.kernel.document.showing import Kind, Shown, kind_of
from shucai.kernel.identity.actor import Actor

PAIRS: Final = 3  # label and value pairs in a row of the form table
LONG_TEXT: Final = 150

# fmt: off
WIDTHS: Final[Mapping[str, tuple[int, float]]] = {  # least width in pixels, share of the rest
    "account": (230, 3), "unit": (150, 2.2), "element": (134, 2), "text": (120, 2.4),
    "choice": (100, 1), "date": (108, .8), "number": (80, .7), "money": (124, 1),
}
# fmt: on


@dataclass(frozen=True, slots=True)
class Cell:
    """A label and its value. `value` is for the input, `shown` for the eye."""

    name: str
    label: str
    kind: Kind
    value: str
    shown: Shown | None
    span: int = 1
    is_required: bool = False
    is_fixed: bool = False
    options: Sequence[tuple[str, str]] = ()
    pick: str = ""
    max_length: int | None = None
    findings: Sequence[str] = ()
    help: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    """A titled form table."""

    title: str
    rows: Sequence[Sequence[Cell]]


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the detail grid."""

    name: str
    label: str
    kind: Kind
    required: bool
    width: int
    grow: float
    options: Sequence[tuple[str, str]] = ()
    pick: str = ""
    fixed: bool = False
    computed: bool = False
    default: str = ""
    help: str = ""

    @property
    def laid(self) -> dict[str, Any]:
        """What only a layout says; the grid of a page without one has nothing to skip."""
        said = {"fixed": self.fixed, "computed": self.computed, "default": self.default}
        return {name: value for name, value in {**said, "help": self.help}.items() if value}


@dataclass(frozen=True, slots=True)
class Grid:
    """The detail lines: what people typed, and what the codes among it are called."""

    title: str
    columns: Sequence[Column]
    rows: Sequence[Mapping[str, str]]
    names: Mapping[str, Mapping[str, str]]
    editable: bool
    findings: Mapping[str, str] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        """What the grid of the page starts from."""
        return {
            "columns": [
                {
                    "name": c.name,
                    "label": c.label,
                    "kind": c.kind,
                    "required": c.required,
                    "width": c.width,
                    "grow": c.grow,
                    "options": [list(option) for option in c.options],
                    "pick": c.pick,
                    **c.laid,
                }
                for c in self.columns
            ],
            "rows": list(self.rows),
            "names": self.names,
            "editable": self.editable,
        }


@dataclass(frozen=True, slots=True)
class Source:
    """Where the values of a form come from; `typed` wins over `dossier`."""

    kind: DocumentType
    actor: Actor
    editable: bool
    dossier: Dossier | None = None
    typed: Typed | None = None
    findings: Sequence[Mapping[str, Any]] = ()
    layout: FormLayout | None = None

    def told(self, place: str) -> list[str]:
        return [f"{one['why']}。{one['fix']}" for one in self.findings if one["at"] == place]


def sections(source: Source, head: Sequence[Cell]) -> list[Section]:
    """The sections laid out, else declared; `head` (unit, date) opens the first one."""
    found: list[Section] = []
    for title, cells in _cells(source):
        whole = cells
        if not found and head:
            whole = [*head, *cells]
            head = ()
        if whole:
            found.append(Section(title, list(_packed(whole))))
    if head:
        found.insert(0, Section("基本信息", list(_packed(list(head)))))
    return found


def _cells(source: Source) -> Iterator[tuple[str, list[Cell]]]:
    known = {f.name: f for f in source.kind.fields()}
    if source.layout is None:
        for title, names in source.kind.page.sections.items():
            own = [name for name in names.split() if name != "lines"]
            if own:
                yield title, [_cell(source, known[name], Item(name)) for name in own]
        return
    extras = {one.key: one for one in source.layout.extras}
    for title, items in source.layout.sections:
        shown = [item for item in items if not item.hidden]
        cells = [
            _extra_cell(source, extras[item.name], item)
            if item.name in extras
            else _cell(source, known[item.name], item)
            for item in shown
        ]
        if cells:
            yield title, cells


def _packed(cells: list[Cell]) -> Iterator[list[Cell]]:
    """Rows of PAIRS pairs; the last cell of a row takes what is left."""
    row: list[Cell] = []
    for cell in cells:
        if row and sum(c.span for c in row) + cell.span > PAIRS:
            yield _filled(row)
            row = []
        row.append(cell)
    if row:
        yield _filled(row)


def _filled(row: list[Cell]) -> list[Cell]:
    missing = PAIRS - sum(cell.span for cell in row)
    return [*row[:-1], _with_span(row[-1], row[-1].span + missing)]


def _with_span(cell: Cell, span: int) -> Cell:
    facts = {name: getattr(cell, name) for name in Cell.__dataclass_fields__}
    return Cell(**{**facts, "span": span})


def _cell(source: Source, known: models.Field[Any, Any], item: Item) -> Cell:
    shown = source.dossier.fields[known.name] if source.dossier else None
    typed = source.typed.fields.get(known.name) if source.typed else None
    stored = _stored(shown) if source.dossier else item.default
    limit = getattr(known, "max_length", None)
    is_long = kind_of(known) == "text" and (limit or 0) >= LONG_TEXT
    is_fixed = not source.editable or item.is_fixed
    if is_fixed and shown is None and item.default:
        shown = _default(known, item)
    return Cell(
        name=known.name,
        label=item.label or str(known.verbose_name),
        kind=kind_of(known),
        value=typed if typed is not None and not item.is_fixed else stored,
        shown=shown,
        span=item.span or (2 if is_long else 1),
        is_required=is_required(known) or item.required,
        is_fixed=is_fixed,
        options=_options(known),
        pick=_pick(source.kind, known, "field"),
        max_length=limit if kind_of(known) == "text" else None,
        findings=source.told(known.name),
        help=item.help,
    )


def _default(known: models.Field[Any, Any], item: Item) -> Shown:
    """A read-only default as it will be kept."""
    text = dict(_options(known)).get(item.default, item.default)
    return Shown(known.name, item.label, kind_of(known), item.default, text)


def _extra_cell(source: Source, known: Extra, item: Item) -> Cell:
    """An extra field; a document keeps it as plain text."""
    dossier, typed = source.dossier, source.typed
    stored = str(dossier.header.extra.get(known.name, "")) if dossier else item.default
    value = typed.fields.get(known.key, stored) if typed and not item.is_fixed else stored
    kind: Kind = known.kind
    return Cell(
        name=known.key,
        label=item.label or known.label,
        kind=kind,
        value=value,
        shown=Shown(known.key, known.label, kind, stored, stored),
        span=item.span or 1,
        is_required=item.required,
        is_fixed=not source.editable or item.is_fixed,
        options=[(one, one) for one in known.options],
        max_length=EXTRA_MAX if kind == "text" else None,
        findings=source.told(known.key),
        help=item.help,
    )


def _stored(shown: Shown | None) -> str:
    """Elements and units are typed as code and name; their code alone is read again."""
    if shown is None:
        return ""
    return shown.full if shown.kind in ("element", "unit") and shown.raw else shown.raw


def _options(known: models.Field[Any, Any]) -> list[tuple[str, str]]:
    return [(str(value), str(label)) for value, label in known.flatchoices]


def _pick(kind: DocumentType, known: models.Field[Any, Any], of: str) -> str:
    if not choosing.is_offered(known):
        return ""
    return f"/d/{kind.code}/-/pick/{of}/{known.name}"


def head(source: Source, *, unit: Shown | None, unit_typed: str, on: str, maker: str) -> list[Cell]:
    """Unit, date and maker: what every document has and no type declares."""
    is_new = source.dossier is None
    typed = source.typed
    return [
        Cell(
            name="unit",
            label="预算单位",
            kind="unit",
            value=(typed.unit if typed and typed.unit else unit_typed),
            shown=unit,
            is_required=is_new,
            is_fixed=not (source.editable and is_new),  # the unit of a document never changes
            pick=f"/d/{source.kind.code}/-/pick/field/unit",
            findings=source.told("unit"),
        ),
        Cell(
            name="business_date",
            label="业务日期",
            kind="date",
            value=(typed.business_date if typed and typed.business_date else on),
            shown=Shown("business_date", "业务日期", "date", on, on),
            is_required=True,
            is_fixed=not source.editable,
            findings=source.told("business_date"),
        ),
        Cell(
            name="maker",
            label="经办人",
            kind="text",
            value=maker,
            shown=Shown("maker", "经办人", "text", maker, maker),
            is_fixed=True,
        ),
    ]


def grid(source: Source) -> Grid:
    """The detail grid, with what the codes in it are called."""
    kind = source.kind
    known = {f.name: f for f in kind.line_fields()}
    items = _line_items(source)
    order = [item.name for item in items]
    columns = [_column(kind, known[item.name], item) for item in items]
    rows: Sequence[Mapping[str, str]]
    if source.typed is not None and source.typed.has_content:
        rows = [dict(line) for line in source.typed.lines]
        names = choosing.names(kind, rows, actor=source.actor)
    elif source.dossier is not None:
        rows = [{n: line[n].raw for n in order} for line in source.dossier.lines]
        names = _names(source.dossier.lines, order)
    else:
        rows, names = [], {}
    return Grid(
        title=source.layout.line_title if source.layout else _lines_title(kind),
        columns=columns,
        rows=rows,
        names=names,
        editable=source.editable,
        findings={
            str(one["at"]): f"{one['why']}。{one['fix']}"
            for one in source.findings
            if str(one["at"]).startswith("lines[")
        },
    )


def _line_items(source: Source) -> list[Item]:
    """The columns of the grid that are shown, in order."""
    if source.layout is not None:
        return [item for item in source.layout.columns if not item.hidden]
    declared = source.kind.page.line_columns.split()
    return [Item(name) for name in declared or [f.name for f in source.kind.line_fields()]]


def _lines_title(kind: DocumentType) -> str:
    titles = kind.page.sections.items()
    return next((title for title, names in titles if "lines" in names.split()), "明细")


def _column(kind: DocumentType, known: models.Field[Any, Any], item: Item) -> Column:
    width, grow = WIDTHS[kind_of(known)]
    return Column(
        name=known.name,
        label=item.label or str(known.verbose_name),
        kind=kind_of(known),
        required=is_required(known) or item.required,
        width=item.width or width,
        grow=0.01 if item.width else grow,
        options=_options(known),
        pick=_pick(kind, known, "line"),
        fixed=item.is_fixed,
        computed=bool(item.formula),
        default=item.default,
        help=item.help,
    )


def _names(lines: Sequence[Mapping[str, Shown]], order: Sequence[str]) -> dict[str, dict[str, str]]:
    names: dict[str, dict[str, str]] = {}
    for line in lines:
        for name in order:
            shown = line[name]
            if shown.code and shown.text:
                names.setdefault(name, {})[shown.raw] = shown.text
    return names


def plain_choices(
    source: Source, grid: Grid, *, unit: str, on: date
) -> dict[str, Sequence[choosing.Choice]]:
    """What the page without script offers in a list: accounts, and value sets that are short."""
    known = {f.name: f for f in (*source.kind.fields(), *source.kind.line_fields())}
    question = choosing.Question(actor=source.actor, on=on, unit=unit)
    found: dict[str, Sequence[choosing.Choice]] = {}
    for column in grid.columns:
        if column.kind in ("account", "element"):
            offered = choosing.choices(known[column.name], question)
            if not any(choice.is_branch for choice in offered):
                found[column.name] = offered
    return found

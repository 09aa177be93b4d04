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
from shucai.kernel.document.declare import DocumentType
from shucai.kernel.document.input import is_required
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

    def told(self, place: str) -> list[str]:
        return [f"{one['why']}。{one['fix']}" for one in self.findings if one["at"] == place]


def sections(source: Source, head: Sequence[Cell]) -> list[Section]:
    """The declared sections; `head` (unit, date) opens the first one."""
    known = {f.name: f for f in source.kind.fields()}
    found: list[Section] = []
    for title, names in source.kind.page.sections.items():
        cells = [_cell(source, known[name]) for name in names.split() if name != "lines"]
        if not found and head:
            cells = [*head, *cells]
            head = ()
        if cells:
            found.append(Section(title, list(_packed(cells))))
    if head:
        found.insert(0, Section("基本信息", list(_packed(list(head)))))
    return found


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


def _cell(source: Source, known: models.Field[Any, Any]) -> Cell:
    shown = source.dossier.fields[known.name] if source.dossier else None
    typed = source.typed.fields.get(known.name) if source.typed else None
    value = typed if typed is not None else _stored(shown)
    limit = getattr(known, "max_length", None)
    is_long = kind_of(known) == "text" and (limit or 0) >= LONG_TEXT
    return Cell(
        name=known.name,
        label=str(known.verbose_name),
        kind=kind_of(known),
        value=value,
        shown=shown,
        span=2 if is_long else 1,
        is_required=is_required(known),
        is_fixed=not source.editable,
        options=_options(known),
        pick=_pick(source.kind, known, "field"),
        max_length=limit if kind_of(known) == "text" else None,
        findings=source.told(known.name),
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
    order = kind.page.line_columns.split() or list(known)
    columns = [_column(kind, known[name]) for name in order]
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
        title=_lines_title(kind),
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


def _lines_title(kind: DocumentType) -> str:
    titles = kind.page.sections.items()
    return next((title for title, names in titles if "lines" in names.split()), "明细")


def _column(kind: DocumentType, known: models.Field[Any, Any]) -> Column:
    width, grow = WIDTHS[kind_of(known)]
    return Column(
        name=known.name,
        label=str(known.verbose_name),
        kind=kind_of(known),
        required=is_required(known),
        width=width,
        grow=grow,
        options=_options(known),
        pick=_pick(kind, known, "line"),
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

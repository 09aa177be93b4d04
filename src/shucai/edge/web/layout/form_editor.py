"""表单布局编辑 form layout editor: sections, fields, grid columns and extra fields of a variant."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from django.http import QueryDict

from shucai.edge.web import clock
from shucai.edge.web.form import sheet
from shucai.edge.web.layout.typed import Said, full, spread
from shucai.kernel.configuration.declare import Place
from shucai.kernel.document import filling, form_layout, layouts
from shucai.kernel.document.declare import DocumentType
from shucai.kernel.document.form_layout import EXTRA_KINDS, LINES
from shucai.kernel.identity.actor import Actor

TEMPLATE: Final = "web/layout/form.html"
PREVIEW: Final = "web/layout/_form_preview.html"
BLANK_EXTRAS: Final = 2
SECTIONS_MAX: Final = 20
EXTRAS_MAX: Final = 22


@dataclass(frozen=True, slots=True)
class Row:
    """A field in the editor. `section` is the number of its section, 0 where it isn't shown."""

    name: str
    label: str
    said: Mapping[str, Any]
    section: int
    is_demanded: bool


def read(kind: DocumentType, place: Place, content: Mapping[str, Any], sent: QueryDict) -> Any:
    """The content with the variant that was edited; extra fields are the same for all roles."""
    said = Said(sent)
    extras = _extras(said)
    known = form_layout.read_extras({"extras": extras})
    names = [*(f.name for f in kind.fields()), *(one.key for one in known)]
    titles = _titles(said)
    own, own_lines = form_layout.demanded(kind)
    rows = said.ordered("h", names)
    placed: dict[str, list[Any]] = {number: [] for number in titles}
    for name in rows:
        number = said.text(f"h.{name}.section", size=3)
        if number in placed:
            placed[number].append(_field(said, f"h.{name}", name, own))
    columns = said.ticked("l", [f.name for f in kind.line_fields()])
    variant = {
        "sections": [
            {"title": title, "fields": placed[number]} for number, title in titles.items()
        ],
        LINES: {
            "title": said.text("lines_title", size=40),
            "columns": [_field(said, f"l.{name}", name, own_lines) for name in columns],
        },
    }
    variants = {**content["variants"], said.text("role"): variant}
    return {**content, "extras": extras, "variants": variants}


def _titles(said: Said) -> dict[str, str]:
    """Number → title, in the order typed."""
    numbers = [str(n) for n in range(1, SECTIONS_MAX + 1) if said.text(f"sec.{n}.title", size=40)]
    return {n: said.text(f"sec.{n}.title", size=40) for n in said.ordered("sec", numbers)}


def _extras(said: Said) -> list[dict[str, Any]]:
    found = []
    for number in range(1, EXTRAS_MAX + 1):
        at = f"x.{number}"
        if said.text(f"{at}.name") and not said.flag(f"{at}.remove"):
            options = said.text(f"{at}.options").replace("，", "、").split("、")
            row = {
                "name": said.text(f"{at}.name", size=40),
                "label": said.text(f"{at}.label", size=40),
                "kind": said.text(f"{at}.kind") or "text",
                "options": [one.strip() for one in options if one.strip()],
            }
            found.append(full(row))
    return found


def _field(said: Said, at: str, name: str, demanded: set[str]) -> dict[str, Any]:
    """What is demanded anyway is not said again."""
    return full(
        {
            "name": name,
            "label": said.text(f"{at}.label"),
            "span": said.whole(f"{at}.span"),
            "width": said.whole(f"{at}.width"),
            "required": said.flag(f"{at}.required") and name not in demanded,
            "readonly": said.flag(f"{at}.readonly"),
            "default": said.text(f"{at}.default"),
            "help": said.text(f"{at}.help"),
            "formula": said.text(f"{at}.formula"),
        }
    )


def order(kind: DocumentType, place: Place, sent: QueryDict) -> dict[str, list[str]]:
    """The rows of the editor as they stood, also those that are not shown."""
    said = Said(sent)
    known = form_layout.read_extras({"extras": _extras(said)})
    names = [*(f.name for f in kind.fields()), *(one.key for one in known)]
    return {
        "h": said.ordered("h", names),
        "l": said.ordered("l", [f.name for f in kind.line_fields()]),
    }


def context(
    kind: DocumentType,
    content: Mapping[str, Any],
    said: Mapping[str, Any],
    kept: Mapping[str, list[str]],
) -> dict[str, Any]:
    """The controls of a variant: what is shown first, in its order."""
    extras = form_layout.read_extras(content)
    labels = {f.name: str(f.verbose_name) for f in kind.fields()}
    labels |= {one.key: one.label for one in extras}
    line_labels = {f.name: str(f.verbose_name) for f in kind.line_fields()}
    own, own_lines = form_layout.demanded(kind)
    parts = list(said.get("sections", ()))
    heads = {
        row["name"]: (number, row)
        for number, part in enumerate(parts, start=1)
        for row in part["fields"]
    }
    grid = said.get(LINES, {})
    lines = {row["name"]: (1, row) for row in grid.get("columns", ())}
    return {
        "sections": [(n, part["title"]) for n, part in enumerate(parts, start=1)]
        + [(len(parts) + 1, "")],
        "heads": _rows(labels, heads, own, kept.get("h")),
        "lines": _rows(line_labels, lines, own_lines, kept.get("l")),
        "lines_title": grid.get("title", ""),
        "extras": _padded(content),
        "extra_kinds": list(EXTRA_KINDS.items()),
        "head_words": "、".join(sorted(filling.words(kind, is_line=False))),
        "line_words": "、".join(sorted(filling.words(kind, is_line=True))),
    }


def _rows(
    labels: Mapping[str, str],
    said: Mapping[str, tuple[int, Mapping[str, Any]]],
    demanded: set[str],
    kept: list[str] | None,
) -> list[Row]:
    first = [name for name in said if name in labels]
    names = kept or [*first, *(name for name in labels if name not in first)]
    found = []
    for name in (one for one in names if one in labels):
        section, row = said.get(name, (0, {}))
        found.append(Row(name, labels[name], spread(row), section, name in demanded))
    return found


def _padded(content: Mapping[str, Any]) -> list[tuple[int, Mapping[str, Any]]]:
    rows = [*layouts.rows_of(content.get("extras")), *({} for _ in range(BLANK_EXTRAS))]
    return list(enumerate(map(spread, rows), start=1))


def preview(
    kind: DocumentType, actor: Actor, content: Mapping[str, Any], said: Mapping[str, Any]
) -> dict[str, Any]:
    """The form of a new document by the engine of the form."""
    layout = form_layout.laid(kind, content, _safe(said))
    source = sheet.Source(kind, actor, editable=True, layout=layout)
    head = sheet.head(
        source,
        unit=None,
        unit_typed="105001 市第一中学",
        on=clock.today().isoformat(),
        maker=actor.name,
    )
    grid = sheet.grid(source)
    row = {column.name: column.default or _sample(column) for column in grid.columns}
    return {
        "kind": kind,
        "editable": True,
        "sections": sheet.sections(source, head),
        "grid": replace(grid, rows=[row], editable=False),
    }


def _sample(column: sheet.Column) -> str:
    if column.options:
        return column.options[0][0]
    plain = {"money": "12345.67", "number": "1", "date": "2026-03-16"}
    return "" if column.computed else plain.get(column.kind, f"示例{column.label}")


def _safe(said: Mapping[str, Any]) -> dict[str, Any]:
    """A variant whose figures are figures, so that what is wrong can still be looked at."""

    def plain(rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
        return [
            {
                **row,
                "span": min(row["span"], 3) if isinstance(row.get("span"), int) else 0,
                "width": row["width"] if isinstance(row.get("width"), int) else 0,
            }
            for row in rows
        ]

    grid = said.get(LINES, {})
    return {
        "sections": [
            {**part, "fields": plain(part["fields"])} for part in said.get("sections", ())
        ],
        LINES: {**grid, "columns": plain(grid.get("columns", ()))},
    }

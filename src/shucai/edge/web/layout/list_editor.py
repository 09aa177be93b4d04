"""列表布局编辑 list layout editor: columns, filters, segments, order and size of one variant."""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

from django.http import QueryDict

from shucai.edge.web import asked, columns
from shucai.edge.web.layout.typed import Said, full, spread
from shucai.kernel.configuration.declare import Place
from shucai.kernel.document import form_layout, list_layout
from shucai.kernel.document.declare import DocumentType
from shucai.kernel.document.listing import SIZES
from shucai.kernel.identity.actor import Actor
from shucai.kernel.masterdata import values

TEMPLATE: Final = "web/layout/list.html"
PREVIEW: Final = "web/layout/_list_preview.html"
SAMPLES: Final = 4


def read(kind: DocumentType, place: Place, content: Mapping[str, Any], sent: QueryDict) -> Any:
    """The content with the variant that was edited, and nothing else changed."""
    said, extras = Said(sent), form_layout.extras_at(place)
    names = list(list_layout.names_of(kind, extras))
    rows = [
        full(
            {
                "name": name,
                "label": said.text(f"c.{name}.label"),
                "width": said.whole(f"c.{name}.width"),
                "align": said.text(f"c.{name}.align"),
            }
        )
        for name in said.ticked("c", names)
    ]
    variant = {
        "columns": rows,
        "filters": said.ticked("f", list(list_layout.filter_names(kind))),
        "segments": said.ticked("s", list(list_layout.segments_of(kind))),
        "sort": said.text("sort") or "-id",
        "size": said.whole("size"),
    }
    return {**content, "variants": {**content["variants"], said.text("role"): variant}}


def order(kind: DocumentType, place: Place, sent: QueryDict) -> dict[str, list[str]]:
    """The rows of the editor as they stood, also those that are not shown."""
    said, extras = Said(sent), form_layout.extras_at(place)
    return {
        "c": said.ordered("c", list(list_layout.names_of(kind, extras))),
        "f": said.ordered("f", list(list_layout.filter_names(kind))),
        "s": said.ordered("s", list(list_layout.segments_of(kind))),
    }


def context(
    kind: DocumentType, place: Place, said: Mapping[str, Any], kept: Mapping[str, list[str]]
) -> dict[str, Any]:
    """The controls of a variant: what is shown first, in its order."""
    extras = form_layout.extras_at(place)
    names = list_layout.names_of(kind, extras)
    rows = {row["name"]: row for row in said.get("columns", ()) if row.get("name") in names}
    groups = (
        ("f", "筛选", list_layout.filter_names(kind), said.get("filters", ())),
        ("s", "分段", list_layout.segments_of(kind), said.get("segments", ())),
    )
    return {
        "columns": [
            (name, names[name], spread(rows.get(name, {})), name in rows)
            for name in _in_order(list(rows), names, kept.get("c"))
        ],
        "groups": [
            (
                group,
                label,
                [(n, known[n], n in shown) for n in _in_order(shown, known, kept.get(group))],
            )
            for group, label, known, shown in groups
        ],
        "alignments": list(list_layout.ALIGNMENTS.items()),
        "sorts": list(list_layout.sorts().items()),
        "sizes": [(0, "按系统参数"), *((size, f"{size} 行") for size in SIZES)],
        "sort": said.get("sort", "-id"),
        "size": said.get("size", 0),
    }


def _in_order(shown: Any, known: Mapping[str, str], kept: list[str] | None) -> list[str]:
    if kept is not None:
        return kept
    first = [name for name in shown if name in known]
    return [*first, *(name for name in known if name not in first)]


def preview(
    kind: DocumentType, actor: Actor, place: Place, said: Mapping[str, Any]
) -> dict[str, Any]:
    """The head and made-up rows by the engine of the list."""
    good = list_layout.laid(kind, _safe(said), extras=form_layout.extras_at(place))
    chosen = columns.chosen(kind, None, good)
    year = place.fiscal_year or actor.fiscal_year
    rows = [_row(kind, good, year, number) for number in range(1, SAMPLES + 1)]
    labels = columns.offered(kind.code, good)
    return {
        "kind": kind,
        "asked": asked.Asked(type=kind, sort=good.sort, usual=good.sort),
        "columns": chosen,
        "is_wide": any(column.width for column in chosen),
        "body": columns.sample(kind, chosen, rows, year),
        "filters": asked.controls(kind, actor, good.filters, labels),
        "segments": good.segments,
        "counts": {},
        "todo": 3,
    }


def _safe(said: Mapping[str, Any]) -> dict[str, Any]:
    """A variant whose figures are figures, so that what is wrong can still be looked at."""
    rows = [
        {
            **row,
            "width": row.get("width") if isinstance(row.get("width"), int) else 0,
            "align": row.get("align") if row.get("align") in list_layout.ALIGNMENTS else "",
        }
        for row in said.get("columns", ())
    ]
    return {**said, "columns": rows, "size": 0}


def _row(
    kind: DocumentType, layout: list_layout.ListLayout, year: int, number: int
) -> dict[str, Any]:
    """A made-up document."""
    states = list(kind.states.values)
    at = datetime(year, 3, number, 9, 30).astimezone()
    row: dict[str, Any] = {
        "id": number,
        "address": f"YL{year}-{number:06}",
        "number": f"YL{year}-{number:06}",
        "version": 1,
        "unit_code": "105001",
        "unit_name": "市第一中学",
        "state": states[(number - 1) % len(states)],
        "amount": Decimal("12345.67") * number,
        "business_date": date(year, 3, number),
        "summary": "示例摘要",
        "maker_name": "王晓萌",
        "created_at": at,
        "updated_at": at,
        "submitted_at": at,
        "extra": {one.name: _extra(one) for one in layout.extras},
    }
    for name, column in columns.available(kind.code).items():
        if name not in row and name != "unit":
            row[name] = _value(column, year, number)
    return row


def _extra(known: form_layout.Extra) -> str:
    plain = {"money": "1234.50", "number": "12", "date": "2026-03-16"}
    return known.options[0] if known.options else plain.get(known.kind, f"示例{known.label}")


def _value(column: columns.Column, year: int, number: int) -> Any:
    if column.kind == "choice":
        return column.choices[(number - 1) % len(column.choices)][0]
    if column.kind == "element":
        first = next(iter(values.catalogue(column.value_set, year).entries()), None)
        return first.code if first is not None else ""
    if column.kind == "money":
        return Decimal("1234.50")
    if column.kind == "day":
        return date(year, 3, number)
    return None if column.kind == "moment" else f"示例{column.label}"

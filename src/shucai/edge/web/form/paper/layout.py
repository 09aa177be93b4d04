"""版面 layout: a document laid out by a print template, as plain data for the compiler.

Everything that people wrote, in documents or in templates, stays a text value: the sheet shows
texts and never reads them as markup.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import models

from shucai.base import money
from shucai.edge.web import jinja
from shucai.edge.web.form.paper import barcode
from shucai.edge.web.form.sheet import LONG_TEXT
from shucai.kernel.configuration.declare import Content
from shucai.kernel.document.history import Stop
from shucai.kernel.document.reading import Dossier
from shucai.kernel.document.showing import Shown, kind_of
from shucai.kernel.pages import print_paper, print_words

Row = dict[str, Any]


def layout(content: Content) -> Row:
    """What all papers of a template share."""
    width, height = print_paper.size(content)
    return {
        "width": width,
        "height": height,
        "margin": print_paper.margins(content),
        "size": content.get("font_size") or 9,
        "pairs": _pairs(content),
        "sequence": bool(content.get("show_sequence")),
        "unit": bool(content.get("show_unit")),
        "date": bool(content.get("show_date")),
        "number": bool(content.get("show_number")),
        "capitals": content.get("capitals") or "",
        "signers": content.get("signing_columns") or 2,
        "blocks": [row["block"] for row in content.get("blocks", ())],
    }


def form(
    dossier: Dossier, content: Content, stops: Sequence[Stop], *, place: int, publisher: str
) -> Row:
    """One paper. Its digest is made of what a person reads on it."""
    kind, header = dossier.kind, dossier.header
    known = facts(dossier, publisher)
    chosen = columns(dossier, content)
    remarks = list(_remarks(content, known))
    said = {
        "index": place,
        "title": print_words.filled(str(content.get("title", "")), known),
        "unit": f"预算单位：{header.unit.code} {header.unit.name}",
        "date": print_words.spelled(header.business_date),
        "number": header.number or f"草稿 {header.address}",
        "mark": _mark(dossier),
        "rows": list(_rows(dossier, content, known)),
        "columns": [
            {"label": one["label"], "number": one["number"], "weight": one["weight"]}
            for one in chosen
        ],
        "lines": [[_said(line[one["field"]]) for one in chosen] for line in dossier.lines],
        "total": f"{header.amount:,.2f}",
        "capitals": f"人民币{money.capitals(header.amount)}",
        "signatures": _signatures(content, stops),
        "footnote": f"{kind.name}　第 {header.version} 版　{dossier.state_label}",
        "note": "\n".join(remark["text"] for remark in remarks),
    }
    return {
        **said,
        "digest": _digest(said),
        "remarks": remarks,
        "widths": [one["width"] for one in chosen],
        "aligns": [one["align"] for one in chosen],
        "totals": _totals(dossier, chosen) if content.get("show_totals") else [],
        "bars": barcode.bars(header.number or ""),
    }


def columns(dossier: Dossier, content: Content) -> list[Row]:
    """The columns of the template that the type still has."""
    fields = {f.name: f for f in dossier.kind.line_fields()}
    return [
        _column(row, fields[row["field"]])
        for row in content.get("columns", ())
        if row.get("field") in fields
    ]


def _column(row: Mapping[str, Any], known: models.Field[Any, Any]) -> Row:
    is_number = kind_of(known) in ("money", "number")
    return {
        "field": known.name,
        "label": row.get("label") or str(known.verbose_name),
        "number": is_number,
        "weight": 3 if kind_of(known) in ("account", "text") else 2,
        "width": row.get("width") or 0,
        "align": row.get("align") or ("right" if is_number else "left"),
        "money": kind_of(known) == "money",
    }


def facts(dossier: Dossier, publisher: str) -> dict[str, Any]:
    """What the formulas of a template may name: see `print_words.names`."""
    header = dossier.header
    found: dict[str, Any] = {
        "单号": header.number or f"草稿 {header.address}",
        "单位": header.unit.code,
        "单位名称": header.unit.name,
        "业务日期": header.business_date,
        "金额": header.amount,
        "大写金额合计": f"人民币{money.capitals(header.amount)}",
        "明细行数": Decimal(len(dossier.lines)),
        "年度": Decimal(header.fiscal_year),
        "区划": header.division,
        "摘要": header.summary,
        "状态": dossier.state_label,
        "版次": Decimal(header.version),
        "经办人": header.maker_name,
        "打印单位": publisher,
    }
    for shown in dossier.fields.values():
        found[shown.label] = _value(shown)
        if shown.kind in ("element", "unit", "account"):
            found[f"{shown.label}名称"] = shown.text
    return found


def _value(shown: Shown) -> Any:
    if shown.kind in ("money", "number"):
        return Decimal(shown.raw) if shown.raw else None
    if shown.kind == "date":
        return date.fromisoformat(shown.raw) if shown.raw else None
    return shown.code or shown.text


def _said(shown: Shown) -> str:
    return shown.full if shown.kind in ("element", "unit", "account") else shown.text


def _pairs(content: Content) -> int:
    return int(content.get("pairs") or 3)


def _rows(dossier: Dossier, content: Content, known: Mapping[str, Any]) -> Iterator[list[Row]]:
    """The fields in rows of pairs; the last of a row takes what is left."""
    row: list[Row] = []
    pairs = _pairs(content)
    for cell in _cells(dossier, content, known):
        cell["span"] = min(cell["span"], pairs)
        if row and sum(one["span"] for one in row) + cell["span"] > pairs:
            yield _filled(row, pairs)
            row = []
        row.append(cell)
    if row:
        yield _filled(row, pairs)


def _cells(dossier: Dossier, content: Content, known: Mapping[str, Any]) -> Iterator[Row]:
    fields = {f.name: f for f in dossier.kind.fields()}
    for asked in content.get("head", ()):
        shown = dossier.fields.get(asked.get("field", ""))
        typed = asked.get("text", "")
        if shown is None and not typed:
            continue
        text = print_words.filled(typed, known) if typed else _said(shown) if shown else ""
        limit = getattr(fields[shown.name], "max_length", 0) or 0 if shown else 0
        is_text = shown is None or shown.kind == "text"
        is_long = is_text and (limit >= LONG_TEXT or len(text) > 14)
        label = asked.get("label") or (shown.label if shown else "")
        span = asked.get("span") or (2 if is_long else 1)
        yield {"label": label, "text": text, "span": span}


def _filled(row: list[Row], pairs: int) -> list[Row]:
    row[-1]["span"] += pairs - sum(cell["span"] for cell in row)
    return row


def _mark(dossier: Dossier) -> str:
    """A word across the corner of a paper that proves nothing, or not any more."""
    kind, state = dossier.kind, dossier.header.state
    if state == kind.initial or state in kind.void:
        return dossier.state_label
    return ""


def _signatures(content: Content, stops: Sequence[Stop]) -> list[dict[str, str]]:
    """The last hand at each place of the way, or at the places the template names; a place
    where nobody has acted is left empty, to be signed by hand."""
    signing = content.get("signing")
    if signing == "none":
        return []
    latest = _latest(stops)
    if signing != "fixed":
        return [_sign("经办" if label == "录入" else label, one) for label, one in latest.items()]
    return [
        _sign(row["label"], latest.get(row.get("step") or row["label"]))
        for row in content.get("signers", ())
    ]


def _latest(stops: Sequence[Stop]) -> dict[str, Stop]:
    found: dict[str, Stop] = {}
    for stop in stops:
        if stop.phase == "back":
            found = {name: one for name, one in found.items() if name == "录入"}
        elif stop.label not in found or stop.phase in ("done", "now"):
            found[stop.label] = stop
    return found


def _sign(label: str, stop: Stop | None) -> dict[str, str]:
    is_done = stop is not None and stop.phase == "done"
    return {
        "label": label,
        "name": stop.who if stop and is_done else "",
        "position": stop.position if stop else "",
        "at": jinja.instant(stop.at)[:16] if stop and is_done else "",
        "opinion": stop.opinion if stop else "",
    }


def _remarks(content: Content, known: Mapping[str, Any]) -> Iterator[Row]:
    for row in content.get("remarks", ()):
        yield {
            "place": row["place"],
            "text": print_words.filled(row["text"], known),
            "size": row.get("size") or 8,
            "align": row.get("align") or "left",
        }


def _totals(dossier: Dossier, chosen: Sequence[Row]) -> list[str]:
    """A sum under each column of money."""
    return [_sum(dossier, one["field"]) if one["money"] else "" for one in chosen]


def _sum(dossier: Dossier, name: str) -> str:
    amounts = (Decimal(line[name].raw or 0) for line in dossier.lines)
    return f"{sum(amounts, Decimal(0)):,.2f}"


def _digest(said: Row) -> str:
    """Twelve characters by which a paper can be compared with the document it was made from."""
    text = json.dumps(
        {k: v for k, v in said.items() if k != "index"}, ensure_ascii=False, sort_keys=True
    )
    plain = hashlib.sha256(text.encode()).hexdigest()[:12].upper()
    return "-".join(plain[i : i + 4] for i in (0, 4, 8))

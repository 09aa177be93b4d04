"""纸质单据 paper: documents as PDF in their paper form, one or hundreds in a file.

The same documents always give the same bytes. A document takes several pages or one; chunks of
about 200 pages keep the memory small and are joined afterwards.
"""

import hashlib
import io
import json
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

import typst
from pypdf import PdfWriter

from shucai.base import money
from shucai.edge.web import jinja
from shucai.edge.web.form.sheet import LONG_TEXT, PAIRS
from shucai.kernel.document import history
from shucai.kernel.document.history import Stop
from shucai.kernel.document.reading import Dossier
from shucai.kernel.document.showing import Shown, kind_of
from shucai.kernel.files import naming

TEMPLATE: Final = Path(__file__).with_name("document.typ")
PAGES_TOGETHER: Final = 200
LINES_A_PAGE: Final = 22
DOCUMENTS_MAX: Final = 500
WIDE_FROM: Final = 7  # columns of lines from which the paper lies on its side
SANS: Final = ["Noto Sans CJK SC", "Noto Sans SC"]
SERIF: Final = ["Noto Serif CJK SC", "Noto Serif SC", *SANS]
_LOCK: Final = threading.Lock()


@dataclass(frozen=True, slots=True)
class Printed:
    """A finished file and the name to keep it under."""

    name: str
    content: bytes


def render(dossiers: Sequence[Dossier], *, publisher: str) -> Printed:
    """All documents in one PDF, in the order given. They are of one type."""
    kind = dossiers[0].kind
    title = kind.page.print_title or kind.name
    forms = [_form(dossier, place) for place, dossier in enumerate(dossiers, start=1)]
    parts = [
        _compile(
            {
                "title": title,
                "publisher": publisher,
                "landscape": _is_wide(dossiers[0]),
                "fonts": {"sans": SANS, "serif": SERIF},
                "forms": chunk,
            }
        )
        for chunk in _chunks(forms)
    ]
    first = dossiers[0]
    said = first.address.lstrip("~") if len(dossiers) == 1 else f"{len(dossiers)}笔"
    name = naming.clean(f"{title}-{said}.pdf")
    return Printed(name, parts[0] if len(parts) == 1 else _joined(parts))


def _chunks(forms: list[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    chunk: list[dict[str, Any]] = []
    pages = 0
    for form in forms:
        needed = 1 + len(form["lines"]) // LINES_A_PAGE
        if chunk and pages + needed > PAGES_TOGETHER:
            yield chunk
            chunk, pages = [], 0
        chunk.append(form)
        pages += needed
    yield chunk


def _joined(parts: Sequence[bytes]) -> bytes:
    writer = PdfWriter()
    for part in parts:
        writer.append(io.BytesIO(part), import_outline=False)
    joined = io.BytesIO()
    writer.write(joined)
    return joined.getvalue()


def _compile(data: dict[str, Any]) -> bytes:
    """One at a time: a compiler holds its fonts and its input."""
    text = json.dumps(data, ensure_ascii=False)
    with _LOCK:
        made = _compiler().compile(sys_inputs={"data": text}, format="pdf", pdf_tags=False)
    if not isinstance(made, bytes):
        raise TypeError(f"one PDF was wanted, not {type(made).__name__}")
    return made


@lru_cache(maxsize=1)
def _compiler() -> typst.Compiler:
    return typst.Compiler(str(TEMPLATE), font_paths=[str(path) for path in _font_folders()])


def _font_folders() -> list[Path]:
    """The fonts of the wheel, for machines without Noto CJK."""
    found = find_spec("justmytype_intl_cjk")
    if found is None or found.origin is None:
        return []
    return [Path(found.origin).parent / "fonts"]


def _is_wide(dossier: Dossier) -> bool:
    return len(_columns(dossier)) >= WIDE_FROM


def _columns(dossier: Dossier) -> list[str]:
    kind = dossier.kind
    return kind.page.line_columns.split() or [f.name for f in kind.line_fields()]


def _form(dossier: Dossier, place: int) -> dict[str, Any]:
    kind, header = dossier.kind, dossier.header
    names = _columns(dossier)
    fields = {f.name: f for f in kind.line_fields()}
    form = {
        "index": place,
        "title": kind.page.print_title or kind.name,
        "unit": f"预算单位：{header.unit.code} {header.unit.name}",
        "date": f"{header.business_date:%Y}年{header.business_date.month}月"
        f"{header.business_date.day}日",
        "number": header.number or f"草稿 {header.address}",
        "mark": _mark(dossier),
        "rows": list(_rows(dossier)),
        "columns": [
            {
                "label": str(fields[name].verbose_name),
                "number": kind_of(fields[name]) in ("money", "number"),
                "weight": 3 if kind_of(fields[name]) in ("account", "text") else 2,
            }
            for name in names
        ],
        "lines": [[_said(line[name]) for name in names] for line in dossier.lines],
        "total": f"{header.amount:,.2f}",
        "capitals": f"人民币{money.capitals(header.amount)}",
        "signatures": _signatures(dossier),
        "footnote": f"{kind.name}　第 {header.version} 版　{dossier.state_label}",
        "note": "",
    }
    return {**form, "digest": _digest(form)}


def _said(shown: Shown) -> str:
    return shown.full if shown.kind in ("element", "unit", "account") else shown.text


def _rows(dossier: Dossier) -> Iterator[list[dict[str, Any]]]:
    """The declared fields in rows of PAIRS pairs; the last of a row takes what is left."""
    row: list[dict[str, Any]] = []
    fields = {f.name: f for f in dossier.kind.fields()}
    names = [n for said in dossier.kind.page.sections.values() for n in said.split()]
    for name in [n for n in names if n in fields]:
        shown = dossier.fields[name]
        limit = getattr(fields[name], "max_length", 0) or 0
        span = 2 if shown.kind == "text" and (limit >= LONG_TEXT or len(shown.text) > 14) else 1
        if row and sum(cell["span"] for cell in row) + span > PAIRS:
            yield _filled(row)
            row = []
        row.append({"label": shown.label, "text": _said(shown), "span": span})
    if row:
        yield _filled(row)


def _filled(row: list[dict[str, Any]]) -> list[dict[str, Any]]:
    row[-1]["span"] += PAIRS - sum(cell["span"] for cell in row)
    return row


def _mark(dossier: Dossier) -> str:
    """A word across the corner of a paper that proves nothing, or not any more."""
    kind, state = dossier.kind, dossier.header.state
    if state == kind.initial or state in kind.void:
        return dossier.state_label
    return ""


def _signatures(dossier: Dossier) -> list[dict[str, str]]:
    """Who made it and the last hand at each place of the way; empty where nobody has acted."""
    latest: dict[str, Stop] = {}
    for stop in history.timeline(dossier):
        if stop.phase == "back":
            latest = {name: one for name, one in latest.items() if name == "录入"}
        elif stop.label not in latest or stop.phase in ("done", "now"):
            latest[stop.label] = stop
    return [
        {
            "label": "经办" if label == "录入" else label,
            "name": stop.who if stop.phase == "done" else "",
            "position": stop.position,
            "at": jinja.instant(stop.at)[:16] if stop.phase == "done" else "",
            "opinion": stop.opinion,
        }
        for label, stop in latest.items()
    ]


def _digest(form: dict[str, Any]) -> str:
    """Twelve characters by which a paper can be compared with the document it was made from."""
    said = {name: value for name, value in form.items() if name != "index"}
    text = json.dumps(said, ensure_ascii=False, sort_keys=True)
    plain = hashlib.sha256(text.encode()).hexdigest()[:12].upper()
    return "-".join(plain[i : i + 4] for i in (0, 4, 8))

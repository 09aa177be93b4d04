"""纸质单据 paper: documents as PDF in their paper form, one or hundreds in a file.

The same documents always give the same bytes. A document takes several pages or one; chunks of
about 200 pages keep the memory small and are joined afterwards. Each document is laid out by the
print template in force for its division, year and unit.
"""

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

from shucai.edge.web.form.paper import layout, sample
from shucai.kernel.configuration.declare import Content
from shucai.kernel.document import history
from shucai.kernel.document.declare import DocumentType
from shucai.kernel.document.reading import Dossier
from shucai.kernel.files import naming
from shucai.kernel.pages import print_template

TEMPLATE: Final = Path(__file__).with_name("document.typ")
PAGES_TOGETHER: Final = 200
LINES_A_PAGE: Final = 22
DOCUMENTS_MAX: Final = 500
PREVIEW_PAGES: Final = 3
PREVIEW_PPI: Final = 110
SANS: Final = ["Noto Sans CJK SC", "Noto Sans SC"]
SERIF: Final = ["Noto Serif CJK SC", "Noto Serif SC", *SANS]
_LOCK: Final = threading.Lock()
Form = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Printed:
    """A finished file and the name to keep it under."""

    name: str
    content: bytes


def render(dossiers: Sequence[Dossier], *, publisher: str, variant: str = "") -> Printed:
    """All documents in one PDF, in the order given. They are of one type."""
    layouts: dict[Any, tuple[int, Form]] = {}
    forms = []
    for place, dossier in enumerate(dossiers, start=1):
        header = dossier.header
        now = print_template.template(
            dossier.kind,
            variant,
            division=header.division,
            fiscal_year=header.fiscal_year,
            unit_path=header.unit_path,
        )
        if now.token not in layouts:
            layouts[now.token] = (len(layouts), layout.layout(now.content))
        stops = history.timeline(dossier)
        made = layout.form(dossier, now.content, stops, place=place, publisher=publisher)
        forms.append({**made, "layout": layouts[now.token][0]})
    shapes = [shape for _, shape in layouts.values()]
    parts = [_pdf(_data(chunk, shapes, publisher)) for chunk in _chunks(forms)]
    first = dossiers[0]
    said = first.address.lstrip("~") if len(dossiers) == 1 else f"{len(dossiers)}笔"
    name = naming.clean(f"{forms[0]['title']}-{said}.pdf")
    return Printed(name, parts[0] if len(parts) == 1 else _joined(parts))


def preview(
    kind: DocumentType, content: Content, size: sample.Size, *, year: int, division: str
) -> tuple[list[bytes], int]:
    """A sample document as pictures of its first pages, and how many pages it has."""
    found = sample.dossier(kind, size, year=year, division=division)
    stops = sample.stops(found)
    made = layout.form(found, content, stops, place=1, publisher="样张")
    data = _data([{**made, "layout": 0}], [layout.layout(content)], "样张")
    pages = _compile(data, format="png", ppi=PREVIEW_PPI)
    whole = pages if isinstance(pages, list) else [pages]
    return whole[:PREVIEW_PAGES], len(whole)


def _data(forms: list[Form], layouts: list[Form], publisher: str) -> dict[str, Any]:
    return {
        "title": forms[0]["title"],
        "publisher": publisher,
        "fonts": {"sans": SANS, "serif": SERIF},
        "layouts": layouts,
        "forms": forms,
    }


def _chunks(forms: list[Form]) -> Iterator[list[Form]]:
    chunk: list[Form] = []
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


def _pdf(data: dict[str, Any]) -> bytes:
    made = _compile(data, format="pdf", pdf_tags=False)
    if not isinstance(made, bytes):
        raise TypeError(f"one PDF was wanted, not {type(made).__name__}")
    return made


def _compile(data: dict[str, Any], **how: Any) -> bytes | list[bytes]:
    """One at a time: a compiler holds its fonts and its input."""
    text = json.dumps(data, ensure_ascii=False)
    with _LOCK:
        made = _compiler().compile(sys_inputs={"data": text}, **how)
    if made is None:
        raise TypeError("bytes were wanted, not a file")
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

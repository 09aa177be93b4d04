"""模板检查 checks of print templates: widths against the paper, formulas, signatures."""

from collections.abc import Iterator, Sequence
from typing import Any

from shucai.base.errors import Finding
from shucai.kernel.configuration.declare import Content
from shucai.kernel.document.declare import DocumentType
from shucai.kernel.document.showing import kind_of
from shucai.kernel.pages import print_errors, print_paper, print_words


def check(kind: DocumentType, content: Content) -> Sequence[Finding]:
    """Every fault of a content that has passed its schema."""
    found: list[Finding] = []
    for one in (_page, _head, _signers, _texts):
        found += one(kind, content)
    return found


def _page(kind: DocumentType, content: Content) -> Iterator[Finding]:
    width, height = print_paper.size(content)
    margin = print_paper.margins(content)
    paper = print_paper.PAPERS[content["paper"]].name
    usable = width - margin["left"] - margin["right"]
    needed = _needed(kind, content)
    if needed > usable:
        yield print_errors.PAPER_NARROW.at(
            "columns", needed=needed, paper=paper, usable=usable, gap=needed - usable
        )
    left = height - margin["top"] - margin["bottom"]
    if left < print_paper.HEIGHT_LEAST:
        yield print_errors.PAPER_LOW.at(
            "margin_top", paper=paper, usable=left, least=print_paper.HEIGHT_LEAST
        )
    if not content.get("head") and not content.get("columns"):
        count = len(content.get("blocks", ()))
        yield print_errors.NOTHING_PRINTED.at("blocks", count=count)


def _needed(kind: DocumentType, content: Content) -> int:
    """Millimetres that the columns take at least."""
    numbers = {f.name for f in kind.line_fields() if kind_of(f) in ("money", "number")}
    columns = content.get("columns", ())
    least = sum(
        column.get("width")
        or (print_paper.NUMBER_WIDTH if column["field"] in numbers else print_paper.TEXT_WIDTH)
        for column in columns
    )
    numbered = content.get("show_sequence") and columns
    return int(least) + (print_paper.SEQUENCE_WIDTH if numbered else 0)


def _head(kind: DocumentType, content: Content) -> Iterator[Finding]:
    pairs = content.get("pairs", 3)
    for number, row in enumerate(content.get("head", ()), start=1):
        if not row.get("field") and not row.get("text"):
            yield print_errors.HEAD_EMPTY.at(f"head[{number}].field", row=number)
        if (row.get("span") or 1) > pairs:
            yield print_errors.SPAN_WIDE.at(
                f"head[{number}].span", row=number, span=row["span"], pairs=pairs
            )


def _signers(kind: DocumentType, content: Content) -> Iterator[Finding]:
    if content.get("signing") == "fixed" and not content.get("signers"):
        yield print_errors.SIGNERS_MISSING.at("signers")


def _texts(kind: DocumentType, content: Content) -> Iterator[Finding]:
    known = print_words.names(kind)
    texts: list[tuple[str, str, Any]] = [("title", "标题", content.get("title", ""))]
    for name, label in (("head", "抬头第 {} 项"), ("remarks", "附注第 {} 条")):
        for number, row in enumerate(content.get(name, ()), start=1):
            texts.append((f"{name}[{number}].text", label.format(number), row.get("text", "")))
    for place, label, text in texts:
        yield from print_words.check(str(text), known, place=place, label=label)

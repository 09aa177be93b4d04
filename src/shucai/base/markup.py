"""文稿格式 markup: a small plain way of writing texts, read into blocks that channels show.

    ## 标题            a heading (## or ###)
    - 一项             an item of a list; "1. 一项" of a numbered one
    | 甲 | 乙 |        a row of a table; the first row is the heading
    **重点**           strong words
    [名称](地址)       a link to https://… or to an address of the platform

Lines that follow one another are one paragraph; an empty line ends it. There is no HTML: what is
not in this list is text and is shown as it was written.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Literal

Kind = Literal["paragraph", "heading", "subheading", "list", "numbered", "table"]

HELP: Final = (
    "空行分段；## 标题，### 小标题；- 列表，1. 编号；| 甲 | 乙 | 表格；**重点**；[名称](地址) 链接"
)
COLUMNS_MAX: Final = 12
_SPAN: Final = re.compile(
    r"\*\*(?P<strong>[^*\n]+)\*\*|\[(?P<name>[^\]\n]+)\]\((?P<link>[^)\s]+)\)"
)
_NUMBERED: Final = re.compile(r"^\d{1,3}[.、]\s*(?P<text>.+)$")
_RULER: Final = re.compile(r"^\|[\s|:-]+\|?$")


@dataclass(frozen=True, slots=True)
class Span:
    """A piece of a line: plain, strong, or a link."""

    text: str
    is_strong: bool = False
    link: str = ""


Line = tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Block:
    """`lines` are the paragraph's or heading's one line, or the items; a table has `rows`."""

    kind: Kind
    lines: tuple[Line, ...] = ()
    rows: tuple[tuple[Line, ...], ...] = ()


def parse(text: str) -> list[Block]:
    """The blocks of a text, in order."""
    found: list[Block] = []
    for kind, lines in _groups(text):
        if kind == "table":
            rows = [_cells(line) for line in lines if not _RULER.match(line)]
            width = max((len(row) for row in rows), default=0)
            filled = [(*row, *(() for _ in range(width - len(row)))) for row in rows]
            if filled:
                found.append(Block("table", rows=tuple(filled)))
        elif kind == "paragraph":
            found.append(Block(kind, (spans(_joined(lines)),)))
        else:
            found.append(Block(kind, tuple(spans(line) for line in lines)))
    return found


def plain(text: str) -> str:
    """The words alone, for a summary, an e-mail or a search."""
    said = []
    for block in parse(text):
        said += ["".join(span.text for span in line) for line in block.lines]
        said += [
            "  ".join("".join(span.text for span in cell) for cell in row) for row in block.rows
        ]
    return "\n".join(said)


def spans(line: str) -> Line:
    """The pieces of one line; an address that is not allowed leaves the words as written."""
    found: list[Span] = []
    at = 0
    for match in _SPAN.finditer(line):
        if match["link"] is not None and not is_address(match["link"]):
            continue
        if match.start() > at:
            found.append(Span(line[at : match.start()]))
        if match["strong"] is not None:
            found.append(Span(match["strong"], is_strong=True))
        else:
            found.append(Span(match["name"], link=match["link"]))
        at = match.end()
    if at < len(line):
        found.append(Span(line[at:]))
    return tuple(found)


def is_address(link: str) -> bool:
    """A page of the platform or of the secure web; nothing that runs or that hides its host."""
    if any(ord(letter) < 33 or letter in "\\\"'<>" for letter in link):
        return False
    return link.startswith("https://") or (link.startswith("/") and not link.startswith("//"))


def _groups(text: str) -> Iterator[tuple[Kind, list[str]]]:
    """Neighbouring lines of one kind; headings stand alone."""
    kind: Kind = "paragraph"
    held: list[str] = []
    for raw in [*text.replace("\r\n", "\n").split("\n"), ""]:
        said, line = _read(raw.strip())
        if held and (not line or said != kind or said in ("heading", "subheading")):
            yield kind, held
            held = []
        if line:
            kind = said
            held.append(line)


def _read(line: str) -> tuple[Kind, str]:
    for mark, kind in (("### ", "subheading"), ("## ", "heading"), ("# ", "heading")):
        if line.startswith(mark):
            return kind, line.removeprefix(mark).strip()  # type: ignore[return-value]
    if line.startswith(("- ", "* ", "• ")):
        return "list", line[2:].strip()
    numbered = _NUMBERED.match(line)
    if numbered:
        return "numbered", numbered["text"]
    if line.startswith("|") and line.count("|") > 1:
        return "table", line
    return "paragraph", line


def _cells(line: str) -> tuple[Line, ...]:
    cells = line.strip().strip("|").split("|")[:COLUMNS_MAX]
    return tuple(spans(cell.strip()) for cell in cells)


def _joined(lines: Sequence[str]) -> str:
    """Chinese lines join without a space, words of letters with one."""
    whole = lines[0]
    for line in lines[1:]:
        gap = " " if whole[-1].isascii() and line[0].isascii() else ""
        whole += gap + line
    return whole

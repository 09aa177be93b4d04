"""行 rows of a register's list and of tables on its pages; what people wrote is escaped."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from html import escape
from typing import Any, Final
from urllib.parse import quote

from django.utils import timezone
from markupsafe import Markup

from shucai.kernel.pages.register import Register, Table
from shucai.kernel.pages.register_facts import Fact, address_of, facts, key_of, spelled

TAGS_MAX: Final = 4
LONG: Final = 14


def chosen(register: Register, names: Sequence[str] | None) -> list[Fact]:
    """The columns somebody chose, else the declared ones. Unknown names are dropped."""
    known = facts(register)
    found = [known[name] for name in names or () if name in known]
    return found or [one for one in known.values() if one.column.is_shown] or list(known.values())


def body(
    register: Register,
    shown: Sequence[Fact],
    rows: Sequence[Any],
    *,
    picks: bool,
    level: int = 0,
    query: str = "",
) -> Markup:
    """The rows as table rows; `level` is the depth in a tree, 0 for a flat list."""
    parts = []
    for number, record in enumerate(rows, start=1):
        key = key_of(register, record)
        title = escape(register.title(record))
        parts.append(f'<tr data-level="{level}">' if level else "<tr>")
        if picks:
            parts.append(
                f'<td class="sc-tick"><input class="sc-check" type="checkbox" name="pick"'
                f' value="{escape(key)}" aria-label="选择 {title}"></td>'
            )
        if not level:
            parts.append(f'<td class="sc-mid sc-muted">{number}</td>')
        for at, fact in enumerate(shown):
            lead = _twig(register, record, title, level, query) if at == 0 and level else ""
            parts.append(_cell(register, fact, record, is_first=at == 0, lead=lead))
        parts.append("</tr>\n")
    return Markup("".join(parts))  # noqa: S704 (escaped cell by cell)


def _twig(register: Register, record: Any, title: str, level: int, query: str) -> str:
    """What opens a branch: a link that works by itself, made quicker by script."""
    depth = f'class="rc-twig" data-depth="{min(level, 12)}"'
    if not getattr(record, "has_children", False):
        return f"<span {depth}></span>"
    mark = "&amp;" if query else "?"
    parent = f"{escape(query)}{mark}parent={quote(key_of(register, record), safe='')}"
    return (
        f'<a {depth} href="/r/{register.code}/{parent}" data-branch data-level="{level + 1}"'
        f' aria-expanded="false" aria-label="展开 {title}"></a>'
    )


def _cell(register: Register, fact: Fact, record: Any, *, is_first: bool, lead: str = "") -> str:
    value = fact.value(record)
    inner, kind = spelt(value, fact.look, fact.choices)
    tone = fact.tone(record)
    if tone and inner:
        inner = f'<span class="sc-state sc-state-{tone}">{inner}</span>'
    address = fact.link(record) or (address_of(register, record) if is_first else "")
    if address and value not in (None, ""):
        inner = f'<a href="{escape(address)}">{inner}</a>'
    elif is_first and not inner:
        inner = f'<a href="{escape(address)}">{escape(register.title(record))}</a>'
    text = fact.text(record)
    said = f' title="{escape(text)}"' if len(text) > LONG else ""
    styled = f' class="{kind}"' if kind else ""
    return f"<td{styled}{said}>{lead}{inner}</td>"


def spelt(
    value: Any, look: str = "text", choices: Mapping[str, str] | None = None
) -> tuple[str, str]:
    """Escaped text of a value, and the class of its cell."""
    if value is None or value == "":
        return "", "sc-num" if look in ("money", "number") else ""
    if look == "list" and isinstance(value, list | tuple | set | frozenset):
        return _tags([spelled(one, "text", choices) for one in value]), ""
    if isinstance(value, datetime):
        return f"{timezone.localtime(value):%Y-%m-%d %H:%M}", "sc-time"
    text = escape(spelled(value, look, choices))  # type: ignore[arg-type]  # any word is a look
    if look in ("money", "number"):
        is_negative = look == "money" and text.startswith("-")
        return (f'<span class="sc-neg">{text}</span>' if is_negative else text), "sc-num"
    if look == "date":
        return text, "sc-time"
    if isinstance(value, bool) and not value:
        return f'<span class="sc-muted">{text}</span>', ""
    if look == "code":
        return f'<span class="sc-mono">{text}</span>', ""
    return text, ""


def _tags(texts: Sequence[str]) -> str:
    shown = "".join(
        f'<span class="sc-tag sc-tag-quiet">{escape(one)}</span> ' for one in texts[:TAGS_MAX]
    )
    more = len(texts) - TAGS_MAX
    return shown + (f'<span class="sc-muted">等 {len(texts)} 项</span>' if more > 0 else "")


def plain_rows(table: Table) -> Markup:
    """The rows of a panel, a preview or a result."""
    parts = []
    for at, row in enumerate(table.rows):
        link = table.links[at] if at < len(table.links) else ""
        parts.append("<tr>")
        for place, value in enumerate(row):
            look = table.looks[place] if place < len(table.looks) else "text"
            inner, kind = spelt(value, look)
            if place == 0 and link:
                inner = f'<a href="{escape(link)}">{inner or "查看"}</a>'
            styled = f' class="{kind} sc-wrap"' if kind else ' class="sc-wrap"'
            parts.append(f"<td{styled}>{inner}</td>")
        parts.append("</tr>\n")
    return Markup("".join(parts))  # noqa: S704 (escaped cell by cell)

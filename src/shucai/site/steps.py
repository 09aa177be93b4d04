"""步骤 the steps of a start: shown while they run, skipped while their inputs are unchanged."""

import hashlib
import json
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, TextIO

from shucai.site.private import write_private

_WIDTH: Final = 22
_LINE_MAX: Final = 76


class Progress:
    """One line a step. On a terminal the line lives while the step runs."""

    def __init__(self, out: TextIO | None = None) -> None:
        self.out = out or sys.stdout
        self.live = self.out.isatty()

    @contextmanager
    def step(self, name: str) -> Iterator[Callable[[str], None]]:
        """`say` shows what is going on just now."""
        begun = time.monotonic()
        self._show(f"  … {name}")

        def say(detail: str) -> None:
            if detail.strip():
                self._show(f"  … {padded(name)} {detail.strip()}")

        try:
            yield say
        except BaseException:
            self._write(f"  ✗ {name}")
            raise
        self._write(f"  ✓ {padded(name)} {time.monotonic() - begun:5.1f} 秒")

    def unchanged(self, name: str) -> None:
        self._write(f"  ✓ {padded(name)}    没有变化")

    def say(self, text: str = "") -> None:
        self._write(text)

    def _show(self, text: str) -> None:
        if self.live:
            self.out.write("\r\033[K" + cut(text, _LINE_MAX))
            self.out.flush()

    def _write(self, text: str) -> None:
        self.out.write(("\r\033[K" if self.live else "") + text + "\n")
        self.out.flush()


class Stamps:
    """Remembers, for each step, the hash of what it was last done with."""

    def __init__(self, place: Path) -> None:
        self.place = place
        try:
            self._known: dict[str, str] = json.loads(place.read_text("utf-8"))
        except (OSError, ValueError):
            self._known = {}

    def holds(self, step: str, mark: str) -> bool:
        return self._known.get(step) == mark

    def has(self, step: str) -> bool:
        return step in self._known

    def remember(self, step: str, mark: str) -> None:
        self._known[step] = mark
        write_private(self.place, json.dumps(self._known, indent=1))


def mark_of(paths: Iterable[Path], *words: str) -> str:
    """The hash of files, by name and content, and of some words."""
    said = hashlib.sha256("\0".join(words).encode())
    for path in sorted(paths):
        said.update(str(path).encode() + b"\0" + hashlib.sha256(path.read_bytes()).digest())
    return said.hexdigest()


def shown_width(text: str) -> int:
    """Columns on a terminal: a Chinese character takes two."""
    return sum(2 if ord(letter) >= 0x1100 and letter not in "…✓✗" else 1 for letter in text)


def padded(text: str, width: int = _WIDTH) -> str:
    return text + " " * max(0, width - shown_width(text))


def cut(text: str, width: int) -> str:
    """At most `width` columns."""
    if shown_width(text) <= width:
        return text
    kept = ""
    for letter in text:
        if shown_width(kept + letter) > width - 1:
            break
        kept += letter
    return kept + "…"


def table(rows: list[list[str]], *, indent: str = "  ") -> str:
    """Aligned columns; the first row is the heading."""
    widths = [max(shown_width(row[i]) for row in rows) for i in range(len(rows[0]))]
    rule = ["─" * width for width in widths]
    lines = [
        "  ".join(padded(cell, width) for cell, width in zip(row, widths, strict=True))
        for row in [rows[0], rule, *rows[1:]]
    ]
    return "\n".join((indent + line).rstrip() for line in lines)

"""双字切分 bigrams: two-character pieces of Chinese text, so that a GIN index can find words."""

from collections.abc import Iterable
from typing import Final

PIECES_MAX: Final = 120


def bigrams(text: str) -> list[str]:
    """Every two neighbouring characters, lower case, blanks and duplicates left out."""
    plain = "".join(text.lower().split())
    return list(dict.fromkeys(plain[i : i + 2] for i in range(len(plain) - 1)))


def bigrams_of(texts: Iterable[str]) -> list[str]:
    """The pieces of several texts, at most PIECES_MAX."""
    found: dict[str, None] = {}
    for text in texts:
        for piece in bigrams(text):
            found[piece] = None
    return list(found)[:PIECES_MAX]

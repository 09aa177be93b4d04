"""条码 barcode: a number as Code 128, bars and gaps in modules, for any hand scanner."""

from collections.abc import Iterator
from typing import Final

_WIDTHS: Final = (
    "212222 222122 222221 121223 121322 131222 122213 122312 132212 221213 221312 231212 112232"
    " 122132 122231 113222 123122 123221 223211 221132 221231 213212 223112 312131 311222 321122"
    " 321221 312212 322112 322211 212123 212321 232121 111323 131123 131321 112313 132113 132311"
    " 211313 231113 231311 112133 112331 132131 113123 113321 133121 313121 211331 231131 213113"
    " 213311 213131 311123 311321 331121 312113 312311 332111 314111 221411 431111 111224 111422"
    " 121124 121421 141122 141221 112214 112412 122114 122411 142112 142211 241211 221114 413111"
    " 241112 134111 111242 121142 121241 114212 124112 124211 411212 421112 421211 212141 214121"
    " 412121 111143 111341 131141 114113 114311 411113 411311 113141 114131 311141 411131 211412"
    " 211214 211232 2331112"
)
_PATTERNS: Final = tuple(_WIDTHS.split())
_TO_PAIRS, _TO_LETTERS, _START_LETTERS, _STOP = 99, 100, 104, 106
_PAIRS_FROM: Final = 4  # digits in a row from which two in one symbol are shorter


def bars(text: str) -> list[int]:
    """Bar, gap, bar …; empty where a letter has no place in the code."""
    if not text or not all(32 <= ord(letter) < 127 for letter in text):
        return []
    symbols = [_START_LETTERS, *_symbols(text)]
    check = symbols[0] + sum(place * one for place, one in enumerate(symbols[1:], start=1))
    whole = [*symbols, check % 103, _STOP]
    return [int(width) for one in whole for width in _PATTERNS[one]]


def _symbols(text: str) -> Iterator[int]:
    at, in_pairs = 0, False
    while at < len(text):
        digits = len(text) - at - len(text[at:].lstrip("0123456789"))
        pairs = digits // 2 if digits >= _PAIRS_FROM or in_pairs else 0
        if pairs:
            if not in_pairs:
                yield _TO_PAIRS
            for _ in range(pairs):
                yield int(text[at : at + 2])
                at += 2
            in_pairs = True
        else:
            if in_pairs:
                yield _TO_LETTERS
            in_pairs = False
            yield ord(text[at]) - 32
            at += 1

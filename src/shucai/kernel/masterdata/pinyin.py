"""拼音 pinyin: initials and full spelling of Chinese names, written beside them for search."""

from pypinyin import Style, lazy_pinyin

LENGTH_MAX = 600


def spelled(name: str, *, limit: int = LENGTH_MAX) -> str:
    """`"人大事务"` becomes `"rdsw rendashiwu"`: initials, a blank, the full spelling."""
    if not name:
        return ""
    full = "".join(lazy_pinyin(name, style=Style.NORMAL, errors=_kept)).lower()
    initials = "".join(lazy_pinyin(name, style=Style.FIRST_LETTER, errors=_kept)).lower()
    return f"{initials} {full}"[:limit]


def _kept(text: str) -> str:
    """Letters and digits stay; punctuation is left out."""
    return "".join(ch for ch in text if ch.isascii() and ch.isalnum())

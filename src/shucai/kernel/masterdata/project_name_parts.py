"""名称的组成 parts of a name: fixed texts, elements and blanks in a row, matched and composed.

Matching keeps the set of places reached so far, so its time grows with parts × letters² at most.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from shucai.base.errors import Finding
from shucai.kernel.configuration.declare import Content
from shucai.kernel.masterdata import project_name_errors as errors

KINDS: Final[Mapping[str, str]] = {
    "fixed": "固定文字",
    "year": "年度",
    "unit": "单位简称",
    "unit_name": "单位名称",
    "category": "项目类别名称",
    "typed": "填写内容",
    "choice": "选列",
}
TOKENS: Final[Mapping[str, str]] = {
    "{年度}": "year",
    "{单位简称}": "unit",
    "{单位名称}": "unit_name",
    "{项目类别}": "category",
}
_TYPED_MAX: Final = 120
Row = Mapping[str, Any]


def replaced(text: str, filling: Mapping[str, str]) -> str:
    for token, name in TOKENS.items():
        text = text.replace(token, filling[name])
    return text


def is_known(text: str, filling: Mapping[str, str]) -> bool:
    """Whether there is something for every token of the text."""
    return all(filling[name] for token, name in TOKENS.items() if token in text)


def spelled(rows: Sequence[Row]) -> str:
    """The rule in words: 年度 + “市本级” + 业务内容（2 至 30 字）."""
    return " + ".join(_spelled(row) for row in rows) or "不限"


def _spelled(row: Row) -> str:
    kind, text = row["kind"], str(row.get("text") or "")
    said = KINDS.get(kind, kind)
    if kind == "fixed":
        said = f"“{text}”"
    elif kind == "typed":
        low, high = _bounds(row)
        said = f"{text}（{low} 至 {high} 字）"
    elif kind == "choice":
        said = f"{text}之一"
    return f"[{said}]" if row.get("optional") else said


def _bounds(row: Row) -> tuple[int, int]:
    return int(row.get("low") or 1), int(row.get("high") or _TYPED_MAX)


def _words(row: Row, filling: Mapping[str, str]) -> list[str]:
    """The texts that a part may stand for; a blank has none."""
    kind, text = row["kind"], str(row.get("text") or "")
    if kind == "fixed":
        return [text]
    if kind == "choice":
        return [word.strip() for word in text.split("、") if word.strip()]
    if kind == "unit":
        return list(dict.fromkeys((filling["unit"], filling["unit_name"])))
    return [filling[kind]]


def matched(name: str, rows: Sequence[Row], filling: Mapping[str, str]) -> tuple[int, str]:
    """How many letters fit, and what had to follow them; nothing when the whole name fits."""
    places = {0}
    for row in rows:
        reached = set(_reached(name, row, places, filling))
        if row.get("optional"):
            reached |= places
        if not reached:
            return max(places), _wanted(row, filling)
        places = reached
    return (len(name), "") if len(name) in places else (max(places), "结尾")


def _reached(name: str, row: Row, places: set[int], filling: Mapping[str, str]) -> Iterator[int]:
    if row["kind"] == "typed":
        low, high = _bounds(row)
        for place in places:
            yield from range(place + low, min(place + high, len(name)) + 1)
        return
    for word in _words(row, filling):
        for place in places:
            if word and name.startswith(word, place):
                yield place + len(word)


def _wanted(row: Row, filling: Mapping[str, str]) -> str:
    if row["kind"] == "typed":
        return _spelled({**row, "optional": False})
    return " 或 ".join(f"“{word}”" for word in _words(row, filling)[:6])


def composed(
    rows: Sequence[Row], typed: Sequence[str], filling: Mapping[str, str]
) -> tuple[str, list[Finding]]:
    """The name made of the parts; blanks and choices take what was typed, one after another."""
    waiting, name = list(typed), ""
    for number, row in enumerate(rows, start=1):
        if row["kind"] not in ("typed", "choice"):
            name += _words(row, filling)[0]
            continue
        said = waiting.pop(0).strip() if waiting else ""
        reason = _unfit(row, said, filling)
        if reason:
            label = KINDS["choice"] if row["kind"] == "choice" else str(row.get("text"))
            return "", [errors.BLANK_EMPTY.at("typed", row=number, label=label, reason=reason)]
        name += said
    return name, []


def _unfit(row: Row, said: str, filling: Mapping[str, str]) -> str:
    if not said:
        return "" if row.get("optional") else "没有填写"
    if row["kind"] == "choice":
        words = _words(row, filling)
        return "" if said in words else f"填写了“{said}”，只能是{'、'.join(words)}之一"
    low, high = _bounds(row)
    if low <= len(said) <= high:
        return ""
    return f"填写了 {len(said)} 个字，应为 {low} 至 {high} 个字"


def check(content: Content) -> Iterator[Finding]:
    """Parts without the text they need, or whose lengths cross."""
    for number, row in enumerate(content.get("parts", ()), start=1):
        at = f"parts[{number}]"
        needs_text = row["kind"] in ("fixed", "typed", "choice")
        if needs_text and not str(row.get("text") or "").strip(" 、"):
            yield errors.PART_EMPTY.at(f"{at}.text", row=number, kind=KINDS[row["kind"]])
        yield from crossed(row, "low", "high", f"第 {number} 段", f"{at}.low")


def crossed(row: Row, low: str, high: str, label: str, place: str) -> Iterator[Finding]:
    least, most = int(row.get(low) or 1), int(row.get(high) or _TYPED_MAX)
    if least > most:
        yield errors.LENGTHS_CROSSED.at(place, label=label, least=least, most=most)

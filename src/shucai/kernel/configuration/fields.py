"""配置项 fields: what a content consists of, for a form, a check and a reading, from one schema."""

import base64
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from shucai.base.errors import Finding
from shucai.kernel.configuration import errors

FieldKind = Literal["text", "long", "integer", "choice", "flag", "rows", "image"]
Options = Sequence[tuple[str, str]]
ROWS_MAX: Final = 500
IMAGES: Final = ("image/png", "image/jpeg", "image/webp")
EMPTY: Final[Mapping[str, Any]] = {"flag": False, "rows": [], "integer": None}


def _no_options() -> Options:
    return ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One item. `low` and `high` bound an integer, `size` the letters of a text; `columns` are
    the fields of each row; `test` says what is wrong with a text, or nothing. An image is a data
    address of a PNG, JPEG or WebP picture of at most `size` bytes."""

    name: str
    label: str
    kind: FieldKind = "text"
    help: str = ""
    unit: str = ""
    required: bool = False
    low: int | None = None
    high: int | None = None
    size: int = 200
    options: Callable[[], Options] = _no_options
    columns: Sequence["Field"] = ()
    test: Callable[[str], str] | None = None
    default: Any = None

    @property
    def empty(self) -> Any:
        return self.default if self.default is not None else EMPTY.get(self.kind, "")


def check(fields: Sequence[Field], content: Mapping[str, Any], at: str = "") -> list[Finding]:
    """Every fault of a content against its schema."""
    known = {one.name for one in fields}
    found = [
        errors.FIELD_UNKNOWN.at(at + name, name=name, known="、".join(sorted(known)))
        for name in content
        if name not in known
    ]
    for one in fields:
        found += _faults(one, content.get(one.name), at)
    return found


def _faults(one: Field, value: Any, at: str) -> Iterator[Finding]:
    place = at + one.name
    if value is None or value in ("", []):
        if one.required:
            yield errors.FIELD_MISSING.at(place, label=one.label)
        return
    if one.kind == "rows":
        yield from _row_faults(one, value, place)
        return
    wrong = _wrong(one, value)
    if wrong:
        reason, fix = wrong
        shown = str(value)[:60]
        yield errors.FIELD_WRONG.at(place, label=one.label, value=shown, reason=reason, fix=fix)


def _row_faults(one: Field, value: Any, place: str) -> Iterator[Finding]:
    if not isinstance(value, list) or any(not isinstance(row, dict) for row in value):
        yield errors.FIELD_WRONG.at(
            place, label=one.label, value=str(value)[:60], reason="不是明细行", fix="请逐行填写"
        )
        return
    if len(value) > ROWS_MAX:
        yield errors.FIELD_WRONG.at(
            place,
            label=one.label,
            value=f"{len(value)} 行",
            reason=f"超过上限 {ROWS_MAX} 行",
            fix="请减少行数",
        )
    for number, row in enumerate(value[:ROWS_MAX], start=1):
        yield from check(one.columns, row, f"{place}[{number}].")


def _wrong(one: Field, value: Any) -> tuple[str, str] | None:
    if one.kind == "integer":
        return _wrong_integer(one, value)
    if one.kind == "flag":
        return None if isinstance(value, bool) else ("不是“是”或“否”", "请重新选择")
    if not isinstance(value, str):
        return "不是文字", "请重新填写"
    if one.kind == "choice":
        known = [code for code, _ in one.options()]
        return None if value in known else (f"不在 {len(known)} 个可选项中", "请从列表中选择")
    if one.kind == "image":
        return _wrong_image(one, value)
    if len(value) > one.size:
        return f"有 {len(value)} 个字，上限 {one.size} 个", "请缩短"
    said = one.test(value) if one.test is not None else ""
    return (said, "请改正后重试") if said else None


def _wrong_image(one: Field, value: str) -> tuple[str, str] | None:
    head, _, data = value.partition(",")
    if head not in {f"data:{kind};base64" for kind in IMAGES}:
        return "不是 PNG、JPEG 或 WebP 图片", "请重新选择图片"
    try:
        size = len(base64.b64decode(data, validate=True))
    except ValueError:
        return "不是完整的图片", "请重新选择图片"
    if size > one.size:
        return f"有 {size:,} 字节，上限 {one.size:,} 字节", "请压缩图片后重新选择"
    return None


def _wrong_integer(one: Field, value: Any) -> tuple[str, str] | None:
    if not isinstance(value, int) or isinstance(value, bool):
        return "不是整数", "请填写整数"
    low, high = one.low, one.high
    if (low is not None and value < low) or (high is not None and value > high):
        least = "不限" if low is None else str(low)
        most = "不限" if high is None else str(high)
        return f"超出范围 {least} 至 {most}", "请填写范围内的数"
    return None


def lines(fields: Sequence[Field], content: Mapping[str, Any], at: str = "") -> dict[str, str]:
    """The content spelled out, path in words → text."""
    found: dict[str, str] = {}
    for one in fields:
        value = content.get(one.name)
        if one.kind == "rows" and isinstance(value, list):
            for number, row in enumerate(value, start=1):
                found.update(lines(one.columns, row, f"{at}{one.label} {number} · "))
        elif value is not None and value != "":
            found[at + one.label] = spelled(one, value)
    return found


def spelled(one: Field, value: Any) -> str:
    """A value as people read it."""
    if one.kind == "flag":
        return "是" if value else "否"
    if one.kind == "choice":
        return dict(one.options()).get(str(value), str(value))
    if one.kind == "image":
        return f"图片，{len(str(value)) * 3 // 4:,} 字节，{str(value)[-12:]}"
    return f"{value} {one.unit}".strip()


def flat(content: Any, at: str = "") -> dict[str, str]:
    """Any plain data spelled out, for kinds without a schema or words of their own."""
    if isinstance(content, Mapping):
        pairs = [(f"{at}.{name}" if at else str(name), value) for name, value in content.items()]
    elif isinstance(content, list):
        pairs = [(f"{at}[{number}]", value) for number, value in enumerate(content, start=1)]
    else:
        return {at: "" if content is None else str(content)}
    found: dict[str, str] = {}
    for place, value in pairs:
        found.update(flat(value, place))
    return found

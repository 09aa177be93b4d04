"""配置表单 forms of fields: a content as controls, and what was typed as a content again.

A row carries its order and a box to remove it; three empty rows wait at the end. Without a schema
the content is edited as text.
"""

import base64
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.http import QueryDict

from shucai.kernel.configuration import errors
from shucai.kernel.configuration.declare import Content
from shucai.kernel.configuration.fields import ROWS_MAX, Field

EMPTY_ROWS: Final = 3
IMAGE_HEADS: Final = {
    b"\x89PNG\r\n\x1a\n": "image/png",
    b"\xff\xd8\xff": "image/jpeg",
    b"RIFF": "image/webp",
}


@dataclass(frozen=True, slots=True)
class Control:
    """One field with its value as the form shows it; rows carry their own controls."""

    field: Field
    name: str
    value: Any
    rows: Sequence[tuple[int, Sequence["Control"]]] = ()

    @property
    def options(self) -> list[tuple[str, str]]:
        """The declared options, an empty one first where nothing need be chosen."""
        known = [(str(code), label) for code, label in self.field.options()]
        if self.value and str(self.value) not in dict(known):
            known.append((str(self.value), f"{self.value}（已不存在）"))
        return known if self.field.required and self.value else [("", "（不选）"), *known]


def controls(fields: Sequence[Field], content: Content, at: str = "f") -> list[Control]:
    """The controls of a content in the order of its schema."""
    found = []
    for one in fields:
        name, value = f"{at}.{one.name}", content.get(one.name, one.empty)
        if one.kind != "rows":
            found.append(Control(one, name, one.empty if value is None else value))
            continue
        known = (
            [row for row in value if isinstance(row, Mapping)] if isinstance(value, list) else []
        )
        padded = [*known, *({} for _ in range(EMPTY_ROWS))]
        rows = [(n, controls(one.columns, row, f"{name}.{n}")) for n, row in enumerate(padded, 1)]
        found.append(Control(one, name, known, rows))
    return found


def read(
    fields: Sequence[Field],
    said: QueryDict,
    files: Mapping[str, Any],
    before: Content,
) -> dict[str, Any]:
    """What was typed. A picture that was not sent again stays as it was before."""
    if not fields:
        return _read_text(said.get("json", ""))
    found: dict[str, Any] = {}
    for one in fields:
        name = f"f.{one.name}"
        if one.kind == "rows":
            found[one.name] = _read_rows(one, said, name)
        elif one.kind == "image":
            found[one.name] = _read_image(one, said, files, before)
        else:
            found[one.name] = _typed(one, said.get(name, ""))
    return {name: value for name, value in found.items() if value not in ("", None, [])}


def text_of(content: Content) -> str:
    """The content as text to be edited."""
    return json.dumps(content, ensure_ascii=False, indent=2)


def _read_text(text: str) -> dict[str, Any]:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as fault:
        raise errors.NOT_PLAIN.refuse("json", reason=str(fault)[:100]) from fault
    if not isinstance(found, dict):
        raise errors.NOT_PLAIN.refuse("json", reason="最外层应为 {…}")
    return found


def _read_rows(one: Field, said: QueryDict, name: str) -> list[dict[str, Any]]:
    found: list[tuple[int, int, dict[str, Any]]] = []
    for number in range(1, ROWS_MAX + EMPTY_ROWS + 2):
        at = f"{name}.{number}"
        if f"{at}.-order" not in said:
            break
        row = {c.name: _typed(c, said.get(f"{at}.{c.name}", "")) for c in one.columns}
        row = {n: v for n, v in row.items() if v not in ("", None, False)}
        if row and f"{at}.-remove" not in said:
            order = said.get(f"{at}.-order", "").strip()
            place = int(order) if order.isascii() and order.isdigit() and len(order) < 6 else number
            found.append((place, number, row))
    return [row for _, _, row in sorted(found, key=lambda item: item[:2])]


def _typed(one: Field, text: str) -> Any:
    """A number where one was typed; anything else stays as it was typed, to be refused in words."""
    said = text.replace("\r\n", "\n").strip()
    if one.kind == "flag":
        return said == "1"
    if one.kind == "integer" and said:
        plain = said.removeprefix("-")
        return int(said) if plain.isascii() and plain.isdigit() and len(plain) < 16 else said
    return said


def _read_image(one: Field, said: QueryDict, files: Mapping[str, Any], before: Content) -> str:
    name = f"f.{one.name}"
    if f"{name}.-remove" in said:
        return ""
    sent = files.get(name)
    if sent is None:
        return str(before.get(one.name, ""))
    size = int(sent.size or 0)
    if size > one.size:
        raise errors.FIELD_WRONG.refuse(
            name,
            label=one.label,
            value=str(sent.name)[:60],
            reason=f"有 {size:,} 字节，上限 {one.size:,} 字节",
            fix="请压缩图片后重新选择",
        )
    data = sent.read()
    kind = next((word for head, word in IMAGE_HEADS.items() if data.startswith(head)), "")
    if not kind:
        raise errors.FIELD_WRONG.refuse(
            name,
            label=one.label,
            value=str(sent.name)[:60],
            reason="不是 PNG、JPEG 或 WebP 图片",
            fix="请选择这三种格式的图片",
        )
    return f"data:{kind};base64,{base64.b64encode(data).decode()}"

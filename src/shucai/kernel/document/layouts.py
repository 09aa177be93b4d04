"""布局 layouts: variants of one place by role, and the checks that both kinds of layout share.

A content holds `variants`: role → variant. A role is a position (`@岗位名`), a duty, or nothing
for everybody; the most special one that is there counts.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from shucai.base.errors import Finding
from shucai.kernel import registry
from shucai.kernel.configuration.declare import Content
from shucai.kernel.document import layout_errors as errors
from shucai.kernel.document.declare import DocumentType, find_type, types
from shucai.kernel.identity.actor import Actor

EVERYBODY: Final = ""
VARIANTS_MAX: Final = 30
LABEL_MAX: Final = 20
EXTRA: Final = "extra."
NAME: Final = re.compile(r"^[a-z][a-z0-9_]{0,29}$")


def keys() -> Mapping[str, str]:
    """Every document type has a layout."""
    return {code: kind.name for code, kind in types().items()}


def role_of(variants: Mapping[str, Any], actor: Actor) -> str:
    """The variant that counts for the actor: of his position, of a duty, of everybody."""
    position = f"@{actor.position_name}"
    if position in variants:
        return position
    if len(variants) > 1:
        for duty in sorted(actor.duties):
            if duty in variants:
                return duty
    return EVERYBODY


def role_name(role: str) -> str:
    if role.startswith("@"):
        return f"岗位 {role[1:]}"
    known = registry.find("duty", role) if role else None
    return "全体人员" if not role else f"职责 {known.name}" if known is not None else role


def labels_of(content: Content) -> Mapping[str, str]:
    """The declared words for the fields of the type a content is of; of its lines too."""
    kind = find_type(str(content.get("type", "")))
    if kind is None:
        return {}
    own = {known.name: str(known.verbose_name) for known in kind.line_fields()}
    return {**own, **{known.name: str(known.verbose_name) for known in kind.fields()}}


def variants_of(content: Content) -> Mapping[str, Mapping[str, Any]]:
    """The variants of a content, as far as they are any."""
    said = content.get("variants")
    if not isinstance(said, Mapping):
        return {}
    return {str(role): one for role, one in said.items() if isinstance(one, Mapping)}


def faults_of_roles(code: str, content: Content, known: Sequence[str]) -> Iterator[Finding]:
    """What is wrong with the frame of a content, before its variants are looked at."""
    for name in content.keys() - set(known):
        yield errors.LAYOUT_SHAPE.at(str(name), where=str(name), wanted="布局的项目")
    if content.get("type") != code:
        said_type = str(content.get("type", ""))[:60]
        yield errors.LAYOUT_SHAPE.at("type", where=f"类型“{said_type}”", wanted=f"“{code}”")
    said = content.get("variants")
    if not isinstance(said, Mapping) or not all(isinstance(v, Mapping) for v in said.values()):
        yield errors.LAYOUT_SHAPE.at("variants", where="布局", wanted="按职责分列的方案")
        return
    if EVERYBODY not in said:
        yield errors.LAYOUT_SHAPE.at("variants", where="布局", wanted="含有“全体人员”的方案")
    if len(said) > VARIANTS_MAX:
        yield errors.LAYOUT_TOO_MANY.at(
            "variants", what="方案", count=len(said), limit=VARIANTS_MAX
        )
    duties = registry.all("duty")
    for role in said:
        is_position = role.startswith("@") and 1 < len(role) <= 41
        if role and role not in duties and not is_position:
            yield errors.LAYOUT_ROLE.at("variants", role=str(role)[:40], count=len(duties))


def faults_of_names(
    kind: DocumentType, where: str, names: Sequence[str], known: Mapping[str, str]
) -> Iterator[Finding]:
    """Names that the type has not, and names that stand there twice."""
    for name in dict.fromkeys(names):
        if name not in known:
            yield errors.LAYOUT_UNKNOWN.at(
                name, where=where, name=name[:40], type=kind.name, count=len(known)
            )
        elif names.count(name) > 1:
            yield errors.LAYOUT_TWICE.at(
                name, label=known[name], where=where, count=names.count(name)
            )


def faults_of_label(where: str, said: Mapping[str, Any]) -> Iterator[Finding]:
    """A label is a short text of its own line."""
    label = said.get("label", "")
    if not isinstance(label, str) or len(label) > LABEL_MAX or any(ord(ch) < 32 for ch in label):
        yield errors.LAYOUT_VALUE.at(
            str(said.get("name", "")),
            where=where,
            label="名称",
            value=str(label)[:40],
            reason=f"应为不超过 {LABEL_MAX} 个字的文字",
            fix="请缩短名称",
        )


def faults_of_number(
    where: str, said: Mapping[str, Any], *, name: str, label: str, span: tuple[int, int]
) -> Iterator[Finding]:
    """A whole number within bounds; nothing or 0 leaves it to the page."""
    value, (low, high) = said.get(name, 0), span
    is_whole = isinstance(value, int) and not isinstance(value, bool)
    if not is_whole or not (value == 0 or low <= value <= high):
        yield errors.LAYOUT_VALUE.at(
            str(said.get("name", "")),
            where=where,
            label=label,
            value=str(value)[:20],
            reason=f"应为 {low} 至 {high} 的整数",
            fix="请填写范围内的数，留空由页面决定",
        )


def rows_of(said: Any) -> list[Mapping[str, Any]]:
    """The rows of a list, as far as they are rows with a name."""
    rows = said if isinstance(said, list) else []
    return [r for r in rows if isinstance(r, Mapping) and isinstance(r.get("name"), str)]


def type_of(code: str) -> DocumentType:
    kind = find_type(code)
    assert kind is not None  # noqa: S101 (places are refused for keys that are no type)
    return kind

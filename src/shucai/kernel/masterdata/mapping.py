"""新旧对照 mapping: what a code of one year is called in the next, for comparing years.

A code that keeps code and name needs no mapping. A split names every new code with its share.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from django.db import transaction

from shucai.base.errors import Finding, Refused
from shucai.kernel import audit
from shucai.kernel.identity.actor import Actor
from shucai.kernel.masterdata import cache, errors, importing, keeping, values
from shucai.kernel.masterdata.models import CodeMapping, ValueSet

HEADS: Final = ("原编码", "新编码", "关系", "比例")
KINDS: Final[Mapping[str, str]] = dict(CodeMapping.KINDS)
FINDINGS_MAX: Final = 200
_WHOLE: Final = Decimal(1)


@dataclass(frozen=True, slots=True)
class Link:
    """An old code and its new one; `new` is empty for a code that was stopped."""

    old: str
    new: str
    kind: str
    share: Decimal = _WHOLE


@dataclass(frozen=True, slots=True)
class Gap:
    """An old code without a successor. `proposed` is one by equal names, where there is one."""

    code: str
    name: str
    full_name: str
    why: str
    proposed: Link | None = None
    proposed_name: str = ""


def gaps(value_set: str, *, source: int, target: int) -> list[Gap]:
    """Codes of the old year that the new one no longer has and that nobody has mapped yet."""
    old, new = values.catalogue(value_set, source), values.catalogue(value_set, target)
    mapped = _mapping(value_set, source, target)[0]
    by_name: dict[str, list[values.Entry]] = defaultdict(list)
    for entry in new.standard.values():
        if entry.is_enabled:
            by_name[entry.name].append(entry)
    found = []
    for entry in sorted(old.standard.values(), key=lambda e: e.code):
        now = new.standard.get(entry.code)
        if not entry.is_enabled or entry.code in mapped or (now is not None and now.is_enabled):
            continue
        why = f"{target} 年已停用" if now is not None else f"{target} 年没有该编码"
        same = _same(entry, by_name.get(entry.name, ()), old, new)
        link = Link(entry.code, same.code, "moved") if same else None
        label = same.label if same else ""
        found.append(Gap(entry.code, entry.name, entry.full_name, why, link, label))
    return found


def _same(
    entry: values.Entry,
    named: Sequence[values.Entry],
    old: values.Catalogue,
    new: values.Catalogue,
) -> values.Entry | None:
    """The one new code of that name; of several, the one below a parent of the same name."""
    if len(named) == 1:
        return named[0]
    above = old.find(entry.parent_code)
    kin = [
        one
        for one in named
        if above and (parent := new.find(one.parent_code)) and parent.name == above.name
    ]
    return kin[0] if len(kin) == 1 else None


def read_table(table: Sequence[Sequence[Any]], *, name: str = "文件") -> list[Link]:
    """Links of a sheet with the heads 原编码, 新编码, 关系 and 比例; every bad row is told."""
    heads = [str(cell).strip() for cell in table[0]] if table else []
    if not set(HEADS[:2]) <= set(heads):
        reason = f"第一行应有 {'、'.join(HEADS)}，现有 {'、'.join(heads) or '（空）'}"
        raise errors.FILE_FORM.refuse(name=name, reason=reason, heads="、".join(HEADS))
    at = {head: heads.index(head) for head in HEADS if head in heads}
    links, faults = [], []
    words = {label: code for code, label in KINDS.items()}
    for number, cells in enumerate(table[1:], start=2):
        said = {h: importing.text(cells[i]) if i < len(cells) else "" for h, i in at.items()}
        if not any(said.values()):
            continue
        new = said["新编码"]
        word = said.get("关系") or ("改码" if new else "取消")
        try:
            share = _share(said.get("比例", ""))
        except InvalidOperation:
            share = Decimal(0)
        if word not in words or not 0 < share <= 1:
            reason = f"关系“{word}”或比例“{said.get('比例', '')}”不能识别"
            faults.append(errors.ROW_BAD.at(f"rows[{number}]", row=number, reason=reason))
            continue
        links.append(Link(said["原编码"], new, words[word], share))
    if faults:
        raise Refused(faults[:FINDINGS_MAX])
    return links


def _share(text: str) -> Decimal:
    if not text:
        return _WHOLE
    is_percent = text.endswith("%")
    share = Decimal(text.rstrip("% "))
    return share / 100 if is_percent else share


def check(value_set: str, links: Sequence[Link], *, source: int, target: int) -> list[Finding]:
    """Everything wrong with these links: unknown codes, kinds that don't fit, shares."""
    old, new = values.catalogue(value_set, source), values.catalogue(value_set, target)
    found = [errors.MAPPING_BAD.at(old=one.old, new=one.new or "（取消）", reason=reason)
             for one in links if (reason := _fault(one, old, new))]  # fmt: skip
    shares: dict[str, Decimal] = defaultdict(Decimal)
    for one in links:
        shares[one.old] += one.share
    for code, total in shares.items():
        if total != _WHOLE:
            found.append(errors.MAPPING_SHARES.at(old=code, total=f"{total * 100:.2f}%"))
    return found[:FINDINGS_MAX]


def _fault(one: Link, old: values.Catalogue, new: values.Catalogue) -> str:
    if one.kind not in KINDS:
        return f"关系 {one.kind} 应为 {'、'.join(KINDS.values())} 之一"
    if one.old not in old.standard:
        return f"{old.fiscal_year} 年没有 {one.old}"
    if one.kind == "stopped":
        return f"取消的编码不应有新编码 {one.new}" if one.new else ""
    if not one.new:
        return "没有新编码时关系应为“取消”"
    entry = new.standard.get(one.new)
    if entry is None or not entry.is_enabled:
        return f"{new.fiscal_year} 年没有启用的 {one.new}"
    return ""


@audit.refusals("masterdata.put_mapping", "masterdata.mapping")
def put(
    *, actor: Actor, value_set: str, years: tuple[int, int], links: Sequence[Link], now: datetime
) -> int:
    """These links, in place of what was known of their old codes."""
    known = values.catalogue(value_set, years[0])
    keeping.demand_owner(actor, "维护新旧编码对照", division="", set_name=known.name)
    other = values.catalogue(value_set, years[1])
    if years[1] != years[0] + 1 or not known.standard or not other.standard:
        raise errors.MAPPING_YEARS.refuse(
            source=years[0],
            target=years[1],
            set=known.name,
            source_count=len(known.standard),
            target_count=len(other.standard),
        )
    findings = check(value_set, links, source=years[0], target=years[1])
    if findings:
        raise Refused(findings)
    with transaction.atomic():
        owner = ValueSet.objects.get(code=value_set)
        rows = CodeMapping.objects.filter(
            value_set=owner,
            from_year=years[0],
            to_year=years[1],
            from_code__in={one.old for one in links},
        )
        before = list(rows.values_list("from_code", "to_code", "kind"))
        rows.delete()
        CodeMapping.objects.bulk_create(
            CodeMapping(
                value_set=owner,
                from_year=years[0],
                from_code=one.old,
                to_year=years[1],
                to_code=one.new,
                kind=one.kind,
                share=one.share,
            )
            for one in links
        )
        keeping.note(
            actor=actor,
            now=now,
            action="put_mapping",
            target=("mapping", f"{value_set}/{years[0]}-{years[1]}"),
            detail={
                "old": before,
                "new": [[one.old, one.new, one.kind, str(one.share)] for one in links],
            },
        )
    cache.forget()
    return len(links)


def successors(value_set: str, code: str, *, source: int, target: int) -> list[str]:
    """What the code of one year is called in another; an unmapped code keeps its name.

    Looks back as well as forward. Several codes after a split (or, backwards, a merger); none
    when the code was stopped.
    """
    step = 1 if target >= source else -1
    found = [code]
    for year in range(source, target, step):
        known = _mapping(value_set, *((year, year + 1) if step == 1 else (year - 1, year)))
        table = known[0] if step == 1 else known[1]
        found = list(dict.fromkeys(new for old in found for new in table.get(old, [old])))
    return [new for new in found if new]


def shares(value_set: str, code: str, *, source: int, target: int) -> dict[str, Decimal]:
    """The parts of the code's amounts that belong to each code of a later year; sums to 1 or 0."""
    parts = {code: _WHOLE}
    for year in range(source, target):
        rows = _shares(value_set, year, year + 1)
        following: dict[str, Decimal] = defaultdict(Decimal)
        for old, part in parts.items():
            for new, share in rows.get(old, {old: _WHOLE}).items():
                following[new] += part * share
        parts = dict(following)
    return {new: part for new, part in parts.items() if new}


def _shares(value_set: str, source: int, target: int) -> dict[str, dict[str, Decimal]]:
    return cache.kept(
        ("shares", value_set, source, target), lambda: _load_shares(value_set, source, target)
    )


def _load_shares(value_set: str, source: int, target: int) -> dict[str, dict[str, Decimal]]:
    rows = CodeMapping.objects.filter(value_set__code=value_set, from_year=source, to_year=target)
    found: dict[str, dict[str, Decimal]] = {}
    for old, new, share in rows.values_list("from_code", "to_code", "share"):
        found.setdefault(old, {})[new] = share
    return found


def _mapping(
    value_set: str, source: int, target: int
) -> tuple[dict[str, list[str]], dict[str, list[str]]]:
    return cache.kept(
        ("mapping", value_set, source, target), lambda: _load(value_set, source, target)
    )


def _load(
    value_set: str, source: int, target: int
) -> tuple[dict[str, list[str]], dict[str, list[str]]]:
    rows = CodeMapping.objects.filter(
        value_set__code=value_set, from_year=source, to_year=target
    ).order_by("from_code", "to_code")
    forward: dict[str, list[str]] = {}
    back: dict[str, list[str]] = {}
    for old, new in rows.values_list("from_code", "to_code"):
        forward.setdefault(old, []).append(new)
        if new:
            back.setdefault(new, []).append(old)
    return forward, back

"""要素关联 relations: which codes may stand together, and why others may not.

A pair given for upper levels holds for everything below. Relations are data by year.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db import transaction

from shucai.base.errors import Finding, Refused
from shucai.kernel import audit
from shucai.kernel.identity.actor import Actor
from shucai.kernel.masterdata import cache, errors, importing, keeping, values
from shucai.kernel.masterdata.models import ElementRelation

NAMED_MAX: Final = 5
RELATIONS_MAX: Final = 100
PAIRS_MAX: Final = 20_000
FAULTS_MAX: Final = 200
HEADS: Final = ("左编码", "右编码")


@dataclass(frozen=True, slots=True)
class Relation:
    """All pairs of one relation in one year, from left and from right."""

    code: str
    fiscal_year: int
    left_set: str
    right_set: str
    right_of: Mapping[str, frozenset[str]]
    left_of: Mapping[str, frozenset[str]]


def relation(code: str, fiscal_year: int) -> Relation:
    """The relation from the process cache; without pairs where none are given."""
    return cache.kept(("relation", code, fiscal_year), lambda: _load(code, fiscal_year))


def _load(code: str, fiscal_year: int) -> Relation:
    rows = ElementRelation.objects.filter(code=code, fiscal_year=fiscal_year, is_enabled=True)
    right_of: dict[str, set[str]] = {}
    left_of: dict[str, set[str]] = {}
    left_set = right_set = ""
    for row in rows:
        left_set, right_set = row.left_set, row.right_set
        right_of.setdefault(row.left_code, set()).add(row.right_code)
        left_of.setdefault(row.right_code, set()).add(row.left_code)
    return Relation(
        code=code,
        fiscal_year=fiscal_year,
        left_set=left_set,
        right_set=right_set,
        right_of={key: frozenset(found) for key, found in right_of.items()},
        left_of={key: frozenset(found) for key, found in left_of.items()},
    )


def allowed(
    code: str, fiscal_year: int, left: str, right: str, *, division: str = ""
) -> Finding | None:
    """None when the two may stand in one line; else the finding that names what may.

    A relation without any pair in that year restricts nothing.
    """
    known = relation(code, fiscal_year)
    if not known.right_of or not left or not right:
        return None
    lefts = values.catalogue(known.left_set, fiscal_year)
    rights = values.catalogue(known.right_set, fiscal_year)
    left_chain = _codes(lefts, left, division)
    right_chain = _codes(rights, right, division)
    given = frozenset[str]().union(*(known.right_of.get(c, frozenset()) for c in left_chain))
    if given & set(right_chain):
        return None
    entry = lefts.find(left, division=division)
    data: dict[str, Any] = {
        "left_set": lefts.name,
        "left": left,
        "left_name": entry.name if entry else "",
        "right_set": rights.name,
        "right": right,
        "year": fiscal_year,
    }
    if not given:
        return errors.PAIR_UNKNOWN.at(**data)
    named = [f"{c} {_name(rights, c, division)}".strip() for c in sorted(given)]
    shown = "、".join(named[:NAMED_MAX]) + (f"等 {len(named)} 项" if len(named) > NAMED_MAX else "")
    return errors.PAIR_FORBIDDEN.at(**data, allowed=shown)


def codes(fiscal_year: int) -> list[str]:
    """The relations that have pairs in the year."""
    return cache.kept(("relations", "", fiscal_year), lambda: _load_codes(fiscal_year))


def _load_codes(fiscal_year: int) -> list[str]:
    rows = ElementRelation.objects.filter(fiscal_year=fiscal_year, is_enabled=True)
    return sorted(rows.order_by().values_list("code", flat=True).distinct()[:RELATIONS_MAX])


def unknown(code: str, fiscal_year: int) -> Refused:
    """The refusal of a relation without pairs whose value sets were not named either."""
    return errors.UNKNOWN_RELATION.refuse("left_set", code=code, year=fiscal_year)


def read_file(name: str, content: bytes) -> list[tuple[str, str]]:
    """The pairs of a sheet with the heads 左编码 and 右编码; every bad row is told."""
    table = importing.read_cells(name, content)
    heads = [str(cell).strip() for cell in table[0]] if table else []
    if not set(HEADS) <= set(heads) or len(table) > PAIRS_MAX + 1:
        told = (
            f"共 {len(table):,} 行，第一行为 {'、'.join(heads) or '（空）'}，上限 {PAIRS_MAX:,} 行"
        )
        raise errors.FILE_FORM.refuse(name=name, reason=told, heads="、".join(HEADS))
    left, right = (heads.index(head) for head in HEADS)
    pairs, faults = [], []
    for number, cells in enumerate(table[1:], start=2):
        pair = (_cell(cells, left), _cell(cells, right))
        if all(pair):
            pairs.append(pair)
        elif any(pair):
            reason = f"左编码“{pair[0]}”、右编码“{pair[1]}”有一个为空"
            faults.append(errors.ROW_BAD.at(f"rows[{number}]", row=number, reason=reason))
    if faults:
        raise Refused(faults[:FAULTS_MAX])
    return pairs


def _cell(cells: Sequence[Any], at: int) -> str:
    return importing.text(cells[at]).split(" ", maxsplit=1)[0] if at < len(cells) else ""


def sets_of(code: str, fiscal_year: int) -> tuple[str, str] | None:
    """The two value sets of a relation, whether or not its pairs are in use."""
    rows = ElementRelation.objects.filter(code=code, fiscal_year=fiscal_year)
    return rows.values_list("left_set", "right_set").first()


def deciding(
    code: str, fiscal_year: int, left: str, right: str, *, division: str = ""
) -> list[tuple[str, str]]:
    """The pairs that let the two stand together, else all pairs given for the left one."""
    known = relation(code, fiscal_year)
    lefts = _codes(values.catalogue(known.left_set, fiscal_year), left, division)
    rights = set(_codes(values.catalogue(known.right_set, fiscal_year), right, division))
    given = [(c, r) for c in lefts for r in sorted(known.right_of.get(c, ()))]
    return [pair for pair in given if pair[1] in rights] or given


def _codes(known: values.Catalogue, code: str, division: str) -> list[str]:
    return [entry.code for entry in known.chain(code, division=division)] or [code]


def _name(known: values.Catalogue, code: str, division: str) -> str:
    entry = known.find(code, division=division)
    return entry.name if entry else ""


def partners(
    code: str, fiscal_year: int, *, left: str = "", right: str = "", division: str = ""
) -> list[values.Entry]:
    """Usable leaves that may stand beside the given code, for pickers; both sides empty: none."""
    known = relation(code, fiscal_year)
    own_set, other_set = known.left_set, known.right_set
    pairs: Mapping[str, frozenset[str]] = known.right_of
    given = left
    if not left:
        own_set, other_set, pairs, given = known.right_set, known.left_set, known.left_of, right
    if not given or not pairs:
        return []
    chain = _codes(values.catalogue(own_set, fiscal_year), given, division)
    heads = frozenset[str]().union(*(pairs.get(c, frozenset()) for c in chain))
    others = values.catalogue(other_set, fiscal_year)
    return [
        entry
        for entry in sorted(others.entries(division=division), key=lambda e: e.code)
        if entry.is_enabled
        and others.is_leaf(entry, division=division)
        and heads & set(_codes(others, entry.code, division))
    ]


def derived(code: str, fiscal_year: int, left: str, *, division: str = "") -> str:
    """The only code that may stand beside `left` (定值规则); empty when there is a choice."""
    found = partners(code, fiscal_year, left=left, division=division)
    return found[0].code if len(found) == 1 else ""


@dataclass(frozen=True, slots=True)
class PairChange:
    """What a list of pairs would do to a relation."""

    added: tuple[tuple[str, str], ...]
    stopped: tuple[tuple[str, str], ...]
    unchanged: int
    findings: tuple[Finding, ...]


def preview_pairs(
    code: str,
    fiscal_year: int,
    sets: tuple[str, str],
    pairs: Iterable[tuple[str, str]],
    *,
    is_complete: bool = True,
) -> PairChange:
    """What would come and go; pairs of codes that the year does not have are findings."""
    wanted = set(pairs)
    rows = ElementRelation.objects.filter(code=code, fiscal_year=fiscal_year, is_enabled=True)
    held = set(rows.values_list("left_code", "right_code"))
    gone = held - wanted if is_complete else set()
    found = [fault for pair in sorted(wanted - held) if (fault := _fault(sets, fiscal_year, pair))]
    return PairChange(
        added=tuple(sorted(wanted - held)),
        stopped=tuple(sorted(gone)),
        unchanged=len(wanted & held),
        findings=tuple(found[:FAULTS_MAX]),
    )


def _fault(sets: tuple[str, str], fiscal_year: int, pair: tuple[str, str]) -> Finding | None:
    """Standard and local codes may be paired; stopped and unknown ones may not."""
    for value_set, code in zip(sets, pair, strict=True):
        known = values.catalogue(value_set, fiscal_year)
        entry = known.standard.get(code) or next(
            (own[code] for own in known.local.values() if code in own), None
        )
        if entry is None or not entry.is_enabled:
            why = "已停用" if entry else "不存在"
            reason = f"{fiscal_year} 年的{known.name}中 {code} {why}"
            return errors.PAIR_CODES.at(left=pair[0], right=pair[1], reason=reason)
    return None


@audit.refusals("masterdata.put_pairs", "masterdata.relation")
def put_pairs(
    *,
    actor: Actor,
    code: str,
    fiscal_year: int,
    sets: tuple[str, str],
    pairs: Iterable[tuple[str, str]],
    now: datetime,
    is_complete: bool = True,
) -> tuple[int, int]:
    """The relation consists of these pairs from now on; returns how many came and went.

    A pair that went is switched off, not deleted. Without `is_complete` none goes.
    """
    keeping.demand_owner(actor, "维护要素关联", division="", set_name="要素关联")
    with transaction.atomic():
        rows = ElementRelation.objects.select_for_update(no_key=True).filter(
            code=code, fiscal_year=fiscal_year
        )
        held = {(row.left_code, row.right_code): row for row in rows}
        change = preview_pairs(code, fiscal_year, sets, pairs, is_complete=is_complete)
        if change.findings:
            raise Refused(change.findings)
        fresh = [
            ElementRelation(
                code=code,
                fiscal_year=fiscal_year,
                left_set=sets[0],
                left_code=left,
                right_set=sets[1],
                right_code=right,
            )
            for left, right in change.added
            if (left, right) not in held
        ]
        ElementRelation.objects.bulk_create(fresh, batch_size=2_000)
        for pairs_now, enabled in ((change.added, True), (change.stopped, False)):
            ids = [held[pair].pk for pair in pairs_now if pair in held]
            ElementRelation.objects.filter(pk__in=ids).update(is_enabled=enabled)
        keeping.note(
            actor=actor,
            now=now,
            action="put_pairs",
            target=("relation", f"{code}/{fiscal_year}"),
            detail={"added": change.added, "stopped": change.stopped},
        )
    cache.forget()
    return len(change.added), len(change.stopped)


@audit.refusals("masterdata.stop_pairs", "masterdata.relation")
def stop_pairs(*, actor: Actor, pairs: Iterable[int], now: datetime) -> int:
    """These pairs hold no longer; returns how many were in use."""
    keeping.demand_owner(actor, "维护要素关联", division="", set_name="要素关联")
    with transaction.atomic():
        rows = ElementRelation.objects.select_for_update(no_key=True).filter(
            pk__in=list(pairs), is_enabled=True
        )
        found = list(rows.order_by("pk")[:PAIRS_MAX])
        ElementRelation.objects.filter(pk__in=[row.pk for row in found]).update(is_enabled=False)
        places = sorted({(row.code, row.fiscal_year) for row in found})
        for code, year in places:
            stopped = [
                (r.left_code, r.right_code)
                for r in found
                if (r.code, r.fiscal_year) == (code, year)
            ]
            keeping.note(
                actor=actor,
                now=now,
                action="stop_pairs",
                target=("relation", f"{code}/{year}"),
                detail={"stopped": stopped},
            )
    cache.forget()
    return len(found)

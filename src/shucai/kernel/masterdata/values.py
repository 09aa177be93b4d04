"""要素值 values: which codes exist in a year, which may be used, and how people find them.

A catalogue is one value set in one year, kept by the cache of the room; judging the ten thousand
lines of a batch costs dictionary look-ups and no queries.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from shucai.base.errors import Finding
from shucai.kernel.masterdata import cache, errors
from shucai.kernel.masterdata.models import Value, ValueSet

RESULTS_MAX: Final = 200


@dataclass(frozen=True, slots=True)
class Entry:
    """One value as the catalogue keeps it. `division` is empty for standard values."""

    code: str
    name: str
    full_name: str
    parent_code: str
    level: int
    is_leaf: bool
    is_enabled: bool
    valid_from: date | None
    valid_to: date | None
    division: str
    pinyin: str

    @property
    def label(self) -> str:
        return f"{self.code} {self.name}"

    def is_valid(self, on: date) -> bool:
        starts, ends = self.valid_from, self.valid_to
        return (starts is None or starts <= on) and (ends is None or on < ends)


@dataclass(frozen=True, slots=True)
class Catalogue:
    """A value set in one year: standard values, and local ones by division."""

    value_set: str
    name: str
    fiscal_year: int
    standard: Mapping[str, Entry]
    local: Mapping[str, Mapping[str, Entry]]
    below: Mapping[tuple[str, str], tuple[Entry, ...]] = field(default_factory=dict)

    def find(self, code: str, *, division: str = "") -> Entry | None:
        """The local value of the division, else the standard one."""
        own = self.local.get(division)
        found = own.get(code) if own else None
        return found or self.standard.get(code)

    def children(self, parent: str = "", *, division: str = "") -> list[Entry]:
        """Standard values below `parent` and the division's own, in code order."""
        found = list(self.below.get(("", parent), ()))
        if division:
            own = self.below.get((division, parent), ())
            replaced = {entry.code for entry in own}
            found = sorted(
                [e for e in found if e.code not in replaced] + list(own), key=lambda e: e.code
            )
        return found

    def is_leaf(self, entry: Entry, *, division: str = "") -> bool:
        """A standard leaf with local values below it is no leaf in that division."""
        return entry.is_leaf and not (division and self.below.get((division, entry.code)))

    def usable(
        self, code: str, *, on: date, division: str = "", min_level: int | None = None
    ) -> Finding | None:
        """None when a document dated `on` may carry the code; else the finding that says why.

        Without `min_level` only leaves may be used; with it, everything from that level down.
        """
        entry = self.find(code, division=division)
        if entry is None:
            return self._missing(code, division)
        if not entry.is_enabled:
            return errors.STOPPED_VALUE.at(
                set=self.name, code=code, name=entry.name, year=self.fiscal_year
            )
        if min_level is not None and entry.level < min_level and not entry.is_leaf:
            return errors.TOO_COARSE.at(
                set=self.name, code=code, name=entry.name, depth=entry.level, least=min_level
            )
        if min_level is None and not self.is_leaf(entry, division=division):
            below = [e for e in self.children(code, division=division) if e.is_enabled]
            return errors.NOT_A_LEAF.at(
                set=self.name,
                code=code,
                name=entry.name,
                count=len(below),
                example=below[0].label if below else "同级的其他末级",
            )
        if (entry.valid_from and on < entry.valid_from) or (
            entry.valid_to and on >= entry.valid_to
        ):
            return errors.NOT_VALID_YET.at(
                set=self.name,
                code=code,
                name=entry.name,
                start=entry.valid_from or "年初",
                end=entry.valid_to or "年末",
                on=on,
            )
        return None

    def _missing(self, code: str, division: str) -> Finding:
        for owner, values in self.local.items():
            if code in values:
                return errors.OTHER_DIVISION.at(
                    set=self.name,
                    code=code,
                    name=values[code].name,
                    owner=owner,
                    division=division or "未指定",
                )
        return errors.UNKNOWN_VALUE.at(set=self.name, code=code, year=self.fiscal_year)

    def chain(self, code: str, *, division: str = "") -> list[Entry]:
        """From the top of the tree down to the code; empty for an unknown code."""
        found: list[Entry] = []
        entry = self.find(code, division=division)
        while entry is not None and entry not in found:
            found.append(entry)
            entry = self.find(entry.parent_code, division=division) if entry.parent_code else None
        return found[::-1]

    def entries(self, *, division: str = "") -> Iterable[Entry]:
        yield from self.standard.values()
        yield from self.local.get(division, {}).values()


forget = cache.forget


def catalogue(value_set: str, fiscal_year: int) -> Catalogue:
    """The catalogue as of now; an unknown set or year gives an empty one."""
    return cache.kept(("values", value_set, fiscal_year), lambda: _load(value_set, fiscal_year))


def _load(value_set: str, fiscal_year: int) -> Catalogue:
    standard: dict[str, Entry] = {}
    local: dict[str, dict[str, Entry]] = {}
    below: dict[tuple[str, str], list[Entry]] = {}
    rows = Value.objects.filter(value_set__code=value_set, fiscal_year=fiscal_year).order_by("code")
    for row in rows.values_list(*Entry.__dataclass_fields__):
        entry = Entry(*row)
        shelf = local.setdefault(entry.division, {}) if entry.division else standard
        shelf[entry.code] = entry
        below.setdefault((entry.division, entry.parent_code), []).append(entry)
    name = ValueSet.objects.filter(code=value_set).values_list("name", flat=True).first()
    return Catalogue(
        value_set=value_set,
        name=name or value_set,
        fiscal_year=fiscal_year,
        standard=standard,
        local=local,
        below={key: tuple(entries) for key, entries in below.items()},
    )


def usable(
    value_set: str,
    fiscal_year: int,
    code: str,
    *,
    on: date,
    division: str = "",
    min_level: int | None = None,
) -> Finding | None:
    """None when the code may be used; else a finding with `why` and `fix`."""
    known = catalogue(value_set, fiscal_year)
    return known.usable(code, on=on, division=division, min_level=min_level)


def usable_many(
    value_set: str, fiscal_year: int, codes: Iterable[str], *, on: date, division: str = ""
) -> dict[str, Finding]:
    """The findings of the codes that may not be used, by code; each code is judged once."""
    known = catalogue(value_set, fiscal_year)
    found = {}
    for code in dict.fromkeys(codes):
        finding = known.usable(code, on=on, division=division)
        if finding is not None:
            found[code] = finding
    return found


def name_of(value_set: str, fiscal_year: int, code: str, *, division: str = "") -> str:
    """The name of the code; empty for a code nobody knows."""
    entry = catalogue(value_set, fiscal_year).find(code, division=division)
    return entry.name if entry else ""


def names_of(
    value_set: str, fiscal_year: int, codes: Iterable[str], *, division: str = ""
) -> dict[str, str]:
    known = catalogue(value_set, fiscal_year)
    found = {code: known.find(code, division=division) for code in codes}
    return {code: entry.name if entry else "" for code, entry in found.items()}


def children(
    value_set: str, fiscal_year: int, parent: str = "", *, division: str = ""
) -> list[Entry]:
    """One level of the tree, for pickers that load it step by step."""
    return catalogue(value_set, fiscal_year).children(parent, division=division)


def search(
    value_set: str,
    fiscal_year: int,
    text: str,
    *,
    division: str = "",
    leaves_only: bool = False,
    limit: int = 50,
) -> list[Entry]:
    """Enabled values by code prefix, words of the name, pinyin initials or full pinyin.

    Best first: the exact code, codes that start so, names that start so, then the rest.
    """
    known = catalogue(value_set, fiscal_year)
    wanted = "".join(text.lower().split())
    ranked: list[tuple[int, str, Entry]] = []
    for entry in known.entries(division=division):
        if not entry.is_enabled:
            continue
        if leaves_only and not known.is_leaf(entry, division=division):
            continue
        rank = _rank(entry, wanted)
        if rank is not None:
            ranked.append((rank, entry.code, entry))
    ranked.sort(key=lambda item: item[:2])
    return [entry for _, _, entry in ranked[: min(limit, RESULTS_MAX)]]


def _rank(entry: Entry, wanted: str) -> int | None:
    if not wanted:
        return 5
    code, name = entry.code.lower(), entry.name.lower()
    if code == wanted:
        return 0
    if code.startswith(wanted):
        return 1
    if name.startswith(wanted):
        return 2
    if wanted in name:
        return 3
    spellings: Sequence[str] = entry.pinyin.split()
    if any(spelling.startswith(wanted) for spelling in spellings):
        return 4
    return 6 if wanted.isalpha() and any(wanted in spelling for spelling in spellings) else None

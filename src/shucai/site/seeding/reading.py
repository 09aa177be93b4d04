"""读种子文件 reading the seed files: catalogues with edition, source and confidence in words.

Plain values come out, nothing is written. A faulty file is refused with the line it fails at.
"""

import csv
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from shucai.base import codes
from shucai.kernel.ledger.presentation import Pair
from shucai.site.seeding import errors

_FIXED: Final = frozenset({"code", "name", "parent", "confidence", "source"})
SEPARATOR: Final = "-"


@dataclass(frozen=True, slots=True)
class Row:
    """One value as it will stand in the catalogue."""

    code: str
    name: str
    full_name: str
    parent_code: str
    level: int
    is_leaf: bool
    source: str
    confidence: str
    extra: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SetSeed:
    """A value set with its rows in code order. `lengths` is its code rule; empty for none."""

    code: str
    name: str
    national_code: str
    description: str
    edition: str
    lengths: tuple[int, ...]
    supersedes: tuple[str, ...]
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class RelationSeed:
    """Pairs of codes that may stand together in one line."""

    code: str
    left_set: str
    right_set: str
    pairs: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class City:
    """Whose city this is: the root of all unit paths and the division of the city level."""

    name: str
    root: str
    division: str


@dataclass(frozen=True, slots=True)
class Place:
    """A division with its own budget. `path` follows the place in the tree of divisions."""

    code: str
    name: str
    path: str
    level: int
    parent: str


@dataclass(frozen=True, slots=True)
class PresentationSeed:
    """How the verbs of each book and kind print as debit and credit of the official chart."""

    edition: str
    confidence: str
    pairs: Mapping[tuple[str, str], tuple[Pair, ...]]


@dataclass(frozen=True, slots=True)
class Reference:
    """Everything in `seeds/reference`."""

    sets: Mapping[str, SetSeed]
    relations: tuple[RelationSeed, ...]
    places: tuple[Place, ...]
    presentation: PresentationSeed


def city(folder: Path) -> City:
    return City(**_toml(folder / "city.toml"))


def reference(folder: Path) -> Reference:
    """Reads and checks all files: unique codes, parents that exist, relations that resolve."""
    place = folder / "reference"
    catalogue = _toml(place / "sets.toml")
    words = _Words(catalogue["sources"], frozenset(catalogue["confidence"]))
    sets = {code: _set(place, code, said, words) for code, said in catalogue.get("set", {}).items()}
    for code, said in _toml(place / "lists.toml").items():
        sets[code] = _list(place / "lists.toml", code, said, words)
    relations = tuple(
        _relation(place, code, said, sets) for code, said in catalogue.get("relation", {}).items()
    )
    presentation = _presentation(place, catalogue["presentation"])
    return Reference(sets, relations, _places(sets["division"], city(folder)), presentation)


@dataclass(frozen=True, slots=True)
class _Words:
    sources: Mapping[str, str]
    confidence: frozenset[str]

    def checked(self, raw: Mapping[str, str], where: str) -> tuple[str, str]:
        """Source in words and confidence, both known to the catalogue."""
        source, confidence = raw["source"], raw["confidence"]
        if source not in self.sources:
            raise errors.SEED_FAULTY.refuse(where=where, reason=f"出处“{source}”不在目录中")
        if confidence not in self.confidence:
            raise errors.SEED_FAULTY.refuse(where=where, reason=f"可信度“{confidence}”不在目录中")
        return self.sources[source], confidence


def _toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as failure:
        raise errors.SEED_FAULTY.refuse(where=path.name, reason=str(failure)) from None


def _csv(path: Path) -> list[dict[str, str]]:
    try:
        with path.open(encoding="utf-8", newline="") as stream:
            rows = list(csv.DictReader(stream, strict=True))
    except (OSError, ValueError, csv.Error) as failure:
        raise errors.SEED_FAULTY.refuse(where=path.name, reason=str(failure)) from None
    for number, row in enumerate(rows, start=2):
        if None in row or None in row.values():
            raise errors.SEED_FAULTY.refuse(where=f"{path.name} 第 {number} 行", reason="列数不对")
    return rows


def _set(place: Path, code: str, said: Mapping[str, Any], words: _Words) -> SetSeed:
    path = place / said.get("file", f"{code}.csv")
    given = {key: said[key] for key in ("source", "confidence") if key in said}
    return SetSeed(
        code=code,
        name=said["name"],
        national_code=said.get("national_code", ""),
        description=said.get("description", ""),
        edition=said["edition"],
        lengths=tuple(said.get("lengths", ())),
        supersedes=tuple(said.get("supersedes", ())),
        rows=_rows([given | row for row in _csv(path)], words, path.name),
    )


def _list(path: Path, code: str, said: Mapping[str, Any], words: _Words) -> SetSeed:
    known = [value[0] for value in said["values"]]
    rows = [
        {
            "code": value[0],
            "name": value[1],
            "parent": _prefix(value[0], known) if said.get("tree") else "",
            "confidence": value[2] if len(value) > 2 else said["confidence"],
            "source": said["source"],
        }
        for value in said["values"]
    ]
    return SetSeed(
        code=code,
        name=said["name"],
        national_code=said.get("national_code", ""),
        description=said.get("description", ""),
        edition=said.get("edition", "2025年整理稿"),
        lengths=(),
        supersedes=(),
        rows=_rows(rows, words, f"{path.name} [{code}]"),
    )


def _prefix(code: str, known: Iterable[str]) -> str:
    """The longest other code that this one starts with."""
    return max((one for one in known if one != code and code.startswith(one)), key=len, default="")


def _rows(raw: Sequence[Mapping[str, str]], words: _Words, where: str) -> tuple[Row, ...]:
    by_code: dict[str, Mapping[str, str]] = {}
    for number, row in enumerate(raw, start=2):
        if not row["code"] or not row["name"] or row["code"] in by_code:
            raise errors.SEED_FAULTY.refuse(
                where=f"{where} 第 {number} 行", reason=f"代码“{row['code']}”重复，或代码、名称为空"
            )
        by_code[row["code"]] = row
    parents = {row.get("parent", "") for row in raw}
    rows = []
    for code in sorted(by_code):
        row = by_code[code]
        chain = list(_chain(code, by_code, where))
        source, confidence = words.checked(row, f"{where} {code}")
        rows.append(
            Row(
                code=code,
                name=row["name"],
                full_name=SEPARATOR.join(by_code[one]["name"] for one in reversed(chain)),
                parent_code=row.get("parent", ""),
                level=len(chain),
                is_leaf=code not in parents,
                source=source,
                confidence=confidence,
                extra={k: v for k, v in row.items() if k not in _FIXED and v},
            )
        )
    return tuple(rows)


def _chain(code: str, known: Mapping[str, Mapping[str, str]], where: str) -> Iterator[str]:
    """The code and all above it."""
    seen: set[str] = set()
    while code:
        if code not in known or code in seen:
            raise errors.SEED_FAULTY.refuse(where=where, reason=f"上级代码“{code}”不存在或成环")
        yield code
        seen.add(code)
        code = known[code].get("parent", "")


def _relation(
    place: Path, code: str, said: Mapping[str, Any], sets: Mapping[str, SetSeed]
) -> RelationSeed:
    left, right = said["left"], said["right"]
    leaves = {side: {row.code for row in sets[side].rows if row.is_leaf} for side in (left, right)}
    pairs = []
    for row in _csv(place / said["file"]):
        for side in (left, right):
            if row[side] not in leaves[side]:
                raise errors.SEED_FAULTY.refuse(
                    where=said["file"], reason=f"{sets[side].name}没有末级代码 {row[side]}"
                )
        pairs.append((row[left], row[right]))
    return RelationSeed(code, left, right, tuple(pairs))


def _presentation(place: Path, said: Mapping[str, Any]) -> PresentationSeed:
    pairs: dict[tuple[str, str], list[Pair]] = {}
    for row in _csv(place / said["file"]):
        book, kind, red = row.pop("book"), row.pop("kind"), row.pop("is_red")
        try:
            pair = Pair(**row, is_red=red == "red")
        except (TypeError, ValueError) as wrong:
            raise errors.SEED_FAULTY.refuse(where=said["file"], reason=str(wrong)) from None
        pairs.setdefault((book, kind), []).append(pair)
    return PresentationSeed(
        edition=said["edition"],
        confidence=said["confidence"],
        pairs={key: tuple(found) for key, found in pairs.items()},
    )


def _places(divisions: SetSeed, own: City) -> tuple[Place, ...]:
    """The city level, its districts and their towns; the city level stands beside its districts."""
    found: dict[str, Place] = {}
    for row in divisions.rows:
        if not row.code.startswith(own.root):
            continue
        above = found.get(row.parent_code)
        if row.code == own.division:
            path = f"{own.root}/{row.code[:6]}"
            name = f"{row.name}本级"
        elif row.parent_code == own.division:
            path, name = f"{own.root}/{row.code[:6]}", row.name
        elif above is not None:
            path, name = f"{above.path}/{row.code}", row.name
        else:
            continue
        found[row.code] = Place(
            row.code, name, path, row.level, row.parent_code if above is not None else ""
        )
    return tuple(found.values())


def rule_faults(seed: SetSeed) -> list[str]:
    """Codes whose length or parent contradicts the code rule of their set."""
    faults = []
    for row in seed.rows if seed.lengths else ():
        expected = codes.parent(row.code, seed.lengths)
        if expected != row.parent_code:
            faults.append(row.code)
    return faults

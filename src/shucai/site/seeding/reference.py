"""装载参考数据 loading reference data into master data, one fiscal year at a time.

Loading again changes nothing. Values that another edition brought in since (an import, an
edit) are kept: the seeds only ever touch what carries their own edition.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db import transaction

from shucai.kernel.ledger import presentation
from shucai.kernel.ledger.models import LedgerPresentation
from shucai.kernel.masterdata import values
from shucai.kernel.masterdata.models import CodeRule, Division, ElementRelation, Value, ValueSet
from shucai.kernel.masterdata.pinyin import spelled
from shucai.site.seeding.reading import Place, Reference, RelationSeed, Row, SetSeed

BATCH = 2_000
_COMPARED = (
    "name", "full_name", "parent_code", "level", "is_leaf", "source", "confidence", "edition",
    "pinyin",
)  # fmt: skip


@dataclass(slots=True)
class Loaded:
    """What loading did to the values."""

    added: int = 0
    changed: int = 0
    same: int = 0
    kept: int = 0

    def __str__(self) -> str:
        said = f"新增 {self.added}，更新 {self.changed}，未变 {self.same}"
        return said + (f"，保留已导入的其他版本 {self.kept}" if self.kept else "")


class Loader:
    """Loads one reference into several years; pinyin is spelled once for all of them."""

    def __init__(self, reference: Reference) -> None:
        self._reference = reference
        self._pinyin: dict[str, str] = {}

    @transaction.atomic
    def load(self, year: int) -> Loaded:
        """All value sets, code rules, relations and divisions of the year, or nothing."""
        done = Loaded()
        _places(self._reference.places)
        kinds = _sets(self._reference.sets.values())
        for seed in self._reference.sets.values():
            self._values(seed, year, done)
            if seed.lengths:
                CodeRule.objects.update_or_create(
                    value_set=kinds[seed.code],
                    fiscal_year=year,
                    defaults={"lengths": list(seed.lengths), "charset": "digits"},
                )
        for relation in self._reference.relations:
            _relation(relation, year)
        self._presentation(year)
        values.forget()
        return done

    def _presentation(self, year: int) -> None:
        """Put in place once; a mapping that somebody has brought in since is kept."""
        said = self._reference.presentation
        for (book, kind), pairs in said.pairs.items():
            there = LedgerPresentation.objects.filter(fiscal_year=year, book=book, kind=kind)
            if not there.exclude(edition=said.edition).exists():
                presentation.keep(
                    pairs,
                    fiscal_year=year,
                    book=book,
                    kind=kind,
                    edition=said.edition,
                    confidence=said.confidence,
                )

    def _values(self, seed: SetSeed, year: int, done: Loaded) -> None:
        known = {
            value.code: value
            for value in Value.objects.filter(
                value_set__code=seed.code, fiscal_year=year, division=""
            )
        }
        fresh, changed = [], []
        for row in seed.rows:
            value = known.get(row.code)
            wanted = self._fields(seed, row)
            if value is None:
                fresh.append(
                    Value(value_set_id=seed.code, fiscal_year=year, code=row.code, **wanted)
                )
            elif value.edition not in (seed.edition, *seed.supersedes):
                done.kept += 1
            elif all(getattr(value, name) == wanted[name] for name in (*_COMPARED, "extra")):
                done.same += 1
            else:
                for name, content in wanted.items():
                    setattr(value, name, content)
                changed.append(value)
        Value.objects.bulk_create(fresh, batch_size=BATCH)
        Value.objects.bulk_update(changed, [*_COMPARED, "extra"], batch_size=BATCH)
        done.added += len(fresh)
        done.changed += len(changed)

    def _fields(self, seed: SetSeed, row: Row) -> dict[str, object]:
        if row.name not in self._pinyin:
            self._pinyin[row.name] = spelled(row.name)
        return {
            "name": row.name,
            "full_name": row.full_name,
            "parent_code": row.parent_code,
            "level": row.level,
            "is_leaf": row.is_leaf,
            "source": row.source,
            "confidence": row.confidence,
            "edition": seed.edition,
            "pinyin": self._pinyin[row.name],
            "extra": dict(row.extra),
        }


def _sets(seeds: Iterable[SetSeed]) -> dict[str, ValueSet]:
    ValueSet.objects.bulk_create(
        [
            ValueSet(
                code=seed.code,
                name=seed.name,
                national_code=seed.national_code,
                description=seed.description,
            )
            for seed in seeds
        ],
        update_conflicts=True,
        unique_fields=["code"],
        update_fields=["name", "national_code", "description"],
    )
    return {kind.code: kind for kind in ValueSet.objects.all()}


def _places(places: Sequence[Place]) -> None:
    """Divisions in tree order, so that every parent is there before its children."""
    ids = dict(Division.objects.values_list("code9", "pk"))
    for place in places:
        if place.code not in ids:
            made = Division.objects.create(
                code9=place.code,
                name=place.name,
                path=place.path,
                level=place.level,
                parent_id=ids.get(place.parent),
            )
            ids[place.code] = made.pk


def _relation(seed: RelationSeed, year: int) -> None:
    ElementRelation.objects.bulk_create(
        [
            ElementRelation(
                code=seed.code,
                fiscal_year=year,
                left_set=seed.left_set,
                left_code=left,
                right_set=seed.right_set,
                right_code=right,
            )
            for left, right in seed.pairs
        ],
        ignore_conflicts=True,
        batch_size=BATCH,
    )

"""装载参考数据: idempotent, and it never overwrites what another edition brought in."""

import pytest
from django.conf import settings
from tests.city import KEEPER
from tests.people import NOW

from shucai.kernel.ledger.models import LedgerPresentation
from shucai.kernel.masterdata import importing, values
from shucai.kernel.masterdata.editing import Place
from shucai.kernel.masterdata.models import ElementRelation, Value
from shucai.site.seeding import reading
from shucai.site.seeding.reference import Loader

pytestmark = pytest.mark.django_db
REFERENCE = reading.reference(settings.ROOT / "seeds")


def test_loading_twice_changes_nothing() -> None:
    first = Loader(REFERENCE).load(2026)
    second = Loader(REFERENCE).load(2026)

    total = sum(len(seed.rows) for seed in REFERENCE.sets.values())
    assert (first.added, first.changed) == (total, 0)
    assert (second.added, second.changed, second.same) == (0, 0, total)
    assert ElementRelation.objects.filter(code="economic", fiscal_year=2026).count() == 167
    assert values.name_of("functional", 2026, "2050201") == "学前教育"
    assert LedgerPresentation.objects.filter(fiscal_year=2026).count() == 10


def test_seed_values_are_brought_up_to_date_and_other_editions_are_kept() -> None:
    Loader(REFERENCE).load(2026)
    Value.objects.filter(value_set="functional", code="2050201").update(name="旧名")
    Value.objects.filter(value_set="functional", code="2050202").update(
        name="小学", edition="2026年政府收支分类科目"
    )

    done = Loader(REFERENCE).load(2026)

    assert (done.changed, done.kept) == (1, 1)
    assert values.name_of("functional", 2026, "2050201") == "学前教育"
    assert values.name_of("functional", 2026, "2050202") == "小学"


def test_an_import_shows_only_real_differences_and_survives_loading_again() -> None:
    Loader(REFERENCE).load(2026)
    place = Place(value_set="functional", fiscal_year=2026, division="")
    seed = REFERENCE.sets["functional"]
    table = [["code", "name", "parent"]]
    table += [[row.code, row.name, row.parent_code] for row in seed.rows]
    table[1][1] = "一般公共服务"
    rows = importing.read_table("functional.csv", table)

    seen = importing.preview(place, rows)
    importing.apply(actor=KEEPER, place=place, rows=rows, now=NOW, digest=seen.digest)
    done = Loader(REFERENCE).load(2026)

    assert (len(seen.added), len(seen.changed), len(seen.stopped)) == (0, 1, 0)
    assert done.kept == 1
    assert values.name_of("functional", 2026, "201") == "一般公共服务"

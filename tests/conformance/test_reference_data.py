"""参考数据: every catalogue is whole, every row says how certain it is and where it comes from."""

from collections import Counter

import pytest
from django.conf import settings

from shucai.base.errors import Refused
from shucai.site.seeding import reading

REFERENCE = reading.reference(settings.ROOT / "seeds")
SETS = sorted(REFERENCE.sets)

# fmt: off
COUNTS = {
    "functional": 1838, "revenue": 602, "economic_gov": 82, "economic_dept": 110,
    "accounts_unit": 149, "accounts_fiscal": 91, "asset_class": 264, "nontax_item": 109,
    "bank": 419, "bank_category": 41, "division": 176, "fund_type": 18, "budget_source": 5,
    "payment_method": 3, "settlement": 7, "project_category": 5, "budget_level": 8,
    "three_guarantees": 3, "procurement_method": 8, "office": 18,
}
# fmt: on


@pytest.mark.parametrize(("code", "count"), COUNTS.items())
def test_catalogues_are_complete(code: str, count: int) -> None:
    assert len(REFERENCE.sets[code].rows) == count


@pytest.mark.parametrize("code", SETS)
def test_rows_form_a_tree_with_true_leaf_flags(code: str) -> None:
    rows = {row.code: row for row in REFERENCE.sets[code].rows}
    parents = {row.parent_code for row in rows.values()} - {""}

    assert parents <= rows.keys()
    for row in rows.values():
        assert row.is_leaf == (row.code not in parents)
        assert row.level == (rows[row.parent_code].level + 1 if row.parent_code else 1)
        assert row.full_name.endswith(row.name)


@pytest.mark.parametrize("code", SETS)
def test_codes_follow_their_rule(code: str) -> None:
    assert reading.rule_faults(REFERENCE.sets[code]) == []


@pytest.mark.parametrize("code", SETS)
def test_every_row_fits_its_columns_and_tells_source_and_confidence(code: str) -> None:
    seed = REFERENCE.sets[code]

    assert 0 < len(seed.edition) <= 60
    assert len(seed.description) <= 300
    for row in seed.rows:
        assert 0 < len(row.source) <= 300
        assert row.confidence in {"verified", "high", "medium", "low", "illustrative"}
        assert len(row.code) <= 40
        assert len(row.name) <= 200
        assert row.name == row.name.strip()


def test_every_economic_relation_resolves_to_leaves() -> None:
    (relation,) = [r for r in REFERENCE.relations if r.code == "economic"]
    left = {r.code: r.is_leaf for r in REFERENCE.sets[relation.left_set].rows}
    right = {r.code: r.is_leaf for r in REFERENCE.sets[relation.right_set].rows}

    assert len(relation.pairs) == len(set(relation.pairs)) == 167
    assert all(left[one] and right[two] for one, two in relation.pairs)


def test_revenue_codes_of_non_tax_items_exist() -> None:
    revenue = {row.code for row in REFERENCE.sets["revenue"].rows}

    for item in REFERENCE.sets["nontax_item"].rows:
        assert item.extra.get("revenue", "") in revenue | {""}


def test_all_of_foshan_is_there() -> None:
    levels = Counter(place.level for place in REFERENCE.places)

    assert levels == {2: 1, 3: 5, 4: 32}
    paths = {place.code: place.path for place in REFERENCE.places}
    assert paths["440600000"] == "4406/440600"
    assert paths["440606000"] == "4406/440606"


def test_a_faulty_file_is_refused_with_its_place(tmp_path) -> None:  # type: ignore[no-untyped-def]
    (tmp_path / "city.toml").write_text("name =", "utf-8")

    with pytest.raises(Refused, match=r"city\.toml") as refused:
        reading.city(tmp_path)
    assert refused.value.code == "CLI-9101"

"""演示城市的编排: the same seed gives the same city; nobody spends more than was allotted."""

from collections import Counter, defaultdict
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from shucai.site.demo import plan
from shucai.site.demo.people import POSITIONS, SHOWN, second_places
from shucai.site.demo.plan import CityPlan, last_day
from shucai.site.seeding import reading

SEEDS = Path(__file__).resolve().parents[2] / "seeds"
FINISHED = {"pay", "issue"}


@pytest.fixture(scope="module")
def city() -> CityPlan:
    return plan.plan(SEEDS, size=60, seed=1)


def test_the_same_seed_gives_the_same_city(city: CityPlan) -> None:
    assert plan.plan(SEEDS, size=60, seed=1) == city
    assert plan.plan(SEEDS, size=60, seed=2).steps != city.steps


@pytest.mark.parametrize("size", [6, 61, 450, 2500])
def test_the_city_has_exactly_the_units_asked_for(size: int) -> None:
    facts = plan.data.read(SEEDS, seed=1)

    tree = plan.units.plan(facts, units=size)

    assert sum(not unit.is_department for unit in tree) == size
    assert len({unit.path for unit in tree}) == len({unit.name for unit in tree}) == len(tree)
    assert {unit.division for unit in tree} == {d["code"] for d in facts.divisions}
    departments = {(unit.division, unit.code) for unit in tree if unit.is_department}
    for unit in tree:
        assert unit.is_department or (unit.division, unit.parent) in departments
        assert len(unit.name) <= 60


def test_every_role_has_an_account_that_visitors_see(city: CityPlan) -> None:
    usernames = Counter(person.username for person in city.people)

    assert max(usernames.values()) == 1
    assert set(SHOWN) <= usernames.keys()
    assert {p.position for p in city.people} == POSITIONS.keys()


def test_no_one_does_two_desks_of_one_document(city: CityPlan) -> None:
    hands: dict[int, list[str]] = defaultdict(list)
    for step in city.steps:
        if step.action in ("submit", "approve", "issue", "pay"):
            for document in step.documents:
                hands[id(document)].append(step.username)

    assert all(len(set(names)) == len(names) for names in hands.values())


def test_spending_stays_within_the_allotments(city: CityPlan) -> None:
    granted: dict[tuple[int, str], Decimal] = {}
    used: dict[tuple[int, str], Decimal] = defaultdict(Decimal)
    for step in city.steps:
        for document in step.documents:
            for seq, line in enumerate(document.lines, start=1):
                if step.action == "issue":
                    number = f"{document.fields['doc_no']}-{seq:02}"
                    granted[document.year, number] = Decimal(line["amount"])
                elif step.action == "submit" and document.type == "payment.application":
                    used[document.year, line["allotment"]] += Decimal(line["amount"])
                    assert (document.year, line["allotment"]) in granted  # issued before used

    assert all(used[key] <= granted[key] for key in used)


def test_every_code_is_an_enabled_leaf_and_economic_pairs_match(city: CityPlan) -> None:
    reference = reading.reference(SEEDS)
    leaves = {
        code: {row.code for row in seed.rows if row.is_leaf}
        for code, seed in reference.sets.items()
    }
    (economic,) = [set(r.pairs) for r in reference.relations if r.code == "economic"]

    for step in city.steps:
        if step.type == "allotment.grant" and step.action == "save":
            for document in step.documents:
                assert document.fields["source"] in leaves["budget_source"]
                for line in document.lines:
                    assert line["function"] in leaves["functional"]
                    assert line["fund_type"] in leaves["fund_type"]
                    assert (line["gov_economy"], line["dep_economy"]) in economic


def test_the_story_runs_forward_and_ends_on_its_last_day(city: CityPlan) -> None:
    instants = [step.at for step in city.steps]

    assert instants == sorted(instants)
    assert instants[-1].date() <= city.until
    early = plan.plan(SEEDS, size=20, seed=1, until=date(2026, 4, 10))
    assert early.steps[-1].at.date() <= date(2026, 4, 10)


def test_all_desks_have_work_left(city: CityPlan) -> None:
    reached: dict[int, tuple[str, str]] = {}
    for step in city.steps:
        for document in step.documents:
            reached[id(document)] = (step.type, step.action)
    left = Counter(reached.values())

    for kind, action in (
        ("payment.application", "save"),
        ("payment.application", "submit"),
        ("payment.application", "approve"),
        ("payment.application", "reverse"),
        ("payment.application", "cancel"),
        ("allotment.grant", "save"),
        ("allotment.grant", "submit"),
        ("allotment.grant", "approve"),
    ):
        assert left[kind, action] > 0, (kind, action)


@pytest.mark.parametrize("username", ["jingban", "cc_jingban"])
def test_the_unit_visitors_sign_in_to_has_work_on_every_desk(city: CityPlan, username: str) -> None:
    mine = {
        id(document)
        for step in city.steps
        if step.username == username and step.action == "save"
        for document in step.documents
    }
    reached = {
        id(document): step.action
        for step in city.steps
        for document in step.documents
        if id(document) in mine
    }
    left = Counter(reached.values())

    assert 20 <= len(mine) <= 45
    assert left["save"] >= 1
    assert left["submit"] >= 2
    assert left["return"] >= 1
    assert left["approve"] >= 1
    assert left["pay"] >= 10


def test_the_first_visitor_has_a_second_position_to_switch_to(city: CityPlan) -> None:
    clerk = next(person for person in city.people if person.username == "jingban")

    (second,) = second_places(city.people, city.units)

    assert (second.username, second.name, second.position) == (
        "jingban",
        clerk.name,
        clerk.position,
    )
    assert second.scope == second.unit.path != clerk.scope
    assert second.division == clerk.division
    assert not second.unit.is_department


def test_the_last_day_follows_the_calendar_within_the_demo_year() -> None:
    assert last_day(date(2026, 6, 1)) == date(2026, 6, 1)
    assert last_day(date(2025, 6, 1)) == last_day(date(2030, 1, 1)) == date(2026, 11, 20)

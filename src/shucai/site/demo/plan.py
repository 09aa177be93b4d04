"""演示城市 the whole plan of the demo city: units, people, and a story told in order of time.

The same seed, size and last day give the same plan, to the cent and the second.
"""

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final

from shucai.site.demo import data, people, units
from shucai.site.demo.data import Facts
from shucai.site.demo.grants import Grants
from shucai.site.demo.payments import Payments
from shucai.site.demo.people import PersonPlan
from shucai.site.demo.story import StepPlan, Story
from shucai.site.demo.units import UnitPlan

YEARS: Final = (2025, 2026, 2027)
LAST_DAY: Final = date(2026, 11, 20)
FIRST_LAST_DAY: Final = date(2026, 3, 16)


@dataclass(frozen=True, slots=True)
class CityPlan:
    """Everything that will be written."""

    facts: Facts
    until: date
    units: tuple[UnitPlan, ...]
    people: tuple[PersonPlan, ...]
    steps: tuple[StepPlan, ...]


def last_day(today: date) -> date:
    """The demo year ends a day before today, so that the visitor goes on where it stops."""
    return today if FIRST_LAST_DAY <= today < LAST_DAY else LAST_DAY


def plan(folder: Path, *, size: int, seed: int, until: date = LAST_DAY) -> CityPlan:
    facts = data.read(folder, seed=seed)
    tree = units.plan(facts, units=size)
    shown = _shown(facts, tree)
    story = Story()
    grants = Grants(facts, tree, story, until)
    grants.plan()
    payments = Payments(
        facts, grants.allotments, story, until=until, lively=_lively(facts, tree), shown=shown
    )
    payments.plan()
    return CityPlan(
        facts=facts,
        until=until,
        units=tuple(tree),
        people=tuple(people.plan(facts, tree, shown=shown)),
        steps=tuple(story.told()),
    )


def _pick(tree: list[UnitPlan], division: str, department: str, *, office: bool) -> UnitPlan:
    """The department's own office, or its first institution; any unit of a tiny city."""
    mine = [unit for unit in tree if unit.division == division and not unit.is_department]
    fitting = [
        u for u in mine if u.parent == department and (u.group == "office") == office
    ] or mine
    return fitting[0]


def _shown(facts: Facts, tree: list[UnitPlan]) -> list[UnitPlan]:
    """The school of the city level and the one of the first district that visitors sign in to."""
    first_two = [division["code"] for division in facts.divisions[:2]]
    return [_pick(tree, division, "105", office=False) for division in first_two]


def _lively(facts: Facts, tree: list[UnitPlan]) -> list[UnitPlan]:
    """The units whose own people act: those shown, and a bureau and a hospital."""
    city = facts.city.division
    wanted = [
        *_shown(facts, tree),
        _pick(tree, city, "105", office=True),
        _pick(tree, city, "121", office=False),
    ]
    return list(dict.fromkeys(wanted))

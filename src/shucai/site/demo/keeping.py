"""演示的基础数据维护 keeping: local codes, a publication taken over, value rules and levels.

Made by the keepers of the demo city through the services everybody uses.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from shucai.kernel.identity.actor import Actor
from shucai.kernel.masterdata import editing, levels, publishing, value_rules, values
from shucai.kernel.masterdata.editing import Place

CITY_KEEPER: Final = "jichu"


def write(seeds: Path, actors: Mapping[str, Actor], *, year: int, now: datetime) -> None:
    """Everything in `seeds/demo/keeping.toml`, in the given year."""
    said = tomllib.loads((seeds / "demo" / "keeping.toml").read_text("utf-8"))
    known = {name: replace(actor, fiscal_year=year) for name, actor in actors.items()}
    for one in said["local"]:
        keeper = known[one["keeper"]]
        place = Place(one["value_set"], year, keeper.division)
        for code, name, parent in one["rows"]:
            editing.add(actor=keeper, place=place, code=code, name=name, parent=parent, now=now)
    values.forget()
    for one in said["publication"]:
        _publish(one, known, year=year, now=now)
    for one in said["rule"]:
        facts = {name: value for name, value in one.items() if name != "code"}
        value_rules.put(
            actor=known[CITY_KEEPER],
            fiscal_year=year,
            division="",
            code=one["code"],
            facts=facts,
            now=now,
        )
    for one in said["level"]:
        levels.put(
            actor=known[CITY_KEEPER], fiscal_year=year, division="", required=True, now=now, **one
        )


def _publish(
    one: Mapping[str, Any], known: Mapping[str, Actor], *, year: int, now: datetime
) -> None:
    keeper = known[one["keeper"]]
    made = publishing.publish(
        actor=keeper,
        place=Place(one["value_set"], year, keeper.division),
        title=one["title"],
        now=now,
    )
    for taker in one["takers"]:
        publishing.take(actor=known[taker], publication=made.pk, now=now)

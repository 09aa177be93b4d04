"""演示资料 the facts the demo city is made of: `seeds/demo/*.toml`, read once, never written."""

import random
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from shucai.site.seeding import reading
from shucai.site.seeding.reading import City, Place


@dataclass(frozen=True)
class Facts:
    """Names, shares and magnitudes; everything random is drawn from `seed`."""

    seed: int
    city: City
    places: Sequence[Place]
    divisions: Sequence[Mapping[str, Any]]
    departments: Sequence[Mapping[str, Any]]
    kinds: Mapping[str, Mapping[str, Any]]
    people: Mapping[str, Any]
    spending: Mapping[str, Any]

    def dice(self, *topic: object) -> random.Random:
        """Numbers of their own for each topic, so that one part never shifts another."""
        return random.Random(":".join(map(str, (self.seed, *topic))))  # noqa: S311 (a demo, not a secret)

    def towns(self, division: str) -> list[str]:
        return [place.name for place in self.places if place.parent == division]


def read(folder: Path, *, seed: int) -> Facts:
    def toml(name: str) -> dict[str, Any]:
        return tomllib.loads((folder / "demo" / name).read_text("utf-8"))

    units = toml("units.toml")
    return Facts(
        seed=seed,
        city=reading.city(folder),
        places=reading.reference(folder).places,
        divisions=units["division"],
        departments=units["department"],
        kinds=units["kind"],
        people=toml("people.toml"),
        spending=toml("spending.toml"),
    )

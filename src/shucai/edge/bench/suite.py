"""全部测量 suite: each measurement by name, in a scratch database of its own."""

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import Final

from shucai.edge.bench import scratch
from shucai.edge.bench.figures import Figure
from shucai.edge.bench.scratch import Scratch

NAMES: Final = ("ledger", "document", "list", "web")
CLIENTS: Final = 16
Tell = Callable[[str], None] | None


@dataclass(frozen=True, slots=True)
class Wish:
    """How long, how often, how much; None is the size the target speaks of."""

    rounds: int = 3
    seconds: int = 5
    size: int | None = None
    clients: int = CLIENTS


def run(name: str, wish: Wish, *, tell: Tell = None) -> list[Figure]:
    """Measures in a scratch database, which is dropped afterwards."""
    say = tell or (lambda text: None)
    say(f"{name}：准备试验库")
    with scratch.database() as place:
        return _MEASURE[name](place, wish, say)


def _ledger(place: Scratch, wish: Wish, say: Callable[[str], None]) -> list[Figure]:
    ledger = import_module("shucai.edge.bench.ledger")
    said = ledger.run(wish.seconds, wish.clients, rounds=wish.rounds, admin=place.admin)
    said.pop("met")
    return [Figure(**said)]


def _other(name: str) -> Callable[[Scratch, Wish, Callable[[str], None]], list[Figure]]:
    def measure(place: Scratch, wish: Wish, say: Callable[[str], None]) -> list[Figure]:
        found: list[Figure] = import_module(f"shucai.edge.bench.{name}").run(place, wish, say)
        return found

    return measure


_MEASURE: Final = {
    "ledger": _ledger,
    "document": _other("document"),
    "list": _other("lists"),
    "web": _other("pages"),
}

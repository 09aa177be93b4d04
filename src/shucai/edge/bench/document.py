"""单据办理测量 document bench: whole submits, one by one and ten thousand at once, against TPC-B.

A submit is the full pipeline: rules, hold, number, step, to-do, version, audit row, outbox.
"""

import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from shucai.edge.bench import synthetic
from shucai.edge.bench.clients import Act, Clients
from shucai.edge.bench.figures import Figure, figure
from shucai.edge.bench.scratch import Scratch, close_connections, set_statistics
from shucai.edge.bench.tpcb import TpcB, environment
from shucai.kernel import registry
from shucai.kernel.document import pipeline
from shucai.kernel.document.action import Action
from shucai.kernel.document.declare import DocumentType

if TYPE_CHECKING:
    from shucai.edge.bench.suite import Wish

KIND: Final = "payment.application"
SINGLE_TARGET: Final = 0.15
BATCH_TARGET: Final = 20.0
BATCH_SIZE: Final = 10_000
ACCOUNTS_PER_UNIT: Final = 200
RATE_MAX: Final = 1_500  # drafts kept ready for each second of single submits


@dataclass(frozen=True, slots=True)
class Round:
    """Documents a second, and TPC-B transactions a second, one after the other."""

    single: float
    batch: float
    yardstick: float


def run(place: Scratch, wish: "Wish", say: Callable[[str], None]) -> list[Figure]:
    kind: DocumentType = registry.get("document", KIND)
    batch = wish.size or BATCH_SIZE
    wanted = int((wish.rounds * wish.seconds + 1) * RATE_MAX)
    say(f"准备 {wanted + batch * wish.rounds} 张草稿")
    city = synthetic.city(kind, accounts_per_unit=ACCOUNTS_PER_UNIT)
    singles = synthetic.drafts(kind, city, wanted)
    batches = [synthetic.drafts(kind, city, batch) for _ in range(wish.rounds)]
    yardstick = TpcB(clients=wish.clients, env=environment(place.admin))
    yardstick.prepare()
    _vacuum(place, kind)
    rounds: list[Round] = []
    make = _submitter(kind, singles, wish.clients)
    with Clients(count=wish.clients, make=make) as clients:
        clients.measure(1)
        yardstick.measure(seconds=1)
        for ids in batches:
            rate = clients.measure(wish.seconds)
            rounds.append(
                Round(rate, _submit_at_once(kind, ids), yardstick.measure(seconds=wish.seconds))
            )
            last = rounds[-1]
            say(f"单笔 {last.single:.0f}/s，整批 {last.batch:.0f}/s，TPC-B {last.yardstick:.0f}/s")
    close_connections()
    return _figures(rounds, wish.clients, batch)


def _vacuum(place: Scratch, kind: DocumentType) -> None:
    tables = ["document_header", kind.model._meta.db_table, kind.line._meta.db_table]
    set_statistics(place, *tables, "ledger_account")


def _submitter(kind: DocumentType, ids: list[int], clients: int) -> Callable[[int], Act]:
    """Every client has drafts of its own; none is submitted twice."""

    def make(n: int) -> Act:
        own: Iterator[int] = iter(ids[n::clients])
        actor = synthetic.actor(kind)

        def act() -> None:
            outcome = pipeline.run(_action(kind, [f"~{next(own)}"], actor))
            if not outcome.ok:
                raise RuntimeError(str(outcome.results[0].findings))

        return act

    return make


def _action(kind: DocumentType, numbers: list[str], actor: object) -> Action:
    return Action(
        type=kind.code,
        numbers=numbers,
        name=kind.flow[0].action,
        actor=actor,  # type: ignore[arg-type]  # an Actor
        now=synthetic.NOW,
        today=synthetic.DAY,
    )


def _submit_at_once(kind: DocumentType, ids: list[int]) -> float:
    """Documents a second of one call for all of them."""
    numbers = [f"~{one}" for one in ids]
    began = time.perf_counter()
    outcome = pipeline.run(_action(kind, numbers, synthetic.actor(kind)))
    elapsed = time.perf_counter() - began
    if not outcome.ok:
        raise RuntimeError(str(next(r.findings for r in outcome.results if not r.ok)))
    return len(ids) / elapsed


def _figures(rounds: list[Round], clients: int, batch: int) -> list[Figure]:
    single = statistics.median(one.single for one in rounds)
    whole = statistics.median(one.batch for one in rounds)
    tpcb = statistics.median(one.yardstick for one in rounds)
    return [
        figure(
            "document.single",
            [one.single / one.yardstick for one in rounds],
            yardstick=f"pgbench TPC-B -c {clients}: {tpcb:.0f}/s; submits: {single:.0f}/s",
            target=SINGLE_TARGET,
        ),
        figure(
            "document.batch",
            [one.batch / one.single for one in rounds],
            yardstick=f"single submits of {clients} clients: {single:.0f}/s; "
            f"one batch of {batch}: {whole:.0f} documents/s",
            target=BATCH_TARGET,
        ),
    ]

"""台账记账测量 ledger bench: single postings through Django against TPC-B, round by round.

Run it on a scratch database: what it posts stays. Each client is a process that holds and then
settles or releases, every posting a transaction of its own within the actor's scope.
"""

import random
import statistics
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import partial
from itertools import count
from typing import Any, Final

from django.db import transaction

from shucai.edge.bench.clients import Act, Clients
from shucai.edge.bench.tpcb import TpcB, environment
from shucai.kernel.calendar import periods
from shucai.kernel.identity import scope
from shucai.kernel.identity.actor import Actor
from shucai.kernel.ledger.accounts import AccountSpec, open_accounts
from shucai.kernel.ledger.posting import Posting, post
from shucai.kernel.masterdata.models import Unit

TARGET: Final = 0.7
ACCOUNTS: Final = 20_000
YEAR: Final = 2026
DAY: Final = date(2026, 6, 30)
DIVISION: Final = "990000000"
ROOT: Final = "99"
HEADERS: Final = 1_000_000_000  # far above real ones
AMOUNT: Final = Decimal("12.34")


@dataclass(frozen=True, slots=True)
class Round:
    """Postings and TPC-B transactions a second, one after the other."""

    ledger: float
    yardstick: float

    @property
    def ratio(self) -> float:
        return self.ledger / self.yardstick


def run(
    seconds: int = 5,
    clients: int = 16,
    *,
    rounds: int = 3,
    admin: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """The median ratio of postings to TPC-B transactions over interleaved rounds."""
    accounts = prepare()
    yardstick = TpcB(clients=clients, env=environment(admin))
    yardstick.prepare()
    yardstick.tidy("ledger_account", "ledger_entry", "ledger_hold", "ledger_journal")
    with Clients(count=clients, make=partial(_poster, accounts)) as workers:
        workers.measure(1)  # warm up
        yardstick.measure(seconds=1)
        measured = [
            Round(workers.measure(seconds), yardstick.measure(seconds=seconds))
            for _ in range(rounds)
        ]
    ratios = sorted(one.ratio for one in measured)
    ratio = statistics.median(ratios)
    tpcb = statistics.median(one.yardstick for one in measured)
    ours = statistics.median(one.ledger for one in measured)
    return {
        "name": "ledger",
        "ratio": round(ratio, 2),
        "yardstick": f"pgbench TPC-B -s {yardstick.scale} -c {clients}: {tpcb:.0f}/s; "
        f"postings through Django: {ours:.0f}/s",
        "spread": f"{ratios[0]:.2f}–{ratios[-1]:.2f}",
        "target": TARGET,
        "met": ratio >= TARGET,
    }


def actor() -> Actor:
    return Actor(
        user_id=0,
        name="性能测量",
        position_name="性能测量",
        duties=frozenset(),
        scope_path=ROOT,
        office="",
        unit_code="999001",
        unit_name="性能测量单位",
        division=DIVISION,
        fiscal_year=YEAR,
    )


def prepare() -> list[int]:
    """A unit, an open year and accounts with plenty of money; found again on the next run."""
    now = datetime.now(UTC)
    periods.open_year(divisions=[DIVISION], fiscal_year=YEAR)
    with transaction.atomic():
        scope.apply(actor())
        unit, _ = Unit.objects.get_or_create(
            path=f"{ROOT}/999001",
            defaults={"code": "999001", "name": "性能测量单位", "division_code": DIVISION},
        )
        accounts = open_accounts(
            [
                AccountSpec(
                    book="bench",
                    kind="bench",
                    fiscal_year=YEAR,
                    division=DIVISION,
                    unit_id=unit.pk,
                    unit_path=unit.path,
                    office="",
                    number=f"{n:06}",
                )
                for n in range(ACCOUNTS)
            ]
        )
        post(
            postings=[
                Posting("grant", a, Decimal(10**9), HEADERS, n) for n, a in enumerate(accounts)
            ],
            fiscal_year=YEAR,
            business_date=DAY,
            posted_at=now,
            actor_id=0,
            key="bench",
        )
    return accounts


def _poster(accounts: list[int], n: int) -> Act:
    """Holds on an account of chance, then settles or releases, in turn."""
    dice = random.Random(n)  # noqa: S311 (no secret)
    who, now, mark = actor(), datetime.now(UTC), time.time_ns()
    headers = count(HEADERS * (n + 2) + mark % HEADERS)
    waiting: list[tuple[int, int]] = []

    def act() -> None:
        if waiting:
            header, account = waiting.pop()
            verb = dice.choice(("settle", "release"))
        else:
            header, account, verb = next(headers), dice.choice(accounts), "hold"
            waiting.append((header, account))
        posted = post(
            postings=[Posting(verb, account, AMOUNT, header, 1)],
            within=who,
            fiscal_year=YEAR,
            business_date=DAY,
            posted_at=now,
            actor_id=who.user_id,
            key=f"bench-{mark}-{n}-{header}-{verb}",
        )
        if posted.refused:
            raise RuntimeError(f"refused: {posted.refused}")

    return act

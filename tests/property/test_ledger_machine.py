"""The ledger against a model of two dozen lines: same answers, same balances, whatever is asked."""

from collections import defaultdict
from decimal import Decimal
from itertools import count

import pytest
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from shucai.kernel.ledger import proof
from shucai.kernel.ledger.models import LedgerAccount, LedgerEntry
from shucai.kernel.ledger.posting import Posting
from tests.ledger_world import World, found

ACCOUNTS, LINES = 3, 4
CHANGES = {  # granted, held, spent
    "grant": (1, 0, 0), "ungrant": (-1, 0, 0), "hold": (0, 1, 0), "settle": (0, -1, 1),
    "release": (0, -1, 0), "reverse": (0, 0, -1), "move": (-1, 0, 0),
}  # fmt: skip


class Model:
    """All there is to know about bounded accounts and the lines that draw on them, in fen."""

    def __init__(self) -> None:
        self.balances = [[0, 0, 0] for _ in range(ACCOUNTS)]
        self.open: defaultdict[tuple[int, int], int] = defaultdict(int)
        self.settled: defaultdict[tuple[int, int], int] = defaultdict(int)
        self.gave: dict[tuple[int, int], str] = {}

    def allows(self, verb: str, account: int, amount: int, header: int) -> bool:
        granted, held, spent = self.balances[account]
        line, enough = (header, account), granted - held - spent >= amount
        if verb in ("settle", "release"):
            return self.open[line] >= amount
        if verb == "reverse":
            return self.settled[line] >= amount
        if verb == "hold":
            return self.open[line] == 0 and enough
        return self.gave.get(line) != verb and (verb == "grant" or enough)

    def post(self, verb: str, account: int, amount: int, header: int) -> None:
        line = (header, account)
        for place, sign in enumerate(CHANGES[verb]):
            self.balances[account][place] += sign * amount
        self.open[line] += CHANGES[verb][1] * amount
        self.settled[line] += CHANGES[verb][2] * amount
        if verb in ("grant", "ungrant", "move"):
            self.gave[line] = verb


def yuan(fen: int) -> Decimal:
    return Decimal(fen) / 100


class Ledger(RuleBasedStateMachine):
    """Drives writer and model alike; every example is rolled back."""

    @initialize()
    def begin(self) -> None:
        self.example = transaction.atomic()
        self.example.__enter__()
        self.world: World = found()
        self.accounts = [self.world.open() for _ in range(ACCOUNTS)]
        self.model = Model()
        self.moves = count(500)
        self.inflow = 0

    def teardown(self) -> None:
        if hasattr(self, "example"):
            report = proof.check()
            transaction.set_rollback(True)
            self.example.__exit__(None, None, None)
            assert report.ok, report.faults

    @rule(
        verb=st.sampled_from([verb for verb in CHANGES if verb != "move"]),
        account=st.integers(0, ACCOUNTS - 1),
        amount=st.integers(1, 500),
        header=st.integers(1, LINES),
        in_batch=st.booleans(),
    )
    def post_one(
        self, *, verb: str, account: int, amount: int, header: int, in_batch: bool
    ) -> None:
        said = Posting(verb, self.accounts[account], yuan(amount), header, 1)
        entries = LedgerEntry.objects.count()
        lines = [said, Posting("grant", self.world.open(), Decimal(1), next(self.moves), 1)]
        posted = self.world.post(lines if in_batch else [said], mode="each")

        expected = self.model.allows(verb, account, amount, header)
        assert (header not in posted.refused) == expected, posted.refused
        assert LedgerEntry.objects.count() == entries + expected + in_batch
        if expected:
            self.model.post(verb, account, amount, header)
            self.inflow += CHANGES[verb][0] * amount

    @rule(
        source=st.integers(0, ACCOUNTS - 1),
        step=st.integers(1, ACCOUNTS - 1),
        amount=st.integers(1, 500),
    )
    def move(self, source: int, step: int, amount: int) -> None:
        target, header = (source + step) % ACCOUNTS, next(self.moves)
        posted = self.world.do(
            "move",
            self.accounts[source],
            str(yuan(amount)),
            to=self.accounts[target],
            header=header,
        )

        expected = self.model.allows("move", source, amount, header)
        assert (not posted.refused) == expected
        if expected:
            self.model.post("move", source, amount, header)
            self.model.balances[target][0] += amount

    @rule(
        documents=st.lists(
            st.lists(st.tuples(st.integers(0, ACCOUNTS - 1), st.integers(1, 300)), max_size=3),
            max_size=5,
        ),
        mode=st.sampled_from(["each", "atomic"]),
    )
    def hold_documents(self, documents: list[list[tuple[int, int]]], mode: str) -> None:
        wanted = [(next(self.moves), lines) for lines in documents if lines]
        posted = self.world.post(
            [
                Posting("hold", self.accounts[account], yuan(amount), header, seq)
                for header, lines in wanted
                for seq, (account, amount) in enumerate(lines, 1)
            ],
            mode=mode,
        )

        left = [granted - held - spent for granted, held, spent in self.model.balances]
        good = []
        for header, lines in wanted:
            after = list(left)
            for account, amount in lines:
                after[account] -= amount
            if min(after) >= 0:
                left, good = after, [*good, (header, lines)]
        assert set(posted.refused) == {h for h, _ in wanted} - {h for h, _ in good}
        if mode == "each" or len(good) == len(wanted):
            for header, lines in good:
                for account, amount in lines:
                    self.model.post("hold", account, amount, header)

    @invariant()
    def balances_are_those_of_the_model(self) -> None:
        if not hasattr(self, "model"):
            return
        kept = LedgerAccount.objects.in_bulk(self.accounts)
        for pk, (granted, held, spent) in zip(self.accounts, self.model.balances, strict=True):
            one = kept[pk]
            assert (one.granted, one.held, one.spent) == (yuan(granted), yuan(held), yuan(spent))
            assert min(one.available, one.held, one.spent) >= 0
        assert sum(kept[pk].granted for pk in self.accounts) == yuan(self.inflow)


@pytest.mark.django_db
def test_the_ledger_agrees_with_its_model() -> None:
    run_state_machine_as_test(
        Ledger,
        settings=settings(
            max_examples=60,
            stateful_step_count=30,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )

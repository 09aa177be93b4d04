"""Many threads on few accounts: no overspend, no deadlock, and what is held was submitted."""

import random
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from threading import Barrier

import pytest
from django.db import connections, transaction
from tests.ledger_world import World, figures, found, see

from shucai.kernel.ledger import proof
from shucai.kernel.ledger.models import LedgerAccount, LedgerEntry
from shucai.kernel.ledger.posting import Posted, Posting

THREADS = 16


def race(work: Callable[[int], list[Posted]]) -> list[Posted]:
    """Runs `work(n)` in every thread at once; an exception of any thread is raised here."""
    start = Barrier(THREADS)

    def run(n: int) -> list[Posted]:
        try:
            start.wait()
            return work(n)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(THREADS) as pool:
        return [posted for done in pool.map(run, range(THREADS)) for posted in done]


def committed(world: World, postings: list[Posting], **more: object) -> Posted:
    with transaction.atomic():
        see()
        return world.post(postings, **more)


def prepared(granted: list[str]) -> tuple[World, list[int]]:
    with transaction.atomic():
        world = found()
        return world, [world.open(amount) for amount in granted]


def test_four_line_documents_over_six_accounts(fresh_database: str) -> None:
    world, accounts = prepared(["3000.00"] * 6)

    def submit(n: int) -> list[Posted]:
        dice = random.Random(n)
        answers = []
        for turn in range(15):
            lines = [
                Posting("hold", account, Decimal(dice.randint(1, 9000)) / 100, n * 100 + turn, seq)
                for seq, account in enumerate(dice.sample(accounts, 4), 1)
            ]
            answers.append(committed(world, lines))
        return answers

    answers = race(submit)

    with transaction.atomic():
        see()
        held = sum(account.held for account in LedgerAccount.objects.all())
        entries = LedgerEntry.objects.filter(verb="hold")
        accepted = sum(entry.amount for entry in entries)
        lowest = min(account.available for account in LedgerAccount.objects.all())
    good = [posted for posted in answers if not posted.refused]
    assert len(answers) == THREADS * 15
    assert 0 < len(good) < len(answers)  # the money did run out
    assert len(entries) == 4 * len(good)
    assert held == accepted
    assert lowest >= 0
    assert proof.check().ok


def test_one_account_is_never_overspent(fresh_database: str) -> None:
    world, (account,) = prepared(["100.00"])

    answers = race(
        lambda n: [
            committed(world, [Posting("hold", account, Decimal(3), n * 100 + turn, 1)])
            for turn in range(5)
        ]
    )

    assert sum(not posted.refused for posted in answers) == 33
    with transaction.atomic():
        see()
        assert figures(account) == ("100.00", "0.00", "99.00", "0.00", "1.00")
    assert proof.check().ok


def test_singles_batches_and_moves_in_every_direction_do_not_deadlock(fresh_database: str) -> None:
    world, accounts = prepared(["500.00"] * 4)

    def mixed(n: int) -> list[Posted]:
        dice, answers = random.Random(n), []
        for turn in range(12):
            header = n * 100 + turn
            one, two, three = dice.sample(accounts, 3)
            if turn % 3 == 0:
                lines = [Posting("move", one, Decimal(7), header, 1, two)]
            elif turn % 3 == 1:
                lines = [Posting("hold", one, Decimal(2), header, 1)]
            else:
                lines = [
                    Posting("hold", one, Decimal(2), header, 1),
                    Posting("move", two, Decimal(3), header, 2, three),
                    Posting("ungrant", three, Decimal(1), header, 3),
                ]
            answers.append(committed(world, lines, mode="each"))
        return answers

    answers = race(mixed)

    assert len(answers) == THREADS * 12
    report = proof.check()
    assert report.ok
    assert report.totals[0].negative == 0


def test_a_hold_is_resolved_by_one_of_many(fresh_database: str) -> None:
    world, (account,) = prepared(["100.00"])
    committed(world, [Posting("hold", account, Decimal(60), 1, 1)])

    answers = race(
        lambda n: [
            committed(world, [Posting(("settle", "release")[n % 2], account, Decimal(60), 1, 1)])
        ]
    )

    assert sum(not posted.refused for posted in answers) == 1
    reasons = {lines[0].reason for p in answers for lines in p.refused.values()}
    assert reasons <= {"already_settled", "already_released"}
    assert proof.check().ok


@pytest.mark.parametrize("size", [1, 2])
def test_one_key_in_many_threads_posts_once(fresh_database: str, size: int) -> None:
    world, (account,) = prepared(["100.00"])
    lines = [Posting("hold", account, Decimal(10), 1, seq) for seq in range(1, size + 1)]

    answers = race(lambda n: [committed(world, lines, key="once")])

    assert sum(not posted.replayed for posted in answers) == 1
    assert {posted.balances[account].held for posted in answers} == {Decimal(10 * size)}
    with transaction.atomic():
        see()
        assert LedgerEntry.objects.filter(verb="hold").count() == size

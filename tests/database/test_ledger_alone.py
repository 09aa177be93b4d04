"""A posting that is a transaction of its own: committed at once, repeatable, hard to disturb."""

from decimal import Decimal

from django.db import connection, transaction
from tests import factories
from tests.factories import NOW, TODAY, YEAR

from shucai.kernel.ledger.models import LedgerAccount
from shucai.kernel.ledger.posting import Posting, post


def test_a_posting_of_its_own_survives_lost_prepared_statements(fresh_database: str) -> None:
    world = factories.found()
    number = world.allot("100.00")
    with transaction.atomic():
        world.see("clerk")
        account = LedgerAccount.objects.get(number=number).pk

    def hold(header: int, key: str) -> object:
        return post(
            postings=[Posting("hold", account, Decimal("40.00"), header, 1)],
            actor_id=world.people["clerk"].user_id,
            within=world.people["clerk"],
            fiscal_year=YEAR,
            business_date=TODAY,
            posted_at=NOW,
            key=key,
        )

    hold(9001, "alone-1")
    with connection.cursor() as cursor:
        cursor.execute("DEALLOCATE ALL")
    hold(9002, "alone-2")
    again = hold(9002, "alone-2")
    short = hold(9003, "alone-3")

    with transaction.atomic():
        assert world.balance(number) == ("100.00", "80.00", "0.00", "20.00")
    assert again.replayed  # type: ignore[attr-defined]
    assert [s.reason for s in short.refused[9003]] == ["short"]  # type: ignore[attr-defined]

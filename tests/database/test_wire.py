"""Statements that travel together: one transaction, one failure, and a connection that survives."""

import pytest
from django.db import DataError, ProgrammingError, connection, transaction

from shucai.kernel.ledger import wire

ONE = wire.Prepared("SELECT $1::integer + 1")
RATIO = wire.Prepared("SELECT 10 / $1::integer")
SAY = wire.Prepared("SELECT set_config('shucai.user', $1, false)")
HEAR = wire.Prepared("SELECT current_setting('shucai.user', true)")


def test_answers_come_in_the_order_of_the_calls(db: None) -> None:
    said = wire.ask([wire.Call(ONE, [1]), wire.Call(SAY, ["甲"]), wire.Call(HEAR)])
    assert said == [[(2,)], [("甲",)], [("甲",)]]


def test_a_failure_undoes_its_flight_and_the_next_one_works(fresh_database: str) -> None:
    wire.ask([wire.Call(SAY, ["before"])])
    with pytest.raises(DataError), transaction.atomic():
        wire.ask([wire.Call(SAY, ["after"]), wire.Call(RATIO, [0]), wire.Call(ONE, [1])])
    assert wire.ask([wire.Call(HEAR), wire.Call(RATIO, [5]), wire.Call(ONE, [1])]) == [
        [("before",)],
        [(2,)],
        [(2,)],
    ]


def test_lost_statements_are_prepared_again(fresh_database: str) -> None:
    wire.ask([wire.Call(ONE, [1])])
    with connection.cursor() as cursor:
        cursor.execute("DEALLOCATE ALL")
    assert wire.ask([wire.Call(ONE, [1])]) == [[(2,)]]
    with connection.cursor() as cursor:
        cursor.execute("DEALLOCATE ALL")
    with pytest.raises(ProgrammingError) as failure, transaction.atomic():
        wire.ask([wire.Call(ONE, [1])])
    assert failure.value.__cause__.sqlstate == wire.LOST  # type: ignore[union-attr]
    with transaction.atomic():
        assert wire.ask([wire.Call(ONE, [1])]) == [[(2,)]]


def test_only_the_outermost_transaction_is_ended(fresh_database: str) -> None:
    with transaction.atomic():
        wire.ask([wire.Call(SAY, ["kept"])], commit=True)
        assert connection.connection.info.transaction_status.name == "IDLE"
    with transaction.atomic():
        with transaction.atomic():
            wire.ask([wire.Call(SAY, ["undone"])], commit=True)
        assert connection.connection.info.transaction_status.name == "INTRANS"
        transaction.set_rollback(True)
    assert wire.ask([wire.Call(HEAR)]) == [[("kept",)]]


@pytest.mark.parametrize("driver_prepares", [True, False])
def test_a_rollback_on_the_way_does_not_cost_the_transaction(
    db: None, driver_prepares: bool
) -> None:
    wire.ask([wire.Call(ONE, [1])])
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    connection.connection.execute("SELECT 2", prepare=driver_prepares)

    with transaction.atomic():
        with pytest.raises(DataError), transaction.atomic():
            wire.ask([wire.Call(RATIO, [0])])
        assert wire.ask([wire.Call(ONE, [1])]) == [[(2,)]]
        connection.connection.execute("SELECT 2", prepare=driver_prepares)

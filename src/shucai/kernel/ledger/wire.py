"""单笔直达 wire: the writer's statement for a single posting, prepared once per connection.

Inside a transaction it goes through a psycopg cursor that binds on the server. On its own it goes
straight to libpq, which takes a third off the client's share of a posting.
"""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any, Final
from weakref import WeakSet

import psycopg
from django.db import DEFAULT_DB_ALIAS, connections
from psycopg.pq import DiagnosticField, ExecStatus
from psycopg.pq.abc import PGresult

_BOUND: Final = (
    "SELECT * FROM ledger_post_one(%s::text, %s::bigint, %s::numeric, %s::bigint, %s::integer,"
    " %s::integer, %s::date, %s::timestamptz, %s::bigint, %s::text, %s::text, %s::text, %s::text)"
)
_NAMED: Final = b"""
SELECT * FROM ledger_post_one($1::text, $2::bigint, $3::numeric, $4::bigint, $5::integer,
  $6::integer, $7::date, $8::timestamptz, $9::bigint, $10::text, $11::text, $12::text, $13::text)
"""
_NAME: Final = b"shucai_ledger_post_one"
_LOST: Final = b"26000"  # after some rollbacks psycopg drops every prepared statement
_prepared_on: "WeakSet[psycopg.Connection[Any]]" = WeakSet()


def post_one(arguments: Sequence[Any]) -> tuple[Any, ...]:
    """Reason, limit, the four balances and whether it is a repeat."""
    django = connections[DEFAULT_DB_ALIAS]
    django.ensure_connection()
    raw: psycopg.Connection[Any] = django.connection
    with django.wrap_database_errors:
        if raw.autocommit:
            straight: tuple[Any, ...] = _straight(raw, arguments)
            return straight
        if raw.prepare_threshold is None:
            raw.prepare_threshold = 5  # Django's own cursors bind on the client and never prepare
        with psycopg.Cursor(raw) as cursor:
            rows: list[tuple[Any, ...]] = cursor.execute(_BOUND, arguments, prepare=True).fetchall()
    return rows[0]


def _straight(raw: psycopg.Connection[Any], arguments: Sequence[Any]) -> tuple[Any, ...]:
    """Text in, text out; the server reads the types from the statement."""
    said = [None if one is None else str(one).encode() for one in arguments]
    result = _executed(raw, said)
    if result.error_field(DiagnosticField.SQLSTATE) == _LOST:
        _prepared_on.discard(raw)
        result = _executed(raw, said)
    _refuse_failure(raw, result, ExecStatus.TUPLES_OK)
    reason, *amounts, replayed = (result.get_value(0, column) for column in range(7))
    figures = [None if amount is None else Decimal(amount.decode()) for amount in amounts]
    return (reason.decode() if reason else None, *figures, replayed == b"t")


def _executed(raw: psycopg.Connection[Any], said: Sequence[bytes | None]) -> PGresult:
    if raw not in _prepared_on:
        _refuse_failure(raw, raw.pgconn.prepare(_NAME, _NAMED), ExecStatus.COMMAND_OK)
        _prepared_on.add(raw)
    return raw.pgconn.exec_prepared(_NAME, said)  # type: ignore[arg-type]  # None is null


def _refuse_failure(raw: psycopg.Connection[Any], result: Any, expected: ExecStatus) -> None:
    if result.status != expected:
        raise psycopg.errors.error_from_result(result, encoding=raw.info.encoding)

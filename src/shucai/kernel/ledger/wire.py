"""直达 wire: prepared statements that travel together and are answered together.

One flight of libpq's pipeline carries BEGIN, all statements and COMMIT: what a short transaction
costs is its round trips. Each statement is planned once per connection. A pooler in front of
PostgreSQL must keep the session (not the transaction) with the client.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple
from weakref import WeakKeyDictionary

import psycopg
from django.db import DEFAULT_DB_ALIAS, connections
from psycopg import generators
from psycopg.abc import Transformer as TransformerType
from psycopg.adapt import Transformer
from psycopg.pq import DiagnosticField, ExecStatus, TransactionStatus
from psycopg.pq.abc import PGresult

LOST: Final = "26000"  # invalid_sql_statement_name: the connection has dropped its statements
_GOOD: Final = (ExecStatus.TUPLES_OK, ExecStatus.COMMAND_OK)
Raw = psycopg.Connection[Any]


@dataclass(frozen=True, slots=True)
class Prepared:
    """A statement with parameters $1, $2 …, whose types the server reads from the text."""

    text: str
    name: bytes = field(init=False)

    def __post_init__(self) -> None:
        digest = hashlib.sha256(self.text.encode()).hexdigest()
        object.__setattr__(self, "name", f"sc_{digest[:20]}".encode())


class Call(NamedTuple):
    """One execution. Arrays are given as literals, everything else as the driver's own types."""

    statement: Prepared
    given: Sequence[Any] = ()


@dataclass(slots=True)
class _Known:
    """What a connection has prepared; a new generation of names begins when it lost them."""

    names: set[bytes] = field(default_factory=set)
    generation: int = 0


_KNOWN: "WeakKeyDictionary[Raw, _Known]" = WeakKeyDictionary()


def ask(calls: Sequence[Call], *, commit: bool = False) -> list[list[tuple[Any, ...]]]:
    """The rows of each call. `commit` ends the transaction with them, if it is the outermost.

    Within a transaction lost statements are the caller's to repeat (LOST), else they are repeated
    here.
    """
    if not calls:
        return []
    django = connections[DEFAULT_DB_ALIAS]
    django.ensure_connection()
    raw: Raw = django.connection
    is_alone = raw.autocommit
    ends = commit and not is_alone and not django.savepoint_ids
    with django.wrap_database_errors, raw.lock:
        for again in (is_alone, False):
            results = _flight(raw, calls, begins=not is_alone, ends=ends)
            failed = next((one for one in results if one.status not in _GOOD), None)
            if failed is None:
                reader = Transformer(raw)
                return [_rows(reader, one) for one in results]
            if failed.error_field(DiagnosticField.SQLSTATE) == LOST.encode():
                _forget(raw)
                if again:
                    continue
            raise psycopg.errors.error_from_result(failed, encoding=raw.info.encoding)
    raise AssertionError("unreachable")


def _flight(raw: Raw, calls: Sequence[Call], *, begins: bool, ends: bool) -> list[PGresult]:
    """Results of the calls alone; of everything up to the failure when one fails."""
    known = _KNOWN.setdefault(raw, _Known())
    server = raw.pgconn
    server.enter_pipeline_mode()
    try:
        begins = begins and server.transaction_status == TransactionStatus.IDLE
        if begins:
            server.send_query_params(b"BEGIN", None)
        named = [(one.statement.name + b"_%d" % known.generation, one) for one in calls]
        fresh = {name: one.statement.text for name, one in named if name not in known.names}
        for name, text in fresh.items():
            server.send_prepare(name, text.encode())
        for name, one in named:
            server.send_query_prepared(name, [_spelt(value) for value in one.given])
        if ends:
            server.send_query_params(b"COMMIT", None)
        server.pipeline_sync()
        results: list[PGresult] = raw.wait(_answers(raw, begins + len(fresh) + len(calls) + ends))
    except BaseException:
        raw.close()  # whoever used it next would read the answers left behind
        raise
    server.exit_pipeline_mode()
    first = begins + len(fresh)
    said = zip(fresh, results[begins:first], strict=False)
    known.names.update(name for name, one in said if one.status in _GOOD)
    is_good = all(one.status in _GOOD for one in results)
    return results[first : first + len(calls)] if is_good else results


def _answers(raw: Raw, count: int) -> Any:
    """One result for each statement sent; the synchronisation at the end is read, not kept."""
    yield from generators.send(raw.pgconn)
    results: list[PGresult] = []
    for _ in range(count + 1):
        results += yield from generators.fetch_many(raw.pgconn)
    return [one for one in results if one.status != ExecStatus.PIPELINE_SYNC]


def _spelt(value: Any) -> bytes | None:
    """Text, as the server reads it."""
    return None if value is None else str(value).encode()


def _rows(reader: TransformerType, result: PGresult) -> list[tuple[Any, ...]]:
    if not result.ntuples:
        return []
    reader.set_pgresult(result)
    rows: list[tuple[Any, ...]] = reader.load_rows(0, result.ntuples, tuple)
    return rows


def rolled_back(raw: Raw) -> None:
    """After a rollback the driver drops what it has prepared, and with it what stands here.

    It does so only where it had prepared something itself; then there is nothing left to drop.
    """
    known = _KNOWN.get(raw)
    if known is None or not known.names or raw.closed:
        return
    with raw.lock:
        known.names = set()
        if raw.pgconn.exec_(b"DEALLOCATE ALL").status not in _GOOD:
            known.generation += 1


def _forget(raw: Raw) -> None:
    known = _KNOWN[raw]
    known.names = set()
    known.generation += 1

"""预备语句 prepared statements: planned once on each connection, then executed by name.

A name can stand in a string of several statements, which the protocol's own prepared statements
can't. A pooler in front of PostgreSQL must keep the session (not the transaction) with the client.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from weakref import WeakKeyDictionary

import psycopg
from django.db import connection

LOST: Final = "26000"  # invalid_sql_statement_name: the connection has dropped its statements
_THERE: Final = "SELECT name FROM pg_prepared_statements WHERE name = ANY (%s)"
_KNOWN: "WeakKeyDictionary[Any, set[str]]" = WeakKeyDictionary()


@dataclass(frozen=True, slots=True)
class Prepared:
    """A statement with parameters $1, $2 … The name follows from the text."""

    text: str
    name: str = field(init=False)

    def __post_init__(self) -> None:
        digest = hashlib.sha256(self.text.encode()).hexdigest()
        object.__setattr__(self, "name", f"sc_{digest[:20]}")

    def call(self, count: int) -> str:
        """The text that executes it with `count` parameters of the driver."""
        return f"EXECUTE {self.name}({', '.join(['%s'] * count)})" if count else self.bare

    @property
    def bare(self) -> str:
        return f"EXECUTE {self.name}"


def prepare(statements: Sequence[Prepared]) -> None:
    """From here on every statement is known to the present connection."""
    connection.ensure_connection()
    known = _KNOWN.setdefault(connection.connection, set())
    missing = {one.name: one for one in statements if one.name not in known}
    if not missing:
        return
    with connection.cursor() as cursor:
        cursor.execute(_THERE, [list(missing)])
        there = {name for (name,) in cursor.fetchall()}
        wanted = [one for name, one in missing.items() if name not in there]
        if wanted:
            cursor.execute("; ".join(f"PREPARE {one.name} AS {one.text}" for one in wanted))
    known.update(missing)


def run(text: str, params: Sequence[Any]) -> list[tuple[Any, ...]]:
    """One statement bound on the server and planned once per connection; its rows."""
    connection.ensure_connection()
    raw: psycopg.Connection[Any] = connection.connection
    if raw.prepare_threshold is None:
        raw.prepare_threshold = 5  # Django's own cursors bind on the client and never prepare
    with connection.wrap_database_errors, psycopg.Cursor(raw) as cursor:
        return cursor.execute(text, params, prepare=True).fetchall()  # type: ignore[arg-type]


def forget() -> None:
    """The present connection is asked to prepare everything again."""
    _KNOWN.pop(connection.connection, None)

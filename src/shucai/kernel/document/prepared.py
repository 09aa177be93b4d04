"""预备语句 prepared statements: planned once on each connection, then executed by name.

A name can stand in a string of several statements, which the protocol's own prepared statements
can't. A pooler in front of PostgreSQL must keep the session (not the transaction) with the client.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from weakref import WeakKeyDictionary

from django.db import connection

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
    missing = [one for one in statements if one.name not in known]
    if missing:
        with connection.cursor() as cursor:
            cursor.execute("; ".join(f"PREPARE {one.name} AS {one.text}" for one in missing))
        known.update(one.name for one in missing)

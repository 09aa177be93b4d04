"""台账 ledger: books, accounts on lines, and the verbs that move their balances."""

from shucai.kernel.ledger.declare import (
    Book,
    Effect,
    Opening,
    account,
    activate,
    announce,
    book,
    grant,
    hold,
    move,
    release,
    retract,
    reverse,
    settle,
    ungrant,
)
from shucai.kernel.ledger.reading import project_names

__all__ = [
    "Book",
    "Effect",
    "Opening",
    "account",
    "activate",
    "announce",
    "book",
    "grant",
    "hold",
    "move",
    "project_names",
    "release",
    "retract",
    "reverse",
    "settle",
    "ungrant",
]

"""台账 ledger: accounts on lines, and the five verbs that move their balances."""

from shucai.kernel.ledger.declare import (
    Effect,
    Opening,
    account,
    grant,
    hold,
    move,
    release,
    reverse,
    settle,
    ungrant,
)

__all__ = [
    "Effect",
    "Opening",
    "account",
    "grant",
    "hold",
    "move",
    "release",
    "reverse",
    "settle",
    "ungrant",
]

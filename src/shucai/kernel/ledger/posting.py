"""记账 posting: hands postings to the one writer, in SQL, and brings back balances or reasons.

All postings of one header are accepted together or refused together, in the order given. The
call runs in the caller's transaction and within the caller's scope.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final, Literal

from django.db import connection, transaction

from shucai.base.arrays import literal
from shucai.kernel.identity import scope
from shucai.kernel.identity.actor import Actor
from shucai.kernel.ledger import errors, wire

LINES_MAX: Final = 5_000  # of one call of the batch function; a document is never split
_ZERO: Final = Decimal(0)
Mode = Literal["atomic", "each"]


@dataclass(frozen=True, slots=True)
class Posting:
    """One verb on one account for one document line, in yuan. `to_account` only for `move`."""

    verb: str
    account: int
    amount: Decimal
    header: int
    seq: int
    to_account: int | None = None


@dataclass(frozen=True, slots=True)
class Balance:
    """What an account shows, in yuan."""

    granted: Decimal
    incoming: Decimal
    held: Decimal
    spent: Decimal

    @property
    def available(self) -> Decimal:
        return self.granted - self.held - self.spent


@dataclass(frozen=True, slots=True)
class Shortage:
    """A posting that was refused (or let through with a warning), and the figure that explains it.

    `available` is what would have been possible: available, still held, or still settled.
    """

    account: int
    seq: int
    amount: Decimal
    available: Decimal
    reason: str
    verb: str
    fiscal_year: int
    business_date: date


@dataclass(frozen=True, slots=True)
class Posted:
    """Balances of every account touched; refusals and warnings by header."""

    balances: dict[int, Balance] = field(default_factory=dict)
    refused: dict[int, list[Shortage]] = field(default_factory=dict)
    warned: dict[int, list[Shortage]] = field(default_factory=dict)
    replayed: bool = False
    followed: list[list[tuple[Any, ...]]] = field(default_factory=list)


def post(
    *,
    postings: Sequence[Posting],
    fiscal_year: int,
    business_date: date,
    posted_at: datetime,
    actor_id: int,
    key: str,
    mode: Mode = "atomic",
    within: Actor | None = None,
    then: Sequence[wire.Call] = (),
) -> Posted:
    """Posts the lines of whole documents; nothing of a refused document is written.

    `atomic`: one refusal refuses all. `each`: documents are taken in order while the money lasts.
    A repeat under the same key returns the first answer. `within` is whose scope applies where the
    transaction has none, as for a posting that is a transaction of its own. Raises Refused when
    the key was used for something else.

    `then` travels along, and is done behind the postings even where these were refused; its rows
    are in `followed`.
    """
    if not postings:
        return Posted(followed=wire.ask(then))
    order = _Order(fiscal_year, business_date, posted_at, actor_id, key)
    if len(postings) == 1 and postings[0].to_account is None:
        return _post_one(postings[0], order, within, then)
    with transaction.atomic() if within else nullcontext():
        if within is not None:
            scope.apply(within)
        chunks = list(_chunks(postings))
        if len(chunks) == 1:
            return _post_chunk(chunks[0], order, mode, then)
        posted = _post_chunks(chunks, order, mode)
        return replace(posted, followed=wire.ask(then))


@dataclass(frozen=True, slots=True)
class _Order:
    fiscal_year: int
    business_date: date
    posted_at: datetime
    actor_id: int
    key: str

    def shortage(self, one: Posting, *, reason: str, available: Decimal | None) -> Shortage:
        account = one.account
        return Shortage(
            account=account,
            seq=one.seq,
            amount=one.amount,
            available=_ZERO if available is None else available,
            reason=reason,
            verb=one.verb,
            fiscal_year=self.fiscal_year,
            business_date=self.business_date,
        )


_ONE: Final = wire.Prepared(
    "SELECT * FROM ledger_post_one($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)"
)


def _post_one(
    one: Posting, order: _Order, within: Actor | None, then: Sequence[wire.Call]
) -> Posted:
    """A single line has a function of its own, a third as dear as the one for batches."""
    said = [one.verb, one.account, one.amount, one.header, one.seq]
    said += [order.fiscal_year, order.business_date, order.posted_at, order.actor_id, order.key]
    said += (*within.range, within.office) if within else (None, None, None)
    (row,), *followed = wire.ask([wire.Call(_ONE, said), *then])
    return replace(_answer(one, order, row), followed=followed)


def _answer(one: Posting, order: _Order, row: tuple[Any, ...]) -> Posted:
    reason, limit, granted, incoming, held, spent, replayed = row
    if reason == "key_reused":
        raise errors.KEY_REUSED.refuse(key=order.key)
    if reason is None:
        return Posted({one.account: Balance(granted, incoming, held, spent)}, replayed=replayed)
    told = {one.header: [order.shortage(one, reason=reason, available=limit)]}
    if reason != "overdrawn":
        return Posted(refused=told)
    return Posted({one.account: Balance(granted, incoming, held, spent)}, warned=told)


def _chunks(postings: Sequence[Posting]) -> Iterator[list[Posting]]:
    """Whole documents, in order, at most LINES_MAX lines at once (unless one has more)."""
    documents: dict[int, list[Posting]] = defaultdict(list)
    for one in postings:
        documents[one.header].append(one)
    chunk: list[Posting] = []
    for lines in documents.values():
        if chunk and len(chunk) + len(lines) > LINES_MAX:
            yield chunk
            chunk = []
        chunk.extend(lines)
    yield chunk


def _post_chunks(chunks: Sequence[list[Posting]], order: _Order, mode: Mode) -> Posted:
    """Several chunks in one transaction: all accounts are locked first, in id order."""
    accounts = {a for chunk in chunks for p in chunk for a in (p.account, p.to_account) if a}
    whole = Posted()
    replays = []
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT ledger_lock(%s::bigint[])", [sorted(accounts)])
        for place, chunk in enumerate(chunks):
            part_order = _Order(
                order.fiscal_year,
                order.business_date,
                order.posted_at,
                order.actor_id,
                f"{order.key}/{place}",
            )
            part = _post_chunk(chunk, part_order, mode, ())
            whole.balances.update(part.balances)
            whole.refused.update(part.refused)
            whole.warned.update(part.warned)
            replays.append(part.replayed)
        if mode == "atomic" and whole.refused:
            transaction.set_rollback(True)
            return Posted(refused=whole.refused)
    return Posted(whole.balances, whole.refused, whole.warned, replayed=all(replays))


_BATCH: Final = wire.Prepared(
    "SELECT * FROM ledger_post_batch($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)"
)


def _post_chunk(
    chunk: Sequence[Posting], order: _Order, mode: Mode, then: Sequence[wire.Call]
) -> Posted:
    said = [
        literal([one.verb for one in chunk]),
        literal([one.account for one in chunk]),
        literal([str(one.amount) for one in chunk]),
        literal([one.header for one in chunk]),
        literal([one.seq for one in chunk]),
        literal([one.to_account for one in chunk]),
        order.fiscal_year,
        order.business_date,
        order.posted_at,
        order.actor_id,
        order.key,
        mode == "each",
    ]
    rows, *followed = wire.ask([wire.Call(_BATCH, said), *then])
    return replace(_read(chunk, rows, order), followed=followed)


def _read(chunk: Sequence[Posting], rows: Sequence[tuple[Any, ...]], order: _Order) -> Posted:
    """Rows are (line, account, reason, limit, four balances, replayed)."""
    balances: dict[int, Balance] = {}
    refused: dict[int, list[Shortage]] = defaultdict(list)
    warned: dict[int, list[Shortage]] = defaultdict(list)
    replayed = False
    for line, account, reason, limit, *amounts, again in rows:
        replayed = replayed or again
        if reason == "key_reused":
            raise errors.KEY_REUSED.refuse(key=order.key)
        if reason is None:
            balances[account] = Balance(*amounts)
            continue
        one = chunk[line - 1]
        told = warned if reason == "overdrawn" else refused
        told[one.header].append(order.shortage(one, reason=reason, available=limit))
    return Posted(balances, dict(refused), dict(warned), replayed)

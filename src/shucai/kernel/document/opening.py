"""开批 opening a batch: everything an action must know, locked and read in one round trip.

Scope, claim of the key, headers locked in id order, records, accounts, units, earlier steps and
open to-do items travel in one flight; a single submit is decided by round trips.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Final
from uuid import UUID

from shucai.base.arrays import literal
from shucai.kernel.document import repeats
from shucai.kernel.document.action import Action
from shucai.kernel.document.declare import DocumentType
from shucai.kernel.document.models import Header
from shucai.kernel.document.permits import OpenTodo, Past
from shucai.kernel.document.work import (
    Item,
    Shelf,
    columns,
    item_of,
    lines_by_document,
    lines_text,
    made,
    names,
    split_addresses,
)
from shucai.kernel.identity import scope
from shucai.kernel.ledger import wire
from shucai.kernel.masterdata.models import Unit


@dataclass(slots=True)
class Opened:
    """The batch as it stands, locked. `answered` is the first answer to a repeated key."""

    items: list[Item] = field(default_factory=list)
    past: Past = field(default_factory=Past)
    configuration: UUID | None = None
    answered: dict[str, Any] | None = None


# A few documents are found by their keys, whatever these are: planning anew would cost more than
# reading, and a plan made while a table was small must not scan it when it has grown. Thousands
# deserve a plan of their own.
_SCOPE: Final = wire.Prepared(
    scope.PREPARED
    + ", set_config('plan_cache_mode', $6, true), set_config('enable_seqscan', $7, true)"
)
_BY_KEY: Final = ("force_generic_plan", "off")
_BY_SIZE: Final = ("force_custom_plan", "on")
FEW: Final = 50


def open_batch(kind: DocumentType, action: Action) -> Opened:
    """Raises Refused when the key was used for a request with another content."""
    sized = _BY_KEY if len(action.numbers) <= FEW else _BY_SIZE
    calls = [wire.Call(_SCOPE, [*scope.values(action.actor), *sized])]
    is_claimed = bool(action.key) and not action.preview
    if is_claimed:
        calls += repeats.claiming(
            key=action.key, digest=action.digest, actor_id=action.actor.user_id, at=action.now
        )
    found, named = _condition(action.numbers)
    heads, lines, past, version = _reads(kind, found)
    batch = [kind.code, *named]
    calls += [
        wire.Call(heads, batch),
        wire.Call(lines, batch),
        wire.Call(past, [*batch, action.actor.user_id, literal(kind.separate)]),
        wire.Call(version),
    ]
    results = wire.ask(calls)
    opened = Opened()
    if is_claimed:
        opened.answered = repeats.claimed(results[2], key=action.key, digest=action.digest)
    if opened.answered is None:
        _assemble(kind, opened, results[-4:])
    return opened


def _condition(addresses: Sequence[str]) -> tuple[str, list[str]]:
    """Which headers `h` are meant; $1 is the type."""
    numbers, ids = split_addresses(addresses)
    if not ids:
        return "h.number = ANY($2::text[])", [literal(numbers)]
    if not numbers:
        return "h.id = ANY($2::bigint[])", [literal(ids)]
    found = "(h.number = ANY($2::text[]) OR h.id = ANY($3::bigint[]))"
    return found, [literal(numbers), literal(ids)]


@lru_cache(maxsize=1_000)
def _reads(kind: DocumentType, found: str) -> tuple[wire.Prepared, ...]:
    """What a batch of one type reads: heads, lines, the past, the state of the configuration.

    Few statements, since starting one costs more than the rows it brings.
    """
    which = f"SELECT h.id FROM document_header h WHERE h.type = $1 AND {found}"
    heads = (
        f"SELECT {columns(Header, 'h')}, {columns(kind.model, 'd')}, {columns(Unit, 'u')}"
        f" FROM document_header h JOIN {kind.model._meta.db_table} d ON d.header_id = h.id"
        " JOIN masterdata_unit u ON u.id = h.unit_id"
        f" WHERE h.type = $1 AND {found} ORDER BY h.id FOR NO KEY UPDATE OF h"
    )
    lines = lines_text(kind, which)
    last = found.count("$") + 2
    past = (
        f"SELECT b.id, s.action, NULL::bigint, NULL::text, NULL::boolean FROM ({which}) AS b,"
        " LATERAL (SELECT DISTINCT action FROM workflow_step WHERE header_id = b.id"
        f" AND actor_id = ${last} AND action = ANY(${last + 1}::text[]) OFFSET 0) AS s"
        f" UNION ALL SELECT b.id, NULL, t.user_id, t.duty, t.is_required FROM ({which}) AS b,"
        " LATERAL (SELECT user_id, duty, is_required FROM workflow_todo"
        " WHERE header_id = b.id AND is_open OFFSET 0) AS t"
    )
    configuration = "SELECT version FROM document_configuration"
    return tuple(wire.Prepared(text) for text in (heads, lines, past, configuration))


def _assemble(kind: DocumentType, opened: Opened, results: Sequence[Sequence[Any]]) -> None:
    heads, line_rows, past, version = results
    lines = lines_by_document(kind, line_rows)
    units = Shelf(Unit)
    header_names, doc_names = names(Header), names(kind.model)
    first, second = len(header_names), len(header_names) + len(doc_names)
    for row in heads:
        header = made(Header, header_names, row[:first])
        if isinstance(header.extra, str):  # the driver leaves JSON to the record
            header.extra = json.loads(header.extra)
        doc = made(kind.model, doc_names, row[first:second])
        header.unit, _ = units.take(row, second)
        opened.items.append(item_of(header, doc, lines[header.pk]))
    for header_id, name, user_id, duty, is_required in past:
        if name is not None:
            opened.past.earlier[header_id].add(name)
        else:
            opened.past.todos[header_id].append(OpenTodo(user_id, duty, is_required))
    opened.configuration = version[0][0]

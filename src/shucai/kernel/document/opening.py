"""开批 opening a batch: everything an action must know, locked and read in one round trip.

Scope, claim of the key, headers locked in id order, records, accounts, units, earlier steps and
open to-do items travel as one string of statements; a single submit is decided by round trips.
"""

import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Final
from uuid import UUID

from django.db import connection, models

from shucai.base.arrays import literal
from shucai.kernel.document import errors
from shucai.kernel.document.action import Action
from shucai.kernel.document.declare import DocumentType, Line
from shucai.kernel.document.models import Header
from shucai.kernel.document.permits import OpenTodo, Past
from shucai.kernel.document.prepared import Prepared, prepare
from shucai.kernel.document.work import Item, account_fields, split_addresses
from shucai.kernel.identity import scope
from shucai.kernel.ledger.models import LedgerAccount
from shucai.kernel.masterdata.models import Unit


@dataclass(slots=True)
class Opened:
    """The batch as it stands, locked. `answered` is the first answer to a repeated key."""

    items: list[Item] = field(default_factory=list)
    past: Past = field(default_factory=Past)
    configuration: UUID | None = None
    answered: dict[str, Any] | None = None


_CLAIM: Final = (
    "INSERT INTO document_request (key, digest, outcome, actor_id, at)"
    " VALUES (%s, %s, '{}', %s, %s) ON CONFLICT DO NOTHING",
    "SELECT digest, outcome FROM document_request WHERE key = %s FOR NO KEY UPDATE",
)


# A few documents are found by their keys, whatever these are: planning anew would cost more than
# reading, and a plan made while a table was small must not scan it when it has grown. Thousands
# deserve a plan of their own.
_SCOPE: Final = (
    scope.STATEMENT
    + ", set_config('plan_cache_mode', %s, true), set_config('enable_seqscan', %s, true)"
)
_BY_KEY: Final = ("force_generic_plan", "off")
_BY_SIZE: Final = ("force_custom_plan", "on")
FEW: Final = 50


def open_batch(kind: DocumentType, action: Action) -> Opened:
    """Raises Refused when the key was used for a request with another content."""
    statements = [_SCOPE]
    params: list[Any] = list(scope.values(action.actor))
    params += _BY_KEY if len(action.numbers) <= FEW else _BY_SIZE
    is_claimed = bool(action.key) and not action.preview
    if is_claimed:
        statements += _CLAIM
        params += [action.key, action.digest, action.actor.user_id, action.now, action.key]
    found, named = _condition(action.numbers)
    reads = _reads(kind, found)
    prepare([read.statement for read in reads])
    for read in reads:
        given = [kind.code, *named] if read.is_of_batch else []
        if read.is_of_actor:
            given += [action.actor.user_id, list(kind.separate)]
        statements.append(read.statement.call(len(given)))
        params += given
    with connection.cursor() as cursor:
        cursor.execute("; ".join(statements), params)
        opened = Opened()
        if is_claimed:
            cursor.nextset()
            cursor.nextset()
            digest, outcome = cursor.fetchone()
            if digest != action.digest:
                raise errors.KEY_REUSED.refuse(key=action.key)
            opened.answered = _json(outcome) or None
        results = []
        while cursor.nextset():
            results.append(cursor.fetchall())
    if opened.answered is None:
        _assemble(kind, opened, results)
    return opened


def _json(value: Any) -> Any:
    """Django leaves json columns as text, for its own field to decode."""
    return json.loads(value) if isinstance(value, str) else value


def _condition(addresses: Sequence[str]) -> tuple[str, list[Any]]:
    """Which headers are meant; $1 is the type."""
    numbers, ids = split_addresses(addresses)
    if not ids:
        return "number = ANY($2::text[])", [literal(numbers)]
    if not numbers:
        return "id = ANY($2::bigint[])", [literal(ids)]
    found = "(number = ANY($2::text[]) OR id = ANY($3::bigint[]))"
    return found, [literal(numbers), literal(ids)]


@dataclass(frozen=True, slots=True)
class _Read:
    """One reading statement, and whether it takes the batch, and the actor with the moves."""

    statement: Prepared
    is_of_batch: bool = True
    is_of_actor: bool = False


@lru_cache(maxsize=1_000)
def _reads(kind: DocumentType, found: str) -> tuple[_Read, ...]:
    """What a batch of one type reads, in the order `_assemble` expects."""
    which = f"SELECT id FROM document_header WHERE type = $1 AND {found}"
    line = kind.line._meta.db_table
    columns = [f.column for f in account_fields(kind)]
    units = [f.column for f in kind.line_fields() if f.related_model is Unit]
    accounts = [f"SELECT {name} FROM {line} WHERE parent_id IN ({which})" for name in columns]
    of_accounts = " UNION ".join(accounts)
    unit_sources = [f"SELECT unit_id FROM document_header WHERE type = $1 AND {found}"]
    unit_sources += [f"SELECT {name} FROM {line} WHERE parent_id IN ({which})" for name in units]
    account_read = _Read(Prepared("SELECT 1 WHERE false"), is_of_batch=False)
    if accounts:
        account_read = _Read(Prepared(f"{_select(LedgerAccount)} WHERE id IN ({of_accounts})"))
        unit_sources.append(f"SELECT unit_id FROM ledger_account WHERE id IN ({of_accounts})")
    last = found.count("$") + 2
    return (
        _Read(
            Prepared(f"{_select(Header)} WHERE type = $1 AND {found} ORDER BY id FOR NO KEY UPDATE")
        ),
        _Read(Prepared(f"{_select(kind.model)} WHERE header_id IN ({which})")),
        _Read(
            Prepared(f"{_select(kind.line)} WHERE parent_id IN ({which}) ORDER BY parent_id, seq")
        ),
        account_read,
        _Read(Prepared(f"{_select(Unit)} WHERE id IN ({' UNION '.join(unit_sources)})")),
        _Read(
            Prepared(
                f"SELECT DISTINCT h.id, s.action FROM ({which}) AS h, LATERAL"
                " (SELECT action FROM workflow_step WHERE header_id = h.id"
                f" AND actor_id = ${last} AND action = ANY(${last + 1}::text[]) OFFSET 0) AS s"
            ),
            is_of_actor=True,
        ),
        _Read(
            Prepared(
                f"SELECT h.id, t.user_id, t.duty, t.is_required FROM ({which}) AS h, LATERAL"
                " (SELECT user_id, duty, is_required FROM workflow_todo"
                " WHERE header_id = h.id AND is_open OFFSET 0) AS t"
            )
        ),
        _Read(Prepared("SELECT version FROM document_configuration"), is_of_batch=False),
    )


def _select(model: type[models.Model]) -> str:
    names = ", ".join(f.column or f.attname for f in _read_fields(model))
    return f"SELECT {names} FROM {model._meta.db_table}"


def _assemble(kind: DocumentType, opened: Opened, results: Sequence[Sequence[Any]]) -> None:
    headers, docs, lines, accounts, units, earlier, todos, version = results
    by_unit = {unit.pk: unit for unit in _records(Unit, units)}
    by_account = {account.pk: account for account in _records(LedgerAccount, accounts)}
    for account in by_account.values():
        if account.unit_id in by_unit:
            account.unit = by_unit[account.unit_id]
    by_doc = {doc.pk: doc for doc in _records(kind.model, docs)}
    by_parent: dict[int, list[Line]] = defaultdict(list)
    for line in _records(kind.line, lines):
        _attach(kind, line, by_account, by_unit)
        by_parent[line.parent_id].append(line)
    for header in _records(Header, headers):
        header.unit = by_unit[header.unit_id]
        doc = by_doc[header.pk]
        doc.header = header
        own = by_parent[header.pk]
        for line in own:
            line.parent = doc
        opened.items.append(Item(header=header, doc=doc, lines=own))
    for header_id, name in earlier:
        opened.past.earlier[header_id].add(name)
    for header_id, user_id, duty, is_required in todos:
        opened.past.todos[header_id].append(OpenTodo(user_id, duty, is_required))
    opened.configuration = version[0][0]


def _read_fields(model: type[models.Model]) -> list[models.Field[Any, Any]]:
    """All columns but the search pieces of accounts, which no decision needs."""
    return [f for f in model._meta.concrete_fields if f.name != "bigrams"]


def _records(model: type[models.Model], rows: Sequence[Sequence[Any]]) -> list[Any]:
    names = [f.attname for f in _read_fields(model)]
    return [model.from_db("default", names, row) for row in rows]


def _attach(
    kind: DocumentType, line: Line, accounts: dict[int, Any], units: dict[int, Unit]
) -> None:
    for known in kind.line_fields():
        if not isinstance(known, models.ForeignKey):
            continue
        shelf = units if known.related_model is Unit else accounts
        record = shelf.get(getattr(line, known.attname))
        if record is not None:
            setattr(line, known.name, record)

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


def open_batch(kind: DocumentType, action: Action) -> Opened:
    """Raises Refused when the key was used for a request with another content."""
    statements = [scope.STATEMENT]
    params: list[Any] = [*scope.values(action.actor)]
    is_claimed = bool(action.key) and not action.preview
    if is_claimed:
        statements += _CLAIM
        params += [action.key, action.digest, action.actor.user_id, action.now, action.key]
    found, named = _condition(action.numbers)
    texts = _texts(kind, found)
    statements += texts.reads
    for given in texts.takes:
        params += {
            "found": [kind.code, *named],
            "earlier": [action.actor.user_id, list(kind.separate), kind.code, *named],
        }[given]
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
    numbers, ids = split_addresses(addresses)
    if not ids:
        return "number = ANY(%s::text[])", [literal(numbers)]
    if not numbers:
        return "id = ANY(%s::bigint[])", [literal(ids)]
    found = "(number = ANY(%s::text[]) OR id = ANY(%s::bigint[]))"
    return found, [literal(numbers), literal(ids)]


@dataclass(frozen=True, slots=True)
class _Texts:
    """The reading statements of one type, and which parameters each of them takes."""

    reads: tuple[str, ...]
    takes: tuple[str, ...]


@lru_cache(maxsize=1_000)
def _texts(kind: DocumentType, found: str) -> _Texts:
    which = f"SELECT id FROM document_header WHERE type = %s AND {found}"
    line = kind.line._meta.db_table
    columns = [f.column for f in account_fields(kind)]
    units = [f.column for f in kind.line_fields() if f.related_model is Unit]
    accounts = [f"SELECT {name} FROM {line} WHERE parent_id IN ({which})" for name in columns]
    of_accounts = " UNION ".join(accounts)
    account_read = (
        f"{_select(LedgerAccount)} WHERE id IN ({of_accounts})"
        if accounts
        else "SELECT 1 WHERE false"
    )
    unit_sources = [f"SELECT unit_id FROM document_header WHERE type = %s AND {found}"]
    unit_sources += [f"SELECT {name} FROM {line} WHERE parent_id IN ({which})" for name in units]
    if accounts:
        unit_sources.append(f"SELECT unit_id FROM ledger_account WHERE id IN ({of_accounts})")
    reads = (
        f"{_select(Header)} WHERE type = %s AND {found} ORDER BY id FOR NO KEY UPDATE",
        f"{_select(kind.model)} WHERE header_id IN ({which})",
        f"{_select(kind.line)} WHERE parent_id IN ({which}) ORDER BY parent_id, seq",
        account_read,
        f"{_select(Unit)} WHERE id IN ({' UNION '.join(unit_sources)})",
        "SELECT DISTINCT header_id, action FROM workflow_step"
        f" WHERE actor_id = %s AND action = ANY(%s::text[]) AND header_id IN ({which})",
        "SELECT header_id, user_id, duty, is_required FROM workflow_todo"
        f" WHERE is_open AND header_id IN ({which})",
        "SELECT version FROM document_configuration",
    )
    takes = ["found"] * (3 + len(accounts) + 1 + len(units) + (len(accounts)))
    takes += ["earlier", "found"]
    return _Texts(reads, tuple(takes))


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

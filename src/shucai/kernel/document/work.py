"""在办的一批 the batch under way: headers locked in id order, records loaded once, by kind."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, TypeVar

from django.db import DEFAULT_DB_ALIAS, connection, models
from django.db.models.base import ModelState

from shucai.base.errors import Finding
from shucai.kernel.document.declare import Document, DocumentType, Line
from shucai.kernel.document.models import Header
from shucai.kernel.ledger.declare import AccountField
from shucai.kernel.ledger.models import LedgerAccount
from shucai.kernel.masterdata.models import Unit
from shucai.kernel.workflow.declare import Move
from shucai.kernel.workflow.routes import Node


@dataclass(slots=True)
class Item:
    """One document of the batch, and what has been decided about it so far."""

    header: Header
    doc: Document
    lines: list[Line] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    move: Move | None = None
    node: Node | None = None
    target: str = ""
    completes: bool = True
    waits: bool = False  # other signers of this node have not decided yet
    signs: str = ""  # the duty it is signed for, while others are waited for
    next_nodes: list[tuple[Node, int | None]] = field(default_factory=list)
    route_id: int | None = None  # of the state just entered
    number: str | None = None
    postings: list[Any] = field(default_factory=list)
    facts: Mapping[str, Any] | None = None  # computed when a formula first asks

    @property
    def refused(self) -> bool:
        return any(finding.level == "forbid" for finding in self.findings)

    @property
    def address(self) -> str:
        return self.number or self.header.address


def split_addresses(addresses: Iterable[str]) -> tuple[list[str], list[int]]:
    """Numbers, and the ids behind `~id` addresses of documents without a number."""
    numbers, ids = [], []
    for address in addresses:
        if address.startswith("~") and address[1:].isascii() and address[1:].isdigit():
            ids.append(int(address[1:]))
        else:
            numbers.append(address)
    return numbers, ids


def lock_headers(kind: DocumentType, addresses: Sequence[str]) -> list[Header]:
    """The headers in id order, locked against every other move until the transaction ends."""
    numbers, ids = split_addresses(addresses)
    wanted = models.Q(pk__in=[-1])
    if numbers:
        wanted |= models.Q(number__in=numbers)
    if ids:
        wanted |= models.Q(pk__in=ids)
    if not ids:
        wanted = models.Q(number__in=numbers)
    found = Header.objects.filter(wanted, type=kind.code)
    return list(found.select_for_update(no_key=True).order_by("pk"))


def load(kind: DocumentType, headers: Sequence[Header]) -> list[Item]:
    """The typed records of headers that were read before, with their lines and units."""
    ids = [header.pk for header in headers]
    docs = kind.model._default_manager.in_bulk(ids)
    units = Unit.objects.in_bulk({header.unit_id for header in headers})
    with connection.cursor() as cursor:
        cursor.execute(lines_text(kind, "SELECT unnest(%s::bigint[])"), [ids])
        lines = lines_by_document(kind, cursor.fetchall())
    for header in headers:
        header.unit = units[header.unit_id]
    return [item_of(header, docs[header.pk], lines[header.pk]) for header in headers]


def account_fields(kind: DocumentType) -> list[AccountField]:
    return [f for f in kind.line_fields() if isinstance(f, AccountField)]


def _references(kind: DocumentType) -> list[models.Field[Any, Any]]:
    """The fields of a line that name an account or a unit."""
    return [f for f in kind.line_fields() if isinstance(f, AccountField) or f.related_model is Unit]


@lru_cache(maxsize=1_000)
def names(model: type[models.Model]) -> tuple[str, ...]:
    """All attributes but the search pieces of accounts, which no decision needs."""
    return tuple(f.attname for f in model._meta.concrete_fields if f.name != "bigrams")


def columns(model: type[models.Model], alias: str) -> str:
    known = {f.attname: f.column or f.attname for f in model._meta.concrete_fields}
    return ", ".join(f"{alias}.{known[name]}" for name in names(model))


def lines_text(kind: DocumentType, which: str) -> str:
    """Reads the lines of the documents whose ids `which` selects, and all that they name."""
    said, joins = [columns(kind.line, "l")], []
    for n, known in enumerate(_references(kind)):
        place = f"l.{known.column}"
        if isinstance(known, AccountField):
            said.append(columns(LedgerAccount, f"a{n}"))
            joins.append(f" LEFT JOIN ledger_account a{n} ON a{n}.id = {place}")
            place = f"a{n}.unit_id"
        said.append(columns(Unit, f"u{n}"))
        joins.append(f" LEFT JOIN masterdata_unit u{n} ON u{n}.id = {place}")
    return (
        f"SELECT {', '.join(said)} FROM {kind.line._meta.db_table} l{''.join(joins)}"
        f" WHERE l.parent_id IN ({which}) ORDER BY l.parent_id, l.seq"
    )


Record = TypeVar("Record", bound=models.Model)


def made(model: type[Record], names: Sequence[str], row: Sequence[Any]) -> Record:
    """A record as the database has it.

    What `from_db` does beyond this (defaults, signals, descriptors) nobody here asks for, and it
    took a fifth of the time of a batch.
    """
    record = model.__new__(model)
    record._state = ModelState()
    record._state.adding, record._state.db = False, DEFAULT_DB_ALIAS
    record.__dict__.update(zip(names, row, strict=True))
    return record


class Shelf:
    """Records by id, each made once however many rows repeat it."""

    def __init__(self, model: type[models.Model]) -> None:
        self._model = model
        self._names = names(model)
        self._known: dict[Any, Any] = {}

    def take(self, row: Sequence[Any], at: int) -> tuple[Any, int]:
        """The record whose columns begin at `at`, or None, and where the next one begins."""
        end = at + len(self._names)
        key = row[at]
        if key is None:
            return None, end
        record = self._known.get(key)
        if record is None:
            record = self._known[key] = made(self._model, self._names, row[at:end])
        return record, end


def lines_by_document(kind: DocumentType, rows: Sequence[Sequence[Any]]) -> dict[int, list[Line]]:
    """The lines that `lines_text` has read; each account and unit is one record."""
    units, accounts = Shelf(Unit), Shelf(LedgerAccount)
    found: dict[int, list[Line]] = defaultdict(list)
    references, own = _references(kind), names(kind.line)
    for row in rows:
        line = made(kind.line, own, row[: len(own)])
        _attach(line, row, references, units, accounts)
        found[line.parent_id].append(line)
    return found


def item_of(header: Header, doc: Document, lines: list[Line]) -> Item:
    """Record and lines know each other and their header."""
    doc.header = header
    for line in lines:
        line.parent = doc
    return Item(header=header, doc=doc, lines=lines)


def _attach(
    line: Line,
    row: Sequence[Any],
    references: Sequence[models.Field[Any, Any]],
    units: Shelf,
    accounts: Shelf,
) -> None:
    """The accounts and units that the line names, from the columns behind its own."""
    at = len(names(type(line)))
    for known in references:
        record = None
        if isinstance(known, AccountField):
            record, at = accounts.take(row, at)
        unit, at = units.take(row, at)
        if record is not None and unit is not None:
            record.unit = unit
        found = record if isinstance(known, AccountField) else unit
        if found is not None:
            setattr(line, known.name, found)

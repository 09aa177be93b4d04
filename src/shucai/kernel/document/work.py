"""在办的一批 the batch under way: headers locked in id order, records loaded once, by kind."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import models

from shucai.base.errors import Finding
from shucai.kernel.document.declare import Document, DocumentType, Line
from shucai.kernel.document.models import Header
from shucai.kernel.ledger.declare import AccountField
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
    """The typed records, their lines and the ledger accounts the lines name."""
    ids = [header.pk for header in headers]
    docs = kind.model._default_manager.in_bulk(ids)
    lines: dict[int, list[Line]] = defaultdict(list)
    for line in kind.lines.filter(parent_id__in=ids).order_by("parent_id", "seq"):
        lines[line.parent_id].append(line)
    items = []
    for header in headers:
        doc = docs[header.pk]
        doc.header = header
        for line in lines[header.pk]:
            line.parent = doc
        items.append(Item(header=header, doc=doc, lines=lines[header.pk]))
    _attach_accounts(kind, items)
    _attach_units(items)
    return items


def account_fields(kind: DocumentType) -> list[AccountField]:
    return [f for f in kind.line_fields() if isinstance(f, AccountField)]


def _attach_accounts(kind: DocumentType, items: Sequence[Item]) -> None:
    for found in account_fields(kind):
        ids = {
            getattr(line, found.attname)
            for item in items
            for line in item.lines
            if getattr(line, found.attname) is not None
        }
        accounts = found.related_model._default_manager.select_related("unit").in_bulk(list(ids))
        for item in items:
            for line in item.lines:
                known = accounts.get(getattr(line, found.attname))
                if known is not None:
                    setattr(line, found.name, known)


def _attach_units(items: Sequence[Item]) -> None:
    units = Unit.objects.in_bulk({item.header.unit_id for item in items})
    for item in items:
        item.header.unit = units[item.header.unit_id]

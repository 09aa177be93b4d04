"""查阅 reading: one document as its reader sees it: values, permitted moves, balances.

Reads only. The caller has applied the actor's scope; a document outside it is as good as
missing.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from shucai.kernel.document import errors
from shucai.kernel.document.action import Action, shown
from shucai.kernel.document.declare import DocumentType
from shucai.kernel.document.models import Header
from shucai.kernel.document.permits import authorise, duty_name
from shucai.kernel.document.showing import Names, Shown, record
from shucai.kernel.document.work import Item, account_fields, load, split_addresses
from shucai.kernel.identity.actor import Actor
from shucai.kernel.ledger.models import LedgerAccount, LedgerHold
from shucai.kernel.workflow.declare import Move
from shucai.kernel.workflow.routes import Routes


@dataclass(frozen=True, slots=True)
class Permit:
    """A move out of the present state, and what keeps this actor from making it."""

    move: Move
    duty: str
    is_back: bool
    needs_reason: bool
    findings: tuple[dict[str, Any], ...] = ()

    @property
    def is_allowed(self) -> bool:
        return not self.findings


@dataclass(frozen=True, slots=True)
class Share:
    """What a document takes from, or gives to, one account, in yuan."""

    account: int
    number: str
    name: str
    before: Decimal
    share: Decimal
    after: Decimal
    granted: Decimal

    @property
    def is_short(self) -> bool:
        return self.after < 0


@dataclass(frozen=True, slots=True)
class Dossier:
    """One document with its lines, shown and typed."""

    kind: DocumentType
    item: Item
    fields: dict[str, Shown]
    lines: list[dict[str, Shown]]

    @property
    def header(self) -> Header:
        return self.item.header

    @property
    def address(self) -> str:
        return self.item.header.address

    @property
    def state_label(self) -> str:
        return self.kind.state_label(self.item.header.state)


def open_many(*, kind: DocumentType, actor: Actor, addresses: Sequence[str]) -> list[Dossier]:
    """The documents in the order asked for. Raises Refused naming the first that is missing."""
    numbers, ids = split_addresses(addresses)
    found = Header.objects.filter(type=kind.code)
    headers = {h.address: h for h in found.filter(number__in=numbers)} if numbers else {}
    if ids:
        headers |= {f"~{h.pk}": h for h in found.filter(pk__in=ids)}
    for address in addresses:
        if address not in headers:
            raise errors.NOT_FOUND.refuse(number=address, position=actor.position_name)
    items = load(kind, [headers[address] for address in addresses])
    return [_dossier(kind, item) for item in items]


def open_one(*, kind: DocumentType, actor: Actor, address: str) -> Dossier:
    return open_many(kind=kind, actor=actor, addresses=[address])[0]


def _dossier(kind: DocumentType, item: Item) -> Dossier:
    own, line_fields = kind.fields(), kind.line_fields()
    doc = record(item.doc, own)
    lines = [record(line, line_fields) for line in item.lines]
    year, division = item.header.fiscal_year, item.header.division
    names = Names(own, [doc], fiscal_year=year, division=division)
    line_names = Names(line_fields, lines, fiscal_year=year, division=division)
    return Dossier(
        kind=kind,
        item=item,
        fields={f.name: names.show(f, doc[f.name]) for f in own},
        lines=[{f.name: line_names.show(f, line[f.name]) for f in line_fields} for line in lines],
    )


def permits(*, dossier: Dossier, actor: Actor, now: datetime) -> list[Permit]:
    """Every move from the present state, each with the findings the pipeline would give.

    The opinion is taken as written: whether a reason is missing is told when it is made.
    """
    kind, header = dossier.kind, dossier.header
    routes = Routes(kind.code, header.fiscal_year)
    asked = Action(
        type=kind.code,
        numbers=[dossier.address],
        name="",
        actor=actor,
        now=now,
        today=header.business_date,
        opinion="（查阅）",
        preview=True,
    )
    return [
        _permit(dossier, move, replace(asked, name=move.action), routes)
        for move in kind.moves_from(header.state)
    ]


def _permit(dossier: Dossier, move: Move, asked: Action, routes: Routes) -> Permit:
    kind, item = dossier.kind, dossier.item
    probe = Item(header=item.header, doc=item.doc, lines=item.lines)
    authorise(kind, asked, [probe], routes)
    order = list(kind.states.values)
    return Permit(
        move=move,
        duty=duty_name(move.by),
        is_back=order.index(move.target) < order.index(move.source),
        needs_reason=move.action in kind.needs_reason,
        findings=tuple(shown(probe.findings)) if probe.refused else (),
    )


def shares(kind: DocumentType, lines: Sequence[Mapping[str, Any]]) -> list[Share]:
    """What lines would take from their accounts, had they not been posted yet; short ones first.

    `lines` map field names to stored values (account ids, `amount` as Decimal or None).
    """
    wanted: dict[int, Decimal] = defaultdict(Decimal)
    for known in account_fields(kind):
        for line in lines:
            account, amount = line.get(known.attname), line.get("amount")
            if isinstance(account, int) and isinstance(amount, Decimal):
                wanted[account] += amount
    accounts = LedgerAccount.objects.in_bulk(wanted)
    found = [
        _share(accounts[key], amount, before=accounts[key].available)
        for key, amount in wanted.items()
        if key in accounts
    ]
    return sorted(found, key=lambda share: not share.is_short)


def taken(dossier: Dossier) -> list[Share]:
    """What the document holds or has spent of its accounts, by the ledger."""
    total: dict[int, Decimal] = defaultdict(Decimal)
    for hold in LedgerHold.objects.filter(header_id=dossier.header.pk):
        total[hold.account_id] += hold.held - hold.released - hold.reversed
    accounts = LedgerAccount.objects.in_bulk(key for key, amount in total.items() if amount)
    return [
        _share(account, total[key], before=account.available + total[key])
        for key, account in accounts.items()
    ]


def _share(account: LedgerAccount, amount: Decimal, *, before: Decimal) -> Share:
    return Share(
        account=account.pk,
        number=account.number,
        name=account.name,
        before=before,
        share=amount,
        after=before - amount,
        granted=account.granted,
    )

"""全链条 tracing: which documents led to this one, which accounts it touched, what came of it.

Reads only; the caller has applied the actor's scope. A document outside it is named by its
number alone.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Final, Literal

from shucai.kernel.document.declare import find_type
from shucai.kernel.document.models import Header, Relation
from shucai.kernel.document.reading import Dossier
from shucai.kernel.document.work import account_fields
from shucai.kernel.ledger import reading as ledger
from shucai.kernel.ledger.models import LedgerAccount

DOCUMENTS_MAX: Final = 60
DEPTH_MAX: Final = 12
ACCOUNTS_MAX: Final = 12
ENTRIES_SHOWN: Final = 12
_GIVING: Final = frozenset({"grant", "activate", "announce"})


@dataclass(frozen=True, slots=True)
class Entry:
    """What one document did to the account of a stop."""

    at: datetime
    verb: str
    document: str
    href: str
    amount: Decimal
    available: Decimal


@dataclass(frozen=True, slots=True)
class Stop:
    """A document or an account on the way of the money."""

    kind: Literal["document", "account"]
    title: str
    note: str
    href: str
    amount: Decimal | None
    is_here: bool = False
    entries: tuple[Entry, ...] = ()
    has_more: bool = False


@dataclass(frozen=True, slots=True)
class Walk:
    """The stops in the order of the money; `is_alone` when there is nothing but the document."""

    stops: tuple[Stop, ...]

    @property
    def is_alone(self) -> bool:
        return len(self.stops) == 1


def walk(dossier: Dossier) -> Walk:
    """Both ways from one document, through relations and through the ledger."""
    here = dossier.header
    accounts = _accounts(dossier)
    pages = {account.pk: ledger.entries(account, size=ENTRIES_SHOWN) for account in accounts}
    rows = [row for page in pages.values() for row in page.rows]
    headers = Header.objects.in_bulk({row.header for row in rows})
    giving = {row.header for row in rows if row.verb in _GIVING}
    before = _related([here.pk], upwards=True)
    after = _related([here.pk], upwards=False)
    givers = [headers[pk] for pk in giving if pk in headers and pk != here.pk]
    known = {header.pk for header in before}
    stops = [_document(header) for header in before]
    stops += [_document(header) for header in givers if header.pk not in known]
    account_stops = [_account(account, pages[account.pk], headers) for account in accounts]
    own = _document(here, is_here=True)
    stops += [own, *account_stops] if here.pk in giving else [*account_stops, own]
    return Walk((*stops, *(_document(header) for header in after)))


def _accounts(dossier: Dossier) -> list[LedgerAccount]:
    """The accounts the lines name, in the order of the lines."""
    found: dict[int, LedgerAccount] = {}
    for known in account_fields(dossier.kind):
        for line in dossier.item.lines:
            account = getattr(line, known.name, None)
            if account is not None:
                found.setdefault(account.pk, account)
    return list(found.values())[:ACCOUNTS_MAX]


def _related(start: Sequence[int], *, upwards: bool) -> list[Header]:
    """Documents reached by relations, nearest last when going up and first when going down."""
    here, there = ("target", "source") if upwards else ("source", "target")
    seen, edge = set(start), list(start)
    order: list[int] = []
    for _ in range(DEPTH_MAX):
        step = Relation.objects.filter(**{f"{here}__in": edge}).order_by("pk")
        found = [pk for pk in step.values_list(f"{there}_id", flat=True) if pk not in seen]
        edge = list(dict.fromkeys(found))[: DOCUMENTS_MAX - len(order)]
        if not edge:
            break
        seen |= set(edge)
        order += edge
    headers = Header.objects.select_related("unit").in_bulk(order)
    reached = [headers[pk] for pk in order if pk in headers]
    return reached[::-1] if upwards else reached


def _document(header: Header, *, is_here: bool = False) -> Stop:
    kind = find_type(header.type)
    name = kind.name if kind else header.type
    state = kind.state_label(header.state) if kind else header.state
    return Stop(
        kind="document",
        title=f"{name} {header.address}",
        note="　".join(part for part in (header.unit.name, header.summary, state) if part),
        href=href(header),
        amount=header.amount,
        is_here=is_here,
    )


def href(header: Header) -> str:
    """Where the document is read, in the grammar every channel shares."""
    return f"/d/{header.type}/{header.address}"


def _account(account: LedgerAccount, page: ledger.EntryPage, headers: dict[int, Header]) -> Stop:
    return Stop(
        kind="account",
        title=f"{account.number} {account.name}".strip(),
        note=f"{account.unit.name}　可用余额",
        href=f"/ledger/{account.book}/{account.kind}/{account.pk}",
        amount=account.available,
        entries=tuple(_entries(page.rows, headers)),
        has_more=bool(page.next),
    )


def _entries(rows: Iterable[ledger.EntryRow], headers: dict[int, Header]) -> Iterable[Entry]:
    for row in rows:
        header = headers.get(row.header)
        yield Entry(
            at=row.posted_at,
            verb=row.label,
            document=header.address if header else "本岗位范围外的单据",
            href=href(header) if header else "",
            amount=row.amount if row.change >= 0 else -row.amount,
            available=row.balance.available,
        )

"""数字与图 figures and charts of the work desk: sums over one kind of ledger account.

A declaration names the book, the kind and the balance; every figure links to the page it comes
from. Balances are kept on the accounts, so a figure never adds up entries; the monthly chart
does, and the edge keeps it for a while.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final, Literal

from django.db.models import Count, QuerySet, Sum
from django.db.models.functions import ExtractMonth, Left

from shucai.kernel import registry
from shucai.kernel.identity.actor import Actor
from shucai.kernel.ledger import reading
from shucai.kernel.ledger.models import LedgerAccount, LedgerEntry

Measure = Literal["granted", "spent", "held", "available"]
MEASURES: Final = ("granted", "spent", "held", "available")


@dataclass(frozen=True, slots=True)
class LedgerFigures:
    """The balances of one kind of account as numbers of the desk: measure → its name there."""

    code: str
    book: str
    kind: str
    page: str
    names: Mapping[Measure, str]
    position: int = 100

    def __post_init__(self) -> None:
        registry.declare("figures", self.code, self, where=registry.caller())
        for name in self.names:
            if name not in MEASURES:
                registry.report(
                    kind="figures",
                    code=self.code,
                    message=f"没有余额 {name}",
                    fix=f"改为 {'、'.join(MEASURES)} 之一",
                )


@dataclass(frozen=True, slots=True)
class Sums:
    """The balances of all accounts of one kind within the scope, in yuan."""

    granted: Decimal
    held: Decimal
    spent: Decimal
    available: Decimal
    count: int

    @property
    def rate(self) -> Decimal:
        """How much of what was granted is spent, in percent with one place."""
        if not self.granted:
            return Decimal("0.0")
        return (self.spent * 100 / self.granted).quantize(Decimal("0.1"))


def figures() -> list[LedgerFigures]:
    """Every declaration, in the order of the desk."""
    declared: list[LedgerFigures] = list(registry.all("figures").values())
    return sorted(declared, key=lambda one: (one.position, one.code))


def accounts(actor: Actor, *, book: str, kind: str) -> QuerySet[LedgerAccount]:
    """The accounts of the kind in the actor's year and scope."""
    return reading.within(actor).filter(book=book, kind=kind, fiscal_year=actor.fiscal_year)


def sums(actor: Actor, *, book: str, kind: str) -> Sums:
    """One pass over the balances."""
    return total(accounts(actor, book=book, kind=kind))


def total(rows: QuerySet[LedgerAccount]) -> Sums:
    found = rows.order_by().aggregate(
        granted=Sum("granted"), held=Sum("held"), spent=Sum("spent"), count=Count("*")
    )
    granted, held, spent = (found[name] or Decimal(0) for name in ("granted", "held", "spent"))
    return Sums(
        granted=granted,
        held=held,
        spent=spent,
        available=granted - held - spent,
        count=found["count"],
    )


def spent_by_month(actor: Actor, *, book: str, kind: str) -> list[Decimal]:
    """What was settled in each of the twelve months, less what was reversed."""
    known = accounts(actor, book=book, kind=kind)
    rows = (
        LedgerEntry.objects.filter(
            fiscal_year=actor.fiscal_year,
            verb__in=("settle", "reverse"),
            account_id__in=known.values("pk"),
        )
        .order_by()
        .values("verb", month=ExtractMonth("business_date"))
        .annotate(amount=Sum("amount"))
    )
    found = [Decimal(0)] * 12
    for row in rows:
        found[row["month"] - 1] += row["amount"] if row["verb"] == "settle" else -row["amount"]
    return found


def spent_by_class(
    actor: Actor, *, book: str, kind: str, field: str = "function_code", length: int = 3
) -> list[tuple[str, Decimal]]:
    """What was spent under each class, by the first characters of an element, largest first."""
    rows = (
        accounts(actor, book=book, kind=kind)
        .filter(spent__gt=0)
        .order_by()
        .values(head=Left(field, length))
        .annotate(amount=Sum("spent"))
    )
    return sorted(((row["head"], row["amount"]) for row in rows), key=lambda pair: -pair[1])

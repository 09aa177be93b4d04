"""所选 selection: what a list of addresses amounts to, before an action is asked for them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Count, Q, Sum

from shucai.kernel.document.declare import DocumentType
from shucai.kernel.document.models import Header
from shucai.kernel.document.work import split_addresses


@dataclass(frozen=True, slots=True)
class Selection:
    """How many documents, their sum in yuan, and how many stand in each state."""

    count: int
    amount: Decimal
    states: Mapping[str, int]

    def fit(self, kind: DocumentType, action: str) -> int:
        """How many stand in a state the action starts from."""
        return sum(self.states.get(state, 0) for state in set(kind.sources(action)))


def measure(kind: DocumentType, addresses: Sequence[str]) -> Selection:
    """Within the scope the caller has applied; addresses outside it do not count."""
    numbers, ids = split_addresses(addresses)
    rows = (
        Header.objects.filter(Q(number__in=numbers) | Q(pk__in=ids), type=kind.code)
        .order_by()
        .values("state")
        .annotate(count=Count("*"), amount=Sum("amount"))
    )
    found = list(rows)
    return Selection(
        count=sum(row["count"] for row in found),
        amount=sum((row["amount"] for row in found), Decimal(0)),
        states={row["state"]: row["count"] for row in found},
    )

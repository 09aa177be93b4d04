"""核算科目对照 presentation: how verbs print as debit and credit of the official chart, by year.

Data, not code: a mapping has an edition and says how sure it is. The ledger itself needs none.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db import connection

from shucai.kernel.ledger.terms import WAYS


@dataclass(frozen=True, slots=True)
class Pair:
    """The accounts of the chart that one verb debits and credits; red pairs print negative."""

    verb: str
    debit_code: str
    debit_name: str
    credit_code: str
    credit_name: str
    is_red: bool = False

    def __post_init__(self) -> None:
        if self.verb not in WAYS:
            raise ValueError(f"{self.verb!r} is no verb of the ledger")


@dataclass(frozen=True, slots=True)
class Leg:
    """One printed line of an entry: one side of the pair."""

    entry: int
    side: str
    business_date: date
    header: int
    seq: int
    verb: str
    account: int
    code: str
    name: str
    debit: Decimal
    credit: Decimal


def keep(
    pairs: Sequence[Pair],
    *,
    fiscal_year: int,
    book: str,
    kind: str,
    edition: str,
    confidence: str,
) -> int:
    """Replaces the mapping of one year, book and kind; tells how many verbs it has."""
    columns: list[list[str] | list[bool]] = [
        [pair.verb for pair in pairs],
        [pair.debit_code for pair in pairs],
        [pair.debit_name for pair in pairs],
        [pair.credit_code for pair in pairs],
        [pair.credit_name for pair in pairs],
        [pair.is_red for pair in pairs],
    ]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT ledger_keep_presentation(%s, %s, %s, %s::text[], %s::text[], %s::text[],"
            " %s::text[], %s::text[], %s::boolean[], %s, %s)",
            [fiscal_year, book, kind, *columns, edition, confidence],
        )
        return int(cursor.fetchone()[0])


def of_document(header: int, *, fiscal_year: int) -> list[Leg]:
    """The double entry of one document, in the order it was posted."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT entry_id, side, business_date, header_id, seq, verb, account_id, code, name,"
            " debit, credit FROM ledger_double_entry"
            " WHERE fiscal_year = %s AND header_id = %s ORDER BY entry_id, side DESC",
            [fiscal_year, header],
        )
        return [Leg(*row) for row in cursor.fetchall()]


def trial_balance(*, fiscal_year: int, book: str) -> list[tuple[str, str, Decimal, Decimal]]:
    """Code, name, debit and credit turnover of each account of the chart, within scope."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT d.code, d.name, sum(d.debit), sum(d.credit) FROM ledger_double_entry d"
            " JOIN ledger_account a ON a.id = d.account_id"
            " WHERE d.fiscal_year = %s AND a.book = %s GROUP BY d.code, d.name ORDER BY d.code",
            [fiscal_year, book],
        )
        return list(cursor.fetchall())

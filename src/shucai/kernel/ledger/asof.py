"""时点余额 as of: what accounts showed at an instant, read from the balances entries left behind.

One index step per account, however many entries it has.
"""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Final

from django.db import connection

from shucai.kernel.ledger.posting import Balance

_AS_OF: Final = """
SELECT a.id, s.granted, s.incoming, s.held, s.spent
  FROM ledger_account a
  LEFT JOIN LATERAL (
    SELECT x.granted, x.incoming, x.held, x.spent FROM (
      (SELECT e.posted_at, e.id, e.granted, e.incoming, e.held, e.spent FROM ledger_entry e
        WHERE e.fiscal_year = a.fiscal_year AND e.account_id = a.id AND e.posted_at <= %s
        ORDER BY e.posted_at DESC, e.id DESC LIMIT 1)
      UNION ALL
      (SELECT e.posted_at, e.id, e.to_granted, e.to_incoming, e.to_held, e.to_spent
         FROM ledger_entry e
        WHERE e.fiscal_year = a.fiscal_year AND e.to_account_id = a.id
          AND e.to_account_id <> e.account_id AND e.posted_at <= %s
        ORDER BY e.posted_at DESC, e.id DESC LIMIT 1)) AS x
     ORDER BY x.posted_at DESC, x.id DESC LIMIT 1) AS s ON true
 WHERE a.id = ANY (%s)
"""


def balances(accounts: Sequence[int], *, at: datetime) -> dict[int, Balance]:
    """Balances including everything posted up to `at`, of the accounts within scope."""
    zero = Decimal("0.00")
    with connection.cursor() as cursor:
        cursor.execute(_AS_OF, [at, at, list(accounts)])
        return {
            account: Balance(*(zero if amount is None else amount for amount in amounts))
            for account, *amounts in cursor.fetchall()
        }

"""核算科目对照 the double-entry presentation of the ledger, from `seeds/`, per fiscal year."""

import tomllib
from pathlib import Path

from shucai.kernel.ledger import presentation
from shucai.kernel.ledger.presentation import Pair


def load(path: Path, *, fiscal_year: int) -> int:
    """Keeps every mapping of the file for the year; tells how many verbs they have.

    Raises KeyError for an account the file does not name, ValueError for an unknown verb.
    """
    said = tomllib.loads(path.read_text(encoding="utf-8"))
    names = said["accounts"]
    count = 0
    for mapping in said["mapping"]:
        pairs = [
            Pair(
                verb=verb,
                debit_code=legs["debit"],
                debit_name=names[legs["debit"]],
                credit_code=legs["credit"],
                credit_name=names[legs["credit"]],
                is_red=legs.get("red", False),
            )
            for verb, legs in mapping["verbs"].items()
        ]
        count += presentation.keep(
            pairs,
            fiscal_year=fiscal_year,
            book=mapping["book"],
            kind=mapping["kind"],
            edition=said["edition"],
            confidence=said["confidence"],
        )
    return count

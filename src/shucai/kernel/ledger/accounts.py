"""开户 accounts: opened once by number; the same number with the same elements is the same account.

Opening never changes a balance. Everything about an account but its balances and its control
level stays as it was opened.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.db import connection

from shucai.base.bigrams import bigrams_of
from shucai.base.errors import Finding, Refused
from shucai.kernel.ledger import errors
from shucai.kernel.ledger.models import LedgerAccount
from shucai.kernel.ledger.terms import Control

ACCOUNTS_MAX: Final = 20_000
_IDENTITY: Final[Mapping[str, str]] = {
    "unit_id": "预算单位",
    "function_code": "支出功能分类",
    "gov_economy_code": "政府预算经济分类",
    "dep_economy_code": "部门预算经济分类",
    "fund_type_code": "资金性质",
    "project_name": "项目",
    "source_code": "指标来源",
}


@dataclass(frozen=True, slots=True)
class AccountSpec:
    """An account to be opened. Elements that do not concern the book stay empty."""

    book: str
    kind: str
    fiscal_year: int
    division: str
    unit_id: int
    unit_path: str
    office: str
    number: str
    name: str = ""
    function_code: str = ""
    gov_economy_code: str = ""
    dep_economy_code: str = ""
    fund_type_code: str = ""
    project_name: str = ""
    source_code: str = ""
    doc_no: str = ""
    control: str = "hard"
    period_mode: str = "year"


_OPEN: Final = (
    "SELECT account, in_scope FROM ledger_open_accounts("
    "%s::text[], %s::text[], %s::integer[], %s::text[], %s::bigint[], %s::text[], %s::text[],"
    " %s::text[], %s::text[], %s::text[], %s::text[], %s::text[], %s::text[], %s::text[],"
    " %s::text[], %s::text[], %s::text[], %s::text[], %s::text[]) ORDER BY ord"
)


@dataclass(frozen=True, slots=True)
class Opened:
    """The account of one spec: its id, or why there is none."""

    account: int | None
    refusal: Finding | None = None


def open_accounts(specs: Sequence[AccountSpec]) -> list[int]:
    """The ids of the accounts, in the order asked for; existing ones are found again.

    Raises Refused with every number that is taken by other elements or lies out of scope.
    """
    opened = try_open(specs)
    found = [one.refusal for one in opened if one.refusal is not None]
    if found:
        raise Refused(found)
    return [one.account for one in opened if one.account is not None]


def try_open(specs: Sequence[AccountSpec], *, places: Sequence[str] = ()) -> list[Opened]:
    """Like `open_accounts`, with one answer per spec instead of an exception."""
    if not specs:
        return []
    columns = [[getattr(spec, name) for spec in specs] for name in AccountSpec.__dataclass_fields__]
    pieces = [" ".join(bigrams_of([spec.number, spec.name, spec.project_name])) for spec in specs]
    with connection.cursor() as cursor:
        cursor.execute(_OPEN, [*columns, pieces])
        rows = cursor.fetchall()
    return _answers(specs, rows, list(places) or [""] * len(specs))


def _answers(
    specs: Sequence[AccountSpec], rows: Sequence[tuple[int | None, bool]], places: Sequence[str]
) -> list[Opened]:
    known = LedgerAccount.objects.select_related("unit").in_bulk([row[0] for row in rows if row[0]])
    answers = []
    for spec, (account, in_scope), place in zip(specs, rows, places, strict=True):
        if not in_scope:
            answers.append(Opened(None, errors.UNIT_OUT_OF_SCOPE.at(place, number=spec.number)))
            continue
        existing = known.get(account or 0)
        answers.append(Opened(account, _difference(spec, existing, place)))
    return answers


def _difference(spec: AccountSpec, existing: LedgerAccount | None, place: str) -> Finding | None:
    if existing is None:  # the number belongs to a unit of the division that can't be seen
        return errors.NUMBER_TAKEN.at(
            place, number=spec.number, owner="其他单位", differences="预算单位"
        )
    differing = [
        label for name, label in _IDENTITY.items() if getattr(existing, name) != getattr(spec, name)
    ]
    if not differing:
        return None
    return errors.NUMBER_TAKEN.at(
        place, number=spec.number, owner=existing.unit.name, differences="、".join(differing)
    )


def set_control(accounts: Sequence[int], *, control: Control) -> int:
    """Changes the control level of accounts within scope; tells how many were changed."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT ledger_set_control(%s::bigint[], %s)", [list(accounts), control])
        row: tuple[Any, ...] = cursor.fetchone()
    return int(row[0])

"""A little world for ledger tests: two units, an open year, accounts with money in them."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import count

from django.db import connection

from shucai.kernel.calendar import periods
from shucai.kernel.ledger.accounts import AccountSpec, open_accounts
from shucai.kernel.ledger.models import LedgerAccount
from shucai.kernel.ledger.posting import Balance, Posted, Posting, post
from shucai.kernel.masterdata.models import Unit

YEAR = 2026
DIVISION = "440600000"
CITY = "4406/440600"
TODAY = date(2026, 3, 16)
NOW = datetime(2026, 3, 16, 2, 0, tzinfo=UTC)
_keys = count(1)


def see(path: str = CITY, *, office: str = "") -> None:
    """The scope of whoever acts next, until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT set_config('shucai.lo', %s, true), set_config('shucai.hi', %s, true),"
            " set_config('shucai.office', %s, true)",
            [path, path + "0", office],
        )


def unit(code: str, *, office: str = "行政政法科") -> Unit:
    return Unit.objects.create(
        code=code,
        name=f"单位{code}",
        division_code=DIVISION,
        path=f"{CITY}/{code[:3]}/{code}",
        level=2,
        office=office,
    )


def spec(owner: Unit, number: str, *, control: str = "hard", **more: object) -> AccountSpec:
    said = {
        "book": "budget",
        "kind": "unit_allotment",
        "fiscal_year": YEAR,
        "division": owner.division_code,
        "unit_id": owner.pk,
        "unit_path": owner.path,
        "office": owner.office,
        "number": number,
        "name": f"指标{number}",
        "control": control,
        **more,
    }
    return AccountSpec(**said)  # type: ignore[arg-type]


@dataclass
class World:
    """Units `mine` and `other`; `open` makes an account holding `granted`."""

    mine: Unit
    other: Unit
    headers: "count[int]" = field(default_factory=lambda: count(1000))

    def open(self, granted: str = "0", *, owner: Unit | None = None, control: str = "hard") -> int:
        number = f"佛财预〔2026〕{next(self.headers)}号-01"
        account = open_accounts([spec(owner or self.mine, number, control=control)])[0]
        if Decimal(granted):
            self.do("grant", account, granted)
        return account

    def do(
        self,
        verb: str,
        account: int,
        amount: str,
        *,
        header: int | None = None,
        seq: int = 1,
        to: int | None = None,
        **more: object,
    ) -> Posted:
        """One posting of one line."""
        line = next(self.headers) if header is None else header
        return self.post([Posting(verb, account, Decimal(amount), line, seq, to)], **more)

    def post(self, postings: list[Posting], **more: object) -> Posted:
        said: dict[str, object] = {
            "fiscal_year": YEAR,
            "business_date": TODAY,
            "posted_at": NOW,
            "actor_id": 7,
            "key": f"key-{next(_keys)}",
            **more,
        }
        return post(postings=postings, **said)  # type: ignore[arg-type]


def found(offices: tuple[str, str] = ("行政政法科", "教科文科")) -> World:
    """An open year and two units; the scope is the whole city."""
    periods.open_year(divisions=[DIVISION], fiscal_year=YEAR)
    see()
    return World(mine=unit("105001", office=offices[0]), other=unit("205001", office=offices[1]))


def balance(account: int) -> Balance:
    kept = LedgerAccount.objects.get(pk=account)
    return Balance(kept.granted, kept.incoming, kept.held, kept.spent)


def figures(account: int) -> tuple[str, str, str, str, str]:
    """Granted, incoming, held, spent, available: as text, for plain assertions."""
    kept = balance(account)
    amounts = (kept.granted, kept.incoming, kept.held, kept.spent, kept.available)
    return tuple(f"{amount:.2f}" for amount in amounts)  # type: ignore[return-value]


def reasons(posted: Posted) -> list[tuple[int, str]]:
    """Every refused line: its number and why."""
    return [(one.seq, one.reason) for lines in posted.refused.values() for one in lines]

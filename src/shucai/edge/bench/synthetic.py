"""造数 synthetic data: a bench city, accounts with money, and documents by the thousand or million.

Documents of any declared type are filled from its fields; what the ledger and the pipeline write
is written by them, never by hand. Everything is deterministic.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, Final

from django.db import models, transaction

from shucai.kernel.calendar import periods
from shucai.kernel.document import search
from shucai.kernel.document.declare import DocumentType
from shucai.kernel.document.models import Header, SearchText
from shucai.kernel.document.work import account_fields
from shucai.kernel.identity import scope
from shucai.kernel.identity.actor import Actor
from shucai.kernel.ledger.accounts import AccountSpec, open_accounts
from shucai.kernel.ledger.posting import Posting, post
from shucai.kernel.masterdata.models import Unit

YEAR: Final = 2026
DAY: Final = date(2026, 6, 30)
NOW: Final = datetime(2026, 6, 30, 2, 0, tzinfo=UTC)
DIVISION: Final = "990000000"
ROOT: Final = "99"
UNITS: Final = 100
BATCH: Final = 2_000
OPENING_HEADER: Final = 1_000_000_000  # far above real ones
AMOUNT: Final = Decimal("12.34")


@dataclass(frozen=True, slots=True)
class City:
    """Units, and an account with plenty of money in each."""

    units: Sequence[Unit]
    accounts: Mapping[int, Sequence[int]]


def actor(kind: DocumentType, *, user_id: int = 1) -> Actor:
    """Holds every duty of the type, over the whole bench city."""
    return Actor(
        user_id=user_id,
        name="性能测量",
        position_name="性能测量",
        duties=frozenset(move.by for move in kind.flow),
        scope_path=ROOT,
        office="",
        unit_code="990001",
        unit_name="性能测量单位",
        division=DIVISION,
        fiscal_year=YEAR,
    )


def city(kind: DocumentType, *, accounts_per_unit: int) -> City:
    """An open year, units, and accounts of the first account field of the type's lines."""
    known = account_fields(kind)[0]
    periods.open_year(divisions=[DIVISION], fiscal_year=YEAR)
    with transaction.atomic():
        scope.apply(actor(kind))
        units = Unit.objects.bulk_create(
            [
                Unit(
                    code=f"99{n:04}",
                    name=f"性能测量单位{n}",
                    division_code=DIVISION,
                    path=f"{ROOT}/99{n:04}",
                )
                for n in range(1, UNITS + 1)
            ]
        )
        specs = [
            _spec(known.book, known.kind, unit, n)
            for unit in units
            for n in range(accounts_per_unit)
        ]
        opened: list[int] = []
        for start in range(0, len(specs), 20_000):
            opened += open_accounts(specs[start : start + 20_000])
        post(
            postings=[
                Posting("grant", account, Decimal(10**9), OPENING_HEADER, seq)
                for seq, account in enumerate(opened)
            ],
            fiscal_year=YEAR,
            business_date=DAY,
            posted_at=NOW,
            actor_id=0,
            key="bench-opening",
        )
    owned: dict[int, list[int]] = {unit.pk: [] for unit in units}
    for spec, account in zip(specs, opened, strict=True):
        owned[spec.unit_id].append(account)
    return City(units=units, accounts=owned)


def _spec(book: str, kind: str, unit: Unit, n: int) -> AccountSpec:
    return AccountSpec(
        book=book,
        kind=kind,
        fiscal_year=YEAR,
        division=DIVISION,
        unit_id=unit.pk,
        unit_path=unit.path,
        office="",
        number=f"BENCH-{unit.code}-{n:04}",
        name="性能测量指标",
    )


def drafts(kind: DocumentType, place: City, count: int) -> list[int]:
    """Drafts of one line, spread evenly over units and accounts; their header ids."""
    ids: list[int] = []
    with transaction.atomic():
        scope.apply(actor(kind))
        for start in range(0, count, BATCH):
            ids += _some_drafts(kind, place, range(start, min(start + BATCH, count)))
    return ids


def _some_drafts(kind: DocumentType, place: City, numbers: range) -> list[int]:
    units = [place.units[n % len(place.units)] for n in numbers]
    headers = Header.objects.bulk_create(
        [_header(kind, unit, n) for n, unit in zip(numbers, units, strict=True)]
    )
    SearchText.objects.bulk_create(
        SearchText(header=h, bigrams=search.bigrams_of([h.summary, h.unit.name])) for h in headers
    )
    own = values(kind.fields())
    line = values(kind.line_fields())
    known = account_fields(kind)[0]
    kind.model._default_manager.bulk_create(
        [kind.model(header=h, unit_path=h.unit_path, office="", **own) for h in headers]
    )
    kind.lines.bulk_create(
        [
            kind.new_line(
                parent_id=header.pk,
                seq=1,
                unit_path=header.unit_path,
                office="",
                **{**line, known.attname: _account(place, unit, n)},
            )
            for n, header, unit in zip(numbers, headers, units, strict=True)
        ]
    )
    return [header.pk for header in headers]


def _account(place: City, unit: Unit, n: int) -> int:
    owned = place.accounts[unit.pk]
    return owned[(n // len(place.units)) % len(owned)]


def _header(kind: DocumentType, unit: Unit, n: int) -> Header:
    summary = f"办公用品采购第{n}批"
    return Header(
        type=kind.code,
        fiscal_year=YEAR,
        division=DIVISION,
        unit=unit,
        unit_path=unit.path,
        office="",
        state=kind.initial,
        maker_id=1,
        maker_name="性能测量",
        created_at=NOW,
        updated_at=NOW,
        business_date=DAY,
        amount=AMOUNT,
        summary=summary,
    )


def values(fields: Sequence[models.Field[Any, Any]]) -> dict[str, Any]:
    """Plausible content for each field that is not a reference."""
    return {known.attname: _value(known) for known in fields if not known.is_relation}


def _value(known: models.Field[Any, Any]) -> Any:
    if known.choices:
        return known.flatchoices[0][0]
    if isinstance(known, models.DecimalField):
        return AMOUNT
    if isinstance(known, models.DateField):
        return DAY
    if isinstance(known, models.IntegerField):
        return 1
    if known.name.endswith("account"):
        return "6222081010077263182"
    return "佛山市新苑办公用品有限公司"[: known.max_length or 20]

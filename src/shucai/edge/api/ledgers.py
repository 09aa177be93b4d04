"""台账接口 ledger: accounts and their balances, within the scope of the position."""

from typing import Annotated, Any

from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest
from ninja import Query, Router, Schema

from shucai.edge.api import errors, paging
from shucai.edge.api.access import Caller, caller
from shucai.edge.api.endpoints import expose
from shucai.edge.api.present import plain
from shucai.edge.api.schemas import Money, Unit
from shucai.kernel.document import errors as document_errors
from shucai.kernel.identity import scope
from shucai.kernel.ledger import reading
from shucai.kernel.ledger.models import LedgerAccount
from shucai.kernel.masterdata import models as masterdata
from shucai.kernel.pages.access import business_duties, duty_names

router = Router(tags=["台账"])
ELEMENTS = (
    "function_code", "gov_economy_code", "dep_economy_code", "fund_type_code", "project_name",
    "source_code", "doc_no",
)  # fmt: skip
Text = Annotated[str | None, Query(None, max_length=80)]
UnitCode = Annotated[str | None, Query(None, max_length=20, description="单位编码，含其下级单位")]


class AccountOut(Schema):
    id: int
    book: str
    kind: str
    fiscal_year: int
    division: str
    unit: Unit
    number: str
    name: str
    elements: dict[str, str]
    control: str
    granted: Money
    incoming: Money
    held: Money
    spent: Money
    available: Money


class AccountsOut(Schema):
    rows: list[AccountOut]
    next: str | None


@expose(
    router,
    "GET",
    "/ledger/accounts",
    name="ledger.accounts",
    scope="ledger.read",
    summary="台账及余额",
    parameters=("FiscalYear",),
    query=("book", "kind", "unit", "number", "cursor", "limit"),
    responses={200: AccountsOut},
)
def list_accounts(
    request: HttpRequest,
    *,
    book: Text,
    kind: Text,
    unit: UnitCode,
    number: Text,
    cursor: paging.Cursor,
    limit: paging.Limit,
) -> Any:
    who = caller(request)
    after = paging.decode(cursor, int)
    with transaction.atomic():
        scope.apply(who.actor)
        rows = _readable(who).filter(fiscal_year=who.actor.fiscal_year)
        for name, given in (("book", book), ("kind", kind), ("number", number)):
            if given:
                rows = rows.filter(**{name: _clean(given, name)})
        if unit:
            rows = _below(rows, _clean(unit, "unit"))
        if after is not None:
            rows = rows.filter(pk__gt=after[0])
        found = list(rows.order_by("pk")[: limit + 1])
    more = len(found) > limit
    return {
        "rows": [_account(one) for one in found[:limit]],
        "next": paging.encode([found[limit - 1].pk]) if more else None,
    }


def _clean(given: str, name: str) -> str:
    if "\x00" in given:
        raise errors.BAD_VALUE.refuse(
            name, name=name, value="", reason="含有不可见字符", allowed="可见字符"
        )
    return given.strip()


def _below(rows: QuerySet[LedgerAccount], code: str) -> QuerySet[LedgerAccount]:
    path = masterdata.Unit.objects.filter(code=code).values_list("path", flat=True).first()
    return rows.filter(unit_path__gte=path, unit_path__lt=path + "0") if path else rows.none()


def _readable(who: Caller) -> QuerySet[LedgerAccount]:
    """The accounts of the scope; only holders of a business duty see balances."""
    actor = who.actor
    if not any(actor.can(duty) for duty in business_duties()):
        raise document_errors.NO_DUTY.refuse(
            number="台账",
            label="查阅",
            duty=duty_names(business_duties()),
            position=actor.position_name,
        )
    return reading.within(actor).select_related("unit")


@expose(
    router,
    "GET",
    "/ledger/accounts/{id}",
    name="ledger.account",
    scope="ledger.read",
    summary="一个台账的余额",
    parameters=("FiscalYear",),
    responses={200: AccountOut},
)
def get_account(request: HttpRequest, id: int) -> Any:
    who = caller(request)
    with transaction.atomic():
        scope.apply(who.actor)
        found = _readable(who).filter(pk=id).first() if 0 < id < 2**63 else None
    if found is None:
        raise errors.ACCOUNT_NOT_FOUND.refuse(number=str(id)[:40], position=who.actor.position_name)
    return _account(found)


def _account(one: LedgerAccount) -> dict[str, Any]:
    return {
        "id": one.pk,
        "book": one.book,
        "kind": one.kind,
        "fiscal_year": one.fiscal_year,
        "division": one.division,
        "unit": {"code": one.unit.code, "name": one.unit.name},
        "number": one.number,
        "name": one.name,
        "elements": {name: getattr(one, name) for name in ELEMENTS if getattr(one, name)},
        "control": str(one.control),
        "granted": plain(one.granted),
        "incoming": plain(one.incoming),
        "held": plain(one.held),
        "spent": plain(one.spent),
        "available": plain(one.available),
    }

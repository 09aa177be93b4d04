"""台账页 ledger pages: `/ledger/<book>/<kind>/` accounts with balances, one with entries."""

from collections.abc import Mapping, Sequence
from datetime import datetime, time
from decimal import Decimal
from typing import Any, Final

from django.http import HttpResponse
from django.utils import timezone
from django.utils.dateparse import parse_date

from shucai.edge.web import asked, bare, charts, frame, sheets
from shucai.edge.web.endpoints import PAGE, endpoint
from shucai.edge.web.errors import NOT_THERE
from shucai.edge.web.query import text
from shucai.edge.web.request import WebRequest, is_fragment
from shucai.kernel import registry
from shucai.kernel.document.models import Header
from shucai.kernel.ledger import asof, reading
from shucai.kernel.ledger.models import LedgerAccount
from shucai.kernel.masterdata import values
from shucai.kernel.pages.access import item_at

EXPORT_MAX: Final = 20_000
_LABELS: Final = {f.name: str(f.verbose_name) for f in LedgerAccount._meta.concrete_fields}
NAMES: Final = ("q", "unit", "function", "fund_type", "available")
HEADS: Final = {
    "number": "编号",
    "unit": "预算单位",
    "name": "名称",
    "function": "功能分类",
    "fund_type": "资金性质",
    "granted": "已下达(元)",
    "held": "冻结(元)",
    "spent": "已用(元)",
    "available": "可用(元)",
}


@endpoint("ledger/<str:book>/<str:kind>/", name="ledger", access=PAGE)
def accounts(request: WebRequest, book: str, kind: str) -> HttpResponse:
    wanted = _wanted(request, book, kind)
    found = reading.page(wanted)
    context = {
        **_place(request, book, kind),
        "asked": {name: request.GET.get(name, "") for name in NAMES},
        "sort": wanted.sort,
        "rows": [_shown(one, request.actor.fiscal_year) for one in found.rows],
        "sum": _sum(found.rows),
        "next": found.next,
        "previous": found.previous,
        "fund_types": _fund_types(request.actor.fiscal_year),
        "is_leaf": asked.is_leaf(request.actor),
        "link": lambda **changes: text(request.GET, (*NAMES, "sort"), **changes),
    }
    if is_fragment(request):
        return bare.page(request, "web/ledger/_accounts.html", context)
    return frame.page(request, "web/ledger/page.html", context)


@endpoint("ledger/<str:book>/<str:kind>/-/totals", name="ledger-totals", access=PAGE)
def totals(request: WebRequest, book: str, kind: str) -> HttpResponse:
    found = reading.totals(_wanted(request, book, kind))
    limit = reading.COUNT_MAX
    return bare.page(request, "web/ledger/_totals.html", {"totals": found, "limit": limit})


@endpoint("ledger/<str:book>/<str:kind>/-/export", name="ledger-export", access=PAGE)
def export(request: WebRequest, book: str, kind: str) -> HttpResponse:
    """The selection as a workbook, at most EXPORT_MAX accounts, with a note where it was cut."""
    wanted = _wanted(request, book, kind, size=200)
    year = request.actor.fiscal_year
    rows: list[Sequence[Any]] = []
    cursor = ""
    while len(rows) < EXPORT_MAX:
        found = reading.page(_replace(wanted, cursor))
        for one in found.rows:
            shown = _shown(one, year)
            rows.append([_plain(shown, name) for name in HEADS])
        cursor = found.next
        if not cursor:
            break
    place = _place(request, book, kind)
    note = f"只导出前 {EXPORT_MAX:,} 个" if cursor else ""
    return sheets.answer(f"{place['title']}{year}", list(HEADS.values()), rows, note=note)


@endpoint("ledger/<str:book>/<str:kind>/<int:pk>", name="ledger-account", access=PAGE)
def account(request: WebRequest, book: str, kind: str, pk: int) -> HttpResponse:
    """One account with its entries; `?at=` shows what it held at the end of a day."""
    one = reading.account(actor=request.actor, pk=pk)
    if one is None or (one.book, one.kind) != (book, kind):
        raise NOT_THERE.refuse(what=f"账户 {pk}", position=request.actor.position_name)
    found = reading.entries(one, cursor=request.GET.get("cursor", ""))
    day = parse_date(request.GET.get("at", "")) if request.GET.get("at") else None
    context = {
        **_place(request, book, kind),
        "account": one,
        "shown": _shown(one, one.fiscal_year),
        "facts": _facts(one),
        "entries": found.rows,
        "documents": _documents([row.header for row in found.rows]),
        "next": found.next,
        "at": day,
        "then": asof.balances([one.pk], at=_end_of(day)).get(one.pk) if day else None,
        "spent_rate": _percent(one.spent, one.granted),
        "held_rate": _percent(one.held, one.granted),
    }
    if is_fragment(request):
        return bare.page(request, "web/ledger/_entries.html", context)
    context |= {"title": one.number, "tab": one.number}
    return frame.page(request, "web/ledger/account.html", context)


def _wanted(request: WebRequest, book: str, kind: str, *, size: int = 50) -> reading.Query:
    filters = {}
    for name in NAMES:
        given = request.GET.get(name, "").strip()
        if given:
            filters[name] = [given if name == "q" else given.split(" ", maxsplit=1)[0]]
    return reading.Query(
        book=book,
        kind=kind,
        actor=request.actor,
        filters=filters,
        sort=request.GET.get("sort", "unit_path"),
        cursor=request.GET.get("cursor", ""),
        size=size,
    )


def _replace(wanted: reading.Query, cursor: str) -> reading.Query:
    return reading.Query(
        book=wanted.book,
        kind=wanted.kind,
        actor=wanted.actor,
        filters=wanted.filters,
        sort=wanted.sort,
        cursor=cursor,
        size=wanted.size,
    )


def _place(request: WebRequest, book: str, kind: str) -> dict[str, Any]:
    declared = registry.find("book", book)
    if declared is None or kind not in declared.kinds:
        raise NOT_THERE.refuse(what=f"台账 {book} {kind}", position=request.actor.position_name)
    item = item_at(f"/ledger/{book}/{kind}/")
    return {
        "title": item.name if item else f"{declared.kinds[kind]}余额",
        "book_name": declared.name,
        "kind_name": declared.kinds[kind],
        "base": f"/ledger/{book}/{kind}/",
    }


def _shown(one: LedgerAccount, year: int) -> dict[str, Any]:
    return {
        "pk": one.pk,
        "number": one.number,
        "name": one.name or one.project_name,
        "unit": one.unit,
        "function": (one.function_code, values.name_of("functional", year, one.function_code)),
        "fund_type": (one.fund_type_code, values.name_of("fund_type", year, one.fund_type_code)),
        "granted": one.granted,
        "held": one.held,
        "spent": one.spent,
        "available": one.available,
        "rate": _percent(one.spent, one.granted),
    }


def _plain(shown: Mapping[str, Any], name: str) -> Any:
    value = shown[name]
    if name == "unit":
        return f"{value.code} {value.name}"
    return " ".join(value).strip() if isinstance(value, tuple) else value


def _facts(one: LedgerAccount) -> list[tuple[str, str]]:
    """What the account stands for, in the order of the declaration; empty ones left out."""
    found = [("预算单位", f"{one.unit.code} {one.unit.name}")]
    for name in (
        "doc_no",
        "project_name",
        "function_code",
        "gov_economy_code",
        "dep_economy_code",
        "fund_type_code",
        "source_code",
    ):
        code = str(getattr(one, name))
        if code:
            value_set = reading.ELEMENT_SETS.get(name, "")
            known = values.name_of(value_set, one.fiscal_year, code) if value_set else ""
            label = _LABELS[name]
            found.append((label, f"{code} {known}".strip()))
    found.append(("控制方式", one.get_control_display()))
    return found


def _percent(part: Any, whole: Any) -> str:
    """Balances of accounts, which the type checker does not know for decimals."""
    return charts.percent(part, whole)


def _sum(rows: Sequence[LedgerAccount]) -> dict[str, Decimal]:
    names = ("granted", "held", "spent", "available")
    return {name: sum((getattr(r, name) for r in rows), Decimal(0)) for name in names}


def _fund_types(year: int) -> list[tuple[str, str]]:
    known = values.catalogue("fund_type", year).entries()
    return [(entry.code, entry.label) for entry in known if entry.is_enabled][:80]


def _documents(ids: Sequence[int]) -> dict[int, dict[str, str]]:
    """The documents behind entries, where the scope lets them be seen."""
    found = Header.objects.in_bulk(set(ids))
    return {
        pk: {"page": f"/d/{one.type}/{one.address}", "number": one.address, "text": one.summary}
        for pk, one in found.items()
    }


def _end_of(day: Any) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.max))

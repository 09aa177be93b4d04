"""样张 sample documents: what a preview of a template prints; nobody's data is shown."""

from collections.abc import Iterator
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any, Final, Literal
from zoneinfo import ZoneInfo

from django.db import models

from shucai.kernel.document import history
from shucai.kernel.document.declare import DocumentType
from shucai.kernel.document.history import Stop
from shucai.kernel.document.models import Header
from shucai.kernel.document.reading import Dossier
from shucai.kernel.document.showing import Shown, kind_of
from shucai.kernel.document.work import Item
from shucai.kernel.masterdata import values
from shucai.kernel.masterdata.fields import ElementField
from shucai.kernel.masterdata.models import Unit

Size = Literal["short", "many", "long"]
SIZES: Final = (("short", "3 行明细"), ("many", "40 行明细"), ("long", "很长的文字"))
_LINES: Final = {"short": 3, "many": 40, "long": 4}
_TEXTS: Final = {"short": "示例内容", "many": "示例内容"}
_LONG: Final = "一段很长的示例文字，用来查看版面在内容很多时怎样换行、会不会压到旁边的栏目"
_ZONE: Final = ZoneInfo("Asia/Shanghai")


def dossier(kind: DocumentType, size: Size, *, year: int, division: str) -> Dossier:
    """A made-up document of the type, far enough on its way to have signatures."""
    count = _LINES[size]
    amounts = [Decimal(12_345 * n) + Decimal("0.67") for n in range(1, count + 1)]
    unit = Unit(pk=0, code="105001", name="示例市第一中学", path="")
    header = Header(
        pk=0,
        type=kind.code,
        number=_number(kind, year),
        fiscal_year=year,
        division=division,
        unit=unit,
        state=_state(kind),
        version=2,
        amount=sum(amounts, Decimal(0)),
        summary="示例摘要",
        business_date=date(year, 3, 16),
        maker_name="王晓萌",
    )
    place = {"year": year, "division": division, "size": size}
    return Dossier(
        kind=kind,
        item=Item(header=header, doc=kind.model()),
        fields={f.name: _shown(f, 1, amounts[0], place) for f in kind.fields()},
        lines=[
            {f.name: _shown(f, n, amount, place) for f in kind.line_fields()}
            for n, amount in enumerate(amounts, start=1)
        ],
    )


def stops(found: Dossier) -> list[Stop]:
    """Half of the way is signed, the rest is still to come."""
    return list(_stops(found.kind, found.header.fiscal_year))


def _stops(kind: DocumentType, year: int) -> Iterator[Stop]:
    at = datetime.combine(date(year, 3, 16), time(9, 30), _ZONE)
    yield Stop("done", "录入", who="王晓萌", position="单位经办岗", at=at)
    people = (("王晓萌", "单位经办岗"), ("李建国", "单位审核岗"))
    state = kind.initial
    for number in range(len(kind.flow)):
        move = history.onward(kind, state)
        if move is None:
            return
        if number < len(people):
            who, position = people[number]
            opinion = "情况属实，同意" if number else ""
            yield Stop("done", move.label, who=who, position=position, at=at, opinion=opinion)
        else:
            yield Stop("next", move.label)
        state = move.target


def _state(kind: DocumentType) -> str:
    """Where the document stands after two moves."""
    state = kind.initial
    for _ in range(2):
        move = history.onward(kind, state)
        state = move.target if move is not None else state
    return state


def _number(kind: DocumentType, year: int) -> str:
    return kind.number.format(year=year, region="440600", unit="105001", seq=128)


def _shown(known: models.Field[Any, Any], n: int, amount: Decimal, place: dict[str, Any]) -> Shown:
    kind = kind_of(known)
    raw, text, code = f"示例{n}", _TEXTS.get(place["size"], _LONG), ""
    limit = getattr(known, "max_length", None)
    if kind == "money":
        raw, text = f"{amount:.2f}", f"{amount:,.2f}"
    elif kind == "number":
        raw = text = str(n)
    elif kind == "date":
        raw = text = f"{place['year']}-03-16"
    elif kind == "choice":
        raw, text = next(((str(v), str(label)) for v, label in known.flatchoices), ("", ""))
    elif isinstance(known, ElementField):
        code, text = _element(known, n, place)
        raw = code
    elif kind == "unit":
        raw = code = f"10500{n % 10}"
        text = "示例市第一中学"
    elif kind == "account":
        raw = code = f"示例财预〔{place['year']}〕12号-{n:02}"
        text = "义务教育薄弱环节改善"
    elif limit and len(text) > limit:
        text = text[:limit]
    return Shown(known.name, str(known.verbose_name), kind, raw, text, code)


def _element(known: ElementField, n: int, place: dict[str, Any]) -> tuple[str, str]:
    """A value that the year really has, else a made-up one."""
    catalogue = values.catalogue(known.value_set, place["year"])
    leaves = [entry for entry in catalogue.standard.values() if entry.is_leaf]
    if not leaves:
        return "1", f"示例{known.verbose_name}"
    entry = leaves[n % len(leaves)]
    return entry.code, entry.name

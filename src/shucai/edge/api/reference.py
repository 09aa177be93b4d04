"""基础数据接口 reference data: value sets as paged trees, and the units within the scope."""

from typing import Annotated, Any

from django.db import transaction
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from ninja import Query, Router, Schema

from shucai.edge.api import errors, paging
from shucai.edge.api.access import Caller, caller
from shucai.edge.api.endpoints import expose
from shucai.kernel.identity import scope
from shucai.kernel.masterdata.models import Unit, Value, ValueSet

router = Router(tags=["基础数据"])
Parent = Annotated[
    str | None, Query(None, max_length=40, description="上级编码；空文本为最上级；省略则不限")
]


class SetOut(Schema):
    code: str
    name: str
    national_code: str
    description: str


class SetsOut(Schema):
    sets: list[SetOut]


class ValueOut(Schema):
    code: str
    name: str
    full_name: str
    parent: str
    level: int
    is_leaf: bool
    is_enabled: bool
    is_local: bool
    valid_from: str | None
    valid_to: str | None
    edition: str
    source: str
    confidence: str
    extra: dict[str, Any]


class ValuesOut(Schema):
    set: SetOut
    fiscal_year: int
    rows: list[ValueOut]
    next: str | None


class UnitOut(Schema):
    code: str
    name: str
    short_name: str
    division: str
    parent: str | None
    path: str
    level: int
    kind: str
    office: str
    is_enabled: bool


class UnitsOut(Schema):
    rows: list[UnitOut]
    next: str | None


@expose(
    router,
    "GET",
    "/values",
    name="values.sets",
    scope="values.read",
    summary="全部值集",
    parameters=("FiscalYear",),
    responses={200: SetsOut},
)
def list_sets(request: HttpRequest) -> Any:
    return {"sets": [_set(one) for one in ValueSet.objects.order_by("code")[:500]]}


def _set(one: ValueSet) -> dict[str, Any]:
    return {
        "code": one.code,
        "name": one.name,
        "national_code": one.national_code,
        "description": one.description,
    }


def _find_set(code: str) -> ValueSet:
    found = ValueSet.objects.filter(code=code).first() if "\x00" not in code else None
    if found is None:
        raise errors.SET_NOT_FOUND.refuse(code=code[:40])
    return found


def _usable(who: Caller, known: ValueSet) -> QuerySet[Value]:
    """The values of the year: the standard ones and those of the caller's own division."""
    return Value.objects.filter(
        value_set=known,
        fiscal_year=who.actor.fiscal_year,
        division__in=["", who.actor.division],
    )


def _matching(text: str) -> Q:
    return Q(code__startswith=text) | Q(name__contains=text) | Q(pinyin__contains=text.lower())


@expose(
    router,
    "GET",
    "/values/{set}",
    name="values.list",
    scope="values.read",
    summary="一个值集在本年度的编码：逐级展开，或按编码、名称、拼音首字母检索",
    parameters=("FiscalYear",),
    query=("parent", "q", "cursor", "limit"),
    responses={200: ValuesOut},
)
def list_values(
    request: HttpRequest,
    *,
    set: str,
    parent: Parent,
    q: paging.Search,
    cursor: paging.Cursor,
    limit: paging.Limit,
) -> Any:
    who, known = caller(request), _find_set(set)
    rows = _usable(who, known)
    if parent is not None:
        rows = rows.filter(parent_code=_text(parent, "parent"))
    if q:
        rows = rows.filter(_matching(_text(q, "q")))
    after = paging.decode(cursor, str, int)
    if after is not None:
        rows = rows.filter(Q(code__gt=after[0]) | Q(code=after[0], pk__gt=after[1]))
    found = list(rows.order_by("code", "pk")[: limit + 1])
    last = found[limit - 1] if len(found) > limit else None
    return {
        "set": _set(known),
        "fiscal_year": who.actor.fiscal_year,
        "rows": [_value(one) for one in found[:limit]],
        "next": paging.encode([last.code, last.pk]) if last is not None else None,
    }


def _text(given: str, name: str) -> str:
    if "\x00" in given:
        raise errors.BAD_VALUE.refuse(
            name, name=name, value="", reason="含有不可见字符", allowed="可见字符"
        )
    return given.strip()


def _value(one: Value) -> dict[str, Any]:
    return {
        "code": one.code,
        "name": one.name,
        "full_name": one.full_name,
        "parent": one.parent_code,
        "level": one.level,
        "is_leaf": one.is_leaf,
        "is_enabled": one.is_enabled,
        "is_local": one.division != "",
        "valid_from": one.valid_from and one.valid_from.isoformat(),
        "valid_to": one.valid_to and one.valid_to.isoformat(),
        "edition": one.edition,
        "source": one.source,
        "confidence": one.confidence,
        "extra": one.extra,
    }


@expose(
    router,
    "GET",
    "/values/{set}/{code}",
    name="values.get",
    scope="values.read",
    summary="一个编码",
    parameters=("FiscalYear",),
    responses={200: ValueOut},
)
def get_value(request: HttpRequest, set: str, code: str) -> Any:
    who, known = caller(request), _find_set(set)
    rows = _usable(who, known).filter(code=code) if "\x00" not in code else Value.objects.none()
    found = rows.order_by("-division").first()
    if found is None:
        raise errors.VALUE_NOT_FOUND.refuse(
            set=set[:40], code=code[:40], year=who.actor.fiscal_year
        )
    return _value(found)


@expose(
    router,
    "GET",
    "/units",
    name="units.list",
    scope="values.read",
    summary="岗位数据范围内的预算单位",
    parameters=("FiscalYear",),
    query=("parent", "q", "cursor", "limit"),
    responses={200: UnitsOut},
)
def list_units(
    request: HttpRequest,
    parent: Parent,
    q: paging.Search,
    cursor: paging.Cursor,
    limit: paging.Limit,
) -> Any:
    actor = caller(request).actor
    low, high = actor.range
    after = paging.decode(cursor, str)
    with transaction.atomic():
        scope.apply(actor)
        rows = Unit.objects.filter(path__gte=low, path__lt=high).select_related("parent")
        if actor.office:
            rows = rows.filter(office=actor.office)
        if parent is not None:
            rows = rows.filter(parent__code=_text(parent, "parent"))
        if q:
            rows = rows.filter(_matching(_text(q, "q")))
        if after is not None:
            rows = rows.filter(path__gt=after[0])
        found = list(rows.order_by("path")[: limit + 1])
    more = len(found) > limit
    return {
        "rows": [_unit(one) for one in found[:limit]],
        "next": paging.encode([found[limit - 1].path]) if more else None,
    }


def _unit(one: Unit) -> dict[str, Any]:
    return {
        "code": one.code,
        "name": one.name,
        "short_name": one.short_name,
        "division": one.division_code,
        "parent": one.parent.code if one.parent is not None else None,
        "path": one.path,
        "level": one.level,
        "kind": one.kind,
        "office": one.office,
        "is_enabled": one.is_enabled,
    }

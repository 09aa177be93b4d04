"""用处 where a value is used: in every column of its value set, by year, within the scope.

Counts stop at COUNT_MAX; a stopped value stays in all of these places.
"""

from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode

from django.apps import apps
from django.core.exceptions import FieldDoesNotExist
from django.db import models

from shucai.kernel.masterdata.fields import ElementField
from shucai.kernel.masterdata.models import CodeMapping, ElementRelation, Value, ValueRule

COUNT_MAX: Final = 1_000
YEARS_MAX: Final = 12


@dataclass(frozen=True, slots=True)
class Use:
    """A column that holds the code in one year. `model` and `field` name a column of business.

    `link` leads to the rows where they are master data; pages above know where others are listed.
    """

    place: str
    column: str
    fiscal_year: int
    count: int
    is_capped: bool
    link: str = ""
    model: str = ""
    field: str = ""


def where_used(value_set: str, code: str, *, fiscal_year: int | None = None) -> list[Use]:
    """Documents, ledger accounts, relations, mappings, rules and lower values that name the code.

    All years, newest first, unless one is given.
    """
    found: list[Use] = []
    for model, column in _columns(value_set):
        found += _uses_of_column(model, column, code=code, fiscal_year=fiscal_year)
    for year in [fiscal_year] if fiscal_year else _years_of(value_set, code):
        found += _uses_in_masterdata(value_set, code, year)
    return sorted(found, key=lambda use: (-use.fiscal_year, use.place, use.column))


def counts(value_set: str, fiscal_year: int, codes: Collection[str]) -> dict[str, int]:
    """How many documents and accounts of the year name each code; codes nobody uses are left out.

    One statement a column, for previews of many stops.
    """
    total: Counter[str] = Counter()
    if not codes:
        return {}
    for model, column in _columns(value_set):
        rows = model._default_manager.filter(**{f"{column.name}__in": list(codes)})
        path = _year_path(model)
        if path:
            rows = rows.filter(**{path: fiscal_year})
        grouped = rows.order_by().values_list(column.name).annotate(n=models.Count("pk"))
        total.update({str(code): int(n) for code, n in grouped})
    return dict(total)


def _uses_of_column(
    model: type[models.Model], column: ElementField, *, code: str, fiscal_year: int | None
) -> list[Use]:
    rows = model._default_manager.filter(**{column.name: code}).order_by()
    path = _year_path(model)
    if not path:
        count = len(rows.values_list("pk")[: COUNT_MAX + 1])
        one = _use(model, column, fiscal_year or 0, count)
        return [one] if count else []
    years = [fiscal_year] if fiscal_year else _years_in(rows, path)
    uses = []
    for year in years:
        count = len(rows.filter(**{path: year}).values_list("pk")[: COUNT_MAX + 1])
        uses.append(_use(model, column, year, count))
    return [use for use in uses if use.count]


def _use(model: type[models.Model], column: ElementField, year: int, count: int) -> Use:
    return Use(
        place=str(model._meta.verbose_name),
        column=str(column.verbose_name),
        fiscal_year=year,
        count=min(count, COUNT_MAX),
        is_capped=count > COUNT_MAX,
        model=model._meta.label_lower,
        field=column.name,
    )


def _years_in(rows: "models.QuerySet[Any]", path: str) -> list[int]:
    return sorted(set(rows.values_list(path, flat=True).distinct()[:YEARS_MAX]), reverse=True)


def _years_of(value_set: str, code: str) -> list[int]:
    rows = Value.objects.filter(value_set__code=value_set, code=code).order_by("-fiscal_year")
    return list(rows.values_list("fiscal_year", flat=True).distinct()[:YEARS_MAX])


def _uses_in_masterdata(value_set: str, code: str, year: int) -> list[Use]:
    either = models.Q(left_set=value_set, left_code=code) | models.Q(
        right_set=value_set, right_code=code
    )
    mapped = models.Q(from_year=year, from_code=code) | models.Q(to_year=year, to_code=code)
    known: list[tuple[str, str, Any, str]] = [
        (
            "要素关联",
            "编码",
            ElementRelation.objects.filter(either, fiscal_year=year, is_enabled=True),
            f"/r/platform.element_relation/?{urlencode({'q': code, 'fiscal_year': year})}",
        ),
        (
            "新旧编码对照",
            "编码",
            CodeMapping.objects.filter(mapped, value_set__code=value_set),
            f"/r/platform.code_mapping/?{urlencode({'q': code})}",
        ),
        (
            "定值规则",
            "定为",
            ValueRule.objects.filter(
                models.Q(value=code, value_set=value_set)
                | models.Q(condition__contains=f'"{code}"'),
                fiscal_year=year,
                is_enabled=True,
            ),
            f"/r/platform.value_rule/?{urlencode({'q': code, 'fiscal_year': year})}",
        ),
        (
            "下级编码",
            "上级编码",
            Value.objects.filter(
                value_set__code=value_set, fiscal_year=year, parent_code=code, is_enabled=True
            ),
            f"/r/platform.value/?{urlencode({'value_set': value_set, 'q': code})}",
        ),
    ]
    found = []
    for place, column, rows, link in known:
        count = len(rows.order_by().values_list("pk")[: COUNT_MAX + 1])
        if count:
            capped = count > COUNT_MAX
            found.append(Use(place, column, year, min(count, COUNT_MAX), capped, link))
    return found


def _columns(value_set: str) -> Iterator[tuple[type[models.Model], ElementField]]:
    for model in apps.get_models():
        for column in model._meta.concrete_fields:
            if isinstance(column, ElementField) and column.value_set == value_set:
                yield model, column


def _year_path(model: type[models.Model]) -> str:
    """The way from the record to its fiscal year: its own column, its header's, its parent's."""
    for path in ("fiscal_year", "header__fiscal_year", "parent__header__fiscal_year"):
        at: type[models.Model] = model
        try:
            for part in path.split("__"):
                step = at._meta.get_field(part)
                related = getattr(step, "related_model", None)
                at = related if isinstance(related, type) else at
        except FieldDoesNotExist:
            continue
        return path
    return ""

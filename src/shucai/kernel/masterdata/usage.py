"""用处 where a value is used: counted in every column of its value set, within the scope."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from django.apps import apps
from django.core.exceptions import FieldDoesNotExist
from django.db import models

from shucai.kernel.masterdata.fields import ElementField
from shucai.kernel.masterdata.models import CodeMapping, ElementRelation, Value

COUNT_MAX: Final = 1_000


@dataclass(frozen=True, slots=True)
class Use:
    """A column that holds the code. `count` stops at COUNT_MAX."""

    place: str
    column: str
    count: int
    is_capped: bool


def where_used(value_set: str, fiscal_year: int, code: str) -> list[Use]:
    """Documents, ledger accounts, relations and lower values that name the code in that year."""
    found = [_use(*column, fiscal_year=fiscal_year, code=code) for column in _columns(value_set)]
    known: list[tuple[str, str, Any]] = [
        (
            "要素关联",
            "编码",
            ElementRelation.objects.filter(fiscal_year=fiscal_year, is_enabled=True).filter(
                models.Q(left_set=value_set, left_code=code)
                | models.Q(right_set=value_set, right_code=code)
            ),
        ),
        (
            "新旧编码对照",
            "编码",
            CodeMapping.objects.filter(value_set__code=value_set).filter(
                models.Q(from_year=fiscal_year, from_code=code)
                | models.Q(to_year=fiscal_year, to_code=code)
            ),
        ),
        (
            "下级编码",
            "上级编码",
            Value.objects.filter(
                value_set__code=value_set,
                fiscal_year=fiscal_year,
                parent_code=code,
                is_enabled=True,
            ),
        ),
    ]
    found += [_counted(place, column, rows) for place, column, rows in known]
    return [use for use in found if use.count]


def _columns(value_set: str) -> Iterator[tuple[type[models.Model], ElementField]]:
    for model in apps.get_models():
        for column in model._meta.concrete_fields:
            if isinstance(column, ElementField) and column.value_set == value_set:
                yield model, column


def _use(model: type[models.Model], column: ElementField, *, fiscal_year: int, code: str) -> Use:
    rows = model._default_manager.filter(**{column.name: code})
    path = _year_path(model)
    if path:
        rows = rows.filter(**{path: fiscal_year})
    return _counted(str(model._meta.verbose_name), str(column.verbose_name), rows)


def _counted(place: str, column: str, rows: Any) -> Use:
    count = len(rows.order_by().values_list("pk")[: COUNT_MAX + 1])
    return Use(place, column, min(count, COUNT_MAX), count > COUNT_MAX)


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

"""要素字段 element fields: columns of documents that hold a code of a value set, or a unit."""

from typing import Any

from django.db import models

CODE_MAX = 40


class ElementField(models.CharField):  # type: ignore[type-arg]  # not generic when it runs
    """A code of `value_set`, valid in the fiscal year of the document."""

    def __init__(self, *args: Any, value_set: str = "", **kwargs: Any) -> None:
        self.value_set = value_set
        kwargs.setdefault("max_length", CODE_MAX)
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> Any:
        """Migrations see plain text: which set it names does not concern the table."""
        name, _, args, kwargs = super().deconstruct()
        return name, "django.db.models.CharField", args, kwargs


class ProjectNameField(models.CharField):  # type: ignore[type-arg]  # not generic when it runs
    """A project's name, typed freely; the templates of the naming rule are offered."""

    def deconstruct(self) -> Any:
        """Migrations see plain text."""
        name, _, args, kwargs = super().deconstruct()
        return name, "django.db.models.CharField", args, kwargs


def project_name(label: str, *, max_length: int = 120) -> Any:
    """The name of a project (项目名称), by the rule of `project_names`."""
    return ProjectNameField(label, max_length=max_length)


def element(label: str, *, of: str, null: bool = False) -> Any:
    """A budget element (要素) from the value set `of`; optional with `null`."""
    return ElementField(label, value_set=of, null=null, blank=null)


def unit(label: str, *, null: bool = False) -> Any:
    """A budget unit (预算单位)."""
    return models.ForeignKey(
        "masterdata.Unit",
        on_delete=models.PROTECT,
        verbose_name=label,
        related_name="+",
        null=null,
        blank=null,
    )

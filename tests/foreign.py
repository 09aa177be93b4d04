"""外单位 foreign rows: one row of everything that belongs to a unit, made for a unit elsewhere.

Any model can be made, so a new document type or register is covered by being declared. The rows
are written by the superuser past every guard: what matters is only who gets to see them. `SECRET`
stands in every text of theirs, `KEY` in their numbers and codes.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import psycopg
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils import timezone
from psycopg import sql
from psycopg.types.json import Jsonb

from shucai.kernel.document.declare import DocumentType
from shucai.kernel.document.models import Header
from shucai.kernel.files.models import StoredFile
from shucai.kernel.identity.models import Appointment, User
from shucai.kernel.masterdata.models import Unit
from tests.people import CITY

SECRET, KEY = "别家秘密", "WAI-0777"
PATH = "4406/440600/999/999001"
PLACES = ("unit_path", "scope_path")


def place_of(model: type[models.Model]) -> str:
    """The field that says which unit a record belongs to, its own or that of its person."""
    names = {f.name for f in model._meta.concrete_fields}
    for name in (*PLACES, "path"):
        if name in names:
            return name
    owners = [f.name for f in model._meta.concrete_fields if f.related_model is User]
    return owners[0] if owners else "user" if model is User else ""


@dataclass
class Elsewhere:
    """Makes rows of the other unit; each model's first row is remembered and referred to."""

    admin: psycopg.Connection[Any]
    year: int
    open: frozenset[type[models.Model]] = frozenset()  # everybody's, so nothing in them is secret
    made: dict[type[models.Model], Any] = field(default_factory=dict)
    count: int = 0

    def row(self, model: type[models.Model], **given: Any) -> Any:
        """The primary key of a new row; what is not given follows from the field."""
        self.count += 1
        values: dict[str, Any] = {}
        people = dates = 0
        for one in model._meta.concrete_fields:
            if one.generated or (isinstance(one, models.AutoField) and one.name not in given):
                continue
            value = given[one.name] if one.name in given else self._value(model, one)
            if one.related_model is User and one.name not in given and value is not None:
                value = self.person() if people else value  # nobody stands in one row twice
                people += 1
            if isinstance(value, date) and not isinstance(value, datetime):
                value, dates = value + timedelta(days=dates), dates + 1
            values[one.column] = Jsonb(value) if isinstance(one, models.JSONField) else value
        key = model._meta.pk
        statement = sql.SQL("INSERT INTO {} ({}) VALUES ({}) RETURNING {}").format(
            sql.Identifier(model._meta.db_table),
            sql.SQL(", ").join(map(sql.Identifier, values)),
            sql.SQL(", ").join(sql.Placeholder() * len(values)),
            sql.Identifier(key.column),
        )
        (made,) = self.admin.execute(statement, list(values.values())).fetchone() or (None,)
        self.made.setdefault(model, made)
        return made

    def of(self, model: type[models.Model]) -> Any:
        """The remembered row of the model, made if there is none."""
        if model in self.made:
            return self.made[model]
        if place_of(model):
            return self.row(model)
        known = model._default_manager.order_by("pk").values_list("pk", flat=True).first()
        return known if known is not None else self.row(model)

    def person(self) -> Any:
        """A user of the other unit, in office there."""
        user = self.row(User)
        self.row(Appointment, user=user)
        return user

    def document(self, kind: DocumentType, state: str) -> str:
        """A document of the other unit with a line and a file; returns its number."""
        self.count += 1
        number = f"{KEY}-{self.count:03}"
        said = {"type": kind.code, "number": number, "state": state, "fiscal_year": self.year}
        header = self.row(Header, **said, business_date=timezone.localdate())
        self.row(kind.model, header=header)
        self.row(kind.line, parent=header)
        self.row(StoredFile, header_id=header, purpose="attachment")
        return number

    def _value(self, model: type[models.Model], one: models.Field[Any, Any]) -> Any:
        if one.name in (*PLACES, "path", "paths"):
            return PATH if not isinstance(one, ArrayField) else [PATH]
        if one.related_model is not None:
            related = one.related_model
            if one.null and (related is model or related not in (Unit, User, Appointment, Header)):
                return None
            return self.of(related)  # type: ignore[arg-type]  # "self" never stands here
        fixed: Mapping[str, Any] = {
            "fiscal_year": self.year,
            "division": CITY,
            "division_code": CITY,
            "code9": CITY[:5] + "0999",
            "username": f"wai{self.count}",
            "number": f"{KEY}-{self.count:03}",
            "office": "",
            "user_id": self.made.get(User, 0),
            "owner_id": self.made.get(User, 0),
            "maker_id": self.made.get(User, 0),
            "level": 1,
        }
        if one.name in fixed:
            return fixed[one.name]
        is_unique = one.unique or one.name in _unique(model)
        found = _plain(one, self.count, is_unique=is_unique)
        if model in self.open and isinstance(found, str) and found.startswith((SECRET, KEY)):
            return "公开" if found == SECRET else f"open_{self.count}"
        return found


def _unique(model: type[models.Model]) -> set[str]:
    found = [c for c in model._meta.constraints if isinstance(c, models.UniqueConstraint)]
    return {name for one in found for name in one.fields}


def _plain(one: models.Field[Any, Any], count: int, *, is_unique: bool) -> Any:
    """A value that the column takes, and that shows whose it is where there is room for it."""
    if isinstance(one, models.DecimalField):
        return Decimal("7777777.77") if (one.max_digits or 0) - (one.decimal_places or 0) > 7 else 1
    if one.null and not isinstance(one, models.CharField):
        return None
    if isinstance(one, models.CharField | models.TextField):
        if one.choices:
            first = one.flatchoices[0][0]
            return one.get_default() or first
        text = f"{KEY}-{count:03}" if is_unique else SECRET
        return text if len(text) <= (one.max_length or 200) else ""
    simple: list[tuple[type, Any]] = [
        (models.BooleanField, one.get_default() if one.has_default() else False),
        (models.DateTimeField, datetime(2026, 3, 2, 1, tzinfo=timezone.get_current_timezone())),
        (models.DateField, date(2026, 3, 2)),
        (models.JSONField, one.get_default() if one.has_default() else {}),
        (ArrayField, one.get_default() if one.has_default() else []),
        (models.IntegerField, one.get_default() if one.has_default() else 1),
    ]
    return next((value for kind, value in simple if isinstance(one, kind)), one.get_default())

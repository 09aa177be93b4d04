"""显示 showing: the values of a document as people read them, with what `input` accepts again.

Names of elements, units and accounts are looked up once for a whole set of records.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Literal

from django.db import models

from shucai.kernel.ledger.declare import AccountField
from shucai.kernel.ledger.models import LedgerAccount
from shucai.kernel.masterdata import values
from shucai.kernel.masterdata.fields import ElementField
from shucai.kernel.masterdata.models import Unit

Kind = Literal["text", "money", "number", "date", "choice", "element", "unit", "account"]


@dataclass(frozen=True, slots=True)
class Shown:
    """One value: `raw` is what a person would type, `code` and `text` are what is read."""

    name: str
    label: str
    kind: Kind
    raw: str
    text: str
    code: str = ""

    @property
    def full(self) -> str:
        return f"{self.code} {self.text}".strip()


def kind_of(known: models.Field[Any, Any]) -> Kind:
    """How a field is entered and shown."""
    if isinstance(known, AccountField):
        return "account"
    if isinstance(known, models.ForeignKey):
        return "unit"
    if isinstance(known, ElementField):
        return "element"
    if isinstance(known, models.DecimalField):
        return "money"
    if isinstance(known, models.DateField):
        return "date"
    if isinstance(known, models.IntegerField):
        return "number"
    return "choice" if known.choices else "text"


class Names:
    """The names behind the codes and ids of some records, read with one query a kind."""

    def __init__(
        self,
        fields: Sequence[models.Field[Any, Any]],
        records: Sequence[Mapping[str, Any]],
        *,
        fiscal_year: int,
        division: str,
    ) -> None:
        self._year, self._division = fiscal_year, division
        self._units: dict[int, Unit] = {}
        self._accounts: dict[int, LedgerAccount] = {}
        for known in fields:
            ids = {record.get(known.name) for record in records} - {None, ""}
            if kind_of(known) == "account" and ids:
                self._accounts |= LedgerAccount.objects.in_bulk(ids)
            elif kind_of(known) == "unit" and ids:
                self._units |= Unit.objects.in_bulk(ids)

    def show(self, known: models.Field[Any, Any], value: Any) -> Shown:
        """The value of one field; a reference that has gone keeps its bare id."""
        kind = kind_of(known)
        raw, code, text = plain(value), "", plain(value)
        if value in (None, ""):
            raw = text = ""
        elif kind == "money":
            text = f"{Decimal(str(value)):,.2f}"
        elif kind == "choice":
            text = str(dict(known.flatchoices).get(value, value))
        elif isinstance(known, ElementField):
            code = raw
            text = values.name_of(known.value_set, self._year, raw, division=self._division)
        elif kind == "unit" and int(value) in self._units:
            unit = self._units[int(value)]
            raw = code = unit.code
            text = unit.name
        elif kind == "account" and int(value) in self._accounts:
            account = self._accounts[int(value)]
            raw = code = account.number
            text = account.name
        return Shown(
            name=known.name, label=str(known.verbose_name), kind=kind, raw=raw, text=text, code=code
        )


def plain(value: Any) -> str:
    """A value as `input.read` would accept it again."""
    if value is None:
        return ""
    if isinstance(value, Decimal):
        return f"{value:.2f}"
    if isinstance(value, date):
        return value.isoformat()
    return str(value)


def record(item: models.Model, fields: Iterable[models.Field[Any, Any]]) -> dict[str, Any]:
    """Field name to stored value; references by id."""
    return {known.name: getattr(item, known.attname) for known in fields}

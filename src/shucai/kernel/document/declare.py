"""单据类型 document type: what a domain declares about one kind of document.

Nothing here touches the database. Faults are reported to the registry, so that the process
refuses to start with all of them named.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, cast

from django.db import models

from shucai.kernel import registry
from shucai.kernel.control.declare import Rule
from shucai.kernel.document.models import Header
from shucai.kernel.ledger.declare import Effect
from shucai.kernel.workflow.declare import Move

LINES_MAX: Final = 5_000
State = models.TextChoices


class Document(models.Model):
    """The typed half of a document; its header holds what every type has in common."""

    header = models.OneToOneField(
        Header, on_delete=models.PROTECT, primary_key=True, related_name="+"
    )
    unit_path = models.CharField(max_length=120, db_collation="C", editable=False)
    office = models.CharField(max_length=20, blank=True, default="", editable=False)

    class Meta:
        abstract = True

    @property
    def unit(self) -> Any:
        return self.header.unit

    @property
    def number(self) -> str | None:
        return self.header.number

    @property
    def state(self) -> str:
        return self.header.state

    @property
    def amount(self) -> Any:
        """The sum of the lines, in yuan."""
        return self.header.amount

    @property
    def fiscal_year(self) -> int:
        return self.header.fiscal_year

    @property
    def business_date(self) -> Any:
        return self.header.business_date


class Line(models.Model):
    """A line of a document: its place and its amount in yuan, always positive.

    Every concrete line declares `parent` (see below), which gives it these two attributes.
    """

    parent: Any
    parent_id: int
    seq = models.PositiveIntegerField("序号")
    amount = models.DecimalField("金额", max_digits=18, decimal_places=2)
    unit_path = models.CharField(max_length=120, db_collation="C", editable=False)
    office = models.CharField(max_length=20, blank=True, default="", editable=False)

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(
                condition=models.Q(amount__gt=0), name="%(app_label)s_%(class)s_amount"
            ),
            models.UniqueConstraint(fields=["parent", "seq"], name="%(app_label)s_%(class)s_seq"),
        ]
        ordering = ["seq"]


def parent(model: type[Document]) -> Any:
    """The line's link to its document."""
    return models.ForeignKey(model, on_delete=models.CASCADE, related_name="lines")


def money(label: str, *, null: bool = False) -> Any:
    """An amount in yuan with two places."""
    return models.DecimalField(label, max_digits=18, decimal_places=2, null=null, blank=null)


@dataclass(frozen=True, slots=True)
class HandOver:
    """承接: a document of this type can be made from one of `source` that stands in state `when`.

    `fields` and `lines` map own field names to those of the source. A source line is taken at
    most once, unless the document that took it has ended in a `void` state.
    """

    source: str
    when: str
    label: str
    fields: Mapping[str, str]
    lines: Mapping[str, str]


@dataclass(frozen=True, eq=False)
class DocumentType:
    """One kind of document, whole: states, records, moves, rules, postings and page."""

    code: str
    name: str
    covers: Sequence[str]
    model: type[Document]
    line: type[Line]
    number: str
    flow: Sequence[Move]
    page: Any
    final: Sequence[str] = ()  # states in which nobody is expected to act
    void: Sequence[str] = ()  # final states in which the document counts for nothing any more
    takes: Sequence[HandOver] = ()
    separate: Sequence[str] = ()
    needs_reason: Sequence[str] = ()
    rules: Sequence[Rule] = ()
    posts: Mapping[str, Effect] = field(default_factory=dict)
    summary: str = ""

    def __post_init__(self) -> None:
        registry.declare("document", self.code, self, where=registry.caller())

    @property
    def app_label(self) -> str:
        return self.code.split(".", maxsplit=1)[0]

    @property
    def lines(self) -> models.QuerySet[Any]:
        """All lines of this type: each names its `parent`, which only the concrete class has."""
        return self.line._default_manager.all()

    @property
    def new_line(self) -> Callable[..., Line]:
        """Makes an unsaved line; `parent` is a field of the concrete class only."""
        return self.line

    @property
    def states(self) -> type[models.TextChoices]:
        """The enumeration called `State` in the module of the record."""
        return cast(type[models.TextChoices], sys.modules[self.model.__module__].State)

    @property
    def initial(self) -> str:
        """Documents are born, and may be edited, in the state the first move starts from."""
        return self.flow[0].source

    def state_label(self, state: str) -> str:
        return str(self.states(state).label)

    @property
    def maker(self) -> str:
        """The duty that makes documents of this type: the one of the first move."""
        return self.flow[0].by

    def move(self, action: str, *, state: str | None = None) -> Move | None:
        """The move of that name; from `state` where a name has several."""
        found = [move for move in self.flow if move.action == action]
        exact = [move for move in found if move.source == state]
        return next(iter(exact or found), None)

    def moves_from(self, state: str) -> list[Move]:
        return [move for move in self.flow if move.source == state]

    def sources(self, action: str) -> list[str]:
        return [move.source for move in self.flow if move.action == action]

    @property
    def actions(self) -> list[str]:
        return list(dict.fromkeys(move.action for move in self.flow))

    def fields(self) -> list[models.Field[Any, Any]]:
        """What a person fills in above the lines, in the order of declaration."""
        own = {"header", "unit_path", "office"}
        return [f for f in _concrete(self.model) if f.name not in own]

    def line_fields(self) -> list[models.Field[Any, Any]]:
        """What a person fills in on a line; `amount` last unless the page says otherwise."""
        own = {"id", "parent", "seq", "unit_path", "office"}
        return [f for f in _concrete(self.line) if f.name not in own]


def _concrete(model: type[models.Model]) -> list[models.Field[Any, Any]]:
    return [f for f in model._meta.get_fields() if isinstance(f, models.Field) and f.concrete]


def is_required(known: models.Field[Any, Any]) -> bool:
    """The declaration demands a value."""
    return not known.blank and not known.null and not known.has_default()


def types() -> dict[str, DocumentType]:
    """Every declared type, by code."""
    return cast(dict[str, DocumentType], registry.all("document"))


def find_type(code: str) -> DocumentType | None:
    return cast(DocumentType | None, registry.find("document", code))

"""台账声明 ledger declarations: books, account fields, and what a move does to balances.

A document type says `posts={"submit": hold("allotment"), "return": release("submit")}`; it
never computes or edits a balance.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from string import Formatter
from typing import Any

from django.db import models

from shucai.base.errors import Problem
from shucai.kernel import registry


@dataclass(frozen=True, eq=False)
class Book:
    """A book and the kinds of account it keeps, by code with their Chinese names."""

    code: str
    name: str
    kinds: Mapping[str, str]


def book(code: str, name: str, *, kinds: Mapping[str, str]) -> Book:
    """Declares a book; its accounts are listed at /ledger/<book>/<kind>/."""
    declared = Book(code=code, name=name, kinds=dict(kinds))
    registry.declare("book", code, declared, where=registry.caller())
    return declared


class AccountField(models.ForeignKey[Any, Any]):
    """A line's ledger account; `book` and `kind` limit what may be chosen."""

    def __init__(self, *args: Any, book: str = "", kind: str = "", **kwargs: Any) -> None:
        self.book = book
        self.kind = kind
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> Any:
        """Migrations see a plain foreign key: book and kind do not concern the table."""
        name, _, args, kwargs = super().deconstruct()
        return name, "django.db.models.ForeignKey", args, kwargs


def account(label: str, *, book: str, kind: str, null: bool = False) -> Any:
    """The field of a line that names the account it draws on, or opens."""
    return AccountField(
        "ledger.LedgerAccount",
        verbose_name=label,
        book=book,
        kind=kind,
        null=null,
        blank=null,
        on_delete=models.PROTECT,
        related_name="+",
    )


@dataclass(frozen=True)
class Opening:
    """How a line without an account opens one.

    `number` is a format over fields of line, document or header; `elements` pairs account
    columns with such fields: "function_code=function doc_no=doc_no".
    """

    book: str
    kind: str
    number: str
    unit: str
    elements: str
    control: str = "hard"
    period_mode: str = "year"
    number_fields: tuple[str, ...] = field(init=False, compare=False)
    element_map: Mapping[str, str] = field(init=False, compare=False)

    def __post_init__(self) -> None:
        names = tuple(name for _, name, _, _ in Formatter().parse(self.number) if name)
        pairs = [pair.partition("=") for pair in self.elements.split()]
        object.__setattr__(self, "number_fields", names)
        object.__setattr__(self, "element_map", {left: right for left, _, right in pairs})


@dataclass(frozen=True)
class Effect:
    """What a move posts for each line: a verb on the account in `field`, for the line's amount.

    A verb that resolves an earlier one names that move in `of` and finds the field there.
    """

    verb: str
    field: str = ""
    of: str = ""
    to_field: str = ""
    opens: Opening | None = None
    refuse: Problem | None = None


def grant(field: str, *, opens: Opening | None = None) -> Effect:
    """下达: money comes in and may be used at once."""
    return Effect(verb="grant", field=field, opens=opens)


def ungrant(field: str, *, refuse: Problem | None = None) -> Effect:
    """收回: what is still available goes out again."""
    return Effect(verb="ungrant", field=field, refuse=refuse)


def announce(field: str, *, opens: Opening | None = None) -> Effect:
    """预下达: money is promised; it may not be used until it is activated."""
    return Effect(verb="announce", field=field, opens=opens)


def activate(of: str) -> Effect:
    """生效: what the move `of` announced may now be used."""
    return Effect(verb="activate", of=of)


def retract(of: str) -> Effect:
    """撤销预下达: what the move `of` announced never becomes usable."""
    return Effect(verb="retract", of=of)


def hold(field: str, *, refuse: Problem | None = None) -> Effect:
    """冻结: the amount is set aside for this line."""
    return Effect(verb="hold", field=field, refuse=refuse)


def settle(of: str) -> Effect:
    """核销: what the move `of` held is spent."""
    return Effect(verb="settle", of=of)


def release(of: str) -> Effect:
    """释放: what the move `of` held is available again."""
    return Effect(verb="release", of=of)


def reverse(of: str) -> Effect:
    """红冲: gives back what the move `of` settled, granted or moved."""
    return Effect(verb="reverse", of=of)


def move(field: str, *, to: str, refuse: Problem | None = None) -> Effect:
    """调剂: what is available in one account goes to another."""
    return Effect(verb="move", field=field, to_field=to, refuse=refuse)

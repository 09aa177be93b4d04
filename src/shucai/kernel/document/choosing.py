"""选择 choosing: what may be put into a field: elements, units, accounts, by code, name or pinyin.

Reads only; the caller has applied the actor's scope.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Final

from django.db import models

from shucai.kernel.document.declare import DocumentType
from shucai.kernel.document.showing import kind_of
from shucai.kernel.identity.actor import Actor
from shucai.kernel.ledger.declare import AccountField
from shucai.kernel.ledger.models import LedgerAccount
from shucai.kernel.masterdata import pinyin, project_names, values
from shucai.kernel.masterdata.fields import ElementField, ProjectNameField
from shucai.kernel.masterdata.models import Unit

SHOWN_MAX: Final = 60
ACCOUNTS_MAX: Final = 500  # of one unit, looked through in the process


@dataclass(frozen=True, slots=True)
class Choice:
    """One thing to choose. A branch has children and can't be chosen itself."""

    value: str
    text: str
    is_branch: bool = False
    available: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Question:
    """Whose choice it is, for which unit, and what was typed or opened so far."""

    actor: Actor
    on: date
    unit: str = ""
    q: str = ""
    parent: str = ""


def choices(known: models.Field[Any, Any], question: Question) -> list[Choice]:
    """At most SHOWN_MAX choices, best first; without a question the top of the tree."""
    if isinstance(known, AccountField):
        return _accounts(known, question)
    if isinstance(known, ElementField):
        return _elements(known, question)
    if isinstance(known, ProjectNameField):
        return _project_names(question)
    return units(question)


def is_offered(known: models.Field[Any, Any]) -> bool:
    """Whether there is something to choose from."""
    return kind_of(known) in ("element", "unit", "account") or isinstance(known, ProjectNameField)


def _project_names(question: Question) -> list[Choice]:
    """The templates of the naming rule; the unit of a line isn't known here."""
    actor = question.actor
    naming = project_names.Naming(
        division=actor.division,
        fiscal_year=actor.fiscal_year,
        unit_name="",
        unit_path=actor.scope_path,
    )
    found = project_names.suggestions(naming, typed=question.q)
    return [Choice(value=name, text="") for name in found[:SHOWN_MAX]]


def units(question: Question) -> list[Choice]:
    """Units in the actor's scope: a search finds leaves and branches, else the tree opens."""
    low, high = question.actor.range
    found = Unit.objects.filter(is_enabled=True, path__gte=low, path__lt=high)
    if question.actor.office:
        found = found.filter(office=question.actor.office)
    if question.q:
        text = question.q.lower()
        found = found.filter(
            models.Q(code__startswith=text)
            | models.Q(name__contains=question.q)
            | models.Q(short_name__contains=question.q)
            | models.Q(pinyin__startswith=text)
            | models.Q(pinyin__contains=" " + text)
        )
    else:
        found = _children(found, question)
    shown = list(found.order_by("path")[:SHOWN_MAX])
    parents = set(
        Unit.objects.filter(parent_id__in=[unit.pk for unit in shown], is_enabled=True)
        .values_list("parent_id", flat=True)
        .distinct()
    )
    return [
        Choice(value=u.code, text=u.name, is_branch=u.pk in parents and not question.q)
        for u in shown
    ]


def _children(found: models.QuerySet[Unit], question: Question) -> models.QuerySet[Unit]:
    if question.parent:
        return found.filter(parent__code=question.parent)
    top = found.order_by("level").values_list("level", flat=True).first()
    return found.filter(level=top) if top is not None else found.none()


def _elements(known: ElementField, question: Question) -> list[Choice]:
    actor = question.actor
    known_values = values.catalogue(known.value_set, actor.fiscal_year)
    if question.q:
        found = values.search(
            known.value_set,
            actor.fiscal_year,
            question.q,
            division=actor.division,
            leaves_only=True,
            limit=SHOWN_MAX,
        )
        return [Choice(value=v.code, text=v.name) for v in found]
    level = known_values.children(question.parent, division=actor.division)
    return [
        Choice(
            value=v.code,
            text=v.name,
            is_branch=not known_values.is_leaf(v, division=actor.division),
        )
        for v in level
        if v.is_enabled
    ]


def _accounts(known: AccountField, question: Question) -> list[Choice]:
    """The unit's accounts with money left first; those used up can be seen, not chosen."""
    found = LedgerAccount.objects.filter(
        book=known.book, kind=known.kind, fiscal_year=question.actor.fiscal_year
    )
    code = (question.unit or question.actor.unit_code).split(" ", maxsplit=1)[0]
    found = found.filter(unit__code=code)
    shown = [
        a
        for a in found.order_by("number")[:ACCOUNTS_MAX]
        if question.actor.draws_on(a.fund_type_code) and _is_meant(a, question.q)
    ]
    shown.sort(key=lambda account: (account.available <= 0, account.number))
    return [Choice(value=a.number, text=a.name, available=a.available) for a in shown[:SHOWN_MAX]]


def _is_meant(account: LedgerAccount, text: str) -> bool:
    """By a part of number, name or project, by function code, or by pinyin of the name."""
    wanted = text.lower()
    if any(wanted in one.lower() for one in (account.number, account.name, account.project_name)):
        return True
    if account.function_code.startswith(wanted):
        return True
    return any(part.startswith(wanted) for part in pinyin.spelled(account.name).split())


def names(
    kind: DocumentType, lines: Sequence[Mapping[str, Any]], *, actor: Actor
) -> dict[str, dict[str, str]]:
    """What typed codes and numbers are called, by line field; unknown ones are left out."""
    found: dict[str, dict[str, str]] = {}
    for known in kind.line_fields():
        typed = {str(line.get(known.name) or "").strip() for line in lines} - {""}
        if typed and kind_of(known) in ("element", "unit", "account"):
            found[known.name] = _names_of(known, typed, actor)
    return found


def _names_of(known: models.Field[Any, Any], typed: set[str], actor: Actor) -> dict[str, str]:
    year = actor.fiscal_year
    if isinstance(known, ElementField):
        said = values.names_of(known.value_set, year, typed, division=actor.division)
        return {code: name for code, name in said.items() if name}
    if isinstance(known, AccountField):
        accounts = LedgerAccount.objects.filter(
            number__in=typed, book=known.book, kind=known.kind, fiscal_year=year
        )
        return dict(accounts.values_list("number", "name"))
    return dict(Unit.objects.filter(code__in=typed).values_list("code", "name"))

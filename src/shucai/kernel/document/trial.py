"""试算 trial: what saving and moving a document would lead to; the real path, rolled back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from django.db import transaction

from shucai.base.errors import Finding
from shucai.kernel.document import choosing, drafts, pipeline
from shucai.kernel.document.action import Action, Outcome
from shucai.kernel.document.declare import DocumentType
from shucai.kernel.document.drafts import Draft
from shucai.kernel.document.errors import FIELD_REQUIRED, NO_LINES
from shucai.kernel.document.input import Place, read
from shucai.kernel.document.reading import Share, open_one, shares
from shucai.kernel.document.work import account_fields
from shucai.kernel.files import keeping
from shucai.kernel.identity import scope
from shucai.kernel.ledger.models import LedgerAccount


@dataclass(frozen=True, slots=True)
class Trial:
    """The outcome there would be, and what was available before, by account."""

    outcome: Outcome
    before: Mapping[int, Decimal]
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Look:
    """A glance at what is being typed: wrong values, names of codes, shares of accounts."""

    findings: tuple[Finding, ...]
    names: Mapping[str, Mapping[str, str]]
    shares: tuple[Share, ...]
    amount: Decimal


def run(*, action: Action, draft: Draft | None = None, waiting_files: str = "") -> Trial:
    """Saves `draft` if given, makes the move, and takes both back.

    `waiting_files` is the name under which the files of a document never saved wait for it.

    Raises Refused when the draft can't be saved.
    """
    kind = pipeline.kind_of(action)
    with transaction.atomic():
        scope.apply(action.actor)
        tried = replace(action, preview=True, key="")
        if draft is not None:
            header = drafts.save(replace(draft, key=""))
            tried = replace(tried, numbers=[header.address], versions={})
            if waiting_files:
                keeping.adopt(draft=waiting_files, header_id=header.pk, actor=action.actor)
        dossier = open_one(kind=kind, actor=action.actor, address=tried.numbers[0])
        ids = {
            getattr(line, known.attname)
            for line in dossier.item.lines
            for known in account_fields(kind)
        } - {None}
        before = {a.pk: a.available for a in LedgerAccount.objects.in_bulk(ids).values()}
        outcome = pipeline.run(tried)
        transaction.set_rollback(True)
    return Trial(outcome=outcome, before=before, amount=dossier.header.amount)


def look(draft: Draft) -> Look:
    """What can be said of a draft before it is complete; missing values are not told yet."""
    kind = draft.type
    with transaction.atomic():
        scope.apply(draft.actor)
        on = draft.business_date or draft.today
        place = Place(fiscal_year=draft.actor.fiscal_year, on=on, actor=draft.actor)
        reading = read(kind, fields=draft.fields, lines=draft.lines, place=place)
        told = tuple(f for f in reading.findings if f.problem not in (FIELD_REQUIRED, NO_LINES))
        return Look(
            findings=told,
            names=choosing.names(kind, draft.lines, actor=draft.actor),
            shares=tuple(shares(kind, reading.lines)) if takes(kind) else (),
            amount=total(reading.lines),
        )


def takes(kind: DocumentType) -> bool:
    """Whether documents of the type draw on the accounts their lines name."""
    return any(effect.verb in ("hold", "move") for effect in kind.posts.values())


def total(lines: Sequence[Mapping[str, Any]]) -> Decimal:
    """The sum of the amounts that are amounts; the others have been told as findings."""
    amounts = (line.get("amount") for line in lines)
    return sum((one for one in amounts if isinstance(one, Decimal)), Decimal(0))

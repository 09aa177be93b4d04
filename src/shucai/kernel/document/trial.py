"""试算 trial: what saving and moving a document would lead to; the real path, rolled back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any, Final

from django.db import transaction

from shucai.base.errors import Finding
from shucai.kernel.document import choosing, drafts, form_layout, pipeline
from shucai.kernel.document.action import Action, Outcome
from shucai.kernel.document.converting import Place
from shucai.kernel.document.declare import DocumentType
from shucai.kernel.document.drafts import Draft
from shucai.kernel.document.errors import FIELD_REQUIRED, NO_LINES
from shucai.kernel.document.filling import NOTHING
from shucai.kernel.document.input import Reading, read
from shucai.kernel.document.layout_errors import LAYOUT_REQUIRED, NOT_COMPUTED
from shucai.kernel.document.reading import Share, open_one, shares
from shucai.kernel.document.showing import plain
from shucai.kernel.document.work import account_fields
from shucai.kernel.files import keeping
from shucai.kernel.identity import scope
from shucai.kernel.identity.actor import Actor
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
    computed: Mapping[str, str] = field(default_factory=dict)
    line_computed: Mapping[str, Sequence[str]] = field(default_factory=dict)


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
        stands = drafts.stored([draft] if draft.address else []).get(draft.address, NOTHING)
        reading = read(kind, fields=draft.fields, lines=draft.lines, place=place, stored=stands)
        told = tuple(f for f in reading.findings if f.problem not in _INCOMPLETE)
        return Look(
            findings=told,
            names=choosing.names(kind, draft.lines, actor=draft.actor),
            shares=tuple(shares(kind, reading.lines)) if takes(kind) else (),
            amount=total(reading.lines),
            computed=_computed(kind, draft.actor, reading),
            line_computed=_line_computed(kind, draft.actor, reading),
        )


def _computed(kind: DocumentType, actor: Actor, reading: Reading) -> dict[str, str]:
    """What formulas of the layout make of the fields above the lines, as text."""
    layout = form_layout.current(kind, actor)
    if layout is None:
        return {}
    wanted = [f for f in kind.fields() if layout.item(f.name).formula]
    return {f.name: plain(reading.fields.get(f.attname)) for f in wanted}


def _line_computed(kind: DocumentType, actor: Actor, reading: Reading) -> dict[str, list[str]]:
    layout = form_layout.current(kind, actor)
    if layout is None:
        return {}
    wanted = [f for f in kind.line_fields() if layout.line(f.name).formula]
    return {f.name: [plain(line.get(f.attname)) for line in reading.lines] for f in wanted}


_INCOMPLETE: Final = (FIELD_REQUIRED, NO_LINES, LAYOUT_REQUIRED, NOT_COMPUTED)


def takes(kind: DocumentType) -> bool:
    """Whether documents of the type draw on the accounts their lines name."""
    return any(effect.verb in ("hold", "move") for effect in kind.posts.values())


def total(lines: Sequence[Mapping[str, Any]]) -> Decimal:
    """The sum of the amounts that are amounts; the others have been told as findings."""
    amounts = (line.get("amount") for line in lines)
    return sum((one for one in amounts if isinstance(one, Decimal)), Decimal(0))

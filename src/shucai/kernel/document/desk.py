"""工作台 desk: what waits for a person, what came back, what is under way, what he has done.

Reads only, and at most a page of each; the caller has applied the actor's scope.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Final, Literal

from django.db.models import Count, Q, QuerySet

from shucai.kernel.document.declare import DocumentType, find_type, types
from shucai.kernel.document.models import Header
from shucai.kernel.identity.actor import Actor
from shucai.kernel.masterdata.models import Unit
from shucai.kernel.workflow.models import Step, Todo

Tab = Literal["waiting", "returned", "going", "done"]
TABS: Final[dict[Tab, str]] = {
    "waiting": "待办",
    "returned": "退回",
    "going": "在途",
    "done": "已办",
}
COUNT_MAX: Final = 1_000


@dataclass(frozen=True, slots=True)
class Task:
    """One document on the desk. `step` is what is waited for, or what was done."""

    type: DocumentType
    address: str
    summary: str
    unit_name: str
    amount: Decimal
    state: str
    step: str
    at: datetime
    due_at: datetime | None = None

    @property
    def page(self) -> str:
        return f"/d/{self.type.code}/{self.address}"


def tasks(actor: Actor, tab: Tab, *, size: int = 7) -> list[Task]:
    """The newest of a tab; what waits comes oldest first."""
    if tab == "waiting":
        todos = waiting(actor).select_related("header").order_by("pk")[:size]
        return _shown([(t.header, t.label, t.arrived_at, t.due_at) for t in todos])
    if tab == "returned":
        back = returned(actor).order_by("-updated_at")[:size]
        return _shown([(h, "待修改", h.updated_at, None) for h in back])
    if tab == "going":
        own = going(actor).order_by("-submitted_at")[:size]
        return _shown([(h, "", h.submitted_at or h.updated_at, None) for h in own])
    return _shown([(s.header, s.label, s.at, None) for s in _latest_steps(actor, size)])


def counts(actor: Actor) -> dict[Tab, int]:
    """How many there are in each tab, each count capped; done ones are not counted."""
    return {
        "waiting": waiting(actor).values("pk")[:COUNT_MAX].count(),
        "returned": returned(actor).values("pk")[:COUNT_MAX].count(),
        "going": going(actor).values("pk")[:COUNT_MAX].count(),
    }


def counts_by_type(actor: Actor) -> dict[str, int]:
    """What waits, by document type, for the menu."""
    rows = waiting(actor).order_by().values("document_type").annotate(count=Count("*"))
    return {row["document_type"]: row["count"] for row in rows}


def waiting(actor: Actor) -> QuerySet[Todo]:
    """Open items for the actor's duties or for the person, but nobody reviews his own work."""
    low, high = actor.range
    rows = Todo.objects.filter(
        Q(user_id__in=actor.persons) | Q(user_id=None, duty__in=sorted(actor.duties)),
        is_open=True,
        fiscal_year=actor.fiscal_year,
        unit_path__gte=low,
        unit_path__lt=high,
    ).exclude(header__maker_id__in=actor.persons)
    return rows.filter(office=actor.office) if actor.office else rows


def returned(actor: Actor) -> QuerySet[Header]:
    """One's own documents that have a number and yet stand at the beginning again."""
    initial = {kind.initial for kind in types().values()}
    return _own(actor).filter(is_editable=True, number__isnull=False, state__in=sorted(initial))


def going(actor: Actor) -> QuerySet[Header]:
    """One's own documents that others have still to decide."""
    ended = Q(pk__in=[])
    for kind in types().values():
        ended |= Q(type=kind.code, state__in=[str(state) for state in kind.final])
    return _own(actor).filter(is_editable=False).exclude(ended)


def _own(actor: Actor) -> QuerySet[Header]:
    low, high = actor.range
    return Header.objects.filter(
        maker_id=actor.user_id,
        fiscal_year=actor.fiscal_year,
        unit_path__gte=low,
        unit_path__lt=high,
    )


def _latest_steps(actor: Actor, size: int) -> list[Step]:
    """The last step of the actor on each of the documents he worked on most recently."""
    rows = (
        Step.objects.filter(actor_id=actor.user_id, header__fiscal_year=actor.fiscal_year)
        .select_related("header")
        .order_by("-pk")[: size * 3]
    )
    found: dict[int, Step] = {}
    for step in rows:
        found.setdefault(step.header_id, step)
    return list(found.values())[:size]


def _shown(
    found: Iterable[tuple[Header, str, datetime, datetime | None]],
) -> list[Task]:
    rows = [row for row in found if find_type(row[0].type) is not None]
    units = Unit.objects.in_bulk({header.unit_id for header, *_ in rows})
    return [
        Task(
            type=kind,
            address=header.address,
            summary=header.summary,
            unit_name=units[header.unit_id].name,
            amount=header.amount,
            state=header.state,
            step=step or kind.state_label(header.state),
            at=at,
            due_at=due,
        )
        for header, step, at, due in rows
        if (kind := find_type(header.type)) is not None
    ]

"""轮次 rounds: who has decided what since a document entered its present state.

No one decides two nodes of one review, nor signs twice at one node (会签, 加签): the steps tell,
in whatever position they were taken. Sending back opens the node again for who decided it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.utils import timezone

from shucai.base.errors import Finding
from shucai.kernel.document import errors
from shucai.kernel.document.declare import DocumentType
from shucai.kernel.document.models import Header
from shucai.kernel.workflow.models import Step
from shucai.kernel.workflow.routes import Plan


@dataclass(frozen=True, slots=True)
class Decision:
    """One decision; `visit` counts how often the document had moved on or back before it."""

    actor_id: int
    actor_name: str
    label: str
    node: int
    visit: int
    at: datetime


@dataclass(slots=True)
class Round:
    """The decisions since the document entered its present state, oldest first."""

    node: int = 0
    visit: int = 0
    decisions: list[Decision] = field(default_factory=list)

    def bars(self, *persons: int) -> Decision | None:
        """What one of the persons decided that keeps them from deciding here and now."""
        for one in reversed(self.decisions):
            if one.actor_id in persons and (one.node != self.node or one.visit == self.visit):
                return one
        return None

    def take(self, kind: DocumentType, step: Step) -> None:
        """Sideways actions decide nothing; a step that stays at its node waits for others."""
        move = kind.move(step.action, state=step.source)
        if step.source != step.target or (move is not None and move.source == move.target):
            self.node, self.visit, self.decisions = step.node, 0, []
        elif step.action in kind.actions:
            self.decisions.append(
                Decision(
                    actor_id=step.actor_id,
                    actor_name=step.actor_name,
                    label=step.label,
                    node=self.node,
                    visit=self.visit,
                    at=step.at,
                )
            )
            self.visit += step.node != self.node
            self.node = step.node


def of(kind: DocumentType, headers: Sequence[Header]) -> dict[int, Round]:
    """The present round of each document; nothing is read for none."""
    found = {header.pk: Round() for header in headers}
    if found:
        for step in Step.objects.filter(header_id__in=list(found)).order_by("header_id", "pk"):
            found[step.header_id].take(kind, step)
    return found


def finding(header: Header, earlier: Decision, plan: Plan | None, *, label: str) -> Finding:
    """Why who made the earlier decision makes none here."""
    problem = errors.SIGNED_BEFORE if earlier.node == header.node else errors.DECIDED_BEFORE
    return problem.at(
        number=header.address,
        person=earlier.actor_name,
        earlier=earlier.label,
        at=f"{timezone.localtime(earlier.at):%Y-%m-%d %H:%M}",
        node=place(plan, earlier.node),
        current=place(plan, header.node),
        label=label,
    )


def place(plan: Plan | None, seq: int) -> str:
    """A node as people name it."""
    node = plan.node(seq) if plan else None
    return f"第 {seq} 个节点“{node.name}”" if node else "本环节"

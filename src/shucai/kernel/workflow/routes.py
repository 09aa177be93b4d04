"""审批路线 routing: which node comes next, for whom, given the figures of a document.

A document whose type has no published route for a move has one implied node: the move's duty.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from shucai.base import formula
from shucai.kernel.workflow.declare import Move
from shucai.kernel.workflow.models import Route


@dataclass(frozen=True, slots=True)
class Node:
    """A place on a route. `seq` 0 is the implied node of a move without a route."""

    seq: int
    name: str
    duties: tuple[str, ...]
    mode: str = "any"
    condition: str = ""
    hours: int = 0

    def due(self, arrived: datetime) -> datetime | None:
        return arrived + timedelta(hours=self.hours) if self.hours else None


@dataclass(frozen=True, slots=True)
class Plan:
    """A published route, or none."""

    id: int | None
    nodes: tuple[Node, ...]
    action: str = ""

    def after(self, seq: int, facts: Mapping[str, Any]) -> Node | None:
        """The first node after `seq` whose condition holds for these facts."""
        for node in self.nodes:
            if node.seq > seq and (not node.condition or formula.holds(node.condition, facts)):
                return node
        return None

    def node(self, seq: int) -> Node | None:
        return next((node for node in self.nodes if node.seq == seq), None)


def implied(move: Move) -> Node:
    return Node(seq=0, name=move.label, duties=(move.by,))


class Routes:
    """The published routes of one document type in one year, read once per action."""

    def __init__(self, document_type: str, fiscal_year: int) -> None:
        self._plans: dict[tuple[str, str], Plan] = {}
        self._by_id: dict[int, Plan] = {}
        found = (
            Route.objects.filter(
                document_type=document_type, fiscal_year=fiscal_year, is_published=True
            )
            .order_by("release")
            .prefetch_related("nodes")
        )
        for route in found:
            nodes = tuple(
                Node(
                    seq=n.seq,
                    name=n.name,
                    duties=tuple(n.duties),
                    mode=n.mode,
                    condition=n.condition,
                    hours=n.hours,
                )
                for n in route.nodes.all()
            )
            plan = Plan(route.pk, nodes, route.action)
            self._plans[route.action, route.division] = self._by_id[route.pk] = plan

    def plan(self, action: str, division: str) -> Plan:
        """The division's own route comes before the one for all divisions."""
        found = self._plans.get((action, division)) or self._plans.get((action, ""))
        return found or Plan(None, ())

    def by_id(self, route_id: int | None) -> Plan | None:
        """The plan a document entered its review with, if it is still published."""
        return None if route_id is None else self._by_id.get(route_id)

    def entered(self, route_id: int | None, action: str, division: str) -> Plan:
        """The plan an action is under: the one the document entered with comes first.

        Who decides at a node may also return from it; any other action is not the route's.
        """
        known = self.by_id(route_id)
        if known is not None and action in (known.action, "return"):
            return known
        return self.plan(action, division)

"""审批路线 routing: which node comes next, for whom, given the figures of a document.

A document whose type has no published route for a move has one implied node: the move's duty.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from django.db.models import Q

from shucai.base import formula
from shucai.kernel.workflow.declare import Move
from shucai.kernel.workflow.models import Route, RouteNode

NOT_COUNTING_MAX: Final = 200


@dataclass(frozen=True, slots=True)
class Node:
    """A place on a route. `seq` 0 is the implied node of a move without a route.

    It decides on amounts from `amount_from` on and below `amount_to`, where its condition holds.
    """

    seq: int
    name: str
    duties: tuple[str, ...]
    mode: str = "any"
    condition: str = ""
    hours: int = 0
    amount_from: Decimal | None = None
    amount_to: Decimal | None = None
    may_hand_over: bool = True
    may_add_signer: bool = True

    def due(self, arrived: datetime) -> datetime | None:
        return arrived + timedelta(hours=self.hours) if self.hours else None

    def takes(self, amount: Decimal) -> bool:
        """Whether the amount lies within its limits."""
        is_enough = self.amount_from is None or amount >= self.amount_from
        return is_enough and (self.amount_to is None or amount < self.amount_to)

    def applies(self, facts: Mapping[str, Any]) -> bool:
        """Whether documents with these facts stop here."""
        if not self.takes(facts.get("金额") or Decimal(0)):
            return False
        return not self.condition or formula.holds(self.condition, facts)


@dataclass(frozen=True, slots=True)
class Plan:
    """A route, or none."""

    id: int | None
    nodes: tuple[Node, ...]
    action: str = ""

    def after(self, seq: int, facts: Mapping[str, Any]) -> Node | None:
        """The first node after `seq` that applies to these facts."""
        for node in self.nodes:
            if node.seq > seq and node.applies(facts):
                return node
        return None

    def node(self, seq: int) -> Node | None:
        return next((node for node in self.nodes if node.seq == seq), None)


NONE: Final = Plan(None, ())


def implied(move: Move) -> Node:
    return Node(seq=0, name=move.label, duties=(move.by,))


class Routes:
    """The routes of one document type in one year, those in force read once per action."""

    def __init__(self, document_type: str, fiscal_year: int) -> None:
        self._type, self._year = document_type, fiscal_year
        self._counting: dict[tuple[str, str, int], Plan] = {}
        self._trials: dict[tuple[str, str, int], list[tuple[tuple[str, ...], Plan]]] = {}
        self._by_id: dict[int, Plan] = {}
        rows = Route.objects.filter(
            Q(is_published=True) | ~Q(trial_paths=[]),
            document_type=document_type,
            fiscal_year__in=[0, fiscal_year],
        )
        for route in rows.order_by("release").prefetch_related("nodes"):
            place = (route.action, route.division, route.fiscal_year)
            plan = self._by_id[route.pk] = plan_of(route)
            if route.trial_paths:
                self._trials.setdefault(place, []).append((tuple(route.trial_paths), plan))
            if route.is_published:
                self._counting[place] = plan

    def plan(self, action: str, division: str, unit_path: str = "") -> Plan:
        """What counts for a unit: division before all, year before every year.

        At each place a route on trial comes first for the units below its paths.
        """
        for place in self._places(action, division):
            for paths, tried in self._trials.get(place, ()):
                if _below(unit_path, paths):
                    return tried
            if place in self._counting:
                return self._counting[place]
        return NONE

    def by_id(self, route_id: int | None) -> Plan | None:
        """The plan a document entered its review with, though another one counts by now."""
        if route_id is None:
            return None
        if route_id not in self._by_id:
            found = Route.objects.filter(pk=route_id).prefetch_related("nodes").first()
            if found is None:
                return None
            if len(self._by_id) >= NOT_COUNTING_MAX:
                self._by_id.clear()
            self._by_id[route_id] = plan_of(found)
        return self._by_id[route_id]

    def entered(self, route_id: int | None, action: str) -> Plan:
        """The plan an action on a document under way is part of.

        Who decides at a node may also return from it; any other action is not the route's. A
        document that entered its review without a route goes on without one.
        """
        known = self.by_id(route_id)
        return known if known is not None and action in (known.action, "return") else NONE

    def _places(self, action: str, division: str) -> Iterator[tuple[str, str, int]]:
        for owner in dict.fromkeys((division, "")):
            for year in dict.fromkeys((self._year, 0)):
                yield action, owner, year


def plan_of(route: Route) -> Plan:
    """The route as it was released."""
    return Plan(route.pk, tuple(node_of(one) for one in route.nodes.all()), route.action)


def node_of(row: RouteNode) -> Node:
    return Node(
        seq=row.seq,
        name=row.name,
        duties=tuple(row.duties),
        mode=row.mode,
        condition=row.condition,
        hours=row.hours,
        amount_from=row.amount_from,
        amount_to=row.amount_to,
        may_hand_over=row.may_hand_over,
        may_add_signer=row.may_add_signer,
    )


def _below(path: str, paths: tuple[str, ...]) -> bool:
    return any(path == one or path.startswith(one + "/") for one in paths)

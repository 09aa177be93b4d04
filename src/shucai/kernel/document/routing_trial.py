"""试走 walking a route on a sample: which nodes a document would stop at, who could decide there.

The sample is a document in the scope of who asks, or figures typed in. Nothing is written.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

from shucai.base import formula
from shucai.base.errors import Refused
from shucai.kernel.configuration.declare import Content
from shucai.kernel.document import routing, work, writing
from shucai.kernel.document.declare import DocumentType
from shucai.kernel.document.models import Header
from shucai.kernel.document.permits import duty_name
from shucai.kernel.identity.actor import Actor
from shucai.kernel.identity.colleagues import Colleague, holders
from shucai.kernel.masterdata.models import Unit
from shucai.kernel.workflow import errors
from shucai.kernel.workflow.routes import Node, Plan

SAMPLES: Final = 12
PEOPLE_SHOWN: Final = 5
BASE: Final = ("金额", "明细行数", "单位", "区划", "年度", "业务日期", "摘要")


@dataclass(frozen=True, slots=True)
class Sample:
    """What walks: the facts formulas read, and the unit whose people decide."""

    title: str
    facts: Mapping[str, Any]
    unit_path: str
    office: str
    unit_name: str
    maker_id: int = 0


@dataclass(frozen=True, slots=True)
class Stop:
    """A node and what happens there; `reason` says why it is passed by, or stopped at."""

    node: Node
    is_met: bool
    reason: str
    steps: tuple[str, ...] = ()
    people: tuple[Colleague, ...] = ()
    more: int = 0
    due: datetime | None = None


@dataclass(frozen=True, slots=True)
class Walk:
    """The whole way. Without any node met the move's own duty decides."""

    stops: tuple[Stop, ...]
    fallback: str = ""

    @property
    def met(self) -> list[int]:
        return [stop.node.seq for stop in self.stops if stop.is_met]

    @property
    def hours(self) -> int:
        return sum(stop.node.hours for stop in self.stops if stop.is_met)


def recent(kind: DocumentType, *, fiscal_year: int, division: str = "") -> list[Header]:
    """The latest documents of the type in scope; the caller has applied the scope."""
    rows = Header.objects.select_related("unit").filter(type=kind.code, fiscal_year=fiscal_year)
    if division:
        rows = rows.filter(division=division)
    return list(rows.order_by("-pk")[:SAMPLES])


def of_document(kind: DocumentType, address: str, *, actor: Actor) -> Sample:
    """A document in scope as the sample."""
    numbers, ids = work.split_addresses([address])
    rows = Header.objects.filter(type=kind.code)
    header = (rows.filter(pk__in=ids) if ids else rows.filter(number__in=numbers)).first()
    if header is None:
        raise errors.NO_SAMPLE.refuse("sample", number=address, position=actor.position_name)
    item = work.load(kind, [header])[0]
    unit = item.header.unit
    return Sample(
        title=f"{header.address} {unit.name} {header.amount:,.2f} 元",
        facts=writing.facts(item),
        unit_path=header.unit_path,
        office=header.office,
        unit_name=unit.name,
        maker_id=header.maker_id,
    )


def of_figures(
    kind: DocumentType, said: Mapping[str, str], *, actor: Actor, today: date, division: str = ""
) -> Sample:
    """Figures typed in as the sample; what is left open is blank."""
    unit = _unit(said.get("单位", "").strip(), actor, division)
    facts: dict[str, Any] = dict.fromkeys(writing.fact_names(kind), "")
    for name in facts:
        text = said.get(name, "").strip()
        facts[name] = _number(name, text) if name in writing.NUMBERS else text
    facts |= {"单位": unit.code, "区划": unit.division_code, "业务日期": today}
    facts["年度"] = facts["年度"] or Decimal(actor.fiscal_year)
    facts["明细行数"] = facts["明细行数"] or Decimal(1)
    return Sample(
        title=f"{unit.name} {facts['金额']:,.2f} 元",
        facts=facts,
        unit_path=unit.path,
        office=unit.office,
        unit_name=unit.name,
    )


def walk(
    kind: DocumentType, action: str, content: Content, sample: Sample, *, now: datetime, on: date
) -> Walk:
    """Every node in order, met or passed by; each is decided at once, to tell the time limits."""
    plan: Plan = routing.read(content).plan
    stops, arrived = [], now
    for node in plan.nodes:
        is_met, reason, steps = _judged(node, sample.facts)
        people: Sequence[Colleague] = ()
        due = None
        if is_met:
            people = holders(
                node.duties,
                unit_path=sample.unit_path,
                office=sample.office,
                on=on,
                but=sample.maker_id,
            )
            due = node.due(arrived)
            arrived = due or arrived
        stops.append(
            Stop(
                node=node,
                is_met=is_met,
                reason=reason,
                steps=steps,
                people=tuple(people[:PEOPLE_SHOWN]),
                more=max(0, len(people) - PEOPLE_SHOWN),
                due=due,
            )
        )
    move = kind.move(action)
    fallback = duty_name(move.by) if move is not None and not any(s.is_met for s in stops) else ""
    return Walk(tuple(stops), fallback)


def _judged(node: Node, facts: Mapping[str, Any]) -> tuple[bool, str, tuple[str, ...]]:
    """Whether the node is met, why, and how its condition came out."""
    amount = facts.get("金额") or Decimal(0)
    if not node.takes(amount):
        return False, f"金额 {amount:,.2f} 不在“{routing.limits(node)}”内", ()
    if not node.condition:
        return True, routing.limits(node) or "所有单据都经过", ()
    steps = tuple(formula.explain(node.condition, facts).lines())[:12]
    try:
        holds = formula.holds(node.condition, facts)
    except Refused as refused:
        return False, f"条件算不出来：{refused.findings[0].why}", steps
    said = f"“{routing.conditions(node)}”{'成立' if holds else '不成立'}"
    return holds, said, steps


def _unit(code: str, actor: Actor, division: str) -> Unit:
    """The unit of that code in scope, else any to stand for the others."""
    low, high = actor.range
    rows = Unit.objects.filter(path__gte=low, path__lt=high, is_enabled=True)
    if division:
        rows = rows.filter(division_code=division)
    found = (
        (rows.filter(code=code) if code else rows.filter(children=None)).order_by("path").first()
    )
    if found is None:
        raise errors.SAMPLE_VALUE.refuse(
            "单位", label="单位", value=code, reason="不是本岗位范围内的单位编码"
        )
    return found


def _number(name: str, text: str) -> Decimal:
    value, reason = routing.amount_of(text.replace("，", ","))
    if reason:
        raise errors.SAMPLE_VALUE.refuse(name, label=name, value=text, reason="不是数字")
    return value or Decimal(0)

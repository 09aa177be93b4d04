"""职责分离 separation of duties: whose duties exclude each other, now and after a change.

Two appointments of one person collide where a duty of the one excludes a duty of the other,
their spans overlap and their data scopes overlap. For the three officers (三员) scope does not
matter: they are different persons everywhere.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import combinations
from typing import Final

from shucai.kernel.identity import duties
from shucai.kernel.identity.actor import subtree
from shucai.kernel.identity.models import Appointment, Position
from shucai.kernel.identity.records import DutyExclusion

EXCLUSIONS_MAX: Final = 2_000


@dataclass(frozen=True, slots=True)
class Holding:
    """Duties held somewhere for a time; an appointment, or what one would become."""

    label: str
    duties: frozenset[str]
    scope_path: str
    office: str
    valid_from: date
    valid_to: date | None


@dataclass(frozen=True, slots=True)
class Collision:
    """Two excluding duties in one hand. `where` names the position or positions."""

    user_id: int | None
    who: str
    left: str
    right: str
    where: str


def holding_of(appointment: Appointment) -> Holding:
    return Holding(
        label=appointment.title,
        duties=appointment.held,
        scope_path=appointment.scope_path,
        office=appointment.office,
        valid_from=appointment.valid_from,
        valid_to=appointment.valid_to,
    )


def agreed() -> duties.Pairs:
    """The pairs kept as data, besides those that duties declare."""
    rows = DutyExclusion.objects.filter(is_enabled=True).values_list("left", "right")
    return frozenset(rows[:EXCLUSIONS_MAX])


def collisions(
    holdings: Sequence[Holding], pairs: duties.Pairs = duties.NONE
) -> list[tuple[str, str, str]]:
    """Excluding pairs among the holdings of one person, with the positions they come from.

    `pairs` are the agreed ones.
    """
    found: dict[tuple[str, str], str] = {}
    for one in holdings:
        for pair in duties.conflicts(one.duties, pairs):
            found.setdefault(pair, f"同在岗位“{one.label}”")
    for one, other in combinations(holdings, 2):
        if not _same_time(one, other):
            continue
        for pair in _excluded_between(one, other, pairs):
            found.setdefault(pair, f"分别来自岗位“{one.label}”和“{other.label}”")
    return [(left, right, where) for (left, right), where in sorted(found.items())]


def _excluded_between(
    one: Holding, other: Holding, pairs: duties.Pairs
) -> Iterator[tuple[str, str]]:
    same_place = _same_place(one, other)
    for left in one.duties:
        for right in other.duties:
            officers = left in duties.OFFICERS or right in duties.OFFICERS
            if left != right and (same_place or officers) and duties.excluded(left, right, pairs):
                yield (left, right) if left < right else (right, left)


def _same_time(one: Holding, other: Holding) -> bool:
    return (other.valid_to is None or one.valid_from < other.valid_to) and (
        one.valid_to is None or other.valid_from < one.valid_to
    )


def _same_place(one: Holding, other: Holding) -> bool:
    offices = one.office == other.office or "" in (one.office, other.office)
    return offices and (
        _within(one.scope_path, other.scope_path) or _within(other.scope_path, one.scope_path)
    )


def _within(path: str, other: str) -> bool:
    low, high = subtree(other)
    return low <= path < high


def scan(*, on: date, lo: str = "", hi: str = "") -> list[Collision]:
    """Every collision among enabled positions and appointments that have not ended by `on`.

    `lo` and `hi` narrow the appointments to a range of scope paths.
    """
    known = agreed()
    found = list(_in_positions(Position.objects.filter(is_enabled=True).order_by("code"), known))
    rows = (
        Appointment.objects.select_related("position", "user")
        .filter(is_enabled=True, user__is_active=True, position__is_enabled=True)
        .exclude(valid_to__lte=on)
        .order_by("user_id", "pk")
    )
    if hi:
        rows = rows.filter(scope_path__gte=lo, scope_path__lt=hi)
    held: dict[int, list[Appointment]] = {}
    for appointment in rows:
        held.setdefault(appointment.user_id, []).append(appointment)
    for user_id, appointments in held.items():
        pairs = collisions([holding_of(a) for a in appointments], known)
        who = appointments[0].user.name
        found += [
            Collision(user_id, who, duties.name_of(left), duties.name_of(right), where)
            for left, right, where in pairs
            if not where.startswith("同在")
        ]
    return found


def _in_positions(positions: Iterable[Position], pairs: duties.Pairs) -> Iterator[Collision]:
    for position in positions:
        for left, right in duties.conflicts(position.duties, pairs):
            yield Collision(
                user_id=None,
                who=position.name,
                left=duties.name_of(left),
                right=duties.name_of(right),
                where=f"同在岗位“{position.name}”",
            )

"""接收范围的选择 choosing: divisions, a unit, duties and positions as picked in a form."""

from collections.abc import Sequence

from shucai.kernel.content.reach import Reach
from shucai.kernel.identity.actor import Actor
from shucai.kernel.identity.duties import name_of
from shucai.kernel.identity.models import Position
from shucai.kernel.masterdata.models import Division, Unit


def divisions(actor: Actor) -> list[tuple[str, str]]:
    """Those within the actor's scope, path and name."""
    low, high = actor.range
    rows = Division.objects.filter(path__gte=low, path__lt=high).order_by("path")[:200]
    return [(row.path, row.name) for row in rows]


def positions(actor: Actor) -> list[tuple[str, str]]:
    rows = Position.objects.filter(is_enabled=True).order_by("code")[:500]
    return [(row.code, row.name) for row in rows]


def reach(
    *,
    actor: Actor,
    divisions: Sequence[str] = (),
    unit: str = "",
    duties: Sequence[str] = (),
    positions: Sequence[str] = (),
) -> Reach:
    """The reach with its words; the unit is a code or a path within the actor's scope."""
    paths, words = list(divisions), []
    names = dict(Division.objects.filter(path__in=divisions).values_list("path", "name"))
    words += [names.get(path, path) for path in divisions]
    if unit:
        low, high = actor.range
        rows = Unit.objects.filter(path__gte=low, path__lt=high)
        found = rows.filter(path=unit) if "/" in unit else rows.filter(code=unit)
        for one in found[:1]:
            paths.append(one.path)
            words.append(one.name)
    held = [name_of(code) for code in duties]
    held += list(Position.objects.filter(code__in=positions).values_list("name", flat=True))
    place = "、".join(words) or ("全市" if "/" not in actor.scope_path else actor.unit_name)
    who = "、".join(held) or "全体人员"
    return Reach(paths=paths, duties=duties, positions=positions, words=f"{place} · {who}"[:300])

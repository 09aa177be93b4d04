"""同事 colleagues: who holds a duty over a unit, for asking, handing over and showing."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Final

from shucai.kernel.identity.acting import holding, valid_on
from shucai.kernel.identity.actor import subtree
from shucai.kernel.identity.models import Appointment, User

SHOWN_MAX: Final = 50


@dataclass(frozen=True, slots=True)
class Colleague:
    """A person in the position that would act."""

    user_id: int
    name: str
    position_name: str
    unit_name: str


def holders(
    duties: Iterable[str], *, unit_path: str, office: str, on: date, but: int = 0, q: str = ""
) -> list[Colleague]:
    """People whose position has one of the duties and whose scope covers the unit.

    The narrowest scope comes first: who is nearest to the unit is most likely meant.
    """
    rows = Appointment.objects.select_related("position", "user").filter(
        valid_on(on), holding(duties)
    )
    if q:
        rows = rows.filter(user__name__contains=q) | rows.filter(user__pinyin__startswith=q.lower())
    found: dict[int, tuple[int, Colleague]] = {}
    for row in rows.exclude(user_id=but).order_by("pk"):
        low, high = subtree(row.scope_path)
        if not low <= unit_path < high or row.office not in ("", office):
            continue
        one = Colleague(row.user_id, row.user.name, row.title, row.unit_name)
        found.setdefault(row.user_id, (-len(row.scope_path), one))
    return [one for _, one in sorted(found.values(), key=lambda pair: pair[0])][:SHOWN_MAX]


def users_named(usernames: Iterable[str]) -> dict[str, int]:
    """The ids behind login names; unknown ones are left out."""
    rows = User.objects.filter(username__in=sorted(set(usernames)))
    return dict(rows.values_list("username", "pk"))

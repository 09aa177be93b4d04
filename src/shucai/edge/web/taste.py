"""偏好 taste: what a user has set for one list: columns, page size, saved views."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from shucai.kernel.configuration.parameters import parameter
from shucai.kernel.document.listing import SIZES
from shucai.kernel.identity import preferences
from shucai.kernel.identity.actor import Actor


@dataclass(frozen=True, slots=True)
class ListTaste:
    columns: Sequence[str] | None = None
    size: int = 0  # nothing chosen: the size of the platform
    views: Sequence[Mapping[str, str]] = ()
    is_folded: bool = False


def of_list(actor: Actor, code: str) -> ListTaste:
    """One query; what was never set has its default."""
    return read(preferences.get(actor.user_id, _key(code)))


def read(said: Mapping[str, Any] | None) -> ListTaste:
    """What was stored, as the session or a query brought it."""
    if not said:
        return ListTaste()
    names = ("columns", "size", "views", "is_folded")
    return ListTaste(**{name: said[name] for name in names if name in said})


def keep(actor: Actor, code: str, **changes: Any) -> None:
    """Changes some settings of the list and leaves the others."""
    known = preferences.get(actor.user_id, _key(code), {})
    preferences.put(actor.user_id, _key(code), {**known, **changes})


PAGE_SIZE: Final = parameter(
    code="lists.page_size",
    name="列表每页行数",
    default="50",
    kind="choice",
    options=[(str(size), f"{size} 行") for size in SIZES],
    help="本人在列表中另选的行数优先",
)


def size_for(taste: ListTaste, actor: Actor) -> int:
    """What the person has chosen, else what holds for his unit."""
    if taste.size:
        return taste.size
    said = PAGE_SIZE.value(division=actor.division, unit_path=actor.scope_path)
    return int(said)


KEY: Final = "list:{code}"


def _key(code: str) -> str:
    return KEY.format(code=code)

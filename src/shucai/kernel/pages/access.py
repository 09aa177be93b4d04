"""功能权限 function rights: which menus, pages and document types the holder of duties may open.

Function rights say which pages; the data scope says which rows. A document type is open to the
duties of its domain. Nobody is let in for being an administrator.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final, overload

from shucai.kernel import registry
from shucai.kernel.document.declare import DocumentType, find_type
from shucai.kernel.document.permits import duty_name, readers
from shucai.kernel.identity.actor import Actor
from shucai.kernel.pages.declare import Menu, MenuItem, menus
from shucai.kernel.pages.question import find_question
from shucai.kernel.pages.register import find_register
from shucai.kernel.report import summary

PLATFORM: Final = frozenset({"identity", "masterdata", "content"})


@dataclass(frozen=True, slots=True)
class Permission:
    """Whether a page may be opened, and by whom it could be."""

    allowed: bool
    name: str
    duties: tuple[str, ...]

    def __bool__(self) -> bool:
        return self.allowed


def may_read(actor: Actor, kind: DocumentType) -> bool:
    return any(actor.can(code) for code in readers(kind))


class EveryDuty(Sequence[str]):
    """All duties there are, read when asked for: what everybody in office may open."""

    def _codes(self) -> list[str]:
        return sorted(registry.all("duty"))

    @overload
    def __getitem__(self, place: int) -> str: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[str]: ...
    def __getitem__(self, place: int | slice) -> str | Sequence[str]:
        return self._codes()[place]

    def __len__(self) -> int:
        return len(self._codes())


EVERYBODY: Final = EveryDuty()


def business_duties() -> tuple[str, ...]:
    """Every duty of a business domain; the three officers have none of them."""
    declared = registry.all("duty").items()
    return tuple(code for code, one in declared if one.domain not in PLATFORM)


def duties_of(item: MenuItem) -> tuple[str, ...]:
    """Who sees a menu item: its own duties, else whoever may open what lies at its address."""
    return tuple(item.duties) or duties_at(item.page)


def duties_at(address: str) -> tuple[str, ...]:
    """Lists, registers, reports and questions are for their readers, other pages for business."""
    head, _, rest = address.removeprefix("/").partition("/")
    code = rest.split("/", maxsplit=1)[0]
    kind = None
    if head == "r":
        register = find_register(code)
        return tuple(register.readers) if register is not None else ()
    if head == "q":
        asked = find_question(code)
        return tuple(asked.readers) if asked is not None else business_duties()
    if head == "d":
        kind = find_type(code)
    elif head == "report":
        declared = summary.find(code)
        kind = declared.of if declared is not None else None
    return readers(kind) if kind is not None else business_duties()


@lru_cache(maxsize=256)
def menus_for(duties: frozenset[str]) -> tuple[Menu, ...]:
    """The menus with the items these duties may open; menus without any are left out."""
    found = []
    for menu in menus():
        items = [item for item in menu.items if duties & set(duties_of(item))]
        if items:
            found.append(replace(menu, items=tuple(items), is_completed=True))
    return tuple(found)


def may_open(actor: Actor, address: str) -> Permission:
    """By the menu item whose page the address lies under; unlisted pages are for business."""
    item = item_at(address)
    name = item.name if item is not None else address
    duties = duties_of(item) if item is not None else duties_at(address)
    return Permission(any(actor.can(code) for code in duties), name, duties)


def item_at(address: str) -> MenuItem | None:
    """The declared menu item with the longest page that starts the address."""
    found = [item for menu in menus() for item in menu.items if address.startswith(item.page)]
    return max(found, key=lambda item: len(item.page), default=None)


def duty_names(codes: Iterable[str]) -> str:
    return "、".join(duty_name(code) for code in codes)

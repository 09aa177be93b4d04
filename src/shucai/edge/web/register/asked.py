"""所问 what a register's list is asked for: filters, words, order, branch and place."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import urlencode

from django.http import QueryDict

from shucai.kernel.identity.actor import Actor
from shucai.kernel.pages import registers
from shucai.kernel.pages.register import Filter, Register
from shucai.kernel.pages.register_facts import Fact, filter_label, filter_name
from shucai.kernel.pages.registers import SIZES, SPANS, Query

SEGMENTS_MAX: Final = 7
SEGMENTS_LENGTH: Final = 36  # characters of all labels together
OPTIONS_MAX: Final = 400
SIZE: Final = 50


@dataclass(frozen=True, slots=True)
class Control:
    """One control of the filter block."""

    name: str
    label: str
    kind: str  # select, span, suggest, text
    options: tuple[tuple[str, str], ...] = ()
    suggest: str = ""
    is_money: bool = False


@dataclass(frozen=True, slots=True)
class Asked:
    """The address of a list, read. A filter with an initial value is there unless emptied."""

    register: Register
    filters: Mapping[str, Sequence[str]] = field(default_factory=dict)
    given: frozenset[str] = frozenset()  # filters that the address names, empty ones too
    text: str = ""
    sort: str = ""
    cursor: str = ""
    size: int = SIZE
    parent: str = ""

    @property
    def base(self) -> str:
        return f"/r/{self.register.code}/"

    def one(self, name: str) -> str:
        return next(iter(self.filters.get(name, ())), "")

    @property
    def is_filtered(self) -> bool:
        """Narrowed beyond what the list starts with."""
        start = starts(self.register)
        return bool(self.text) or any(
            list(value) != [start.get(name, "")] for name, value in self.filters.items()
        )

    @property
    def is_tree(self) -> bool:
        """The tree is shown until somebody looks for something."""
        if not self.register.parent or self.text or self.sort:
            return False
        return set(self.filters) <= set(starts(self.register))

    def query(self, actor: Actor) -> Query:
        return Query(
            register=self.register,
            actor=actor,
            filters=self.filters,
            text=self.text,
            sort=self.sort,
            cursor=self.cursor,
            size=self.size,
            parent=self.parent,
            is_tree=self.is_tree,
        )

    def said(self, **changes: Any) -> str:
        """The query part of the address, with its question mark, or nothing."""
        start = starts(self.register)
        parts: dict[str, Any] = {}
        for name in dict.fromkeys([*start, *self.filters]):
            value = list(self.filters.get(name, [""] if name in start else []))
            if value != [start.get(name)] and (value != [""] or name in start):
                parts[name] = value
        parts |= {"q": self.text, "sort": self.sort, "parent": self.parent}
        if self.size != SIZE:
            parts["size"] = self.size
        parts.update(changes)
        kept = [
            (name, value)
            for name, value in parts.items()
            if value not in ("", None, []) or (name in start and name in parts and value == "")
        ]
        return "?" + urlencode(kept, doseq=True) if kept else ""

    def link(self, **changes: Any) -> str:
        """The same list with some things changed; it starts from the first page again."""
        return self.base + self.said(**changes)

    def order(self, fact: Fact) -> str:
        """What a click on the column head asks for: down first, then up."""
        if not fact.is_sortable:
            return ""
        return fact.name if self.sort == f"-{fact.name}" else f"-{fact.name}"


def starts(register: Register) -> dict[str, str]:
    """The filters that are set before anybody asks."""
    return {filter_name(register, one): one.initial for one in register.filters if one.initial}


def names(register: Register) -> list[str]:
    """Every filter name an address may have."""
    found = []
    for one in register.filters:
        name = filter_name(register, one)
        found += [f"{name}_from", f"{name}_to"] if one.entry in SPANS else [name]
    return found


def read(register: Register, said: QueryDict, *, size: int = SIZE) -> Asked:
    """From the address; unknown names and empty values are left out."""
    filters: dict[str, list[str]] = {}
    given = set()
    start = starts(register)
    for name in names(register):
        if name in said:
            given.add(name)
            values = [one.strip() for one in said.getlist(name) if one.strip()]
            if values:
                filters[name] = values[:50]
        elif name in start:
            filters[name] = [start[name]]
    wanted = said.get("size", "")
    if wanted.isascii() and wanted.isdigit() and len(wanted) < 4 and int(wanted) in SIZES:
        size = int(wanted)
    sort = said.get("sort", "")
    return Asked(
        register=register,
        filters=filters,
        given=frozenset(given),
        text=said.get("q", "").strip()[:100],
        sort=sort if sort.removeprefix("-") in registers.sorts(register) else "",
        cursor=said.get("cursor", "")[:1000],
        size=size,
        parent=said.get("parent", "")[:120],
    )


def segments_of(register: Register, actor: Actor) -> tuple[Filter, list[tuple[str, str]]] | None:
    """The first filter whose choices are few and short enough to stand side by side."""
    for one in register.filters:
        if one.entry not in ("choice", "flag") or one.lookup != "exact":
            continue
        offered = registers.options(register, one, actor)
        length = sum(len(text) for _, text in offered)
        if 1 < len(offered) <= SEGMENTS_MAX and length <= SEGMENTS_LENGTH:
            return one, offered
    return None


def controls(register: Register, actor: Actor) -> list[Control]:
    """The declared filters in order, without the one that stands as segments."""
    aside = segments_of(register, actor)
    return [
        _control(register, one, actor)
        for one in register.filters
        if aside is None or one is not aside[0]
    ]


def _control(register: Register, one: Filter, actor: Actor) -> Control:
    name, label = filter_name(register, one), filter_label(register, one)
    if one.entry in SPANS:
        return Control(name, label, "span", is_money=one.entry == "money")
    if one.entry == "unit":
        return Control(name, label, "suggest", suggest="/find/units")
    if one.entry == "value":
        return Control(name, label, "suggest", suggest=f"/find/values/{one.of}")
    if one.entry in ("choice", "choices", "flag"):
        offered = registers.options(register, one, actor)[:OPTIONS_MAX]
        return Control(name, label, "select", options=tuple(offered))
    return Control(name, label, "text")

"""所问 what a list is asked for: filters, order, place and size, all of it in the address."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Final
from urllib.parse import urlencode

from django.http import QueryDict

from shucai.edge.web.columns import Column, available
from shucai.edge.web.kept import kept
from shucai.kernel.document import list_layout
from shucai.kernel.document.declare import DocumentType
from shucai.kernel.document.listing import SIZES, SORTS, Query
from shucai.kernel.identity.actor import Actor
from shucai.kernel.masterdata import values
from shucai.kernel.masterdata.models import Unit

COMMON: Final = ("q", "unit", "state", "amount_from", "amount_to", "date_from", "date_to")
MINE: Final = ("todo", "maker")
OPTIONS_MAX: Final = 80


@dataclass(frozen=True, slots=True)
class Filter:
    """One control of the filter block: a list of options, or text with suggestions."""

    name: str
    label: str
    options: tuple[tuple[str, str], ...] = ()
    suggest: str = ""
    kind: str = ""  # "state", "date" and "amount" have controls of their own


@dataclass(frozen=True, slots=True)
class Asked:
    """The address of a list, read. `filters` keeps only names the type knows."""

    type: DocumentType
    filters: Mapping[str, Sequence[str]] = field(default_factory=dict)
    sort: str = "-id"
    cursor: str = ""
    size: int = 50
    usual: str = "-id"  # the order while nothing else is asked for

    @property
    def base(self) -> str:
        return f"/d/{self.type.code}/"

    def one(self, name: str) -> str:
        """The first value of a filter, for its control."""
        return next(iter(self.filters.get(name, ())), "")

    @property
    def key(self) -> tuple[Any, ...]:
        """Equal for equal questions, wherever in the list they stand."""
        filters = tuple((name, tuple(given)) for name, given in self.filters.items())
        return (filters, self.sort, self.size, self.usual)

    @property
    def is_filtered(self) -> bool:
        return bool(self.filters)

    def link(self, **changes: Any) -> str:
        """The same list with some things changed; it starts from the first page again."""
        return self.base + self.text(**changes)

    def text(self, **changes: Any) -> str:
        """The query part, with its question mark, or nothing."""
        said: dict[str, Any] = {**self.filters}
        if self.sort != self.usual:
            said["sort"] = self.sort
        if self.size != 50:
            said["size"] = self.size
        said.update(changes)
        kept = [(name, value) for name, value in said.items() if value not in ("", None, [])]
        return "?" + urlencode(kept, doseq=True) if kept else ""

    def query(self, actor: Actor) -> Query:
        wanted = {name: [_code(name, v) for v in given] for name, given in self.filters.items()}
        return Query(
            type=self.type,
            actor=actor,
            filters=wanted,
            sort=self.sort,
            cursor=self.cursor,
            size=self.size,
        )

    def order(self, column: Column) -> str:
        """The sort a click on the column head asks for: down first, then up, then as before."""
        if not column.sort:
            return ""
        if self.sort == f"-{column.sort}":
            return column.sort
        return f"-{column.sort}"


def read(kind: DocumentType, said: QueryDict, *, size: int = 50, usual: str = "-id") -> Asked:
    """From the address; unknown names and empty values are left out."""
    filters = {}
    for name in _names(kind):
        if name in said:
            given = [value.strip() for value in said.getlist(name) if value.strip()]
            if given:
                filters[name] = given[:50]
    sort = said.get("sort", usual)
    wanted = said.get("size", "")
    if wanted.isascii() and wanted.isdigit() and int(wanted) in SIZES:
        size = int(wanted)
    return Asked(
        type=kind,
        filters=filters,
        sort=sort if sort.removeprefix("-") in SORTS else usual,
        usual=usual,
        cursor=said.get("cursor", "")[:400],
        size=size,
    )


@lru_cache(maxsize=512)
def _names(kind: DocumentType) -> tuple[str, ...]:
    return (*COMMON, *MINE, "number", *(f.name for f in kind.fields()))


def filters(kind: DocumentType, actor: Actor) -> list[Filter]:
    """The declared filters, in order; long value sets become text with suggestions."""
    own = [name for name in kind.page.filters.split() if name != "state"]
    return controls(kind, actor, own)


def controls(
    kind: DocumentType,
    actor: Actor,
    names: Sequence[str],
    labels: Mapping[str, Column] | None = None,
) -> list[Filter]:
    """The controls of filters by name, in the words of the columns."""
    known = available(kind.code) if labels is None else labels
    found = []
    for name in names:
        if name in list_layout.FILTERS and name != "unit":
            found.append(Filter(name, list_layout.FILTERS[name], kind=name))
            continue
        if name == "unit":
            if not is_leaf(actor):
                found.append(Filter("unit", known["unit"].label, suggest="/find/units"))
            continue
        found.append(_filter(known[name], actor.fiscal_year))
    return found


def is_leaf(actor: Actor) -> bool:
    """The position covers one unit without any below it, so there is nothing to choose from."""
    path = actor.scope_path
    return kept(
        ("leaf", path),
        lambda: not Unit.objects.filter(path__gt=path + "/", path__lt=path + "0").exists(),
    )


def _filter(column: Column, year: int) -> Filter:
    if column.kind == "choice":
        return Filter(column.name, column.label, options=column.choices)
    if column.kind == "element":
        entries = [e for e in values.catalogue(column.value_set, year).entries() if e.is_enabled]
        if len(entries) <= OPTIONS_MAX:
            pairs = tuple((entry.code, entry.label) for entry in entries)
            return Filter(column.name, column.label, options=pairs)
        return Filter(column.name, column.label, suggest=f"/find/values/{column.value_set}")
    return Filter(column.name, column.label)


def _code(name: str, value: str) -> str:
    """Suggestions spell “code name”; the code alone is asked for."""
    plain = name in ("q", "state", "amount_from", "amount_to", "date_from", "date_to")
    return value if plain else value.split(" ", maxsplit=1)[0]

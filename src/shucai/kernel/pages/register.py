"""名录声明 register declarations: long-lived records, how they are shown and what may be done.

A register stands over one record class. Its list, its pages, its addresses in every channel, its
export and its place in the permission matrix follow from the declaration; what changes a record
is a command, and a command calls the room that owns the record. Nothing here writes.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, Literal, cast

from django.db import models

from shucai.kernel import registry
from shucai.kernel.identity.actor import Actor

Look = Literal["text", "code", "number", "money", "date", "instant", "flag", "choice", "list"]
Entry = Literal[
    "text", "long", "integer", "money", "date", "instant", "flag", "choice", "choices",
    "unit", "value", "user", "file", "formula", "json", "secret",
]  # fmt: skip
Target = Literal["none", "one", "many"]
Options = Callable[[Actor, Any], Sequence[tuple[str, str]]]

LOOKS: Final = ("text", "code", "number", "money", "date", "instant", "flag", "choice", "list")
TONES: Final = ("draft", "going", "ready", "done", "bad", "wait")
MANY_MAX: Final = 500


def _empty() -> Any:
    """A fresh mapping for a class that has an attribute called `field`."""
    return field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One fact of a record: `field` is its path (`value_set__name`), or `value` computes it.

    The label is that of the model's field unless given; computed columns can't be sorted.
    A `text` look is replaced by what the model's field is: money, date, flag, choice …
    """

    field: str
    label: str = ""
    look: Look = "text"
    value: Callable[[Any], Any] | None = None
    link: str = ""  # an address with the record's attributes in braces: "/r/x/{value_set_id}"
    is_shown: bool = True  # else offered in the choice of columns
    tones: Mapping[str, str] = _empty()  # value → one of TONES, as a coloured dot


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """A way to narrow the list, kept in the address.

    Texts are contained unless `lookup` says else; dates, instants and money are spans. A filter
    with `initial` shapes the list: a tree stays a tree under it. Few choices become segments.
    """

    field: str
    label: str = ""
    entry: Entry = "choice"
    options: Options | None = None
    lookup: str = "exact"
    initial: str = ""
    of: str = ""  # the value set of `value`


@dataclass(frozen=True, slots=True, kw_only=True)
class Input:
    """One thing a command asks for. `initial` is a value or is asked of the record."""

    name: str
    label: str
    entry: Entry = "text"
    is_required: bool = True
    help: str = ""
    options: Options | None = None
    initial: Any = None
    limit: int = 200  # characters of texts, bytes of files where larger than the channel's
    of: str = ""  # the value set of `value`, the mime family of `file`


@dataclass(frozen=True, slots=True)
class Call:
    """A command under way: who, on which record or records, with which cleaned values, when.

    Values are text, int, Decimal (yuan), date, datetime, bool, list of codes, parsed JSON, or a
    checked `Upload` (`name`, `content` in bytes), according to the entry; an empty optional entry
    is None. A unit, value or user is given by code or login name. The call runs in a transaction
    with the actor's scope; what is refused is undone and leaves a row of the trail.
    """

    actor: Actor
    record: Any
    records: Sequence[Any]
    values: Mapping[str, Any]
    now: datetime
    key: str = ""  # idempotency key of the channel


@dataclass(frozen=True, slots=True)
class Done:
    """What came of it. `secret` is shown once and kept nowhere; `to` is where to go next.

    `data` is shown as facts by name; a `Table` among them as a table (results of many records).
    """

    message: str
    to: str = ""
    secret: str = ""
    findings: Sequence[Any] = ()
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """A verb of a register. `run` refuses, or changes, and leaves an audit row either way.

    `by` are the duties that may; `when` says whether it makes sense for a record now. `steps`
    asks for a preview first: it returns what would happen, as rows, and changes nothing.
    """

    code: str
    label: str
    by: Sequence[str]
    run: Callable[[Call], Done]
    target: Target = "one"
    inputs: Sequence[Input] = ()
    when: Callable[[Any], bool] | None = None
    preview: Callable[[Call], "Table"] | None = None
    confirm: str = ""
    is_grave: bool = False  # red, and asked once more
    icon: str = "edit"


@dataclass(frozen=True, slots=True)
class Table:
    """Rows to be looked at: headings, cells as text, and what each row links to."""

    heads: Sequence[str]
    rows: Sequence[Sequence[Any]]
    links: Sequence[str] = ()
    looks: Sequence[Look] = ()
    note: str = ""
    empty: str = "无"


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """A part of a record's page below its facts: the rows are asked of the room."""

    code: str
    label: str
    table: Callable[[Actor, Any, datetime], Table]


@dataclass(frozen=True, eq=False, kw_only=True)
class Register:
    """A kind of record, whole: list, page, commands. `readers` are the duties that may look.

    `rows` narrows what there is to what the actor may see; records under row-level security need
    none. `key` names the unique field that stands in addresses. `parent` makes the list a tree: a
    foreign key to the record itself, or `parent_code` beside `code`. `trail` tells under which type
    and target the trail knows a record, beside the register's code and the record's key.
    """

    code: str
    name: str
    model: type[models.Model]
    columns: Sequence[Column]
    readers: Sequence[str]
    key: str = "pk"
    order: str = "-pk"
    search: str = ""  # field paths, separated by spaces
    filters: Sequence[Filter] = ()
    rows: Callable[[Actor], models.QuerySet[Any]] | None = None
    facts: Mapping[str, Sequence[Column]] = field(default_factory=dict)  # heading → facts
    title: Callable[[Any], str] = str
    panels: Sequence[Panel] = ()
    commands: Sequence[Command] = ()
    parent: str = ""
    trail: Callable[[Any], Sequence[tuple[str, str]]] | None = None
    covers: Sequence[str] = ()
    icon: str = "list-details"
    intro: str = ""
    empty: str = ""

    def __post_init__(self) -> None:
        registry.declare("register", self.code, self, where=registry.caller())

    def command(self, code: str) -> Command | None:
        return next((one for one in self.commands if one.code == code), None)

    def may_read(self, actor: Actor) -> bool:
        return any(actor.can(duty) for duty in self.readers)

    def allowed(self, actor: Actor, *, target: Target, record: Any = None) -> list[Command]:
        """The commands the actor's duties open, of those that make sense now."""
        return [
            one
            for one in self.commands
            if one.target == target
            and any(actor.can(duty) for duty in one.by)
            and (record is None or one.when is None or one.when(record))
        ]


def registers() -> dict[str, Register]:
    """Every declared register, by code."""
    return cast(dict[str, Register], registry.all("register"))


def find_register(code: str) -> Register | None:
    return cast(Register | None, registry.find("register", code))

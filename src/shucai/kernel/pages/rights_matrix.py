"""权限矩阵 rights matrix: every page, document move and command with the duties that open it.

Read from the declarations that also decide, so it can't differ from what happens. `explain` says
step by step why a person can or can't do one of these things, from which appointment.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from django.utils import timezone

from shucai.kernel.document.declare import DocumentType, find_type, types
from shucai.kernel.document.models import Header
from shucai.kernel.document.permits import readers
from shucai.kernel.identity.acting import valid_on
from shucai.kernel.identity.actor import subtree
from shucai.kernel.identity.duties import every, name_of
from shucai.kernel.identity.models import Appointment, Position, User
from shucai.kernel.pages.access import duties_of
from shucai.kernel.pages.declare import menus
from shucai.kernel.pages.question import questions
from shucai.kernel.pages.register import registers
from shucai.kernel.workflow.models import Step

KINDS: Final = {"page": "页面", "move": "单据环节", "command": "名录操作"}


@dataclass(frozen=True, slots=True)
class Thing:
    """Something a person may or may not do; any one of `duties` opens it."""

    kind: str
    code: str
    name: str
    duties: tuple[str, ...]


def things() -> list[Thing]:
    """Everything that is declared, in the order of the menu, then by code."""
    found: dict[str, Thing] = {}
    for one in (*_pages(), *_moves(), *_commands()):
        found.setdefault(one.code, one)  # named as in the menu, where it stands there
    return list(found.values())


def _pages() -> Iterator[Thing]:
    for menu in menus():
        for item in menu.items:
            yield Thing("page", item.page, f"{menu.tab} / {item.name}", tuple(duties_of(item)))
    for code, asked in sorted(questions().items()):
        yield Thing("page", f"/q/{code}", f"提问 / {asked.name}", tuple(asked.readers))


def _moves() -> Iterator[Thing]:
    for code, kind in sorted(types().items()):
        yield Thing("page", f"{code}:read", f"{kind.name} / 查阅", readers(kind))
        labels = {move.action: move.label for move in kind.flow}
        for action, label in labels.items():
            by = tuple(dict.fromkeys(m.by for m in kind.flow if m.action == action))
            yield Thing("move", f"{code}:{action}", f"{kind.name} / {label}", by)


def _commands() -> Iterator[Thing]:
    for code, register in sorted(registers().items()):
        yield Thing("page", f"/r/{code}/", f"{register.name} / 查阅", tuple(register.readers))
        for one in register.commands:
            name = f"{register.name} / {one.label}"
            yield Thing("command", f"{code}:{one.code}", name, tuple(one.by))


@dataclass(frozen=True, slots=True)
class Cell:
    """A position may do the thing by a duty of its own."""

    position: str
    duty: str
    thing: Thing


def cells(*, position: str = "", duty: str = "", kind: str = "") -> list[Cell]:
    """The matrix, narrowed: positions in code order, each with what it may do."""
    rows = Position.objects.filter(is_enabled=True).order_by("code")
    if position:
        rows = rows.filter(code=position)
    known = [one for one in things() if not kind or one.kind == kind]
    return [
        Cell(held.name, name_of(code), thing)
        for held in rows
        for thing in known
        for code in thing.duties
        if code in held.duties and duty in ("", code)
    ]


@dataclass(frozen=True, slots=True)
class Band:
    """Things that belong together, each with the columns that may do it."""

    title: str
    rows: tuple[tuple[Thing, str, tuple[bool, ...]], ...]


@dataclass(frozen=True, slots=True)
class Grid:
    """The whole matrix: columns (code and name), and bands of things below them."""

    heads: tuple[tuple[str, str], ...]
    bands: tuple[Band, ...]

    @property
    def count(self) -> int:
        return sum(len(band.rows) for band in self.bands)


def grid(*, by: str = "position", kind: str = "", text: str = "") -> Grid:
    """Positions (or duties) across, things down; `text` keeps the things named so."""
    heads, given = _columns(by)
    bands: dict[str, list[tuple[Thing, str, tuple[bool, ...]]]] = {}
    for thing in things():
        if (kind and thing.kind != kind) or text not in thing.name:
            continue
        title, _, name = thing.name.rpartition(" / ")
        opens = tuple(not held.isdisjoint(thing.duties) for held in given)
        title = f"{KINDS[thing.kind]}：{title}" if title else KINDS[thing.kind]
        bands.setdefault(title, []).append((thing, name, opens))
    return Grid(heads, tuple(Band(title, tuple(rows)) for title, rows in bands.items()))


def _columns(by: str) -> tuple[tuple[tuple[str, str], ...], list[frozenset[str]]]:
    if by == "duty":
        known = every()
        return tuple(known), [frozenset([code]) for code, _ in known]
    rows = list(Position.objects.filter(is_enabled=True).order_by("code"))
    return tuple((one.code, one.name) for one in rows), [frozenset(one.duties) for one in rows]


@dataclass(frozen=True, slots=True)
class Check:
    """One step of the explanation."""

    step: str
    is_met: bool
    why: str


@dataclass(frozen=True, slots=True)
class Explained:
    """Whether the person can, and every step that was looked at."""

    can: bool
    verdict: str
    checks: tuple[Check, ...]


def explain(
    *,
    user: User,
    thing: Thing,
    now: datetime,
    unit_path: str = "",
    fund_type: str = "",
    number: str = "",
) -> Explained:
    """Why the person can or can't do the thing, for a unit, fund or document if one is meant."""
    on = timezone.localdate(now)
    checks = [Check("用户启用", user.is_active, "启用" if user.is_active else "已停用")]
    header, kind = _document(thing, number)
    if number and header is None:
        checks.append(Check("单据", False, f"找不到单据 {number}"))
    path = header.unit_path if header is not None else unit_path
    held = Appointment.objects.select_related("user", "position", "principal")
    ways = []
    for one in held.filter(user=user).order_by("-is_enabled", "pk"):
        found = list(_appointment(one, thing, on=on, path=path, fund_type=fund_type))
        checks += found
        if all(check.is_met for check in found):
            ways.append(one.title)
    if not held.filter(user=user).exists():
        checks.append(Check("任职", False, "没有任何任职"))
    barred = list(_separation(header, kind, thing, user))
    checks += barred
    stops = [c for c in checks if not c.is_met and c.step in ("用户启用", "单据")]
    can = bool(ways) and not stops and all(check.is_met for check in barred)
    return Explained(can, _verdict(user, thing, ways, [*stops, *barred], can), tuple(checks))


def _verdict(user: User, thing: Thing, ways: list[str], others: Iterable[Check], can: bool) -> str:
    if can:
        return f"{user.name}可以办理“{thing.name}”：{'、'.join(ways)}"
    stop = next((check.why for check in others if not check.is_met), "")
    needed = "、".join(name_of(code) for code in thing.duties[:5])
    return f"{user.name}不能办理“{thing.name}”：{stop or f'没有一项任职满足，需要{needed}'}"


def _appointment(
    one: Appointment, thing: Thing, *, on: date, path: str, fund_type: str
) -> Iterator[Check]:
    step = f"任职“{one.title}”（{one.unit_name or one.scope_path}）"
    is_valid = Appointment.objects.filter(valid_on(on), pk=one.pk).exists()
    span = f"{one.valid_from} 起" + (f"至 {one.valid_to}（不含）" if one.valid_to else "长期")
    yield Check(f"{step}有效", is_valid, span if is_valid else f"{span}，已停用或不在有效期内")
    given = [code for code in thing.duties if code in one.held]
    needed = "、".join(name_of(code) for code in thing.duties[:5])
    why = f"职责“{name_of(given[0])}”" if given else f"没有所需职责（{needed}）"
    yield Check(f"{step}的职责", bool(given), why)
    if path:
        low, high = subtree(one.scope_path)
        is_in = low <= path < high
        yield Check(
            f"{step}的数据范围", is_in, f"{one.scope_path}{'含' if is_in else '不含'} {path}"
        )
    if fund_type:
        is_own = not one.fund_types or any(fund_type.startswith(f) for f in one.fund_types)
        own = "、".join(one.fund_types) or "全部"
        yield Check(f"{step}的资金性质", is_own, f"限于 {own}，单据为 {fund_type}")


def _document(thing: Thing, number: str) -> tuple[Header | None, DocumentType | None]:
    kind = find_type(thing.code.partition(":")[0]) if thing.kind == "move" else None
    if kind is None or not number:
        return None, kind
    rows = Header.objects.filter(type=kind.code)
    if number.startswith("~") and number[1:].isdigit():
        return rows.filter(pk=int(number[1:])).first(), kind
    return rows.filter(number=number).first(), kind


def _separation(
    header: Header | None, kind: DocumentType | None, thing: Thing, user: User
) -> Iterator[Check]:
    """The state of the document, and what the person has done with it before."""
    if header is None or kind is None:
        return
    action = thing.code.partition(":")[2]
    sources = [str(state) for state in kind.sources(action)]
    is_legal = header.state in sources
    needed = "、".join(kind.state_label(state) for state in sources)
    why = f"现为“{kind.state_label(header.state)}”，该环节须在“{needed}”"
    yield Check("单据状态", is_legal, why)
    if action in kind.separate:
        past = Step.objects.filter(header=header, actor_id=user.pk, action__in=kind.separate)
        done = set(past.values_list("action", flat=True)) - {action}
        if header.maker_id == user.pk and kind.flow[0].action != action:
            done.add(kind.flow[0].action)
        labels = {move.action: move.label for move in kind.flow}
        said = "、".join(labels.get(one, one) for one in sorted(done)) or "没有办理过"
        yield Check("不相容环节", not done, f"本人在该单据上：{said}")

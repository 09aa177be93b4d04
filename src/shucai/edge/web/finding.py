"""找 finding functions by name, pinyin or initials, and documents by the start of their number."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from pypinyin import Style, lazy_pinyin

from shucai.kernel.document.declare import find_type, types
from shucai.kernel.document.models import Header
from shucai.kernel.identity.actor import Actor
from shucai.kernel.pages.access import may_read, menus_for
from shucai.kernel.pages.register import registers

FUNCTIONS_MAX: Final = 12
DOCUMENTS_MAX: Final = 8


@dataclass(frozen=True, slots=True)
class Function:
    """A page one can go to; `initials` and `pinyin` are what people type for it."""

    name: str
    page: str
    icon: str
    area: str
    initials: str
    pinyin: str


@dataclass(frozen=True, slots=True)
class Found:
    """A document found by its number."""

    number: str
    page: str
    type_name: str
    state: str
    summary: str
    icon: str


@lru_cache(maxsize=256)
def _functions(duties: frozenset[str]) -> tuple[Function, ...]:
    found = [_function("工作台", "/", "home", "常用")]
    for menu in menus_for(duties):
        for item in menu.items:
            found.append(_function(item.name, item.page, item.icon, f"{menu.tab} · {menu.group}"))
    listed = {one.page for one in found}
    for register in registers().values():
        page = f"/r/{register.code}/"
        if duties & set(register.readers) and page not in listed:
            found.append(_function(register.name, page, register.icon, "名录"))
    for kind in types().values():
        if kind.maker in duties:
            page = f"/d/{kind.code}/new"
            found.append(_function(f"新建{kind.name}", page, "plus", "新建"))
    found += [
        _function("消息", "/bell", "bell", "常用"),
        _function("后台任务", "/tasks", "clock-play", "常用"),
        _function("切换年度、岗位", "/switch", "switch-horizontal", "常用"),
        _function("修改密码", "/password", "key", "常用"),
    ]
    return tuple(found)


def _function(name: str, page: str, icon: str, area: str) -> Function:
    return Function(
        name=name,
        page=page,
        icon=icon,
        area=area,
        initials="".join(lazy_pinyin(name, style=Style.FIRST_LETTER)),
        pinyin="".join(lazy_pinyin(name)),
    )


def functions(actor: Actor, text: str) -> list[Function]:
    """Best first: names that start so, initials that start so, then anything that contains it."""
    wanted = "".join(text.lower().split())
    known = _functions(actor.duties)
    if not wanted:
        return list(known[:FUNCTIONS_MAX])
    ranked = [(rank, at, one) for at, one in enumerate(known) if (rank := _rank(one, wanted)) < 9]
    return [one for _, _, one in sorted(ranked, key=lambda row: row[:2])[:FUNCTIONS_MAX]]


def _rank(one: Function, wanted: str) -> int:
    tests = (
        one.name.startswith(wanted),
        one.initials.startswith(wanted),
        wanted in one.name,
        one.pinyin.startswith(wanted),
        wanted in one.initials,
    )
    return tests.index(True) if True in tests else 9


def documents(actor: Actor, text: str) -> list[Found]:
    """Documents in the actor's year and scope whose number starts so, of types he may read."""
    wanted = text.strip().upper()
    if len(wanted) < 2 or not wanted.isascii():
        return []
    readable = [code for code, kind in types().items() if may_read(actor, kind)]
    low, high = actor.range
    rows = Header.objects.filter(
        type__in=readable,
        fiscal_year=actor.fiscal_year,
        number__gte=wanted,
        number__lt=wanted + chr(0x10FFFF),
        unit_path__gte=low,
        unit_path__lt=high,
    ).order_by("-number")
    found = []
    for header in rows[:DOCUMENTS_MAX]:
        kind = find_type(header.type)
        if kind is not None:
            found.append(
                Found(
                    number=header.address,
                    page=f"/d/{header.type}/{header.address}",
                    type_name=kind.name,
                    state=kind.state_label(header.state),
                    summary=header.summary,
                    icon=kind.page.icon,
                )
            )
    return found

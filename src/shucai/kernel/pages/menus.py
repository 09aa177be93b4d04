"""菜单配置 menus as configured: order, labels, hidden items, extra links; never a right.

What the duties open is decided in `access`; a configured menu only arranges it. Hiding an item
takes it out of the menu, its page stays open to its duties.
"""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from shucai.kernel.configuration import reading
from shucai.kernel.configuration.declare import Content, Kind, Place
from shucai.kernel.configuration.fields import Field, Options
from shucai.kernel.identity.actor import Actor
from shucai.kernel.pages.access import menus_for
from shucai.kernel.pages.declare import Menu, MenuItem, menus

KEY: Final = "main"
LINKS_GROUP: Final = "链接"
ARRANGED_MAX: Final = 500
_ARRANGED: dict[tuple[frozenset[str], Hashable], tuple[Menu, ...]] = {}


def menus_of(actor: Actor) -> tuple[tuple[Menu, ...], Hashable]:
    """The menus of the actor as configured for his unit, and a token that changes with them."""
    found = reading.current(
        KIND.code,
        KEY,
        division=actor.division,
        fiscal_year=actor.fiscal_year,
        unit_path=actor.scope_path,
    )
    key = (actor.duties, found.token)
    if key not in _ARRANGED:
        if len(_ARRANGED) >= ARRANGED_MAX:
            _ARRANGED.clear()
        _ARRANGED[key] = arranged(menus_for(actor.duties), found.content)
    return _ARRANGED[key], found.token


def arranged(opened: Sequence[Menu], content: Content) -> tuple[Menu, ...]:
    """The opened menus, arranged; nothing is added but links to other places."""
    if not content:
        return tuple(opened)
    items = {row.get("item"): row for row in content.get("items", ())}
    groups = {row.get("group"): row for row in content.get("groups", ())}
    tabs = {row.get("tab"): row for row in content.get("tabs", ())}
    whole = [replace(menu, items=_items(menu, items), is_completed=True) for menu in opened]
    whole += _links(content.get("links", ()), opened)
    first = {menu.tab: n for n, menu in reversed(list(enumerate(whole)))}

    def place(entry: tuple[int, Menu]) -> tuple[int, int, int]:
        number, menu = entry
        tab, group = tabs.get(menu.tab, {}), groups.get(_group(menu), {})
        return (tab.get("order") or 10_000, first[menu.tab], group.get("order") or 10_000 + number)

    ordered = [menu for _, menu in sorted(enumerate(whole), key=place) if menu.items]
    return tuple(
        replace(
            menu,
            tab=tabs.get(menu.tab, {}).get("label") or menu.tab,
            group=groups.get(_group(menu), {}).get("label") or menu.group,
            is_completed=True,
        )
        for menu in ordered
    )


def _items(menu: Menu, rows: Mapping[Any, Mapping[str, Any]]) -> list[MenuItem]:
    shown = [
        (rows.get(item.code, {}).get("order") or 10_000 + number, number, item)
        for number, item in enumerate(menu.items)
        if not rows.get(item.code, {}).get("hidden")
    ]
    return [
        replace(item, name=rows.get(item.code, {}).get("label") or item.name)
        for _, _, item in sorted(shown, key=lambda one: one[:2])
    ]


def _links(rows: Sequence[Mapping[str, Any]], opened: Sequence[Menu]) -> list[Menu]:
    """Links stand in tabs that the person has anyway."""
    tabs = {menu.tab for menu in opened}
    found: dict[tuple[str, str], list[MenuItem]] = {}
    for number, row in enumerate(rows):
        if row.get("tab") in tabs:
            item = MenuItem(f"link.{number}", row["name"], row["address"], "external-link")
            found.setdefault((row["tab"], row.get("group") or LINKS_GROUP), []).append(item)
    return [
        Menu(f"links.{n}", tab, group, 10_000, items, is_completed=True)
        for n, ((tab, group), items) in enumerate(found.items())
    ]


def _group(menu: Menu) -> str:
    return f"{menu.tab}/{menu.group}"


def item_options() -> Options:
    """Every declared menu item, for a choice."""
    return [
        (item.code, f"{menu.tab} · {menu.group} · {item.name}")
        for menu in menus()
        for item in menu.items
    ]


def _tab_options() -> Options:
    return [(tab, tab) for tab in dict.fromkeys(menu.tab for menu in menus())]


def _group_options() -> Options:
    return [(group, group) for group in dict.fromkeys(_group(menu) for menu in menus())]


def address_faults(text: str) -> str:
    """A page of the platform, or of another system by its whole address."""
    if text.startswith(("https://", "http://")) or (text.startswith("/") and text[1:2] != "/"):
        return "" if not any(letter.isspace() for letter in text) else "含有空格"
    return "既不以“/”开头，也不以“https://”开头"


_ORDER: Final = Field(name="order", label="菜单次序", kind="integer", low=1, high=9_999)
_LABEL: Final = Field(name="label", label="改称", size=20)
FIELDS: Final = (
    Field(
        name="items",
        label="菜单项",
        kind="rows",
        help="未列出的菜单项保持原样；隐藏只影响菜单，不改变权限",
        columns=(
            Field(name="item", label="菜单项", kind="choice", options=item_options, required=True),
            _LABEL,
            _ORDER,
            Field(name="hidden", label="隐藏", kind="flag"),
        ),
    ),
    Field(
        name="groups",
        label="分组",
        kind="rows",
        columns=(
            Field(name="group", label="分组", kind="choice", options=_group_options, required=True),
            _LABEL,
            _ORDER,
        ),
    ),
    Field(
        name="tabs",
        label="领域",
        kind="rows",
        columns=(
            Field(name="tab", label="领域", kind="choice", options=_tab_options, required=True),
            _LABEL,
            _ORDER,
        ),
    ),
    Field(
        name="links",
        label="附加链接",
        kind="rows",
        help="只对已有该领域的人员显示",
        columns=(
            Field(name="tab", label="领域", kind="choice", options=_tab_options, required=True),
            Field(name="group", label="分组", size=20),
            Field(name="name", label="名称", size=20, required=True),
            Field(name="address", label="地址", size=300, required=True, test=address_faults),
        ),
    ),
)


def _fields(place: Place) -> Sequence[Field]:
    return FIELDS


KIND: Final = Kind(
    code="menu",
    name="菜单配置",
    keys=lambda: {KEY: "功能菜单"},
    fields=_fields,
    covers=["PLAT-018"],
    icon="layout-list",
    intro="菜单的次序、名称、隐藏与附加链接；功能权限不受影响",
    by_year=False,
    position=12,
)

"""模块登记 modules: which menus and pages the installed domains have declared, who sees them.

Read from the registry and from the menus as published; nothing is kept twice.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.apps import apps

from shucai.kernel.configuration import reading
from shucai.kernel.identity.actor import Actor
from shucai.kernel.pages.access import duties_of, duty_names
from shucai.kernel.pages.declare import Menu, MenuItem, menus
from shucai.kernel.pages.menus import KEY, KIND

KINDS: Final = {
    "d": "单据",
    "r": "名录",
    "q": "提问",
    "report": "报表",
    "ledger": "台账",
    "configuration": "配置",
}


@dataclass(frozen=True, slots=True)
class Module:
    """One menu item and the page behind it."""

    domain: str
    tab: str
    group: str
    code: str
    name: str
    shown_as: str
    page: str
    kind: str
    duties: str
    covers: tuple[str, ...]
    is_hidden: bool


def modules(actor: Actor) -> list[Module]:
    """Every declared item in menu order, with what the menu configuration makes of it here."""
    content = reading.current(
        KIND.code,
        KEY,
        division=actor.division,
        fiscal_year=actor.fiscal_year,
        unit_path=actor.scope_path,
    ).content
    rows = {row.get("item"): row for row in content.get("items", ())}
    return [_module(menu, item, rows.get(item.code, {})) for menu in menus() for item in menu.items]


def _module(menu: Menu, item: MenuItem, row: Mapping[str, Any]) -> Module:
    head = item.page.strip("/").partition("/")[0]
    label = menu.code.partition(".")[0]
    known = label in apps.app_configs
    return Module(
        domain=str(apps.get_app_config(label).verbose_name) if known else label,
        tab=menu.tab,
        group=menu.group,
        code=item.code,
        name=item.name,
        shown_as=row.get("label") or item.name,
        page=item.page,
        kind=KINDS.get(head, "页面"),
        duties=duty_names(duties_of(item)),
        covers=tuple(item.covers),
        is_hidden=bool(row.get("hidden")),
    )

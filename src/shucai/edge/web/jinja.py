"""模板环境 template environment: Jinja2 for every page, autoescaped, with the filters of the house.

Numbers and dates are spelled here and nowhere else: amounts in yuan with two places, dates as
2026-11-20, times in 24 hours, local time.
"""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from django.templatetags.static import static
from django.utils import timezone
from jinja2 import Environment, StrictUndefined
from markupsafe import Markup, escape

TEMPLATES: Final = Path(__file__).resolve().parent / "templates"
SPRITE: Final = "vendor/icons.svg"


def environment(**options: Any) -> Environment:
    """The environment that Django's Jinja2 backend uses."""
    options.setdefault("trim_blocks", True)
    options.setdefault("lstrip_blocks", True)
    options["undefined"] = StrictUndefined
    env = Environment(**options)  # noqa: S701 (the backend turns autoescape on)
    env.globals.update(static=address, icon=icon)
    filters = (money, amount, wan, day, moment, instant, count, capped, clock, row)
    env.filters.update({one.__name__: one for one in filters})
    return env


def settings(root: Path) -> list[dict[str, Any]]:
    """The TEMPLATES setting: pages of the channel, then blocks that domains replace."""
    domains = sorted(root.glob("domains/*/templates"))
    return [
        {
            "BACKEND": "django.template.backends.jinja2.Jinja2",
            "DIRS": [TEMPLATES, *domains],
            "APP_DIRS": False,
            "OPTIONS": {"environment": "shucai.edge.web.jinja.environment"},
        }
    ]


@lru_cache(maxsize=512)
def address(name: str) -> str:
    """Where a static file is; asked for several times by every page."""
    return static(name)


@lru_cache(maxsize=512)
def icon(name: str, label: str = "") -> Markup:
    """One picture of the sprite; without a label it is decoration."""
    hidden = Markup(' aria-hidden="true"')
    said = Markup(' role="img" aria-label="{}"').format(label) if label else hidden
    whole = Markup('<svg class="sc-icon"{}><use href="{}#{}"></use></svg>')
    return whole.format(said, address(SPRITE), name)


def money(value: Any) -> str:
    """1,234.50; empty for nothing."""
    if value is None or value == "":
        return ""
    return f"{Decimal(value):,.2f}"


def amount(value: Any) -> Markup:
    """Money for a cell: negative amounts are red and carry their minus."""
    said = money(value)
    if said.startswith("-"):
        return Markup('<span class="sc-neg">{}</span>').format(said)
    return escape(said)


def wan(value: Any) -> str:
    """Yuan shown in ten thousands, two places."""
    return "" if value is None else f"{Decimal(value) / 10000:,.2f}"


def count(value: Any) -> str:
    return "" if value is None else f"{int(value):,}"


def capped(value: int, limit: int) -> str:
    """A count that stopped at `limit` says so."""
    return f"{limit:,}+" if value >= limit else f"{value:,}"


def day(value: date | datetime | None) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        value = timezone.localtime(value).date()
    return value.isoformat()


def moment(value: datetime | None) -> str:
    """Month, day and minute, for lists of this year's work."""
    return "" if value is None else timezone.localtime(value).strftime("%m-%d %H:%M")


def instant(value: datetime | None) -> str:
    """The whole time, to the second."""
    return "" if value is None else timezone.localtime(value).strftime("%Y-%m-%d %H:%M:%S")


def attributes(values: Mapping[str, Any]) -> Markup:
    """HTML attributes of a mapping, those with None or False left out."""
    shown = [
        Markup(' {}="{}"').format(name, "" if value is True else value)
        for name, value in values.items()
        if value is not None and value is not False
    ]
    return Markup("").join(shown)


def clock(value: datetime | None) -> str:
    """The time of day, to the second."""
    return "" if value is None else timezone.localtime(value).strftime("%H:%M:%S")


def row(place: str) -> str:
    """“第 3 行 ” for a finding at `lines[3].amount`; empty for one about the document."""
    seq = place.removeprefix("lines[").partition("]")[0]
    return f"第 {seq} 行" if place.startswith("lines[") and seq.isdigit() else ""

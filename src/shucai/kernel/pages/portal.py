"""门户配置 portal: name and logo, blocks of the home page, shortcuts and links, per role.

The role is everybody or a duty. What a duty leaves empty is as for everybody; a person with
several configured duties has the first of them in the order of their codes.
"""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from shucai.kernel import registry
from shucai.kernel.configuration import reading
from shucai.kernel.configuration.declare import Content, Kind, Place
from shucai.kernel.configuration.fields import Field
from shucai.kernel.configuration.models import Release
from shucai.kernel.identity.actor import Actor
from shucai.kernel.pages.access import duties_of
from shucai.kernel.pages.declare import MenuItem, menus
from shucai.kernel.pages.menus import address_faults, item_options

EVERYBODY: Final = "all"
NAME: Final = "预算管理一体化"
LOGO_BYTES: Final = 100_000
KEPT_MAX: Final = 500
_KEPT: "dict[Hashable, Portal]" = {}
# fmt: off
BLOCKS: Final[Mapping[str, str]] = {
    "figures":   "指标数字",
    "todo":      "待办事项",
    "notices":   "消息",
    "reading":   "通知公告与内容",
    "charts":    "执行图表",
    "shortcuts": "快捷功能",
    "links":     "常用链接",
}
# fmt: on
_STANDARD: Final = ("figures", "todo", "notices", "charts", "reading")


@dataclass(frozen=True, slots=True)
class Portal:
    """What a person meets. `logo` is the release that holds the picture, 0 for none."""

    name: str
    logo: int
    blocks: tuple[str, ...]
    shortcuts: tuple[MenuItem, ...]
    links: tuple[tuple[str, str], ...]
    token: Hashable


def portal_of(actor: Actor) -> Portal:
    """The portal of the actor's duties and unit."""
    common = _current(EVERYBODY, actor)
    for code in sorted(actor.duties):
        own = _current(code, actor)
        if own.release_number:
            return _kept(common, own, actor.duties)
    return _kept(common, common, actor.duties)


def _current(key: str, actor: Actor) -> reading.Current:
    return reading.current(
        KIND.code,
        key,
        division=actor.division,
        fiscal_year=actor.fiscal_year,
        unit_path=actor.scope_path,
    )


def public_portal() -> Portal:
    """Name and logo before anybody has signed in."""
    found = reading.current(KIND.code, EVERYBODY, division="", fiscal_year=0)
    return _kept(found, found, frozenset())


def logo(release_id: int) -> tuple[str, str] | None:
    """Content type and base64 text of the logo of a release that has been in force."""
    release = Release.objects.filter(
        pk=release_id,
        kind=KIND.code,
        state__in=("trial", "published", "replaced", "abandoned"),
    ).first()
    said = str(release.content.get("logo", "")) if release is not None else ""
    head, _, data = said.partition(",")
    return (head.removeprefix("data:").removesuffix(";base64"), data) if data else None


def _kept(common: reading.Current, own: reading.Current, duties: frozenset[str]) -> Portal:
    """Put together once for everybody with the same duties under the same releases."""
    key = (common.token, own.token, duties)
    if key not in _KEPT:
        if len(_KEPT) >= KEPT_MAX:
            _KEPT.clear()
        _KEPT[key] = _portal(common, own, duties)
    return _KEPT[key]


def _portal(common: reading.Current, own: reading.Current, duties: frozenset[str]) -> Portal:
    def said(name: str) -> Any:
        return own.content.get(name) or common.content.get(name)

    logo_of = next((c.release_id for c in (own, common) if c.content.get("logo")), None)
    shown = [row["block"] for row in said("blocks") or () if row.get("block") in BLOCKS]
    wanted = [row.get("item") for row in said("shortcuts") or ()]
    items = {i.code: i for m in menus() for i in m.items if duties & set(duties_of(i))}
    return Portal(
        name=str(said("system_name") or NAME),
        logo=logo_of or 0,
        blocks=tuple(dict.fromkeys(shown)) or _STANDARD,
        shortcuts=tuple(items[code] for code in wanted if code in items),
        links=tuple((row["name"], row["address"]) for row in said("links") or ()),
        token=(common.token, own.token),
    )


def _keys() -> Mapping[str, str]:
    duties = {code: f"{one.name}（职责）" for code, one in registry.all("duty").items()}
    return {EVERYBODY: "全体人员", **duties}


def _standard(place: Place) -> Content:
    if place.key != EVERYBODY:
        return {}
    return {"system_name": NAME, "blocks": [{"block": code} for code in _STANDARD]}


FIELDS: Final = (
    Field(name="system_name", label="系统名称", size=20, help="显示在顶栏和登录页"),
    Field(
        name="logo",
        label="标志",
        kind="image",
        size=LOGO_BYTES,
        help="PNG、JPEG 或 WebP，不超过 100 KB，显示高度 32 像素",
    ),
    Field(
        name="blocks",
        label="首页栏目",
        kind="rows",
        help="自上而下排列，不列出的不显示；一项也不列时沿用全体人员的设置",
        columns=(
            Field(
                name="block",
                label="栏目",
                kind="choice",
                options=lambda: list(BLOCKS.items()),
                required=True,
            ),
        ),
    ),
    Field(
        name="shortcuts",
        label="快捷功能",
        kind="rows",
        help="只显示本人有权打开的功能",
        columns=(
            Field(name="item", label="功能", kind="choice", options=item_options, required=True),
        ),
    ),
    Field(
        name="links",
        label="常用链接",
        kind="rows",
        columns=(
            Field(name="name", label="名称", size=30, required=True),
            Field(name="address", label="地址", size=300, required=True, test=address_faults),
        ),
    ),
)


def _fields(place: Place) -> Sequence[Field]:
    return FIELDS


KIND: Final = Kind(
    code="portal",
    name="门户配置",
    keys=_keys,
    fields=_fields,
    standard=_standard,
    covers=["PLAT-002"],
    icon="layout-dashboard",
    intro="首页栏目、快捷功能、常用链接、系统名称与标志，按职责和区划",
    by_year=False,
    position=10,
)

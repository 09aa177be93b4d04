"""页框 frame: what surrounds every page; built from the menus the actor's duties open."""

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.http import HttpRequest, HttpResponse
from markupsafe import Markup

from shucai.edge.web import bare
from shucai.edge.web.request import WebRequest
from shucai.kernel.identity.actor import Actor
from shucai.kernel.pages.declare import Menu
from shucai.kernel.pages.menus import menus_of
from shucai.kernel.pages.portal import portal_of


@dataclass(frozen=True, slots=True)
class Link:
    """A menu item ready to be shown; `slug` is the id of its count."""

    name: str
    page: str
    icon: str
    slug: str


@dataclass(frozen=True, slots=True)
class Area:
    """A tab of the top bar with its groups of links."""

    name: str
    first: str
    groups: tuple[tuple[str, tuple[Link, ...]], ...]


_AREAS: dict[Hashable, tuple[Area, ...]] = {}
AREAS_MAX: Final = 500


def _areas(menus: tuple[Menu, ...], key: Hashable) -> tuple[Area, ...]:
    """Kept for everybody with the same duties under the same configuration."""
    if key not in _AREAS:
        if len(_AREAS) >= AREAS_MAX:
            _AREAS.clear()
        _AREAS[key] = areas(menus)
    return _AREAS[key]


def areas(menus: tuple[Menu, ...]) -> tuple[Area, ...]:
    """Tabs in menu order, each with its groups in menu order."""
    found: dict[str, dict[str, list[Link]]] = {}
    for menu in menus:
        group = found.setdefault(menu.tab, {}).setdefault(menu.group, [])
        group += [Link(i.name, i.page, i.icon, slug(i.code)) for i in menu.items]
    return tuple(_area(tab, groups) for tab, groups in found.items())


def _area(name: str, groups: dict[str, list[Link]]) -> Area:
    first = next(iter(groups.values()))[0].page
    return Area(name, first, tuple((group, tuple(links)) for group, links in groups.items()))


def slug(code: str) -> str:
    return "n-" + code.replace(".", "-").replace("_", "-")


def page(
    request: WebRequest, template: str, context: Mapping[str, Any], *, status: int = 200
) -> HttpResponse:
    """A whole page in its frame. `context` has `title`, and may have `tab`: a shorter name, or
    nothing for a page that does not stay open."""
    session = request.session
    whole = {
        "actor": request.actor,
        "visit": request.visit,
        "chrome": _chrome(request),
        "flashes": session.pop("flash") if "flash" in session else (),
        "tab": context.get("tab", context["title"]),
        "path": request.path,
        "address": request.get_full_path(),
        **context,
    }
    return bare.page(request, template, whole, status=status)


def moulded(
    request: WebRequest,
    template: str,
    key: Hashable,
    make: Callable[[], Mapping[str, Any]],
    slots: Mapping[str, str],
) -> HttpResponse:
    """As `page`, for a page that is the same but for its slots (see `bare.moulded`)."""
    if "flash" in request.session:
        return page(request, template, {**make(), **slots})
    chrome, visit = _chrome_key(request), request.visit
    whole = (chrome, request.actor.user_id, visit.own_year, request.path, key)

    def around() -> Mapping[str, Any]:
        context = make()
        return {
            "actor": request.actor,
            "visit": visit,
            "chrome": _chrome(request),
            "flashes": (),
            "tab": context["title"],
            "path": request.path,
            **context,
        }

    slots = {**slots, "address": request.get_full_path()}
    return bare.moulded(request, template, whole, around, slots)


def _chrome_key(request: WebRequest) -> Hashable:
    """Top bar and menu are the same for a person until he turns to another page of the menu, or
    another menu or portal is published."""
    actor = request.actor
    known, arrangement = _known(actor)
    current, here = _where(request, known)
    who = (actor.name, actor.unit_name, actor.position_name, actor.fiscal_year, actor.duties)
    look = (arrangement, portal_of(actor).token)
    return (who, look, current.name if current else "", here)


def _known(actor: Actor) -> tuple[tuple[Area, ...], Hashable]:
    """The tabs of the actor, and a token that changes with their configuration."""
    menus, arrangement = menus_of(actor)
    return _areas(menus, (actor.duties, arrangement)), arrangement


def _chrome(request: WebRequest) -> Markup:
    actor = request.actor
    known, _ = _known(actor)
    current, here = _where(request, known)
    return bare.piece(
        request,
        "web/_chrome.html",
        _chrome_key(request),
        lambda: {
            "actor": actor,
            "areas": known,
            "area": current,
            "here": here,
            "portal": portal_of(actor),
        },
    )


def flash(request: HttpRequest, text: str, *, look: str = "good") -> None:
    """A toast on the next page."""
    request.session["flash"] = [*request.session.get("flash", ()), [look, text]]


def _where(request: HttpRequest, known: tuple[Area, ...]) -> tuple[Area | None, str]:
    """The tab and the menu page the address belongs to."""
    best: tuple[int, Area | None, str] = (0, None, "")
    for area in known:
        for _, links in area.groups:
            for link in links:
                if request.path.startswith(link.page) and len(link.page) > best[0]:
                    best = (len(link.page), area, link.page)
    if best[1] is not None:
        return best[1], best[2]
    wanted = request.GET.get("area", "")
    chosen = next((area for area in known if area.name == wanted), None)
    here = "/" if request.path == "/" else ""
    return chosen or (known[0] if known else None), here

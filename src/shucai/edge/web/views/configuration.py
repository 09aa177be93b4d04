"""平台配置 configuration: what can be configured, what holds where, what was done, who follows."""

from collections.abc import Mapping, Sequence
from typing import Any, Final
from urllib.parse import quote, urlencode

from django.http import HttpResponse

from shucai.edge.web import bare, clock, fields_form, frame
from shucai.edge.web.endpoints import duty, endpoint
from shucai.edge.web.request import WebRequest
from shucai.kernel.configuration import compare, delivery, drafts, overview, places, transfer
from shucai.kernel.configuration.declare import Kind, Place, kinds
from shucai.kernel.configuration.models import Release
from shucai.kernel.identity.acting import fiscal_years
from shucai.kernel.identity.actor import Actor
from shucai.kernel.identity.duties import AUDITOR, SECURITY_ADMIN, SYSTEM_ADMIN
from shucai.kernel.masterdata.models import Division, Unit

EDITORS: Final = tuple(dict.fromkeys([SYSTEM_ADMIN, *(k.editor for k in kinds().values())]))
PUBLISHERS: Final = tuple(dict.fromkeys([SECURITY_ADMIN, *(k.publisher for k in kinds().values())]))
WATCH: Final = duty(*dict.fromkeys([*EDITORS, *PUBLISHERS, AUDITOR]))
UNITS_SHOWN: Final = 60
LOOKS: Final = {
    "proposed": "going",
    "trial": "ready",
    "published": "done",
    "replaced": "draft",
    "abandoned": "draft",
    "rejected": "bad",
    "withdrawn": "draft",
}
OPERATION_LOOKS: Final = {
    "published": ("check", "done"),
    "tried": ("target", "done"),
    "widened": ("arrows-maximize", "done"),
    "rolled_back": ("arrow-back-up", "back"),
    "stopped": ("player-stop", "back"),
    "rejected": ("x", "back"),
}


@endpoint("configuration/", name="configuration", access=WATCH)
def index(request: WebRequest) -> HttpResponse:
    """Every kind with its figures."""
    counts = overview.counts()
    shown = sorted(kinds().values(), key=lambda kind: (kind.position, kind.code))
    context = {
        "title": "配置发布",
        "rows": [(kind, counts.get(kind.code, overview.KindCount())) for kind in shown],
        **follow(),
    }
    return frame.page(request, "web/configuration/index.html", context)


@endpoint("configuration/<str:kind>/", name="configuration-kind", access=WATCH)
def kind_page(request: WebRequest, kind: str) -> HttpResponse:
    """Keys × divisions × years with their state."""
    declared = places.known(kind)
    names = declared.keys()
    text = request.GET.get("q", "").strip()[:60]
    found: dict[str, list[overview.PlaceState]] = {key: [] for key in names}
    for state in overview.states(declared):
        found.setdefault(state.place.key, []).append(state)
    rows = [
        (key, names.get(key, f"{key}（已不存在）"), states)
        for key, states in found.items()
        if not text or text in key or text in names.get(key, "")
    ]
    context = {
        "title": declared.name,
        "kind": declared,
        "rows": rows,
        "text": text,
        "divisions": division_names(),
        "place_link": place_link,
        "may_edit": request.actor.can(declared.editor),
    }
    return frame.page(request, "web/configuration/kind.html", context)


@endpoint("configuration/<str:kind>/<str:key>", name="configuration-place", access=WATCH)
def place_page(request: WebRequest, kind: str, key: str) -> HttpResponse:
    """What holds, what waits, what was done: all about one place."""
    place = asked(request, kind, key)
    return frame.page(request, "web/configuration/place.html", context_of(request, place))


@endpoint("configuration/<str:kind>/<str:key>/compare", name="configuration-compare", access=WATCH)
def compare_page(request: WebRequest, kind: str, key: str) -> HttpResponse:
    """Two releases side by side; `draft` is the draft, 0 the standard content."""
    place = asked(request, kind, key)
    before, after = request.GET.get("a", "0"), request.GET.get("b", "draft")
    lines = compare.contents(place, _content(place, before), _content(place, after))
    is_whole = request.GET.get("all") == "1"
    context = {
        **named(request, place),
        "title": "对比",
        "tab": f"对比 {_name(place)}",
        "a": before,
        "b": after,
        "sides": [("0", "标准内容"), *_sides(place)],
        "lines": [line for line in lines if is_whole or line.change != "same"],
        "is_whole": is_whole,
        "same": len(lines) - compare.changed(lines),
    }
    return frame.page(request, "web/configuration/compare.html", context)


@endpoint("configuration/<str:kind>/<str:key>/export", name="configuration-export", access=WATCH)
def export(request: WebRequest, kind: str, key: str) -> HttpResponse:
    """A release as a file with its digest."""
    place = asked(request, kind, key)
    release = drafts.release_at(place, number(request.GET.get("number")))
    name, data = transfer.to_file(release)
    answer = HttpResponse(data, content_type="application/json; charset=utf-8")
    answer["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name)}"
    return answer


@endpoint("configuration/-/units", name="configuration-units", access=WATCH)
def units(request: WebRequest) -> HttpResponse:
    """Units for a trial: those ticked first, then what the search finds."""
    return bare.page(request, "web/configuration/_units.html", picker(request))


def asked(request: WebRequest, kind: str, key: str) -> Place:
    """The place of the address; refuses one that the kind doesn't have."""
    said = request.POST if request.method == "POST" else request.GET
    place = Place(kind, key, said.get("division", "")[:9], number(said.get("fiscal_year")))
    places.kind_of(place)
    return place


def number(said: str | None) -> int:
    return int(said) if said and said.isascii() and said.isdigit() and len(said) < 6 else 0


def place_link(place: Place, page: str = "", **more: Any) -> str:
    """The address of a place, or of a page below it."""
    query = {"division": place.division, "fiscal_year": place.fiscal_year or "", **more}
    said = urlencode({name: value for name, value in query.items() if value != ""})
    whole = f"/configuration/{place.kind}/{quote(place.key, safe='')}"
    return whole + (f"/{page}" if page else "") + (f"?{said}" if said else "")


def editor_link(kind: Kind, place: Place) -> str:
    """Where the draft is edited: the kind's own editor, else the generic one."""
    return _filled(kind.editor_page, place) or place_link(place, "draft")


def _filled(page: str, place: Place) -> str:
    """The address that a kind has declared for its places; nothing where it has none."""
    return page.format(
        key=quote(place.key, safe=""),
        division=quote(place.division),
        fiscal_year=place.fiscal_year or "",
    )


def division_names() -> dict[str, str]:
    rows = Division.objects.order_by("code9").values_list("code9", "name")
    return dict(rows[:500])


def context_of(request: WebRequest, place: Place) -> dict[str, Any]:
    """Everything the page of a place shows."""
    actor, kind = request.actor, places.kind_of(place)
    state = overview.state(place)
    current = state.published.number if state.published is not None else 0
    return {
        **named(request, place),
        "title": _name(place),
        "tab": f"{kind.name} {_name(place)}",
        "state": state,
        "current": current,
        "releases": overview.releases(place),
        "history": overview.history(place),
        "looks": LOOKS,
        "operation_looks": OPERATION_LOOKS,
        "lines": kind.spelled(place, drafts.inherited_or_published(place)),
        "waiting_lines": _waiting_lines(place, state),
        "warnings": _warnings(kind, place, state),
        "unit_names": _unit_names([*state.trial_paths, *_paths_of(place)]),
        "may_edit": actor.can(kind.editor) and places.covers(actor, place),
        "may_publish": actor.can(kind.publisher) and places.covers(actor, place),
        "picker": picker(request, state.trial_paths),
        **follow(),
    }


def picker(request: WebRequest, chosen: Sequence[str] = ()) -> dict[str, Any]:
    """The units of a search, or the top of the tree without one."""
    said = request.POST if request.method == "POST" else request.GET
    ticked = list(dict.fromkeys([*said.getlist("paths"), *chosen]))[:200]
    low, high = request.actor.range
    text = said.get("unit_text", "").strip()[:40]
    rows = Unit.objects.filter(path__gte=low, path__lt=high, is_enabled=True)
    if text:
        by_name = rows.filter(name__contains=text)
        found = by_name | rows.filter(code__startswith=text) | rows.filter(pinyin__contains=text)
    else:
        found = rows.filter(level=1)
    shown = [
        (unit.path, f"{unit.code} {unit.name}") for unit in found.order_by("path")[:UNITS_SHOWN]
    ]
    if not text:
        tops = Division.objects.filter(path__gte=low, path__lt=high, is_enabled=True)
        shown = [*((d.path, f"{d.name}全部单位") for d in tops.order_by("path")[:20]), *shown]
    names = _unit_names(ticked)
    return {
        "ticked": [(path, names.get(path, path)) for path in ticked],
        "found": [(path, name) for path, name in shown if path not in ticked],
        "unit_text": text,
        "is_full": len(shown) >= UNITS_SHOWN,
    }


def follow() -> dict[str, Any]:
    """The processes and what they have taken over."""
    now = clock.now()
    version = overview.version()
    rows = [(p, delivery.is_alive(p, now=now)) for p in delivery.processes(now=now)]
    alive = [p for p, is_alive in rows if is_alive]
    return {
        "version": version,
        "processes": rows,
        "alive": len(alive),
        "behind": sum(p.serial < version.serial for p in alive),
    }


def may_edit(actor: Actor, place: Place) -> bool:
    return actor.can(places.known(place.kind).editor) and places.covers(actor, place)


def named(request: WebRequest, place: Place) -> dict[str, Any]:
    kind, names = places.kind_of(place), division_names()
    years = fiscal_years()
    return {
        "kind": kind,
        "place": place,
        "key_name": _name(place),
        "division_name": names.get(place.division, place.division) or "全部区划",
        "year_name": f"{place.fiscal_year} 年度" if place.fiscal_year else "全部年度",
        "divisions": list(names.items()) if kind.by_division else [],
        "years": years if kind.by_year else [],
        "link": place_link,
        "editor_link": editor_link(kind, place),
    }


def _name(place: Place) -> str:
    return str(places.known(place.kind).keys().get(place.key, place.key))


def _content(place: Place, side: str) -> Mapping[str, Any]:
    if side == "draft":
        return drafts.starting(place)[0]
    return compare.content_of(place, number(side))


def _sides(place: Place) -> list[tuple[str, str]]:
    found = [
        (str(one.number), f"第 {one.number} 号 {one.get_state_display()}")
        for one in overview.releases(place)
    ]
    return [*found, ("draft", "草稿")] if drafts.find(place) is not None else found


def _waiting_lines(place: Place, state: overview.PlaceState) -> list[compare.Line]:
    """What would change if what waits were published."""
    release: Release | None = state.waiting or state.trial
    if release is None:
        return []
    before = drafts.inherited_or_published(place)
    lines = compare.contents(place, before, release.content)
    return [line for line in lines if line.change != "same"]


def _warnings(kind: Kind, place: Place, state: overview.PlaceState) -> list[dict[str, Any]]:
    """What should be known of what waits, else of what holds."""
    waiting = state.waiting or state.trial
    content = waiting.content if waiting else drafts.inherited_or_published(place)
    return [one.as_dict() for one in kind.warn(place, content, on=clock.today())]


def _paths_of(place: Place) -> list[str]:
    return [path for row in overview.history(place) for path in row.paths][:400]


def _unit_names(paths: Sequence[str]) -> dict[str, str]:
    units = Unit.objects.filter(path__in=paths).values_list("path", "name")
    tops = Division.objects.filter(path__in=paths).values_list("path", "name")
    return {**{path: f"{name}全部单位" for path, name in tops}, **dict(units)}


def draft_context(request: WebRequest, place: Place) -> dict[str, Any]:
    """The generic editor: the draft as controls, else as text."""
    kind = places.kind_of(place)
    content, version, base = drafts.starting(place)
    fields = kind.fields(place)
    release = drafts.published(place)
    return {
        **named(request, place),
        "title": f"编辑 {_name(place)}",
        "tab": f"编辑 {_name(place)}",
        "controls": fields_form.controls(fields, content),
        "text": fields_form.text_of(content),
        "version": version,
        "base": base,
        "draft": drafts.find(place),
        "current": release.number if release is not None else 0,
        "faults": [f.as_dict() for f in drafts.check(place, content)] if version else [],
        "note": request.POST.get("note", ""),
        "preview": _filled(kind.preview_page, place),
        "findings": [],
    }

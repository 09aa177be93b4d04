"""审批路线 the editor of routes: nodes in a table, drawn as a way down, walked on a sample."""

from collections.abc import Mapping
from typing import Any, Final

from django.http import HttpResponse

from shucai.base import formula
from shucai.base.errors import Finding, Refused
from shucai.edge.web import answers, clock, diagram, frame, route_form
from shucai.edge.web.endpoints import endpoint, scoped
from shucai.edge.web.request import WebRequest
from shucai.edge.web.views.configuration import (
    WATCH,
    asked,
    may_edit,
    named,
    number,
    place_link,
)
from shucai.kernel.configuration import drafts, releases
from shucai.kernel.configuration.declare import Content, Place
from shucai.kernel.document import routing, routing_checks, routing_trial, writing
from shucai.kernel.document.declare import DocumentType

EDIT: Final = "edit"


@endpoint(
    "configuration/route/<str:key>/edit",
    name="configuration-route",
    access=WATCH,
    methods=("GET", "POST"),
)
def edit(request: WebRequest, key: str) -> HttpResponse:
    """The draft, or a release that is looked at; everything works without a script."""
    place = asked(request, "route", key)
    if request.method != "POST":
        return frame.page(request, "web/route/page.html", _context(request, place))
    try:
        return _post(request, place)
    except Refused as refused:
        return _refused(request, place, refused, version=number(request.POST.get("version")))


def _post(request: WebRequest, place: Place) -> HttpResponse:
    """Every button keeps what was typed; `act` says what is done besides."""
    actor, now = request.actor, clock.now()
    act = request.POST.get("act", "save")
    version = number(request.POST.get("version"))
    if act == "discard":
        drafts.discard(actor=actor, place=place, version=version, now=now)
        frame.flash(request, "草稿已放弃，现行路线不变")
        return answers.to(request, place_link(place))
    if act == "rebase":
        drafts.rebase(actor=actor, place=place, version=version, now=now)
        frame.flash(request, "草稿已以现行发布为底")
        return answers.to(request, place_link(place, EDIT))
    content = route_form.changed(route_form.read(request.POST), act)
    saved = drafts.save(actor=actor, place=place, content=content, version=version, now=now)
    if act != "propose":
        if act == "save":
            _told(request, place, content)
        return answers.to(request, place_link(place, EDIT))
    try:
        release = releases.propose(
            actor=actor,
            place=place,
            note=request.POST.get("note", ""),
            version=saved.version,
            now=now,
        )
    except Refused as refused:
        return _refused(request, place, refused, version=saved.version)
    frame.flash(request, f"{release.title}已提出，等待另一人发布")
    return answers.to(request, place_link(place))


def _told(request: WebRequest, place: Place, content: Content) -> None:
    left = len(drafts.check(place, content))
    said = f"，还有 {left} 处需要改正" if left else ""
    frame.flash(request, f"草稿已保存{said}", look="bad" if left else "good")


def _refused(request: WebRequest, place: Place, refused: Refused, *, version: int) -> HttpResponse:
    """The editor with what was typed, and the refusals on top."""
    with scoped(request.actor):
        context = _context(request, place, typed=route_form.read(request.POST), version=version)
        context["findings"] = _plain(refused.findings)
        context["faults"] = []
        return frame.page(request, "web/route/page.html", context, status=422)


def _context(
    request: WebRequest, place: Place, *, typed: Content | None = None, version: int = 0
) -> dict[str, Any]:
    subject = routing.subject(place.key)
    if subject is None:
        raise AssertionError("asked() refuses keys without a document type")
    kind, move = subject
    said = number(request.GET.get("release"))
    content, known, base = drafts.starting(place)
    if said:
        content, known = drafts.release_at(place, said).content, 0
    content = typed if typed is not None else content
    release, draft = drafts.published(place), drafts.find(place)
    year = place.fiscal_year or request.actor.fiscal_year
    walked, sample_findings = _walked(request, place, kind, content)
    nodes = routing.read(content).nodes
    return {
        **named(request, place),
        "title": f"路线 {kind.name}",
        "tab": f"路线 {kind.name} {move.label}",
        "doc": kind,
        "content": content,
        "nodes": nodes,
        "rows": content.get("nodes") if isinstance(content.get("nodes"), list) else [],
        "duties": routing.duties,
        "conditions": routing.conditions,
        "modes": list(routing.MODES.items()),
        "offered": routing.offered(kind),
        "names": writing.fact_names(kind),
        "functions": sorted(formula.FUNCTIONS),
        "version": version or known,
        "base": base,
        "draft": draft,
        "current": release.number if release is not None else 0,
        "looked_at": said,
        "is_open": may_edit(request.actor, place) and not said,
        "faults": _plain(drafts.check(place, content)) if draft or said or typed else [],
        "warnings": _plain(routing_checks.staffing(place, content, on=clock.today())),
        "note": request.POST.get("note", ""),
        "findings": sample_findings,
        "walked": walked,
        "asked": {name: request.GET.get(name, "") for name in _asked_names(kind, content)},
        "samples": routing_trial.recent(
            kind,
            fiscal_year=year,
            division=place.division,
        ),
        "sample": request.GET.get("sample", ""),
        "picture": diagram.route(
            kind, move, nodes, met=walked["walk"].met if walked is not None else None
        ),
    }


def _asked_names(kind: DocumentType, content: Content) -> list[str]:
    """The figures to be typed for a walk: the amount, the unit, and what conditions read."""
    wanted = dict.fromkeys(["金额", "单位"])
    for node in routing.read(content).nodes:
        if node.condition and not formula.check(node.condition):
            wanted |= dict.fromkeys(sorted(formula.names_in(node.condition)))
    known = {*writing.fact_names(kind)} - {"区划", "业务日期"}
    return [name for name in wanted if name in known]


def _walked(
    request: WebRequest, place: Place, kind: DocumentType, content: Content
) -> tuple[dict[str, Any] | None, list[dict[str, Any]]]:
    """The walk that was asked for, or why it can't be made."""
    said: Mapping[str, str] = request.GET.dict()
    address = said.get("sample", "").strip()
    if not address and not said.get("金额", "").strip():
        return None, []
    try:
        if address:
            sample = routing_trial.of_document(kind, address, actor=request.actor)
        else:
            sample = routing_trial.of_figures(
                kind, said, actor=request.actor, today=clock.today(), division=place.division
            )
        action = place.key.partition(":")[2]
        walk = routing_trial.walk(kind, action, content, sample, now=clock.now(), on=clock.today())
    except Refused as refused:
        return None, _plain(refused.findings)
    return {"sample": sample, "walk": walk}, []


def _plain(findings: Any) -> list[dict[str, Any]]:
    found: list[Finding] = list(findings)
    return [one.as_dict() for one in found]

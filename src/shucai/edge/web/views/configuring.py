"""配置办理 acts on configuration: editing drafts, proposing, deciding, pointing back."""

from collections.abc import Callable
from typing import Any

from django.http import HttpResponse

from shucai.base.errors import Refused
from shucai.edge.web import answers, clock, fields_form, frame
from shucai.edge.web.endpoints import duty, endpoint, scoped
from shucai.edge.web.request import WebRequest
from shucai.edge.web.views.configuration import (
    EDITORS,
    PUBLISHERS,
    WATCH,
    asked,
    context_of,
    draft_context,
    number,
    place_link,
)
from shucai.kernel.configuration import drafts, places, releases, transfer
from shucai.kernel.configuration.declare import Place
from shucai.kernel.configuration.models import Draft, Rollback

BOTH = duty(*dict.fromkeys([*EDITORS, *PUBLISHERS]))


@endpoint(
    "configuration/<str:kind>/<str:key>/draft",
    name="configuration-draft",
    access=duty(*EDITORS),
    methods=("GET", "POST"),
)
def draft(request: WebRequest, kind: str, key: str) -> HttpResponse:
    """The generic editor. What was typed stays when it is refused."""
    place = asked(request, kind, key)
    if request.method != "POST":
        return frame.page(request, "web/configuration/draft.html", draft_context(request, place))
    act = next((name for name in _ACTS if name in request.POST), "save")
    try:
        return _ACTS[act](request, place)
    except Refused as refused:
        version = number(request.POST.get("version"))
        return _draft_refused(request, place, refused, version=version)


def _draft_refused(
    request: WebRequest, place: Place, refused: Refused, *, version: int
) -> HttpResponse:
    """The editor with what was typed; `version` is that of the draft the person has seen."""
    findings = [finding.as_dict() for finding in refused.findings]
    with scoped(request.actor):
        context = draft_context(request, place) | _typed(request, place)
        context |= {"version": version, "findings": findings, "faults": []}
        return frame.page(request, "web/configuration/draft.html", context, status=422)


@endpoint(
    "configuration/<str:kind>/<str:key>/take",
    name="configuration-take",
    access=duty(*EDITORS),
    methods=("POST",),
)
def take(request: WebRequest, kind: str, key: str) -> HttpResponse:
    """A release, or a file, becomes the draft."""
    place = asked(request, kind, key)
    known = drafts.find(place)
    said: dict[str, Any] = {
        "actor": request.actor,
        "place": place,
        "version": known.version if known is not None else 0,
        "now": clock.now(),
    }
    sent = request.FILES.get("file")
    if sent is not None and not isinstance(sent, list):
        transfer.from_file(data=sent.read(4 * drafts.BYTES_MAX + 1), **said)
        frame.flash(request, "文件内容已存为草稿，发布后才生效")
    else:
        taken = number(request.POST.get("number"))
        drafts.from_release(number=taken, **said)
        frame.flash(
            request, f"第 {taken} 号发布的内容已存为草稿" if taken else "标准内容已存为草稿"
        )
    return answers.to(request, place_link(place, "draft"))


@endpoint(
    "configuration/-/releases/<int:pk>/decide",
    name="configuration-decide",
    access=BOTH,
    methods=("POST",),
)
def decide(request: WebRequest, pk: int) -> HttpResponse:
    """Publish everywhere or for the units ticked, reject, stop; or the proposer withdraws."""
    release = releases.find(pk)
    said: dict[str, Any] = {"actor": request.actor, "release_id": pk, "now": clock.now()}
    opinion = request.POST.get("opinion", "")
    act = request.POST.get("act", "")
    try:
        if act == "withdraw":
            releases.withdraw(**said)
        elif act == "reject":
            releases.reject(opinion=opinion, **said)
        elif act == "stop":
            releases.stop_trial(opinion=opinion, **said)
        elif act == "try":
            paths = request.POST.getlist("paths") or [""]
            releases.publish(opinion=opinion, paths=paths, **said)
        else:
            releases.publish(opinion=opinion, **said)
    except Refused as refused:
        return _refused(request, release.place, refused)
    done = {"withdraw": "已撤回", "reject": "已驳回", "stop": "已停止试行", "try": "已开始试行"}
    frame.flash(request, f"{release.title}{done.get(act, '已发布')}")
    return answers.to(request, place_link(release.place))


@endpoint(
    "configuration/<str:kind>/<str:key>/rollback",
    name="configuration-rollback",
    access=duty(*EDITORS),
    methods=("POST",),
)
def rollback(request: WebRequest, kind: str, key: str) -> HttpResponse:
    """Asks for a second person's leave to point back."""
    place = asked(request, kind, key)
    try:
        releases.propose_rollback(
            actor=request.actor,
            place=place,
            number=number(request.POST.get("number")),
            reason=request.POST.get("reason", ""),
            now=clock.now(),
        )
    except Refused as refused:
        return _refused(request, place, refused)
    frame.flash(request, "已提出回退，等待另一人批准")
    return answers.to(request, place_link(place))


@endpoint(
    "configuration/-/rollbacks/<int:pk>/decide",
    name="configuration-rollback-decide",
    access=BOTH,
    methods=("POST",),
)
def decide_rollback(request: WebRequest, pk: int) -> HttpResponse:
    found = Rollback.objects.filter(pk=pk).first()
    act = request.POST.get("act", "")
    try:
        done = releases.decide_rollback(
            actor=request.actor,
            rollback_id=pk,
            decision=act if act in ("reject", "withdraw") else "approve",
            opinion=request.POST.get("opinion", ""),
            now=clock.now(),
        )
    except Refused as refused:
        if found is None:
            raise
        return _refused(request, found.place, refused)
    frame.flash(request, f"回退：{done.get_state_display()}")
    return answers.to(request, place_link(done.place))


@endpoint("configuration/-/processes", name="configuration-processes", access=WATCH)
def processes(request: WebRequest) -> HttpResponse:
    """The processes and what they have acknowledged, looked at again every few seconds."""
    from shucai.edge.web import bare
    from shucai.edge.web.views.configuration import follow

    return bare.page(request, "web/configuration/_processes.html", follow())


def _refused(request: WebRequest, place: Place, refused: Refused) -> HttpResponse:
    """The page of the place with the refusals on top."""
    with scoped(request.actor):
        context = context_of(request, place)
        context["findings"] = [finding.as_dict() for finding in refused.findings]
        return frame.page(request, "web/configuration/place.html", context, status=422)


def _save(request: WebRequest, place: Place) -> Draft:
    before = drafts.starting(place)[0]
    fields = places.kind_of(place).fields(place)
    content = fields_form.read(fields, request.POST, request.FILES, before)
    return drafts.save(
        actor=request.actor,
        place=place,
        content=content,
        version=number(request.POST.get("version")),
        now=clock.now(),
    )


def _keep(request: WebRequest, place: Place) -> HttpResponse:
    saved = _save(request, place)
    faults = drafts.check(place, saved.content)
    left = f"，还有 {len(faults)} 处需要改正" if faults else ""
    frame.flash(request, f"草稿已保存{left}", look="bad" if faults else "good")
    return answers.to(request, place_link(place, "draft"))


def _propose(request: WebRequest, place: Place) -> HttpResponse:
    """Saves what was typed, then proposes it; the draft stays saved where that is refused."""
    saved = _save(request, place)
    try:
        release = releases.propose(
            actor=request.actor,
            place=place,
            note=request.POST.get("note", ""),
            version=saved.version,
            now=clock.now(),
        )
    except Refused as refused:
        return _draft_refused(request, place, refused, version=saved.version)
    frame.flash(request, f"{release.title}已提出，等待另一人发布")
    return answers.to(request, place_link(place))


def _discard(request: WebRequest, place: Place) -> HttpResponse:
    version = number(request.POST.get("version"))
    drafts.discard(actor=request.actor, place=place, version=version, now=clock.now())
    frame.flash(request, "草稿已放弃，现行内容不变")
    return answers.to(request, place_link(place))


def _rebase(request: WebRequest, place: Place) -> HttpResponse:
    version = number(request.POST.get("version"))
    drafts.rebase(actor=request.actor, place=place, version=version, now=clock.now())
    frame.flash(request, "草稿已以现行发布为底")
    return answers.to(request, place_link(place, "draft"))


def _typed(request: WebRequest, place: Place) -> dict[str, Any]:
    """The controls as they were typed."""
    fields = places.kind_of(place).fields(place)
    if not fields:
        return {"text": request.POST.get("json", "")}
    before = drafts.starting(place)[0]
    try:
        typed = fields_form.read(fields, request.POST, request.FILES, before)
    except Refused:
        typed = dict(before)
    return {"controls": fields_form.controls(fields, typed)}


_ACTS: dict[str, Callable[[WebRequest, Place], HttpResponse]] = {
    "propose": _propose,
    "discard": _discard,
    "rebase": _rebase,
    "save": _keep,
}

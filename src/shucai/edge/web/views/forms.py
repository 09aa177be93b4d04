"""单据页 form pages: new and saved documents, saving, moving, autosave and discarding.

A form is sent whole with every button; the address says what is to be done with it. Without
script the answer is a page or a redirect, with it the parts that changed.
"""

from contextlib import suppress
from dataclasses import replace
from http import HTTPStatus
from typing import Any, Final

from django.http import HttpResponse
from django.template.loader import render_to_string

from shucai.base.errors import Refused
from shucai.edge.web import answers, clock, errors, frame
from shucai.edge.web.endpoints import DOCUMENT, endpoint, scoped
from shucai.edge.web.form import files, page, typed
from shucai.edge.web.form.page import Wanted
from shucai.edge.web.form.typed import Typed
from shucai.edge.web.request import WebRequest, is_fragment
from shucai.edge.web.views.lists import kind_of
from shucai.kernel.document import drafts, pipeline, reading, trial
from shucai.kernel.document.action import Action, Outcome
from shucai.kernel.document.declare import DocumentType
from shucai.kernel.document.errors import NO_DUTY
from shucai.kernel.document.permits import duty_name
from shucai.kernel.document.reading import Dossier
from shucai.kernel.files import keeping

SAVE: Final = "save"
ROWS: Final = "rows"
NEW: Final = "new"


@endpoint("d/<str:code>/new", name="form-new", access=DOCUMENT)
def new(request: WebRequest, code: str) -> HttpResponse:
    """An empty form, a copy of `?copy=`, or what autosave kept of one never saved."""
    kind = kind_of(code)
    _refuse_non_maker(request, kind)
    copied, kept_at = request.GET.get("copy", ""), None
    start: Typed | None
    if copied:
        start = _copy(reading.open_one(kind=kind, actor=request.actor, address=copied))
    else:
        kept = page.kept(kind, request.actor, None)
        start = typed.from_dict(kept.content) if kept else None
        kept_at = kept.saved_at if kept else None
    return _page(request, Wanted(kind, request.actor, typed=start, kept_at=kept_at))


@endpoint("d/<str:code>/<str:address>", name="form", access=DOCUMENT)
def show(request: WebRequest, code: str, address: str) -> HttpResponse:
    kind = kind_of(code)
    dossier = reading.open_one(kind=kind, actor=request.actor, address=address)
    if dossier.address != address:
        return answers.to(request, f"/d/{code}/{dossier.address}")
    kept = page.kept(kind, request.actor, dossier)
    if kept is None or not page.is_editable(kind, request.actor, dossier):
        return _page(request, Wanted(kind, request.actor, dossier))
    start = typed.from_dict(kept.content)
    return _page(request, Wanted(kind, request.actor, dossier, start, kept_at=kept.saved_at))


@endpoint("d/<str:code>/new/autosave", name="form-new-autosave", access=DOCUMENT, methods=("POST",))
def autosave_new(request: WebRequest, code: str) -> HttpResponse:
    return _autosave(request, kind_of(code), "")


@endpoint(
    "d/<str:code>/<str:address>/autosave", name="form-autosave", access=DOCUMENT, methods=("POST",)
)
def autosave(request: WebRequest, code: str, address: str) -> HttpResponse:
    return _autosave(request, kind_of(code), address)


def _autosave(request: WebRequest, kind: DocumentType, address: str) -> HttpResponse:
    """Keeps the form, and answers with names, wrong values and balances as far as they go."""
    _refuse_non_maker(request, kind)
    said, now = typed.read(kind, request.POST), clock.now()
    drafts.autosave(
        kind=kind, actor=request.actor, address=address, content=said.as_dict(), now=now
    )
    draft, findings = said.glance(kind, request.actor, now=now, today=clock.today())
    seen = trial.look(replace(draft, address=address))
    findings += seen.findings
    context = {
        "look": seen,
        "marks": [{"at": f.place, "text": f"{f.why}。{f.fix}"} for f in findings],
        "amount": page.figures(seen.amount),
        "kept_at": now,
    }
    return HttpResponse(render_to_string("form/_live.html", context, request))


@endpoint("d/<str:code>/new/<str:action>", name="form-make", access=DOCUMENT, methods=("POST",))
def make(request: WebRequest, code: str, action: str) -> HttpResponse:
    return _act(request, kind_of(code), "", action)


@endpoint(
    "d/<str:code>/<str:address>/<str:action>", name="form-act", access=DOCUMENT, methods=("POST",)
)
def act(request: WebRequest, code: str, address: str, action: str) -> HttpResponse:
    return _act(request, kind_of(code), address, action)


@endpoint(
    "d/<str:code>/<str:address>/discard", name="form-discard", access=DOCUMENT, methods=("POST",)
)
def discard(request: WebRequest, code: str, address: str) -> HttpResponse:
    kind = kind_of(code)
    drafts.discard(kind=kind, actor=request.actor, address=address, now=clock.now())
    frame.flash(request, f"草稿 {address} 已删除")
    return answers.to(request, f"/d/{code}/")


@endpoint("d/<str:code>/new/forget", name="form-forget-new", access=DOCUMENT, methods=("POST",))
def forget_new(request: WebRequest, code: str) -> HttpResponse:
    """Throws away what autosave kept of a document never saved."""
    kind = kind_of(code)
    drafts.forget(kind=kind, actor=request.actor, address="")
    for file in keeping.of_draft(draft=files.waiting(kind), actor=request.actor):
        keeping.remove(file.pk, request.actor, now=clock.now())
    return answers.to(request, f"/d/{code}/new")


@endpoint(
    "d/<str:code>/<str:address>/forget", name="form-forget", access=DOCUMENT, methods=("POST",)
)
def forget(request: WebRequest, code: str, address: str) -> HttpResponse:
    """Throws away what autosave kept beside a saved document."""
    drafts.forget(kind=kind_of(code), actor=request.actor, address=address)
    return answers.to(request, f"/d/{code}/{address}")


def _act(request: WebRequest, kind: DocumentType, address: str, action: str) -> HttpResponse:
    """Saves what was typed, then makes the move; a refusal keeps everything typed."""
    if action == ROWS:
        return _more_rows(request, kind, address)
    said = typed.read(kind, request.POST)
    saved = ""
    try:
        if said.has_content:
            _refuse_other_total(kind, request, said)
            saved = address = _save(request, kind, said, address)
        if action == SAVE:
            return _saved(request, kind, address)
        outcome = _move(request, kind, said, address, action)
    except Refused as refused:
        findings = [{**f.as_dict(), "text": f.text} for f in refused.findings]
        return _refused(request, kind, said, findings, address=address, saved=bool(saved))
    result = outcome.results[0]
    if not result.ok:
        found = list(result.findings)
        return _refused(request, kind, said, found, address=address, saved=bool(saved))
    return _moved(request, kind, action, outcome)


def _save(request: WebRequest, kind: DocumentType, said: Typed, address: str) -> str:
    """Where the draft was saved, by its id, so that a repeat names it alike once it has a number.

    Files that waited for a new document become its own.
    """
    draft = said.draft(kind, request.actor, now=clock.now(), today=clock.today(), address=address)
    header = drafts.save(draft)
    if not address:
        keeping.adopt(draft=files.waiting(kind), header_id=header.pk, actor=request.actor)
    return f"~{header.pk}"


def _move(
    request: WebRequest, kind: DocumentType, said: Typed, address: str, action: str
) -> Outcome:
    seen = {} if said.has_content or said.version is None else {address: said.version}
    return pipeline.run(
        Action(
            type=kind.code,
            numbers=[address],
            name=action,
            actor=request.actor,
            now=clock.now(),
            today=clock.today(),
            opinion=said.opinion,
            key=f"{said.key}:{action}" if said.key else "",
            versions=seen,
            to_node=said.to_node if action == "return" else None,
        )
    )


def _refuse_other_total(kind: DocumentType, request: WebRequest, said: Typed) -> None:
    """What the page added up in cents must be what the server adds up in Decimal."""
    if not said.total:
        return
    with scoped(request.actor):
        counted = trial.look(
            said.draft(kind, request.actor, now=clock.now(), today=clock.today())
        ).amount
    shown = page.figure(said.total)
    if shown != counted and page.adds_up(said):
        gap = abs(shown - counted)
        raise errors.TOTAL_DIFFERS.refuse("lines", shown=shown, counted=counted, gap=gap)


def _more_rows(request: WebRequest, kind: DocumentType, address: str) -> HttpResponse:
    """The page without script asks for more rows; nothing is saved."""
    said = typed.read(kind, request.POST, keep_empty=True)
    blank = {known.name: "" for known in kind.line_fields()}
    said = replace(said, lines=(*said.lines, *([blank] * 5)))
    with scoped(request.actor):
        dossier = _dossier(request, kind, address)
        return _page(request, Wanted(kind, request.actor, dossier, said))


def _saved(request: WebRequest, kind: DocumentType, address: str) -> HttpResponse:
    if not is_fragment(request):
        frame.flash(request, "已保存")
        return answers.to(request, f"/d/{kind.code}/{address}")
    with scoped(request.actor):
        dossier = _dossier(request, kind, address)
        context = page.context(Wanted(kind, request.actor, dossier))
        html = render_to_string("form/_saved.html", {**context, "saved_at": clock.now()}, request)
    answer = HttpResponse(html)
    answer["HX-Push-Url"] = context["base"]
    return answer


def _moved(request: WebRequest, kind: DocumentType, action: str, outcome: Outcome) -> HttpResponse:
    result = outcome.results[0]
    move = kind.move(action)
    text = f"{result.number} 已{move.label if move else '办理'}"
    if result.next:
        text += f"，下一环节：{result.next}"
    warned = [f for f in result.findings if f["level"] in ("warn", "flag")]
    frame.flash(request, text)
    for finding in warned:
        frame.flash(request, str(finding["text"]), look="bad")
    return answers.to(request, f"/d/{kind.code}/{result.number}")


def _refused(
    request: WebRequest,
    kind: DocumentType,
    said: Typed,
    findings: list[dict[str, Any]],
    *,
    address: str,
    saved: bool,
) -> HttpResponse:
    """All findings, each at its field and in the summary; what was typed stays."""
    status = HTTPStatus.UNPROCESSABLE_ENTITY
    if said.has_content and not saved:
        _keep(request, kind, said, address)
    with scoped(request.actor):
        dossier = _dossier(request, kind, address)
        kept = said if said.has_content or dossier is None else replace(said, lines=(), fields={})
        wanted = Wanted(kind, request.actor, dossier, kept, findings)
        if not is_fragment(request):
            return _page(request, wanted, status=status)
        context = page.context(wanted)
        html = render_to_string("form/_refused.html", {**context, "saved": saved}, request)
    answer = HttpResponse(html, status=status)
    answer["HX-Retarget"], answer["HX-Reswap"] = "#sc-refusals", "innerHTML"
    if saved:
        answer["HX-Push-Url"] = context["base"]
    return answer


def _keep(request: WebRequest, kind: DocumentType, said: Typed, address: str) -> None:
    """What was refused is still there after a reload; a document that has gone keeps nothing."""
    with suppress(Refused):
        drafts.autosave(
            kind=kind,
            actor=request.actor,
            address=address,
            content=said.as_dict(),
            now=clock.now(),
        )


def _dossier(request: WebRequest, kind: DocumentType, address: str) -> Dossier | None:
    if not address:
        return None
    return reading.open_one(kind=kind, actor=request.actor, address=address)


def _page(request: WebRequest, wanted: Wanted, *, status: int = HTTPStatus.OK) -> HttpResponse:
    return frame.page(request, "form/page.html", page.context(wanted), status=status)


def _copy(source: Dossier) -> Typed:
    """The content of a document as a new one; date, opinion and attachments are not copied."""
    return Typed(
        unit=source.header.unit.code,
        fields={name: shown.raw for name, shown in source.fields.items()},
        lines=tuple({name: shown.raw for name, shown in line.items()} for line in source.lines),
        has_content=True,
    )


def _refuse_non_maker(request: WebRequest, kind: DocumentType) -> None:
    if not request.actor.can(kind.maker):
        raise NO_DUTY.refuse(
            number=kind.name,
            label="新增",
            duty=duty_name(kind.maker),
            position=request.actor.position_name,
        )

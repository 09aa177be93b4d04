"""试算、版本、全链条 trial, versions and chain: what a document would do, said and led to."""

from typing import Any

from django.http import HttpResponse

from shucai.base.errors import Refused
from shucai.edge.web import bare, clock, frame
from shucai.edge.web.endpoints import DOCUMENT, endpoint
from shucai.edge.web.form import files, page, typed
from shucai.edge.web.request import WebRequest, is_fragment
from shucai.edge.web.views.lists import kind_of
from shucai.kernel.document import history, reading, tracing, trial
from shucai.kernel.document.action import Action
from shucai.kernel.document.declare import DocumentType


@endpoint(
    "d/<str:code>/new/trial/<str:action>", name="form-trial-new", access=DOCUMENT, methods=("POST",)
)
def trial_new(request: WebRequest, code: str, action: str) -> HttpResponse:
    return _trial(request, kind_of(code), "", action)


@endpoint(
    "d/<str:code>/<str:address>/trial/<str:action>",
    name="form-trial",
    access=DOCUMENT,
    methods=("POST",),
)
def trial_saved(request: WebRequest, code: str, address: str, action: str) -> HttpResponse:
    return _trial(request, kind_of(code), address, action)


def _trial(request: WebRequest, kind: DocumentType, address: str, name: str) -> HttpResponse:
    """The move as it would go with what is typed now; nothing of it is kept."""
    said = typed.read(kind, request.POST)
    now, today = clock.now(), clock.today()
    wanted = Action(
        type=kind.code,
        numbers=[address],
        name=name,
        actor=request.actor,
        now=now,
        today=today,
        opinion=said.opinion,
    )
    context: dict[str, Any] = {"kind": kind, "findings": [], "rows": [], "tried": None}
    move = kind.move(name)
    context["label"] = move.label if move else name
    try:
        draft = None
        if said.has_content:
            draft = said.draft(kind, request.actor, now=now, today=today, address=address)
        waiting = "" if address else files.waiting(kind)
        tried = trial.run(action=wanted, draft=draft, waiting_files=waiting)
    except Refused as refused:
        context["findings"] = [finding.as_dict() for finding in refused.findings]
    else:
        context |= _tried(kind, tried)
    return _answer(request, "form/_trial.html", context, f"试算 · {kind.name}")


def _tried(kind: DocumentType, tried: trial.Trial) -> dict[str, Any]:
    result = tried.outcome.results[0]
    return {
        "tried": tried,
        "result": result,
        "state": kind.state_label(result.state) if result.state else "",
        "findings": list(result.findings),
        "amount": page.figures(tried.amount),
        "rows": [
            {"balance": balance, "before": tried.before.get(balance.account)}
            for balance in tried.outcome.balances
        ],
    }


@endpoint("d/<str:code>/<str:address>/versions", name="form-versions", access=DOCUMENT)
def versions(request: WebRequest, code: str, address: str) -> HttpResponse:
    """The submitted versions, and what changed between two of them (`?from=&to=`)."""
    kind = kind_of(code)
    dossier = reading.open_one(kind=kind, actor=request.actor, address=address)
    found = history.versions(dossier.header)
    by_number = {version.version: version for version in found}
    newer = by_number.get(_number(request, "to")) or (found[0] if found else None)
    older = by_number.get(_number(request, "from"))
    if older is None and newer is not None:
        older = next((one for one in found if one.version < newer.version), None)
    changes = history.difference(dossier, older=older, newer=newer) if older and newer else []
    context = {
        "kind": kind,
        "dossier": dossier,
        "base": f"/d/{code}/{dossier.address}",
        "versions": found,
        "older": older,
        "newer": newer,
        "changes": changes,
    }
    return _answer(request, "form/_versions.html", context, f"版本 · {kind.name} {address}")


def _number(request: WebRequest, name: str) -> int:
    said = request.GET.get(name, "")
    return int(said) if said.isascii() and said.isdigit() and len(said) < 9 else -1


@endpoint("d/<str:code>/<str:address>/chain", name="form-chain", access=DOCUMENT)
def chain(request: WebRequest, code: str, address: str) -> HttpResponse:
    """Where the money came from and where it went: documents and entries, both ways."""
    kind = kind_of(code)
    dossier = reading.open_one(kind=kind, actor=request.actor, address=address)
    context = {
        "kind": kind,
        "dossier": dossier,
        "base": f"/d/{code}/{dossier.address}",
        "walk": tracing.walk(dossier),
    }
    return _answer(request, "form/_chain.html", context, f"全链条 · {kind.name} {address}")


def _answer(
    request: WebRequest, template: str, context: dict[str, Any], title: str
) -> HttpResponse:
    """Into the dialog, or as a page of its own."""
    if is_fragment(request):
        return bare.page(request, template, {**context, "title": title, "in_dialog": True})
    whole = {**context, "title": title, "in_dialog": False, "inner": template}
    return frame.page(request, "form/aside.html", whole)

"""批量办理 batch: one action for the documents picked in a list, asked, done, told one by one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from django.http import HttpResponse, QueryDict

from shucai.edge.web import answers, asked, bare, clock, frame
from shucai.edge.web.asked import Asked
from shucai.edge.web.endpoints import DOCUMENT, endpoint, scoped
from shucai.edge.web.errors import NOTHING_PICKED, PICKED_CHANGED, UNKNOWN_CHOICE
from shucai.edge.web.request import WebRequest, is_fragment
from shucai.edge.web.views.lists import kind_of
from shucai.kernel.document import batch_jobs, errors, listing, pipeline, selection
from shucai.kernel.document.action import DOCUMENTS_MAX, Action, Outcome
from shucai.kernel.document.declare import DocumentType
from shucai.kernel.workflow.declare import Move

MODES = {"each": "逐笔办理", "atomic": "全部通过才办理"}
SHOWN_MAX = 300


@dataclass(frozen=True, slots=True)
class Picked:
    """The documents meant: those ticked, with the versions seen, or all that match."""

    addresses: Sequence[str]
    versions: Mapping[str, int]
    query: str
    is_all: bool


@endpoint("d/<str:code>/-/ask", name="batch-ask", access=DOCUMENT, methods=("POST",))
def ask(request: WebRequest, code: str) -> HttpResponse:
    """What is about to be done, with figures; nothing is done yet."""
    kind = kind_of(code)
    move = _move(kind, request)
    with scoped(request.actor):
        picked = picked_of(request, kind)
        measured = selection.measure(kind, picked.addresses)
        context = _ask_context(kind, move, picked, measured)
        return _answer(request, "web/batch/_ask.html", context)


@endpoint("d/<str:code>/-/batch", name="batch-do", access=DOCUMENT, methods=("POST",))
def do(request: WebRequest, code: str) -> HttpResponse:
    """Makes the move and answers for each document; a preview is rolled back.

    More documents than a person waits for become a job, which tells its progress and its end.
    """
    kind = kind_of(code)
    move = _move(kind, request)
    mode = request.POST.get("mode", "each")
    if mode not in MODES:
        known = "、".join(MODES.values())
        raise UNKNOWN_CHOICE.refuse("mode", label="办理方式", value=mode, known=known)
    with scoped(request.actor):
        picked = picked_of(request, kind)
    _refuse_changed(request, picked)
    preview = "preview" in request.POST
    action = Action(
        type=kind.code,
        numbers=picked.addresses,
        name=move.action,
        actor=request.actor,
        now=clock.now(),
        today=clock.today(),
        opinion=request.POST.get("opinion", "").strip(),
        mode="atomic" if mode == "atomic" else "each",
        key="" if preview else request.POST.get("key", "")[:80],
        versions=picked.versions,
        preview=preview,
    )
    if len(picked.addresses) > batch_jobs.AT_ONCE:
        with scoped(request.actor):
            run = batch_jobs.start(action)
        return answers.started(request, run)
    outcome = pipeline.run(action)
    context = _result_context(kind, move, outcome, preview=preview)
    if preview:
        context |= {"form": request.POST, "picked": picked}
    return _answer(request, "web/batch/_result.html", context)


def _move(kind: DocumentType, request: WebRequest) -> Move:
    name = request.POST.get("action", "")
    move = kind.move(name)
    if move is None:
        known = "、".join(kind.actions)
        raise errors.UNKNOWN_ACTION.refuse(type=kind.name, action=name, known=known)
    return move


def picked_of(request: WebRequest, kind: DocumentType) -> Picked:
    """The documents a list sent. Raises Refused when there are none, or too many."""
    query = request.POST.get("query", "")
    if request.POST.get("all"):
        wanted = asked.read(kind, QueryDict(query.lstrip("?"))).query(request.actor)
        addresses = listing.addresses(wanted, limit=DOCUMENTS_MAX + 1)
        if len(addresses) > DOCUMENTS_MAX:
            raise errors.TOO_MANY.refuse(
                count=f"超过 {DOCUMENTS_MAX:,}", limit=f"{DOCUMENTS_MAX:,}"
            )
        picked = Picked(addresses, {}, query, is_all=True)
    else:
        versions = {}
        for one in request.POST.getlist("pick"):
            address, _, version = one.rpartition("@")
            versions[address] = int(version) if version.isdigit() else 0
        picked = Picked(list(versions), versions, query, is_all=False)
    if not picked.addresses:
        raise NOTHING_PICKED.refuse()
    return picked


def _refuse_changed(request: WebRequest, picked: Picked) -> None:
    """“All that match” is what matched when the figures were shown, or it is refused."""
    seen = request.POST.get("count", "")
    if picked.is_all and seen.isdigit() and int(seen) != len(picked.addresses):
        raise PICKED_CHANGED.refuse(seen=int(seen), now=len(picked.addresses))


def _ask_context(
    kind: DocumentType, move: Move, picked: Picked, measured: selection.Selection
) -> dict[str, Any]:
    return {
        "title": f"{move.label} · {kind.name}",
        "kind": kind,
        "move": move,
        "picked": picked,
        "measured": measured,
        "fit": measured.fit(kind, move.action),
        "needs_reason": move.action in kind.needs_reason,
        "modes": MODES.items(),
        "key": str(uuid4()),
        "back": Asked(type=kind).base + picked.query,
        "at_once": batch_jobs.AT_ONCE,
    }


def _result_context(
    kind: DocumentType, move: Move, outcome: Outcome, *, preview: bool
) -> dict[str, Any]:
    refused = [result for result in outcome.results if not result.ok]
    done = [result for result in outcome.results if result.ok]
    return {
        "title": f"{move.label}{'试算' if preview else '结果'} · {kind.name}",
        "kind": kind,
        "move": move,
        "outcome": outcome,
        "refused": refused,
        "done": done,
        "shown": [*refused, *done][:SHOWN_MAX],
        "shown_max": SHOWN_MAX,
        "preview": preview,
        "back": Asked(type=kind).base,
    }


def _answer(request: WebRequest, template: str, context: dict[str, Any]) -> HttpResponse:
    """Into the dialog, or as a page of its own."""
    if is_fragment(request):
        return bare.page(request, template, {**context, "in_dialog": True})
    whole = {**context, "in_dialog": False, "inner": template}
    return frame.page(request, "web/batch/page.html", whole)

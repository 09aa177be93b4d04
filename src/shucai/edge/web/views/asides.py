"""旁办 asides: hand over, add a signer, hang and resume; asked in a dialog, then done."""

from typing import Any, Final

from django.http import HttpResponse

from shucai.base.errors import Refused
from shucai.edge.web import answers, bare, clock, frame
from shucai.edge.web.endpoints import DOCUMENT, endpoint, scoped
from shucai.edge.web.errors import NOT_THERE
from shucai.edge.web.request import WebRequest, is_fragment
from shucai.edge.web.views.lists import kind_of
from shucai.kernel.document import history, reading, sideways
from shucai.kernel.document.declare import DocumentType
from shucai.kernel.document.sideways import LABELS, Sideways

WITH_PERSON: Final = frozenset({"hand_over", "add_signer"})


@endpoint(
    "d/<str:code>/<str:address>/aside/<str:name>",
    name="form-aside",
    access=DOCUMENT,
    methods=("GET", "POST"),
)
def aside(request: WebRequest, code: str, address: str, name: str) -> HttpResponse:
    """GET asks for the person and the reason, POST does it."""
    kind = kind_of(code)
    if name not in LABELS:
        raise NOT_THERE.refuse(what=name, position=request.actor.position_name)
    if request.method != "POST":
        return _ask(request, kind, address, name)
    person = request.POST.get("to_user", "")
    try:
        outcome = sideways.run(
            Sideways(
                type=kind,
                numbers=[address],
                name=name,
                actor=request.actor,
                now=clock.now(),
                opinion=request.POST.get("opinion", "").strip()[:400],
                to_user=int(person) if person.isascii() and person.isdigit() else None,
            )
        )
        findings = list(outcome.results[0].findings)
    except Refused as refused:
        findings = [finding.as_dict() for finding in refused.findings]
    if findings:
        with scoped(request.actor):
            return _ask(request, kind, address, name, findings)
    frame.flash(request, f"{address} 已{LABELS[name]}")
    return answers.to(request, f"/d/{code}/{address}")


def _ask(
    request: WebRequest,
    kind: DocumentType,
    address: str,
    name: str,
    findings: list[dict[str, Any]] | None = None,
) -> HttpResponse:
    dossier = reading.open_one(kind=kind, actor=request.actor, address=address)
    people = []
    if name in WITH_PERSON:
        people = history.colleagues(dossier, on=clock.today(), but=request.actor.user_id)
    context = {
        "title": f"{LABELS[name]} · {kind.name}",
        "kind": kind,
        "label": LABELS[name],
        "base": f"/d/{kind.code}/{dossier.address}",
        "name": name,
        "people": people,
        "with_person": name in WITH_PERSON,
        "opinion": request.POST.get("opinion", ""),
        "chosen": request.POST.get("to_user", ""),
        "findings": findings or [],
    }
    if is_fragment(request):
        return bare.page(request, "form/_aside.html", {**context, "in_dialog": True})
    whole = {**context, "in_dialog": False, "inner": "form/_aside.html"}
    return frame.page(request, "form/aside.html", whole)

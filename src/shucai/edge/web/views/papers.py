"""打印 papers: one document as PDF, or those picked in a list in one file."""

from collections.abc import Sequence
from typing import Final
from urllib.parse import quote

from django.http import HttpResponse

from shucai.edge.web import errors
from shucai.edge.web.endpoints import DOCUMENT, endpoint, scoped
from shucai.edge.web.form import paper
from shucai.edge.web.request import WebRequest
from shucai.edge.web.views.batch import picked_of
from shucai.edge.web.views.lists import kind_of
from shucai.kernel.document import reading
from shucai.kernel.document.reading import Dossier

# The viewer of the browser draws the file with styles and an object of its own.
_POLICY: Final = (
    "default-src 'none'; object-src 'self'; style-src 'unsafe-inline'; frame-ancestors 'self'"
)


@endpoint("d/<str:code>/<str:address>/print.pdf", name="form-print", access=DOCUMENT)
def print_one(request: WebRequest, code: str, address: str) -> HttpResponse:
    kind = kind_of(code)
    dossier = reading.open_one(kind=kind, actor=request.actor, address=address)
    return _answer(request, [dossier])


@endpoint("d/<str:code>/-/print.pdf", name="list-print", access=DOCUMENT, methods=("POST",))
def print_many(request: WebRequest, code: str) -> HttpResponse:
    """The documents ticked, or all that match; more than one file holds are refused."""
    kind = kind_of(code)
    with scoped(request.actor):
        picked = picked_of(request, kind)
        if len(picked.addresses) > paper.DOCUMENTS_MAX:
            raise errors.TOO_MANY_PAPERS.refuse(
                count=len(picked.addresses), limit=paper.DOCUMENTS_MAX
            )
        dossiers = reading.open_many(kind=kind, actor=request.actor, addresses=picked.addresses)
        return _answer(request, dossiers)


def _answer(request: WebRequest, dossiers: Sequence[Dossier]) -> HttpResponse:
    """In the template that was chosen; each document by what is in force for its own unit."""
    variant = request.POST.get("variant", "") or request.GET.get("variant", "")
    printed = paper.render(dossiers, publisher=request.actor.unit_name, variant=variant[:1])
    answer = HttpResponse(printed.content, content_type="application/pdf")
    answer["Content-Disposition"] = f"inline; filename*=UTF-8''{quote(printed.name, safe='')}"
    answer["Content-Security-Policy"] = _POLICY
    return answer

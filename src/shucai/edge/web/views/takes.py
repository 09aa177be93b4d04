"""承接 takes: drafts of one type made from documents of another, linked line by line."""

from typing import Final

from django.http import HttpResponse

from shucai.edge.web import answers, clock, frame
from shucai.edge.web.endpoints import DOCUMENT, endpoint
from shucai.edge.web.errors import NOTHING_PICKED
from shucai.edge.web.request import WebRequest
from shucai.edge.web.views.lists import kind_of
from shucai.kernel.document import succession
from shucai.kernel.document.succession import Take

PICKED_MAX: Final = 500


@endpoint("d/<str:code>/-/take", name="form-take", access=DOCUMENT, methods=("POST",))
def take(request: WebRequest, code: str) -> HttpResponse:
    """`?from=` names the type and `?pick=` the documents to make drafts from, all or none."""
    kind = kind_of(code)
    source = kind_of(request.GET.get("from", ""))
    numbers = request.GET.getlist("pick")[:PICKED_MAX]
    if not numbers:
        raise NOTHING_PICKED.refuse()
    headers = succession.take(
        Take(
            type=kind,
            source=source.code,
            numbers=numbers,
            actor=request.actor,
            now=clock.now(),
            today=clock.today(),
        )
    )
    frame.flash(request, f"已由{source.name}生成 {len(headers)} 笔{kind.name}草稿")
    only = headers[0].address if len(headers) == 1 else ""
    return answers.to(request, f"/d/{code}/{only}")

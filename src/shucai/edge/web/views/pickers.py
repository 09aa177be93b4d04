"""选择框 pickers: the options of one field, as list items the combobox puts under its input."""

from typing import Any

from django.db import models
from django.http import HttpResponse

from shucai.edge.web import bare, clock
from shucai.edge.web.endpoints import DOCUMENT, endpoint
from shucai.edge.web.errors import NOT_THERE
from shucai.edge.web.request import WebRequest
from shucai.edge.web.views.lists import kind_of
from shucai.kernel.document import choosing
from shucai.kernel.document.declare import DocumentType
from shucai.kernel.document.showing import kind_of as field_kind

PLACES = ("field", "line")


@endpoint("d/<str:code>/-/pick/<str:place>/<str:name>", name="form-pick", access=DOCUMENT)
def pick(request: WebRequest, code: str, place: str, name: str) -> HttpResponse:
    """`?q=` searches, `?parent=` opens a branch; neither shows the top."""
    kind = kind_of(code)
    known = _field(request, kind, place, name)
    question = choosing.Question(
        actor=request.actor,
        on=clock.today(),
        unit=request.GET.get("unit", ""),
        q=request.GET.get("q", "").strip()[:60],
        parent=request.GET.get("parent", "")[:40],
    )
    found = choosing.choices(known, question) if known else choosing.units(question)
    level = request.GET.get("level", "1")
    context = {
        "choices": found,
        "level": int(level) if level.isdigit() and len(level) < 3 else 1,
        "q": question.q,
        "is_full": len(found) >= choosing.SHOWN_MAX,
        "limit": choosing.SHOWN_MAX,
        "is_free": known is not None and field_kind(known) == "text",
        "is_account": known is not None and field_kind(known) == "account",
    }
    return bare.page(request, "form/_choices.html", context)


def _field(
    request: WebRequest, kind: DocumentType, place: str, name: str
) -> "models.Field[Any, Any] | None":
    """The field asked about; None for the unit every document has."""
    if place == "field" and name == "unit":
        return None
    fields = {"field": kind.fields, "line": kind.line_fields}.get(place, list)()
    for known in fields:
        if known.name == name and choosing.is_offered(known):
            return known
    raise NOT_THERE.refuse(what=name, position=request.actor.position_name)

"""模板预览 previews of print templates: what is typed in the editor, on a sample document."""

import base64
from typing import Any, Final, cast

from django.http import HttpResponse

from shucai.base.errors import Refused
from shucai.edge.web import bare, clock, fields_form, frame
from shucai.edge.web.endpoints import duty, endpoint, scoped
from shucai.edge.web.form import paper
from shucai.edge.web.form.paper import sample
from shucai.edge.web.request import WebRequest, is_fragment
from shucai.edge.web.views.configuration import asked, place_link
from shucai.kernel.configuration import drafts
from shucai.kernel.configuration.declare import Place
from shucai.kernel.pages import print_template

PIECE: Final = "web/configuration/_paper.html"


@endpoint(
    f"configuration/{print_template.CODE}/<str:key>/preview",
    name="print-preview",
    access=duty(print_template.KIND.editor, print_template.KIND.publisher),
    methods=("GET", "POST"),
)
def preview(request: WebRequest, key: str) -> HttpResponse:
    """What is typed, or, asked for by address, the draft; nothing of it is kept."""
    place = asked(request, print_template.CODE, key)
    with scoped(request.actor):
        context = _drawn(request, place)
        if is_fragment(request):
            return bare.page(request, PIECE, context)
        whole = {**context, "title": "模板预览", "tab": "", "back": place_link(place, "draft")}
        return frame.page(request, "web/configuration/paper.html", whole)


def _drawn(request: WebRequest, place: Place) -> dict[str, Any]:
    """Pictures of the pages, or the faults that have to be corrected first."""
    said = request.POST if request.method == "POST" else request.GET
    size = next((code for code, _ in sample.SIZES if code == said.get("sample")), "short")
    context: dict[str, Any] = {"sizes": sample.SIZES, "size": size, "pages": [], "findings": []}
    context["is_pane"] = is_fragment(request)
    content, _, _ = drafts.starting(place)
    if request.method == "POST":
        fields = print_template.KIND.fields(place)
        try:
            content = fields_form.read(fields, request.POST, request.FILES, content)
        except Refused as refused:
            return context | {"findings": [one.as_dict() for one in refused.findings]}
    faults = print_template.KIND.faults(place, content)
    if any(not one.code.startswith("PAG-") for one in faults):
        return context | {"findings": [one.as_dict() for one in faults]}
    actor = request.actor
    pages, count = paper.preview(
        print_template.kind_of(place),
        content,
        cast(sample.Size, size),
        year=place.fiscal_year or actor.fiscal_year,
        division=place.division or actor.division,
    )
    return context | {
        "findings": [one.as_dict() for one in faults],
        "pages": [base64.b64encode(page).decode() for page in pages],
        "count": count,
        "at": clock.now(),
    }

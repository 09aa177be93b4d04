"""搜索 find: functions by name or pinyin, documents by number; suggestions for filters."""

from django.http import HttpResponse

from shucai.edge.web import bare, clock, finding, frame
from shucai.edge.web.endpoints import SIGNED_IN, endpoint
from shucai.edge.web.request import WebRequest, is_fragment
from shucai.kernel.document import choosing
from shucai.kernel.masterdata import values

SHOWN_MAX = 20


@endpoint("find", name="find", access=SIGNED_IN)
def find(request: WebRequest) -> HttpResponse:
    """The palette behind Ctrl-K; a page of its own without scripts."""
    text = request.GET.get("q", "").strip()[:60]
    context = {
        "title": "搜索",
        "text": text,
        "functions": finding.functions(request.actor, text),
        "documents": finding.documents(request.actor, text),
    }
    if is_fragment(request):
        return bare.page(request, "web/find/_found.html", context)
    return frame.page(request, "web/find/page.html", context)


@endpoint("find/units", name="find-units", access=SIGNED_IN)
def find_units(request: WebRequest) -> HttpResponse:
    """Units within the scope, for a filter."""
    text = _said(request)
    asked = choosing.Question(actor=request.actor, on=clock.today(), q=text)
    found = choosing.units(asked)[:SHOWN_MAX] if text else []
    pairs = [(f"{unit.value} {unit.text}", unit.text) for unit in found]
    return bare.page(request, "web/find/_options.html", {"pairs": pairs})


@endpoint("find/values/<str:value_set>", name="find-values", access=SIGNED_IN)
def find_values(request: WebRequest, value_set: str) -> HttpResponse:
    """Values of a set in the actor's year, for a filter."""
    text = _said(request)
    actor = request.actor
    found = (
        values.search(value_set, actor.fiscal_year, text, division=actor.division, limit=SHOWN_MAX)
        if text
        else []
    )
    pairs = [(entry.label, entry.full_name or entry.name) for entry in found]
    return bare.page(request, "web/find/_options.html", {"pairs": pairs})


def _said(request: WebRequest) -> str:
    """What stands in the one control that asks, whatever its name."""
    said = [value for name, value in request.GET.items() if name != "year"]
    return str(said[0]).strip().split(" ", maxsplit=1)[0][:40] if said else ""

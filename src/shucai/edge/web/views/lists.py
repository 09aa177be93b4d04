"""列表页 list page: `/d/<type>/`, its totals and counts, saved views, columns and export."""

from dataclasses import replace
from decimal import Decimal
from time import monotonic
from typing import Any, Final
from urllib.parse import parse_qs

from django.http import HttpResponse, QueryDict

from shucai.edge.web import answers, asked, bare, clock, columns, frame, jinja, taste
from shucai.edge.web.asked import Asked
from shucai.edge.web.endpoints import DOCUMENT, endpoint, scoped
from shucai.edge.web.errors import UNKNOWN_CHOICE
from shucai.edge.web.request import WebRequest, is_fragment
from shucai.kernel.document import list_layout, listing
from shucai.kernel.document.declare import DocumentType, find_type
from shucai.kernel.document.list_layout import ListLayout
from shucai.kernel.identity.actor import Actor
from shucai.kernel.jobs import queue
from shucai.kernel.pages import print_template

VIEWS_MAX: Final = 20
FILTERS_SECONDS: Final = 60  # a new element value is in the filters a minute later


def kind_of(code: str) -> DocumentType:
    """The type of the address; the endpoint has refused unknown ones."""
    kind = find_type(code)
    if kind is None:
        raise answers.no_such_type(code)
    return kind


@endpoint("d/<str:code>/", name="list", access=DOCUMENT, preference=taste.KEY)
def list_page(request: WebRequest, code: str) -> HttpResponse:
    kind = kind_of(code)
    habits = taste.read(request.visit.preference)
    layout = list_layout.current(kind, request.actor)
    size = habits.size or layout.size or taste.size_for(habits, request.actor)
    wanted = asked.read(kind, request.GET, size=size, usual=layout.sort)
    one = _List(request, kind, wanted, habits=habits, layout=layout)
    if is_fragment(request):
        return bare.page(request, "web/list/_list.html", {**one.around(), **one.slots()})
    # What the filters offer is looked up again every minute.
    key = (one.key, asked.is_leaf(request.actor), int(monotonic() // FILTERS_SECONDS))
    return frame.moulded(request, "web/list/page.html", key, one.whole, one.slots())


class _List:
    """A list as asked for: the rows and the links to its neighbours are its slots; all around
    them is the same for everybody who asks the same with the same duties."""

    def __init__(
        self,
        request: WebRequest,
        kind: DocumentType,
        wanted: Asked,
        *,
        habits: taste.ListTaste,
        layout: ListLayout,
    ) -> None:
        self.request, self.actor, self.kind, self.asked = request, request.actor, kind, wanted
        self.views, self.layout = habits.views, layout
        self.columns = columns.chosen(kind, habits.columns, layout)
        self.names = tuple(column.name for column in self.columns)
        views = tuple((view["name"], view["query"]) for view in habits.views)
        self.papers = print_template.offered(kind, self.actor)
        duties = self.actor.duties
        self.key = (kind.code, wanted.key, self.names, views, duties, layout.token, self.papers)

    def slots(self) -> dict[str, str]:
        found = listing.page(replace(self.asked.query(self.actor), columns=self.names))
        link = self.asked.link
        return {
            "body": columns.body(self.kind, self.columns, found, year=self.actor.fiscal_year),
            "sum": jinja.money(sum(found.column("amount"), start=Decimal(0))),
            "next": link(cursor=found.next) if found.next else "",
            "previous": link(cursor=found.previous) if found.previous else "",
        }

    def around(self) -> dict[str, Any]:
        return {
            "title": self.kind.name,
            "kind": self.kind,
            "asked": self.asked,
            "text": self.asked.text(),
            "columns": self.columns,
            "moves": moves(self.kind, self.actor, self.asked.filters.get("state", ())),
            "can_make": self.actor.can(self.kind.maker),
            "views": self.views,
            "papers": self.papers,
            "every_column": columns.offered(self.kind.code, self.layout).values(),
            "is_wide": any(column.width for column in self.columns),
            "segments": self.layout.segments,
            "sizes": listing.SIZES,
            "counts": {},
            "todo": None,
        }

    def whole(self) -> dict[str, Any]:
        labels = columns.offered(self.kind.code, self.layout)
        found = asked.controls(self.kind, self.actor, self.layout.filters, labels)
        return {**self.around(), "filters": found}


def moves(kind: DocumentType, actor: Actor, states: Any) -> list[dict[str, Any]]:
    """The actions the actor's duties allow, from the states shown; onward moves come first."""
    found: dict[str, dict[str, Any]] = {}
    for move in kind.flow:
        if not actor.can(move.by) or (states and move.source not in states):
            continue
        back = move.action in kind.needs_reason or move.target == kind.initial
        found.setdefault(
            move.action,
            {"action": move.action, "label": move.label, "is_back": back},
        )
    return sorted(found.values(), key=lambda one: one["is_back"])


@endpoint("d/<str:code>/-/totals", name="list-totals", access=DOCUMENT)
def totals(request: WebRequest, code: str) -> HttpResponse:
    """Count and sum of the whole selection, asked for by the page once it stands."""
    wanted = asked.read(kind_of(code), request.GET)
    found = listing.totals(wanted.query(request.actor))
    return bare.page(
        request, "web/list/_totals.html", {"totals": found, "limit": listing.COUNT_MAX}
    )


@endpoint("d/<str:code>/-/segments", name="list-segments", access=DOCUMENT)
def segments(request: WebRequest, code: str) -> HttpResponse:
    """The state segments with their counts."""
    kind = kind_of(code)
    layout = list_layout.current(kind, request.actor)
    wanted = asked.read(kind, request.GET, usual=layout.sort)
    return bare.page(
        request,
        "web/list/_segments.html",
        {
            "kind": kind,
            "asked": wanted,
            "segments": layout.segments,
            "counts": listing.state_counts(wanted.query(request.actor)),
            "todo": listing.totals(
                Asked(type=kind, filters={"todo": ["1"]}).query(request.actor)
            ).count,
        },
    )


@endpoint("d/<str:code>/-/columns", name="list-columns", access=DOCUMENT, methods=("POST",))
def choose_columns(request: WebRequest, code: str) -> HttpResponse:
    """Keeps the columns chosen; none, or a reset, means those laid out."""
    kind = kind_of(code)
    known = columns.offered(code, list_layout.current(kind, request.actor))
    names = [name for name in request.POST.getlist("column") if name in known]
    if "reset" in request.POST:
        names = []
    with scoped(request.actor):
        taste.keep(request.actor, code, columns=names)
    return _back(request, kind)


@endpoint("d/<str:code>/-/views", name="list-views", access=DOCUMENT, methods=("POST",))
def keep_view(request: WebRequest, code: str) -> HttpResponse:
    """Saves the filters of the address under a name, or forgets a saved view."""
    kind = kind_of(code)
    name = request.POST.get("name", "").strip()[:20]
    with scoped(request.actor):
        views = [v for v in taste.of_list(request.actor, code).views if v["name"] != name]
        if "forget" not in request.POST:
            if not name:
                raise UNKNOWN_CHOICE.refuse(
                    "name", label="视图名称", value="空白", known="1 至 20 个字"
                )
            text = Asked(type=kind, filters=_filters(kind, request)).text()
            views.append({"name": name, "query": text})
        taste.keep(request.actor, code, views=views[-VIEWS_MAX:])
    return _back(request, kind)


@endpoint("d/<str:code>/-/export", name="list-export", access=DOCUMENT, methods=("POST",))
def export(request: WebRequest, code: str) -> HttpResponse:
    """Queues the export of the whole selection; the bell tells when the file is there."""
    kind = kind_of(code)
    layout = list_layout.current(kind, request.actor)
    said = QueryDict(request.POST.get("query", "").lstrip("?"))
    wanted = asked.read(kind, said, usual=layout.sort)
    with scoped(request.actor):
        habits = taste.of_list(request.actor, code)
        run = queue.start(
            code="document.export",
            actor=request.actor,
            args={
                "type": code,
                "filters": {k: list(v) for k, v in wanted.query(request.actor).filters.items()},
                "sort": wanted.sort,
                "columns": [c.name for c in columns.chosen(kind, habits.columns, layout)],
            },
            now=clock.now(),
        )
    context = {"run": run, "name": f"导出{kind.name}"}
    if is_fragment(request):
        return bare.page(request, "web/tasks/_started.html", context)
    return answers.to(request, "/tasks")


def _filters(kind: DocumentType, request: WebRequest) -> dict[str, list[str]]:
    said = parse_qs(request.POST.get("query", "").lstrip("?"))
    known = asked.read(kind, QueryDict(request.POST.get("query", "").lstrip("?"))).filters
    return {name: list(known[name]) for name in said if name in known}


def _back(request: WebRequest, kind: DocumentType) -> HttpResponse:
    """To the list as it stood, in its new shape."""
    said = QueryDict(request.POST.get("query", "").lstrip("?"))
    layout = list_layout.current(kind, request.actor)
    wanted = asked.read(kind, said, usual=layout.sort)
    if not is_fragment(request):
        return answers.to(request, wanted.link())
    with scoped(request.actor):
        habits = taste.of_list(request.actor, kind.code)
        one = _List(request, kind, wanted, habits=habits, layout=layout)
        return bare.page(request, "web/list/_list.html", {**one.around(), **one.slots()})

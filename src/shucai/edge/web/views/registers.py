"""名录页 register pages: the list, its counts and branches, one record, export, columns, views."""

from typing import Any, Final

from django.http import HttpResponse, QueryDict

from shucai.base.errors import Refused
from shucai.edge.web import answers, bare, clock, frame, sheets, taste, words
from shucai.edge.web.endpoints import REGISTER, endpoint, scoped
from shucai.edge.web.errors import UNKNOWN_CHOICE
from shucai.edge.web.register import asked, table
from shucai.edge.web.register.asked import Asked
from shucai.edge.web.request import WebRequest, is_fragment
from shucai.kernel import audit
from shucai.kernel.audit import reading as trail_reading
from shucai.kernel.identity.duties import AUDITOR
from shucai.kernel.pages import registers
from shucai.kernel.pages.register import Register
from shucai.kernel.pages.register_facts import (
    FLAGS,
    address_of,
    facts,
    filter_label,
    filter_name,
    key_of,
    sections,
)

VIEWS_MAX: Final = 20
TRAIL_MAX: Final = 20


def register_of(code: str) -> Register:
    """The register of the address; the endpoint has refused unknown ones."""
    return registers.found_or_refused(code)


@endpoint("r/<str:code>/", name="register", access=REGISTER, preference=taste.KEY)
def list_page(request: WebRequest, code: str) -> HttpResponse:
    register = register_of(code)
    habits = taste.read(request.visit.preference)
    size = taste.size_for(habits, request.actor)
    wanted = asked.read(register, request.GET, size=size)
    context = _list(request, register, wanted, habits)
    status = 422 if context["findings"] else 200
    if is_fragment(request):
        return bare.page(request, "web/register/_list.html", context, status=status)
    context["controls"] = asked.controls(register, request.actor)
    return frame.page(request, "web/register/page.html", context, status=status)


def _list(
    request: WebRequest, register: Register, wanted: Asked, habits: taste.ListTaste
) -> dict[str, Any]:
    actor = request.actor
    shown = table.chosen(register, habits.columns)
    many = register.allowed(actor, target="many")
    findings: list[dict[str, Any]] = []
    try:
        found = registers.page(wanted.query(actor))
    except Refused as refused:
        findings = [one.as_dict() for one in refused.findings]
        found = registers.Page([], "", "")
    is_tree = wanted.is_tree
    return {
        "title": register.name,
        "register": register,
        "asked": wanted,
        "said": wanted.said(),
        "shown": shown,
        "findings": findings,
        "many": many,
        "plain": register.allowed(actor, target="none"),
        "is_tree": is_tree,
        "above": _above(register, actor, wanted) if wanted.parent else [],
        "body": table.body(
            register,
            shown,
            found.rows,
            picks=bool(many),
            level=1 if is_tree else 0,
            query=wanted.said(parent=""),
        ),
        "has_rows": bool(found.rows),
        "span": len(shown) + bool(many),
        "next": wanted.link(cursor=found.next) if found.next else "",
        "previous": wanted.link(cursor=found.previous) if found.previous else "",
        "sizes": registers.SIZES,
        "views": habits.views,
        "every": facts(register).values(),
        "segments": _segments(register, actor, wanted),
        "counts": {},
    }


def _above(register: Register, actor: Any, wanted: Asked) -> list[tuple[str, str]]:
    """The way from the root down to the branch shown: titles with the branches they open."""
    here = registers.one(register, actor, wanted.parent)
    return [
        (register.title(record), wanted.link(parent=key_of(register, record)))
        for record in [*registers.ancestors(register, actor, here), here]
    ]


def _segments(register: Register, actor: Any, wanted: Asked) -> dict[str, Any] | None:
    found = asked.segments_of(register, actor)
    if found is None:
        return None
    one, offered = found
    name = filter_name(register, one)
    return {
        "name": name,
        "label": filter_label(register, one),
        "is_flag": offered == list(FLAGS),
        "now": wanted.one(name),
        "options": [
            (value, text, wanted.link(**{name: value})) for value, text in (("", "全部"), *offered)
        ],
    }


@endpoint("r/<str:code>/~/segments", name="register-segments", access=REGISTER)
def segments(request: WebRequest, code: str) -> HttpResponse:
    """The segments with their counts, asked for by the page once it stands."""
    register = register_of(code)
    wanted = asked.read(register, request.GET)
    found = asked.segments_of(register, request.actor)
    counts = registers.counts(wanted.query(request.actor), found[0]) if found else {}
    context = {
        "asked": wanted,
        "segments": _segments(register, request.actor, wanted),
        "counts": counts,
    }
    return bare.page(request, "web/register/_segments.html", context)


@endpoint("r/<str:code>/~/totals", name="register-totals", access=REGISTER)
def totals(request: WebRequest, code: str) -> HttpResponse:
    wanted = asked.read(register_of(code), request.GET)
    count = registers.count(wanted.query(request.actor))
    context = {"count": count, "limit": registers.COUNT_MAX}
    return bare.page(request, "web/register/_totals.html", context)


@endpoint("r/<str:code>/~/branch", name="register-branch", access=REGISTER, preference=taste.KEY)
def branch(request: WebRequest, code: str) -> HttpResponse:
    """The rows below one record of a tree, put under it by script; else a page of their own."""
    register = register_of(code)
    habits = taste.read(request.visit.preference)
    wanted = asked.read(register, request.GET, size=registers.SIZE_MAX)
    if not is_fragment(request) or not wanted.is_tree:
        return answers.to(request, wanted.link())
    level = request.GET.get("depth", "2")
    found = registers.page(wanted.query(request.actor))
    shown = table.chosen(register, habits.columns)
    many = register.allowed(request.actor, target="many")
    context = {
        "body": table.body(
            register,
            shown,
            found.rows,
            picks=bool(many),
            level=int(level) if level.isdigit() and len(level) < 3 else 2,
            query=wanted.said(parent=""),
        ),
        "level": level if level.isdigit() and len(level) < 3 else "2",
        "span": len(shown) + bool(many),
        "more": f"{wanted.base}~/branch{wanted.said(cursor=found.next)}" if found.next else "",
        "page": wanted.link(cursor=found.next) if found.next else "",
    }
    return bare.page(request, "web/register/_branch.html", context)


@endpoint("r/<str:code>/<str:key>", name="register-record", access=REGISTER)
def record_page(request: WebRequest, code: str, key: str) -> HttpResponse:
    register = register_of(code)
    actor = request.actor
    record = registers.one(register, actor, key)
    now = clock.now()
    panels = [(one, one.table(actor, record, now)) for one in register.panels]
    context = {
        "title": f"{register.name} {register.title(record)}"[:60],
        "register": register,
        "record": record,
        "name": register.title(record),
        "address": address_of(register, record),
        "sections": [
            (
                heading,
                [(one, *table.spelt(one.value(record), one.look, one.choices)) for one in found],
            )
            for heading, found in sections(register).items()
        ],
        "commands": register.allowed(actor, target="one", record=record),
        "panels": [(one, found, table.plain_rows(found)) for one, found in panels],
        "above": [
            (register.title(one), address_of(register, one))
            for one in registers.ancestors(register, actor, record)
        ],
        "trail": _trail(register, record) if actor.can(AUDITOR) else None,
        "words": words,
        "labels": trail_reading.RESULTS,
    }
    return frame.page(request, "web/register/record.html", context)


def _trail(register: Register, record: Any) -> list[trail_reading.Row]:
    """The latest rows of the trail about this record, under every name it goes by there."""
    names = [(register.code, key_of(register, record))]
    if register.trail is not None:
        names += list(register.trail(record))
    found: dict[int, trail_reading.Row] = {}
    for kind, target in names:
        rows, _ = trail_reading.page(trail_reading.Wanted(target_type=kind, target=target))
        found |= {row.id: row for row in rows if row.target_type == kind}
    return sorted(found.values(), key=lambda row: -row.id)[:TRAIL_MAX]


@endpoint("r/<str:code>/~/export", name="register-export", access=REGISTER, methods=("POST",))
def export(request: WebRequest, code: str) -> HttpResponse:
    """The whole selection as a workbook or as CSV; that it was taken is in the trail."""
    register = register_of(code)
    wanted = asked.read(register, _query(request))
    with scoped(request.actor):
        habits = taste.of_list(request.actor, code)
        limit = registers.EXPORT_MAX
        rows = registers.every(wanted.query(request.actor), limit=limit + 1)
        is_cut, rows = len(rows) > limit, rows[:limit]
        shown = table.chosen(register, habits.columns)
        values = [[sheets.cell(fact.value(one), fact.text(one)) for fact in shown] for one in rows]
        audit.record(
            [
                audit.AuditRow(
                    actor=request.actor,
                    at=clock.now(),
                    action=f"{code}.export"[:80],
                    target_type=code[:60],
                    target="",
                    result="done",
                    detail={"query": wanted.said(), "rows": len(rows)},
                )
            ]
        )
    heads = [fact.label for fact in shown]
    note = f"只导出前 {limit:,} 条，请缩小筛选范围" if is_cut else ""
    name = f"{register.name}{clock.today():%Y%m%d}"
    if request.POST.get("format") == "csv":
        return sheets.csv_answer(name, heads, values)
    return sheets.answer(name, heads, values, note=note)


@endpoint("r/<str:code>/~/columns", name="register-columns", access=REGISTER, methods=("POST",))
def choose_columns(request: WebRequest, code: str) -> HttpResponse:
    """Keeps the columns chosen; none, or a reset, means the declared ones."""
    register = register_of(code)
    names = [name for name in request.POST.getlist("column") if name in facts(register)]
    with scoped(request.actor):
        taste.keep(request.actor, code, columns=[] if "reset" in request.POST else names)
    return answers.to(request, asked.read(register, _query(request)).link())


@endpoint("r/<str:code>/~/views", name="register-views", access=REGISTER, methods=("POST",))
def keep_view(request: WebRequest, code: str) -> HttpResponse:
    """Saves the filters of the address under a name, or forgets a saved view."""
    register = register_of(code)
    name = request.POST.get("name", "").strip()[:20]
    wanted = asked.read(register, _query(request))
    with scoped(request.actor):
        views = [v for v in taste.of_list(request.actor, code).views if v["name"] != name]
        if "forget" not in request.POST:
            if not name:
                raise UNKNOWN_CHOICE.refuse(
                    "name", label="视图名称", value="空白", known="1 至 20 个字"
                )
            views.append({"name": name, "query": wanted.said()})
        taste.keep(request.actor, code, views=views[-VIEWS_MAX:])
    return answers.to(request, wanted.link())


def _query(request: WebRequest) -> QueryDict:
    return QueryDict(request.POST.get("query", "")[:4000].lstrip("?"))

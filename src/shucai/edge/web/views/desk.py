"""工作台 desk: greeting, figures, to-do, notices and charts; each number leads to its page."""

from decimal import Decimal
from typing import Any, Final

from django.http import HttpResponse
from django.utils import timezone

from shucai.base.errors import Refused
from shucai.edge.web import bare, charts, clock, frame, words
from shucai.edge.web.endpoints import SIGNED_IN, endpoint
from shucai.edge.web.errors import UNKNOWN_CHOICE
from shucai.edge.web.kept import kept
from shucai.edge.web.request import WebRequest
from shucai.kernel.audit import reading
from shucai.kernel.configuration import overview
from shucai.kernel.content import reading as announced
from shucai.kernel.document import desk
from shucai.kernel.document.declare import types
from shucai.kernel.identity import officers
from shucai.kernel.identity.actor import Actor
from shucai.kernel.identity.duties import AUDITOR, OFFICERS
from shucai.kernel.jobs import queue
from shucai.kernel.masterdata import values
from shucai.kernel.messages import notices
from shucai.kernel.pages import figures
from shucai.kernel.pages.access import business_duties
from shucai.kernel.pages.portal import portal_of

CLASSES_SHOWN: Final = 5
READ_SHOWN: Final = 6
_WIDE: Final = ("figures", "charts")
_HOURS: Final = (
    (5, "夜深了"),
    (9, "早上好"),
    (12, "上午好"),
    (14, "中午好"),
    (18, "下午好"),
    (24, "晚上好"),
)
# fmt: off
_LOOKS: Final = {
    "granted":   ("wallet", "blue"),
    "spent":     ("coins", "green"),
    "available": ("pig-money", "gold"),
    "held":      ("hourglass", "violet"),
}
# fmt: on


@endpoint("", name="desk", access=SIGNED_IN)
def desk_page(request: WebRequest) -> HttpResponse:
    actor = request.actor
    is_business = bool(actor.duties & frozenset(business_duties()))
    context = {
        "title": "工作台",
        "greeting": _greeting(),
        "today": clock.today(),
        "is_business": is_business,
        "figures": _figures(actor) if is_business else [],
        "makes": [kind for kind in types().values() if actor.can(kind.maker)],
        "notices": notices.inbox(actor=actor, size=7),
        "portal": portal_of(actor),
    }
    if actor.duties & frozenset(OFFICERS):
        return frame.page(request, "web/desk/officer.html", {**context, **_office(actor)})
    blocks = portal_of(actor).blocks
    context["rows"] = _rows(blocks)
    if "reading" in blocks:
        now = clock.now()
        context["announcements"] = announced.received(actor=actor, now=now, size=READ_SHOWN)
        context["articles"] = announced.latest(actor=actor, now=now, size=READ_SHOWN)
    return frame.page(request, "web/desk/page.html", {**context, **_todo(actor, _fullest(actor))})


def _rows(blocks: tuple[str, ...]) -> list[tuple[str, ...]]:
    """The blocks of the portal as rows: figures and charts fill one, others stand side by side."""
    found: list[tuple[str, ...]] = []
    for block in blocks:
        if block in _WIDE or not found or found[-1][0] in _WIDE:
            found.append((block,))
        else:
            found[-1] = (*found[-1], block)
    return found


@endpoint("desk/todo", name="desk-todo", access=SIGNED_IN)
def todo(request: WebRequest) -> HttpResponse:
    """The to-do table of one tab."""
    return bare.page(
        request, "web/desk/_todo.html", _todo(request.actor, request.GET.get("tab", "waiting"))
    )


@endpoint("desk/charts", name="desk-charts", access=SIGNED_IN)
def desk_charts(request: WebRequest) -> HttpResponse:
    """The charts, asked for once the page stands; kept for a minute for everybody who may see
    the same rows."""
    actor = request.actor
    shown = figures.figures()
    if not shown or not actor.duties & frozenset(business_duties()):
        return HttpResponse("")
    one = shown[0]
    rows = ("charts", actor.scope_path, actor.office, actor.fiscal_year, one.code)
    drawn = kept(rows, lambda: _charts(actor, one))
    return bare.page(request, "web/desk/_charts.html", drawn)


@endpoint("frame/counts", name="counts", access=SIGNED_IN)
def counts(request: WebRequest) -> HttpResponse:
    """Counts of the menu and the bell."""
    found = {frame.slug(code): n for code, n in desk.counts_by_type(request.actor).items()}
    found["n-bell"] = notices.unread(actor=request.actor)
    return bare.page(request, "web/_counts.html", {"counts": found})


def _office(actor: Actor) -> dict[str, Any]:
    """What the three officers watch: changes to decide, sessions, faults, refusals."""
    now = clock.now()
    is_auditor = actor.can(AUDITOR)
    refused, _ = reading.page(reading.Wanted(result="refused")) if is_auditor else ([], 0)
    return {
        "waiting": officers.waiting_count(actor=actor),
        "releases": overview.waiting_count(),
        "changes": officers.changes(actor=actor, state="proposed", size=7).rows,
        "sessions": officers.session_count(actor=actor, now=now),
        "collisions": len(officers.collisions(actor=actor, now=now)),
        "dead": len(queue.recent(actor=actor, state="dead", size=100)),
        "is_auditor": is_auditor,
        "refused": refused[:7],
        "words": words,
    }


def _greeting() -> str:
    hour = timezone.localtime(clock.now()).hour
    return next(words for until, words in _HOURS if hour < until)


def _fullest(actor: Actor) -> str:
    """The tab to begin with: what waits, else what came back, else what is under way."""
    counts = desk.counts(actor)
    return next((tab for tab in ("waiting", "returned", "going") if counts[tab]), "waiting")


def _todo(actor: Actor, tab: str) -> dict[str, Any]:
    if tab not in desk.TABS:
        known = "、".join(desk.TABS.values())
        raise _unknown_tab(tab, known)
    return {
        "tab": tab,
        "tabs": desk.TABS.items(),
        "tasks": desk.tasks(actor, tab),
        "counts": desk.counts(actor),
        "limit": desk.COUNT_MAX,
    }


def _unknown_tab(tab: str, known: str) -> Refused:
    return UNKNOWN_CHOICE.refuse("tab", label="页签", value=tab, known=known)


def _figures(actor: Actor) -> list[dict[str, Any]]:
    found = []
    for one in figures.figures():
        sums = figures.sums(actor, book=one.book, kind=one.kind)
        for measure, name in one.names.items():
            icon, look = _LOOKS[measure]
            found.append(
                {
                    "name": name,
                    "measure": measure,
                    "amount": getattr(sums, measure),
                    "rate": sums.rate,
                    "page": one.page,
                    "icon": icon,
                    "look": look,
                }
            )
    return found


def _charts(actor: Actor, one: figures.LedgerFigures) -> dict[str, Any]:
    sums = figures.sums(actor, book=one.book, kind=one.kind)
    months = figures.spent_by_month(actor, book=one.book, kind=one.kind)
    classes = figures.spent_by_class(actor, book=one.book, kind=one.kind)
    named = [(_class_name(actor, code), amount) for code, amount in classes[:CLASSES_SHOWN]]
    rest = sum((amount for _, amount in classes[CLASSES_SHOWN:]), Decimal(0))
    if rest:
        named.append(("其他", rest))
    last = 12 if clock.today().year > actor.fiscal_year else clock.today().month
    return {
        "page": one.page,
        "report": "/report/",
        "has_spent": bool(sums.spent),
        "progress": charts.progress(months[:last], granted=sums.granted, unit=_unit(max(months))),
        "progress_unit": _unit(max(months))[1],
        "structure": charts.shares(named, unit=_unit(sums.spent)),
        "structure_unit": _unit(sums.spent)[1],
        "shares": [(name, charts.percent(amount, sums.spent)) for name, amount in named],
        "sums": sums,
    }


def _unit(largest: Decimal) -> tuple[Decimal, str]:
    """Yuan, ten thousand or a hundred million, so that the axis has short numbers."""
    if largest >= 10**9:
        return Decimal(10**8), "亿元"
    return (Decimal(10**4), "万元") if largest >= 10**5 else (Decimal(1), "元")


def _class_name(actor: Actor, code: str) -> str:
    name = values.name_of("functional", actor.fiscal_year, code)
    return name.removesuffix("支出") or code or "未分类"

"""阅读页 reading pages: articles by category, announcements, and what must be read before work."""

from django.http import FileResponse, HttpResponse
from django.utils import timezone

from shucai.base import markup
from shucai.edge.web import answers, bare, clock, frame
from shucai.edge.web.endpoints import ENTERING, SIGNED_IN, endpoint, scoped
from shucai.edge.web.request import WebRequest
from shucai.kernel.content import attaching, categories, reading
from shucai.kernel.content.models import Text
from shucai.kernel.files import sniffing


@endpoint("articles/", name="articles", access=SIGNED_IN)
def articles(request: WebRequest) -> HttpResponse:
    wanted = reading.Wanted(
        text=request.GET.get("q", "")[:60].strip(),
        category=request.GET.get("category", "")[:30],
        kind=request.GET.get("kind", "")[:8],
        page=_page(request),
    )
    found = reading.search(actor=request.actor, wanted=wanted, now=clock.now())
    context = {
        "title": "内容",
        "found": found,
        "wanted": wanted,
        "tree": categories.enabled(),
        "kinds": Text.KINDS,
    }
    return frame.page(request, "web/articles/list.html", context)


@endpoint("articles/<int:pk>", name="article", access=SIGNED_IN)
def article(request: WebRequest, pk: int) -> HttpResponse:
    now = clock.now()
    version = reading.opened(actor=request.actor, article_id=pk, now=now)
    reading.count_reading(actor=request.actor, article_id=pk, now=now)
    people, times = reading.counted(version.article)
    context = {
        "title": version.title,
        "tab": version.title[:12],
        "one": version,
        "blocks": markup.parse(version.body),
        "files": [(one, sniffing.size_text(one.size)) for one in attaching.files(pk)],
        "people": people,
        "times": times,
    }
    return frame.page(request, "web/articles/article.html", context)


@endpoint("articles/<int:pk>/files/<int:file>", name="article-file", access=SIGNED_IN)
def article_file(request: WebRequest, pk: int, file: int) -> FileResponse:
    opened = attaching.fetch(actor=request.actor, article_id=pk, file_id=file, now=clock.now())
    answer = FileResponse(opened.path.open("rb"))
    for name, value in opened.headers.items():
        answer[name] = value
    return answer


@endpoint("announcements/", name="announcements", access=SIGNED_IN)
def announcements(request: WebRequest) -> HttpResponse:
    page = _page(request)
    rows = reading.received(actor=request.actor, now=clock.now(), page=page, size=reading.PAGE + 1)
    context = {
        "title": "通知公告",
        "rows": rows[: reading.PAGE],
        "page": page,
        "has_more": len(rows) > reading.PAGE,
    }
    return frame.page(request, "web/articles/announcements.html", context)


@endpoint("announcements/<int:pk>", name="announcement", access=SIGNED_IN)
def announcement(request: WebRequest, pk: int) -> HttpResponse:
    """Opening an ordinary announcement is reading it; one that must be read is confirmed."""
    now = clock.now()
    receipt = reading.announcement(actor=request.actor, id=pk, now=now)
    if not receipt.announcement.is_must_read and receipt.read_at is None:
        reading.confirm(actor=request.actor, id=pk, now=now)
        receipt.read_at = now
    context = {
        "title": receipt.announcement.title,
        "tab": receipt.announcement.title[:12],
        "receipt": receipt,
        "one": receipt.announcement,
        "blocks": markup.parse(receipt.announcement.body),
    }
    return frame.page(request, "web/articles/announcement.html", context)


@endpoint(
    "announcements/<int:pk>/confirm",
    name="announcement-confirm",
    access=ENTERING,
    methods=("POST",),
)
def confirm(request: WebRequest, pk: int) -> HttpResponse:
    with scoped(request.actor):
        reading.confirm(actor=request.actor, id=pk, now=clock.now())
    wanted = "/must-read" if request.POST.get("to") == "work" else f"/announcements/{pk}"
    return answers.to(request, wanted)


@endpoint("must-read", name="must-read", access=ENTERING)
def must_read(request: WebRequest) -> HttpResponse:
    """What has to be confirmed, one after the other; then to work."""
    now = clock.now()
    rows = reading.pending(actor=request.actor, now=now)
    if not rows:
        reading.arrive(actor=request.actor, now=now, day=timezone.localdate(now))
        rows = reading.pending(actor=request.actor, now=now)
    if not rows:
        return answers.to(request, "/")
    context = {
        "title": "请先阅读",
        "actor": request.actor,
        "count": len(rows),
        "one": rows[0].announcement,
        "blocks": markup.parse(rows[0].announcement.body),
    }
    return bare.page(request, "web/articles/must_read.html", context)


def _page(request: WebRequest) -> int:
    said = request.GET.get("page", "")
    return int(said) if said.isascii() and said.isdigit() and 0 < len(said) < 4 else 1

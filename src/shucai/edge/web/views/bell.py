"""消息页 bell: notices of the person, read by opening them."""

from django.http import HttpResponse

from shucai.edge.web import answers, bare, clock, frame
from shucai.edge.web.endpoints import SIGNED_IN, endpoint, scoped
from shucai.edge.web.request import WebRequest, is_fragment
from shucai.kernel.messages import notices

PAGE = 30


@endpoint("bell", name="bell", access=SIGNED_IN)
def bell(request: WebRequest) -> HttpResponse:
    before = request.GET.get("before", "")
    only_unread = request.GET.get("unread") == "1"
    found = notices.inbox(
        actor=request.actor,
        before=int(before) if before.isdigit() and len(before) < 19 else None,
        size=PAGE + 1,
        only_unread=only_unread,
    )
    context = {
        "title": "消息",
        "rows": found[:PAGE],
        "before": found[PAGE - 1].pk if len(found) > PAGE else 0,
        "only_unread": only_unread,
        "newest": found[0].pk if found and not before else 0,
    }
    if is_fragment(request):
        return bare.page(request, "web/bell/_rows.html", context)
    return frame.page(request, "web/bell/page.html", context)


@endpoint("bell/read", name="bell-read-all", access=SIGNED_IN, methods=("POST",))
def read_all(request: WebRequest) -> HttpResponse:
    newest = request.POST.get("up_to", "")
    with scoped(request.actor):
        if newest.isdigit() and len(newest) < 19:
            notices.read_all(actor=request.actor, up_to=int(newest), now=clock.now())
    return answers.to(request, "/bell")


@endpoint("bell/<int:pk>", name="bell-open", access=SIGNED_IN, methods=("POST",))
def open_one(request: WebRequest, pk: int) -> HttpResponse:
    """Reads the notice and goes where it leads."""
    with scoped(request.actor):
        notice = notices.read(actor=request.actor, id=pk, now=clock.now())
    return answers.to(request, notice.link if notice.link.startswith("/") else "/bell")

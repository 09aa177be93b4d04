"""后台任务页 tasks: what runs or ran in the background, how far it is, and once more."""

from django.http import HttpResponse

from shucai.edge.web import answers, bare, clock, frame
from shucai.edge.web.endpoints import SIGNED_IN, endpoint, scoped
from shucai.edge.web.request import WebRequest, is_fragment
from shucai.kernel.jobs import queue
from shucai.kernel.jobs.models import JobRun

PAGE = 30
LOOKS = {
    "queued": "draft",
    "running": "going",
    "done": "done",
    "failed": "wait",
    "dead": "bad",
    "cancelled": "draft",
}


@endpoint("tasks", name="tasks", access=SIGNED_IN)
def tasks(request: WebRequest) -> HttpResponse:
    """The list asks again every two seconds while anything is under way."""
    before = request.GET.get("before", "")
    state = request.GET.get("state", "")
    found = queue.recent(
        actor=request.actor,
        before=int(before) if before.isdigit() and len(before) < 19 else None,
        size=PAGE + 1,
        state=state,
    )
    rows = found[:PAGE]
    context = {
        "title": "后台任务",
        "rows": rows,
        "before": rows[-1].pk if len(found) > PAGE else 0,
        "state": state,
        "states": JobRun.STATES,
        "looks": LOOKS,
        "is_busy": any(run.state in ("queued", "running", "failed") for run in rows),
    }
    if is_fragment(request):
        return bare.page(request, "web/tasks/_rows.html", context)
    return frame.page(request, "web/tasks/page.html", context)


@endpoint("tasks/<int:pk>", name="task", access=SIGNED_IN)
def task(request: WebRequest, pk: int) -> HttpResponse:
    """The progress of one run, for the dialog that started it."""
    run = queue.find(run_id=pk, actor=request.actor)
    context = {"title": run.name, "run": run, "looks": LOOKS}
    if is_fragment(request):
        return bare.page(request, "web/tasks/_progress.html", context)
    return frame.page(request, "web/tasks/one.html", context)


@endpoint("tasks/<int:pk>/<str:action>", name="task-act", access=SIGNED_IN, methods=("POST",))
def act(request: WebRequest, pk: int, action: str) -> HttpResponse:
    """Again, or no longer."""
    with scoped(request.actor):
        if action == "retry":
            queue.retry(run_id=pk, actor=request.actor, now=clock.now())
        else:
            queue.cancel(run_id=pk, actor=request.actor, now=clock.now())
    return answers.to(request, "/tasks")

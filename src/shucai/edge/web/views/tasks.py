"""后台任务页 tasks: what runs or ran in the background, how far it is, and once more."""

from typing import Any, Final

from django.http import HttpResponse

from shucai.edge.web import answers, bare, clock, frame
from shucai.edge.web.endpoints import SIGNED_IN, endpoint, scoped
from shucai.edge.web.request import WebRequest, is_fragment
from shucai.edge.web.views.batch import SHOWN_MAX
from shucai.edge.web.views.lists import kind_of
from shucai.kernel.document import batch_jobs
from shucai.kernel.jobs import queue
from shucai.kernel.jobs.models import JobRun

PAGE = 30
RESULTS: Final = {
    "passed": "通过",
    "refused": "未通过",
    "documents": "单据",
    "first": "第一笔",
    "last": "最后一笔",
    "name": "文件",
}
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
    context = {"title": run.name, "run": run, "looks": LOOKS, "facts": _facts(run)}
    if is_fragment(request):
        return bare.page(request, "web/tasks/_progress.html", context)
    if run.code == batch_jobs.CODE:
        context |= _batch(run)
    return frame.page(request, "web/tasks/one.html", context)


def _facts(run: JobRun) -> list[tuple[str, Any]]:
    """What came of the run, in words."""
    return [(RESULTS[name], run.result[name]) for name in RESULTS if name in run.result]


def _batch(run: JobRun) -> dict[str, Any]:
    """What a batch has answered so far, document by document."""
    kind, outcome = kind_of(str(run.args["type"])), batch_jobs.outcome(run)
    refused = [result for result in outcome.results if not result.ok]
    done = [result for result in outcome.results if result.ok]
    return {
        "kind": kind,
        "outcome": outcome,
        "refused": refused,
        "done": done,
        "shown": [*refused, *done][:SHOWN_MAX],
        "shown_max": SHOWN_MAX,
        "preview": run.args["preview"],
        "action": run.args["action"],
        "again": refused[:SHOWN_MAX] if run.state not in ("queued", "running", "failed") else [],
    }


@endpoint("tasks/<int:pk>/<str:action>", name="task-act", access=SIGNED_IN, methods=("POST",))
def act(request: WebRequest, pk: int, action: str) -> HttpResponse:
    """Again, or no longer."""
    with scoped(request.actor):
        if action == "retry":
            queue.retry(run_id=pk, actor=request.actor, now=clock.now())
        else:
            queue.cancel(run_id=pk, actor=request.actor, now=clock.now())
    return answers.to(request, "/tasks")

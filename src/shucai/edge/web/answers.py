"""回答 answers: refusals, redirects and defects, as a page or as the fragment htmx asked for."""

from http import HTTPStatus
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

from shucai.base.errors import Refused, Unavailable
from shucai.edge.web import bare, frame
from shucai.edge.web.request import WebRequest, is_fragment
from shucai.kernel.document import errors as document_errors
from shucai.kernel.jobs.models import JobRun

_NOT_FOUND = frozenset(
    {
        "CFG-1001",
        "CFG-1002",
        "CFG-1004",
        "DOC-1001",
        "DOC-1018",
        "FIL-1101",
        "IDN-3008",
        "JOB-1002",
        "MSG-1001",
        "PAG-3001",
        "PAG-3003",
        "PAG-3004",
        "WEB-1004",
    }
)
_NOT_ALLOWED = frozenset({"WEB-1001", "PAG-3002"})


def to(request: HttpRequest, address: str) -> HttpResponse:
    """A redirect that htmx follows with the whole window."""
    if is_fragment(request):
        answer = HttpResponse(status=HTTPStatus.NO_CONTENT)
        answer["HX-Redirect"] = address
        return answer
    return HttpResponseRedirect(address)


def to_login(request: HttpRequest) -> HttpResponse:
    """To the login page, and from there back to where the user wanted to be."""
    if request.method != "GET" or request.path in ("/", "/logout"):
        return to(request, "/login")
    wanted = request.headers.get("HX-Current-URL-Path", request.get_full_path())
    return to(request, "/login" if is_fragment(request) else f"/login?{urlencode({'to': wanted})}")


def refusal(request: WebRequest, refused: Refused, *, status: int = 0) -> HttpResponse:
    """All findings at once. A fragment carries them into the summary of the page."""
    status = status or _status(refused)
    findings = [finding.as_dict() for finding in refused.findings]
    if is_fragment(request):
        answer = bare.page(request, "web/_refusal.html", {"findings": findings}, status=status)
        answer["HX-Retarget"], answer["HX-Reswap"] = "#sc-refusals", "innerHTML show:window:top"
        return answer
    return frame.page(
        request,
        "web/refused.html",
        {"title": "不能办理", "tab": "", "findings": findings},
        status=status,
    )


def started(request: WebRequest, run: JobRun) -> HttpResponse:
    """A job that may be left alone: its progress in the dialog, or on its own page."""
    if is_fragment(request):
        return bare.page(request, "web/tasks/_started.html", {"run": run, "name": run.name})
    return to(request, f"/tasks/{run.pk}")


def no_entry(request: HttpRequest, refused: Refused) -> HttpResponse:
    """The session holds, but not in the year or position asked for; there is no frame yet."""
    first = refused.findings[0]
    text = f"{first.why}。{first.fix}。（{first.code}）"
    context = {"title": first.what, "text": text, "code": 422, "incident": ""}
    return bare.page(request, "web/fault.html", context, status=HTTPStatus.UNPROCESSABLE_ENTITY)


def unavailable(request: WebRequest, busy: Unavailable) -> HttpResponse:
    """Retrying may help: says when."""
    context = {"title": "暂时无法办理", "text": str(busy), "retry_after": busy.retry_after}
    answer = bare.page(request, "web/busy.html", context, status=HTTPStatus.SERVICE_UNAVAILABLE)
    answer["Retry-After"] = str(busy.retry_after)
    return answer


def no_such_type(code: str) -> Refused:
    return document_errors.UNKNOWN_TYPE.refuse(type=code)


def _status(refused: Refused) -> int:
    if refused.code in _NOT_FOUND:
        return HTTPStatus.NOT_FOUND
    if refused.code in _NOT_ALLOWED:
        return HTTPStatus.FORBIDDEN
    return HTTPStatus.UNPROCESSABLE_ENTITY

"""登录 signing in and out, the password, and switching of position and year."""

from http import HTTPStatus
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import rotate_token
from django.utils.http import url_has_allowed_host_and_scheme

from shucai.base.errors import Refused
from shucai.edge.web import answers, bare, clock, entry, frame
from shucai.edge.web.endpoints import ENTERING, PUBLIC, SIGNED_IN, endpoint, scoped
from shucai.edge.web.errors import NOT_THE_SAME
from shucai.edge.web.request import WebRequest, is_fragment
from shucai.kernel.identity import acting, login, passwords, security
from shucai.kernel.pages.portal import public_portal


@endpoint("login", name="login", access=PUBLIC, methods=("GET", "POST"))
def sign_in(request: WebRequest) -> HttpResponse:
    """A refusal keeps the name that was typed, never the password."""
    if request.method != "POST":
        return _login_page(request, farewell=_farewell(request))
    username = request.POST.get("username", "")
    try:
        done = login.sign_in(
            username,
            request.POST.get("password", ""),
            ip=entry.address_of(request),
            agent=request.headers.get("User-Agent", ""),
            now=clock.now(),
            trace_id=request.trace_id,
        )
    except Refused as refused:
        findings = [finding.as_dict() for finding in refused.findings]
        return _login_page(request, username=username, findings=findings, status=422)
    request.session.flush()
    request.session[entry.KEY] = done.session_key
    rotate_token(request)
    return answers.to(request, "/password" if done.must_change_password else _wanted(request))


@endpoint("logout", name="logout", access=PUBLIC, methods=("POST",))
def sign_out(request: WebRequest) -> HttpResponse:
    key = request.session.get(entry.KEY)
    if isinstance(key, str):
        login.sign_out(key, now=clock.now(), trace_id=request.trace_id)
    request.session.flush()
    return answers.to(request, "/login")


@endpoint("password", name="password", access=ENTERING, methods=("GET", "POST"))
def password(request: WebRequest) -> HttpResponse:
    """Everything that speaks against a new password is told at once."""
    findings: list[dict[str, Any]] = []
    if request.method == "POST":
        try:
            _change_password(request)
        except Refused as refused:
            findings = [finding.as_dict() for finding in refused.findings]
        else:
            frame.flash(request, "密码已修改，其他终端上的登录已退出")
            return answers.to(request, "/")
    context = {
        "title": "修改密码",
        "actor": request.actor,
        "username": request.visit.username,
        "must": request.visit.must_change_password,
        "rules": security.policy(),
        "findings": findings,
    }
    status = HTTPStatus.UNPROCESSABLE_ENTITY if findings else HTTPStatus.OK
    return bare.page(request, "web/password.html", context, status=status)


def _change_password(request: WebRequest) -> None:
    new = request.POST.get("new", "")
    if new != request.POST.get("again", ""):
        raise NOT_THE_SAME.refuse("again")
    passwords.change(
        actor=request.actor,
        old=request.POST.get("old", ""),
        new=new,
        now=clock.now(),
        keep_session=request.visit.session_id,
    )


@endpoint("switch", name="switch", access=SIGNED_IN, methods=("GET", "POST"))
def switch(request: WebRequest) -> HttpResponse:
    """The list of positions and years; POST goes on in another one, for the whole session."""
    if request.method == "POST":
        with scoped(request.actor):
            chosen = acting.switch(
                request.session[entry.KEY],
                now=clock.now(),
                appointment_id=_number(request.POST.get("appointment")),
                fiscal_year=_number(request.POST.get("year")),
            )
        frame.flash(request, f"现在是 {chosen.fiscal_year} 年度，{chosen.position_name}")
        return answers.to(request, "/")
    context = {
        "title": "切换年度、岗位",
        "appointments": acting.appointments_of(user_id=request.actor.user_id, now=clock.now()),
        "years": acting.fiscal_years(),
        "part": request.GET.get("part", ""),
        "actor": request.actor,
        "own_year": request.visit.own_year,
    }
    if is_fragment(request):
        return bare.page(request, "web/_switch.html", context)
    return frame.page(request, "web/switch.html", context)


def _number(said: str | None) -> int | None:
    return int(said) if said and said.isascii() and said.isdigit() and len(said) < 19 else None


def _farewell(request: HttpRequest) -> str:
    """Why the last session of this browser ended."""
    key = request.session.get(entry.KEY)
    return login.farewell(key) if isinstance(key, str) else ""


def _login_page(
    request: HttpRequest,
    *,
    username: str = "",
    findings: list[dict[str, Any]] | None = None,
    farewell: str = "",
    status: int = 200,
) -> HttpResponse:
    context = {
        "title": "登录",
        "username": username[: login.USERNAME_MAX],
        "findings": findings or [],
        "farewell": farewell,
        "to": _wanted(request),
        "today": clock.today(),
        "portal": public_portal(),
    }
    return bare.page(request, "web/login.html", context, status=status)


def _wanted(request: HttpRequest) -> str:
    """Where to after signing in: only an address of our own."""
    wanted = request.POST.get("to") or request.GET.get("to") or "/"
    own = url_has_allowed_host_and_scheme(wanted, allowed_hosts=None)
    return wanted if own and wanted.startswith("/") and wanted != "/login" else "/"

"""登录 signing in and out, the password, and switching of position and year."""

import secrets
from http import HTTPStatus
from typing import Any

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import rotate_token
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme

from shucai.base.errors import Refused
from shucai.edge.web import answers, bare, clock, entry, frame
from shucai.edge.web.endpoints import ENTERING, PUBLIC, SIGNED_IN, endpoint, scoped
from shucai.edge.web.errors import NOT_THE_SAME
from shucai.edge.web.request import WebRequest, is_fragment
from shucai.kernel.content import reading
from shucai.kernel.identity import (
    acting,
    certificate_login,
    crypto,
    login,
    passwords,
    security,
)
from shucai.kernel.identity.models import User
from shucai.kernel.identity.throttle import Shown
from shucai.kernel.pages.portal import public_portal


@endpoint("login", name="login", access=PUBLIC, methods=("GET", "POST"))
def sign_in(request: WebRequest) -> HttpResponse:
    """A refusal keeps the name that was typed, never the password."""
    if request.method != "POST":
        return _login_page(request, farewell=_farewell(request))
    username = request.POST.get("username", "")
    visit = _visit(request)
    try:
        done = login.sign_in(
            username,
            request.POST.get("password", ""),
            ip=visit.ip,
            agent=visit.agent,
            now=visit.now,
            trace_id=visit.trace_id,
            bound=visit.bound,
            shown=Shown(request.POST.get("proof_ticket", ""), request.POST.get("proof", "")),
        )
    except Refused as refused:
        return _login_page(request, username=username, findings=_told(refused), status=422)
    if isinstance(done, login.SecondStep):
        request.session["second"] = [done.ticket, _wanted(request)]
        return answers.to(request, "/login/second")
    return _let_in(request, done, _wanted(request))


@endpoint("login/second", name="login-second", access=PUBLIC, methods=("GET", "POST"))
def second(request: WebRequest) -> HttpResponse:
    """The code of the second factor; only after a right password in this browser."""
    ticket, wanted = (*request.session.get("second", ()), "", "")[:2]
    if not ticket:
        return answers.to(request, "/login")
    findings: list[dict[str, Any]] = []
    if request.method == "POST":
        try:
            done = login.confirm(ticket, request.POST.get("code", ""), visit=_visit(request))
        except Refused as refused:
            findings = _told(refused)
            if refused.code.startswith("IDN-600"):  # the ticket is gone: begin anew
                del request.session["second"]
                return _login_page(request, findings=findings, status=422)
        else:
            return _let_in(request, done, wanted)
    context = {"title": "双因素", "findings": findings}
    return bare.page(request, "web/second.html", context, status=422 if findings else 200)


@endpoint("login/certificate", name="login-certificate", access=PUBLIC, methods=("GET", "POST"))
def by_certificate(request: WebRequest) -> HttpResponse:
    """The challenge, and the line that a key or tool made of it."""
    visit = _visit(request)
    findings: list[dict[str, Any]] = []
    if request.method == "POST":
        try:
            said, line = request.POST.get("challenge", ""), request.POST.get("answer", "")
            done = certificate_login.sign_in(said, line, visit=visit)
        except Refused as refused:
            findings = _told(refused)
        else:
            return _let_in(request, done, _wanted(request))
    context = {
        "title": "证书登录",
        "findings": findings,
        "challenge": certificate_login.challenge(visit=visit),
        "seconds": certificate_login.SECONDS,
        "missing": crypto.provider().missing(),
        "algorithms": crypto.ALGORITHMS,
        "provider": crypto.provider(),
        "to": _wanted(request),
        "today": clock.today(),
        "part": "certificate",
        "portal": public_portal(),
    }
    return bare.page(request, "web/certificate.html", context, status=422 if findings else 200)


def _let_in(request: WebRequest, done: login.SignedIn, wanted: str) -> HttpResponse:
    """A fresh cookie for the new session, and what the person should recognise."""
    request.session.flush()
    request.session[entry.KEY] = done.session_key
    rotate_token(request)
    before = done.previous
    if before is not None:
        failures = f"，其后有 {before.failures} 次未成功的尝试" if before.failures else ""
        at = timezone.localtime(before.at).strftime("%Y-%m-%d %H:%M")
        text = f"上次登录 {at}，来自 {before.ip or '未知地址'}{failures}"
        frame.flash(request, text, look="warn" if before.failures else "good")
    _receive(done)
    return answers.to(request, "/password" if done.must_change_password else wanted)


def _receive(done: login.SignedIn) -> None:
    """Announcements in force that the person has not got yet reach him now."""
    now = clock.now()
    with transaction.atomic():
        entered = acting.resolve(done.session_key, now=now)
        if entered is not None:
            reading.arrive(actor=entered.actor, now=now, day=timezone.localdate(now))


def _visit(request: WebRequest) -> login.Visit:
    """Where the browser comes from; its cookie gets a secret that tickets are bound to."""
    bound = request.session.get("seat")
    if not isinstance(bound, str):
        bound = request.session["seat"] = secrets.token_urlsafe(16)
    return login.Visit(
        ip=entry.address_of(request),
        agent=request.headers.get("User-Agent", ""),
        now=clock.now(),
        trace_id=request.trace_id,
        bound=bound,
    )


def _told(refused: Refused) -> list[dict[str, Any]]:
    return [finding.as_dict() for finding in refused.findings]


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
    rules = security.policy()
    context = {
        "title": "修改密码",
        "actor": request.actor,
        "username": request.visit.username,
        "must": request.visit.must_change_password,
        "rules": rules,
        "least": passwords.least_length(User(pk=request.actor.user_id), rules),
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
    request: WebRequest,
    *,
    username: str = "",
    findings: list[dict[str, Any]] | None = None,
    farewell: str = "",
    status: int = 200,
) -> HttpResponse:
    visit = _visit(request)
    context = {
        "title": "登录",
        "username": username[: login.USERNAME_MAX],
        "findings": findings or [],
        "farewell": farewell,
        "to": _wanted(request),
        "today": clock.today(),
        "part": "password",
        "proof": login.proof_for(username, ip=visit.ip, bound=visit.bound, now=visit.now),
        "portal": public_portal(),
    }
    return bare.page(request, "web/login.html", context, status=status)


def _wanted(request: HttpRequest) -> str:
    """Where to after signing in: only an address of our own."""
    wanted = request.POST.get("to") or request.GET.get("to") or "/"
    own = url_has_allowed_host_and_scheme(wanted, allowed_hosts=None)
    return wanted if own and wanted.startswith("/") and wanted != "/login" else "/"

"""我的登录 one's own sign-ins: sessions and how to end them, certificates, the second factor."""

import secrets
from typing import Any

from django.http import HttpResponse

from shucai.base.browsers import browser_name
from shucai.base.errors import Refused
from shucai.edge.web import answers, bare, clock, frame
from shucai.edge.web.endpoints import ENTERING, SIGNED_IN, endpoint
from shucai.edge.web.request import WebRequest
from shucai.kernel.identity import factors, security, sessions
from shucai.kernel.identity.credentials import UserCertificate
from shucai.kernel.identity.crypto import ALGORITHMS
from shucai.kernel.identity.factors import Answer, Offer


@endpoint("account/", name="account", access=SIGNED_IN)
def account(request: WebRequest) -> HttpResponse:
    actor, now = request.actor, clock.now()
    held, ended = sessions.own(actor=actor, now=now)
    context = {
        "title": "我的登录",
        "held": held,
        "ended": ended,
        "own": request.visit.session_id,
        "factor": factors.of_user(actor.user_id),
        "codes_left": factors.codes_left(actor.user_id),
        "certificates": UserCertificate.objects.filter(user_id=actor.user_id).order_by("-pk")[:20],
        "algorithms": ALGORITHMS,
        "policy": security.policy(),
        "username": request.visit.username,
        "now": now,
        "browser_name": browser_name,
    }
    return frame.page(request, "web/account/page.html", context)


@endpoint("account/sessions/<int:pk>/end", name="account-end", access=SIGNED_IN, methods=("POST",))
def end_session(request: WebRequest, pk: int) -> HttpResponse:
    sessions.end_own(actor=request.actor, session_id=pk, now=clock.now())
    frame.flash(request, "已结束该处登录")
    return answers.to(request, "/login" if pk == request.visit.session_id else "/account/")


@endpoint("account/second", name="account-second", access=ENTERING, methods=("GET", "POST"))
def second(request: WebRequest) -> HttpResponse:
    """Enrolling: a key for the phone, then a code of it; the recovery codes are shown once."""
    now, bound = clock.now(), _bound(request)
    known = factors.of_user(request.actor.user_id)
    findings: list[dict[str, Any]] = []
    if request.method == "POST":
        said = request.POST
        answer = Answer(
            said.get("ticket", ""), said.get("code", ""), said.get("present", ""), bound
        )
        try:
            done = factors.enrol(
                actor=request.actor, answer=answer, now=now, session_id=request.visit.session_id
            )
        except Refused as refused:
            findings = [finding.as_dict() for finding in refused.findings]
        else:
            shown = {"title": "恢复码", "codes": done.codes, "username": request.visit.username}
            return bare.page(request, "web/account/codes.html", shown)
    context = {
        "title": "更换双因素" if known else "启用双因素",
        "offer": _offer(request, bound),
        "known": known,
        "must": request.visit.must_enrol,
        "findings": findings,
        "actor": request.actor,
        "username": request.visit.username,
    }
    status = 422 if findings else 200
    return bare.page(request, "web/account/second.html", context, status=status)


def _offer(request: WebRequest, bound: str) -> Offer:
    """The key that was shown before, so that a mistyped code doesn't change it; or a fresh one."""
    name, now = request.visit.username, clock.now()
    if request.POST.get("ticket"):
        try:
            return factors.again(request.POST["ticket"], username=name, bound=bound, now=now)
        except Refused:
            pass  # too old: a fresh key takes its place
    return factors.offer(actor=request.actor, username=name, bound=bound, now=now)


def _bound(request: WebRequest) -> str:
    bound = request.session.get("seat")
    if not isinstance(bound, str):
        bound = request.session["seat"] = secrets.token_urlsafe(16)
    return bound

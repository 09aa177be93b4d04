"""接口令牌 one's own API tokens: made with a secret that is shown once, changed, and revoked."""

from datetime import timedelta
from typing import Any

from django.http import HttpResponse

from shucai.base.errors import Refused
from shucai.edge.web import answers, clock, frame
from shucai.edge.web.endpoints import SIGNED_IN, endpoint, scoped
from shucai.edge.web.request import WebRequest
from shucai.kernel.identity import security, tokens

SPANS = ((30, "30 天"), (90, "90 天"), (180, "180 天"), (365, "365 天"))
OVERLAP_DAYS = 7


@endpoint("account/tokens", name="account-tokens", access=SIGNED_IN, methods=("GET", "POST"))
def own(request: WebRequest) -> HttpResponse:
    """The list with the form; a new token's secret stands above it once."""
    if request.method == "GET":
        return _page(request)
    said = request.POST
    days = said.get("days", "")
    try:
        made = tokens.create(
            actor=request.actor,
            name=said.get("name", "").strip() or "未注明用途",
            scopes=[one for one in said.getlist("scopes") if one in tokens.SCOPES],
            expires_at=clock.now() + timedelta(days=int(days) if days in _DAYS else 0),
            now=clock.now(),
        )
    except Refused as refused:
        findings = [finding.as_dict() for finding in refused.findings]
        return _page(request, findings=findings, status=422)
    return _page(request, secret=made.secret)


@endpoint(
    "account/tokens/<int:pk>/rotate",
    name="account-token-rotate",
    access=SIGNED_IN,
    methods=("POST",),
)
def rotate(request: WebRequest, pk: int) -> HttpResponse:
    made = tokens.rotate(
        actor=request.actor, token_id=pk, overlap_days=OVERLAP_DAYS, now=clock.now()
    )
    return _page(request, secret=made.secret)


@endpoint(
    "account/tokens/<int:pk>/revoke",
    name="account-token-revoke",
    access=SIGNED_IN,
    methods=("POST",),
)
def revoke(request: WebRequest, pk: int) -> HttpResponse:
    tokens.revoke(actor=request.actor, token_id=pk, now=clock.now())
    frame.flash(request, "令牌已吊销")
    return answers.to(request, "/account/tokens")


_DAYS = {str(days) for days, _ in SPANS}


def _page(
    request: WebRequest,
    *,
    secret: str = "",
    findings: list[dict[str, Any]] | None = None,
    status: int = 200,
) -> HttpResponse:
    now, limit = clock.now(), security.policy().token_days
    with scoped(request.actor):
        held = tokens.of_user(request.actor.user_id)
        context = {
            "title": "接口令牌",
            "rows": [(one, tokens.state_of(one, now=now)) for one in held],
            "scopes": tokens.SCOPES,
            "spans": [(days, text) for days, text in SPANS if days <= limit],
            "limit": limit,
            "overlap": OVERLAP_DAYS,
            "position": request.actor.position_name,
            "secret": secret,
            "findings": findings or [],
            "asked": request.POST,
        }
        return frame.page(request, "web/account/tokens.html", context, status=status)

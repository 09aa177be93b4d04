"""问题应答 problem+json: every refusal as RFC 9457, with code, figures, next step and trace id.

One status for one kind of answer: 404 not found (or out of scope), 403 not yours to do,
409 the world has moved (state, version, balance), 422 the request must change.
"""

import json
import logging
from collections.abc import Mapping, Sequence
from typing import Any, Final

from django.http import HttpRequest, HttpResponse

from shucai.base.errors import Finding, Refused
from shucai.edge import clock
from shucai.edge.api import errors
from shucai.kernel.audit import logbook
from shucai.kernel.document.action import shown

log = logging.getLogger("shucai.api")

MEDIA_TYPE: Final = "application/problem+json"
_STATUS: Final = {
    "API-1001": 400, "API-1005": 413, "API-1006": 415, "API-1007": 404, "API-1008": 405,
    "API-1009": 428, "API-1101": 401, "API-1102": 401, "API-1103": 403, "API-1201": 429,
    "API-1301": 503, "API-1302": 409, "API-1401": 404, "API-1402": 404, "API-1403": 404,
    "API-1404": 404, "API-1405": 404, "API-1406": 404, "API-1501": 500,
    "API-1109": 403, "API-1407": 404,
    "PAG-3001": 404, "PAG-3002": 403, "PAG-3003": 404, "PAG-3004": 404, "PAG-3005": 409,
    "DOC-1001": 404, "DOC-1017": 404, "DOC-1018": 404,
    "DOC-1002": 403, "DOC-1003": 403, "DOC-1004": 403,
    "DOC-1005": 409, "DOC-1006": 409, "DOC-1008": 409, "DOC-1009": 409, "DOC-1020": 409,
    "DOC-1007": 422, "DOC-1010": 422, "DOC-1011": 422, "DOC-1022": 422, "DOC-1023": 422,
}  # fmt: skip
_RANK: Final = {404: 0, 401: 1, 403: 2, 428: 3, 409: 4, 422: 5}


def status_of(code: str, *, otherwise: int) -> int:
    """The status of one refusal; `otherwise` for the codes of domains."""
    return _STATUS.get(code, otherwise)


def primary(findings: Sequence[Mapping[str, Any]], *, otherwise: int) -> tuple[Any, int]:
    """The finding that decides the status: what forbids most comes first."""
    forbidding = [f for f in findings if f["level"] == "forbid"] or list(findings)
    statuses = [(status_of(f["code"], otherwise=otherwise), f) for f in forbidding]
    # A document that failed only because others did never speaks for the batch.
    own = [pair for pair in statuses if pair[1]["code"] != "DOC-1020"] or statuses
    status, first = min(own, key=lambda pair: _RANK.get(pair[0], 6))
    return first, status


def render(
    request: HttpRequest,
    findings: Sequence[Mapping[str, Any]],
    *,
    otherwise: int = 422,
    extra: Mapping[str, Any] | None = None,
) -> HttpResponse:
    """The answer to a refused request."""
    first, status = primary(findings, otherwise=otherwise)
    body = {
        "type": f"/api/v1/problems/{first['code']}",
        "status": status,
        "code": first["code"],
        "title": first["what"],
        "detail": first["why"],
        "fix": first["fix"],
        "basis": first["basis"],
        "at": first["at"],
        "data": first["data"],
        "findings": [_finding(f) for f in findings],
        "trace_id": getattr(request, "trace_id", ""),
        **(extra or {}),
    }
    request.refusal = first["code"]  # type: ignore[attr-defined]  # for the log of calls
    response = HttpResponse(
        json.dumps(body, ensure_ascii=False), status=status, content_type=MEDIA_TYPE
    )
    if status == 401:
        response["WWW-Authenticate"] = 'Bearer realm="shucai"'
    return response


def _finding(said: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "code": said["code"],
        "level": said["level"],
        "at": said["at"],
        "title": said["what"],
        "detail": said["why"],
        "fix": said["fix"],
        "basis": said["basis"],
        "data": said["data"],
        "text": said["text"],
    }


def findings(said: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Findings of an outcome as this channel spells them."""
    return [_finding(one) for one in said]


def refused(request: HttpRequest, refusal: Refused, *, otherwise: int = 422) -> HttpResponse:
    return render(request, shown(refusal.findings), otherwise=otherwise)


def one(request: HttpRequest, finding: Finding) -> HttpResponse:
    return render(request, shown([finding]))


def defect(request: HttpRequest, failure: Exception) -> HttpResponse:
    """An incident number for the caller, the whole story for the log."""
    incident = getattr(request, "trace_id", "")
    log.error("defect %s at %s", incident, request.path, exc_info=failure)
    matched = request.resolver_match
    logbook.note_defect(
        failure,
        at=clock.now(),
        trace=incident,
        channel="api",
        actor=getattr(getattr(request, "auth", None), "actor", None),
        where={"method": str(request.method), "route": str(matched.route) if matched else ""},
    )
    return one(request, errors.DEFECT.at(incident=incident))


def unavailable(request: HttpRequest, *, wait: int) -> HttpResponse:
    response = one(request, errors.UNAVAILABLE.at(wait=wait))
    response["Retry-After"] = str(wait)
    return response

"""接口地址 addresses below /api/v1/, each in the same envelope of headers and problem answers."""

import re
import time
from collections.abc import Callable
from functools import wraps
from typing import Any, Final, cast

from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.urls import URLPattern, path, re_path
from ninja import NinjaAPI

from shucai.edge import clock
from shucai.edge.api import errors, problems, service
from shucai.edge.api.access import Caller, address_of, limits, trace_of
from shucai.kernel.audit import logbook
from shucai.kernel.audit.models import InterfaceCall

View = Callable[..., HttpResponse]
PREFIX: Final = "api/v1/"
API: Final[NinjaAPI] = service.build()


def enveloped(view: View) -> View:
    """Every answer carries its trace id and what is left of the allowance; none is cached."""

    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        trace = trace_of(request)
        began = time.perf_counter()
        response = view(request, *args, **kwargs)
        if isinstance(response, HttpResponseNotAllowed):
            response = _not_allowed(request, response["Allow"])
        response.headers["X-Trace-Id"] = trace
        response.headers.setdefault("Cache-Control", "no-store")
        left = getattr(request, "allowance", None)
        if left is not None:
            rate, burst = limits()
            response.headers["RateLimit-Policy"] = f'"token";q={burst};w={max(1, burst // rate)}'
            response.headers["RateLimit"] = f'"token";r={left};t={max(0, (burst - left) // rate)}'
        _note(request, response, trace, round((time.perf_counter() - began) * 1000))
        return response

    answer.csrf_exempt = True  # type: ignore[attr-defined]  # no cookie is ever looked at
    return answer


def _note(request: HttpRequest, response: HttpResponse, trace: str, milliseconds: int) -> None:
    """For the log of calls, written later: which route, never what was in it."""
    who, matched = getattr(request, "auth", None), request.resolver_match
    caller = who if isinstance(who, Caller) else None
    logbook.note(
        InterfaceCall(
            at=clock.now(),
            trace=trace,
            method=str(request.method)[:8],
            route=str(matched.route)[:200] if matched else "",
            status=response.status_code,
            milliseconds=milliseconds,
            code=getattr(request, "refusal", ""),
            token_id=caller.token_id if caller else None,
            token_name=caller.token_name if caller else "",
            application=caller.application if caller else "",
            ip=address_of(request)[:45],
            **logbook.facts_of(caller.actor if caller else None),
        )
    )


def _not_allowed(request: HttpRequest, allowed: str) -> HttpResponse:
    finding = errors.METHOD.at(method=str(request.method), path=request.path[:120], allowed=allowed)
    response = problems.one(request, finding)
    response["Allow"] = allowed
    return response


def _nowhere(request: HttpRequest) -> HttpResponse:
    return problems.one(request, errors.NO_ADDRESS.at(path=request.path[:120]))


def routes() -> list[URLPattern]:
    """Fixed parts before placeholders, so that `actions` is never read as a document number."""
    found = [cast(URLPattern, one) for one in API.urls[0] if getattr(one, "name", "") != "api-root"]
    ordered = sorted(found, key=lambda one: _order(str(one.pattern)))
    return [
        *(path(PREFIX + str(one.pattern), enveloped(one.callback)) for one in ordered),
        re_path(f"^{re.escape(PREFIX)}.*$", enveloped(_nowhere)),
    ]


def _order(pattern: str) -> list[bool]:
    return [part.startswith("<") for part in pattern.split("/")]


urlpatterns = routes()

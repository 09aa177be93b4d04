"""接口服务 the API as Django sees it: its operations, its refusals, its envelope."""

from typing import Any, Final

from django.core.exceptions import RequestDataTooBig
from django.db import DatabaseError, InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from ninja import NinjaAPI
from ninja.errors import HttpError, ValidationError
from ninja.parser import Parser

from shucai import __version__
from shucai.base.errors import Refused, Unavailable
from shucai.edge.api import (
    asides,
    attachments,
    bodies,
    documents,
    errors,
    ledgers,
    platform,
    problems,
    questions,
    reference,
    registers,
)
from shucai.edge.api.access import BODY_MAX
from shucai.kernel.document.action import shown

_CONCURRENT: Final = frozenset({"SC002", "40001", "40P01", "55P03"})
RETRY_AFTER: Final = 3


class _NothingRead(Parser):
    """Bodies are read by `bodies.read`, which tells every fault at once."""

    def parse_body(self, request: HttpRequest) -> dict[str, Any]:
        return {}


def build() -> NinjaAPI:
    """The service with all routers and the handlers of everything that can go wrong."""
    api = NinjaAPI(
        title="数财 Shucai",
        version=__version__,
        urls_namespace="api",
        docs_url=None,
        openapi_url=None,
        parser=_NothingRead(),
    )
    for room in (
        documents,
        asides,
        attachments,
        ledgers,
        reference,
        questions,
        registers,
        platform,
    ):
        api.add_router("", room.router)
    for failure, handler in _handlers():
        api.add_exception_handler(failure, handler)
    return api


def _handlers() -> list[tuple[type[Exception], Any]]:
    return [
        (Refused, _refused),
        (Unavailable, _unavailable),
        (ValidationError, _misshapen),
        (RequestDataTooBig, _too_big),
        (DatabaseError, _database),
        (InterfaceError, _database),
        (Http404, _nowhere),
        (HttpError, _http),
        (Exception, _defect),
    ]


def _refused(request: HttpRequest, refusal: Refused) -> HttpResponse:
    response = problems.refused(request, refusal)
    if response.status_code == 429:
        response["Retry-After"] = str(refusal.findings[0].data["wait"])
    return response


def _unavailable(request: HttpRequest, failure: Unavailable) -> HttpResponse:
    return problems.unavailable(request, wait=failure.retry_after)


def _misshapen(request: HttpRequest, failure: ValidationError) -> HttpResponse:
    return problems.render(request, shown(bodies.shape_faults(failure)))


def _too_big(request: HttpRequest, failure: RequestDataTooBig) -> HttpResponse:
    size = int(request.META.get("CONTENT_LENGTH") or 0)
    limit = f"{BODY_MAX:,}"
    return problems.one(request, errors.TOO_LARGE.at(size=f"{size:,}", limit=limit))


def _database(request: HttpRequest, failure: Exception) -> HttpResponse:
    """A lost or crowded database asks for patience; a lost race for another look."""
    state = getattr(failure.__cause__, "sqlstate", None) or ""
    if state in _CONCURRENT:
        return problems.one(request, errors.CONCURRENT.at())
    if isinstance(failure, OperationalError | InterfaceError):
        return problems.unavailable(request, wait=RETRY_AFTER)
    return problems.defect(request, failure)


def _nowhere(request: HttpRequest, failure: Http404) -> HttpResponse:
    return problems.one(request, errors.NO_ADDRESS.at(path=request.path[:120]))


def _http(request: HttpRequest, failure: HttpError) -> HttpResponse:
    return problems.one(request, errors.MALFORMED.at(reason=str(failure)[:120]))


def _defect(request: HttpRequest, failure: Exception) -> HttpResponse:
    return problems.defect(request, failure)

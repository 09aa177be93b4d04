"""接口登记 endpoints: every operation is declared with the scope and duty it demands.

The declaration is the permission matrix: what is not declared can't be routed, and the tests
walk the matrix over roles, own and foreign units.
"""

import functools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from http import HTTPStatus
from importlib import import_module
from typing import Any, Final

from django.http import HttpRequest, HttpResponse
from ninja import Router

from shucai.base.errors import Refused
from shucai.edge.api import problems
from shucai.edge.api.access import Bearer, caller, demand_scope
from shucai.edge.api.bodies import refuse_unknown_parameters
from shucai.kernel import audit, registry
from shucai.kernel.document.declare import DocumentType, types
from shucai.kernel.document.permits import readers
from shucai.kernel.pages.question import questions
from shucai.kernel.pages.register import registers

View = Callable[..., Any]
BEARER: Final = Bearer()
REGISTERS: Final = ("registers.read", "registers.act")


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One operation. `duties` is filled for operations that only holders of a duty may do."""

    name: str
    method: str
    path: str
    scope: str
    channel: str = "api"
    is_public: bool = False
    document_type: str = ""
    action: str = ""
    duties: tuple[str, ...] = ()

    @property
    def code(self) -> str:
        return f"{self.method} /api/v1{self.path}"


def expose(
    router: Router,
    method: str,
    path: str,
    *,
    name: str,
    scope: str = "",
    is_public: bool = False,
    responses: Mapping[Any, Any],
    summary: str,
    parameters: Sequence[str] = (),
    body: str = "",
    query: Sequence[str] | None = (),
    upload: Mapping[str, Any] | None = None,
    binary: str = "",
) -> Callable[[View], View]:
    """Routes a view and declares it; `parameters` and `body` name components of the description.

    `query` names the query parameters; any other is refused. None leaves that to the view.
    """
    endpoint = Endpoint(name=name, method=method, path=path, scope=scope, is_public=is_public)
    registry.declare("endpoint", endpoint.code, endpoint, where=registry.caller())
    extra: dict[str, Any] = {"x-scope": scope} if scope else {}
    if upload is not None:
        extra["requestBody"] = dict(upload)
    if binary:
        extra["x-binary"] = binary
    if parameters:
        extra["parameters"] = [{"$ref": f"#/components/parameters/{one}"} for one in parameters]
    if body:
        extra["requestBody"] = {
            "required": True,
            "content": {"application/json": {"schema": {"$ref": f"#/components/schemas/{body}"}}},
        }

    def wrap(view: View) -> View:
        @functools.wraps(view)
        def admitted(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            try:
                if scope:
                    kind = kwargs.get("type") or (kwargs.get("code") if scope in REGISTERS else "")
                    demand_scope(request, scope, kind=kind or "")
                if query is not None:
                    refuse_unknown_parameters(request.GET, query)
                return view(request, *args, **kwargs)  # type: ignore[no-any-return]
            except Refused as refused:
                if not is_public:
                    _record(request, name, kwargs, refused)
                raise

        router.add_api_operation(
            path,
            [method],
            admitted,
            auth=None if is_public else [BEARER],
            response=dict(responses),
            operation_id=name,
            summary=summary,
            openapi_extra=extra or None,
        )
        return view

    return wrap


def _record(request: HttpRequest, name: str, said: Mapping[str, Any], refused: Refused) -> None:
    """Attempts to write, and to read without the right, are in the trail; misspelt reads aren't."""
    is_forbidden = problems.status_of(refused.code, otherwise=422) == HTTPStatus.FORBIDDEN
    if request.method == "GET" and not is_forbidden:
        return
    who = caller(request)
    kind = str(said.get("type") or said.get("code") or "")
    verb = str(said.get("action") or said.get("command") or "")
    target = said.get("address") or said.get("key") or said.get("id") or ""
    audit.record_attempt(
        refused,
        actor=who.actor,
        at=who.now,
        action=f"{kind or 'api'}.{verb or name.rsplit('.', maxsplit=1)[-1]}",
        target_type=kind or name.split(".", maxsplit=1)[0],
        target=str(target),
    )


def matrix() -> list[Endpoint]:
    """Every endpoint of this channel, generic ones spelt out for each type and action."""
    import_module("shucai.edge.api.urls")  # declares them
    found: list[Endpoint] = []
    for endpoint in registry.all("endpoint").values():
        if not isinstance(endpoint, Endpoint):
            continue
        if "{question}" in endpoint.path:
            found.extend(_asked(endpoint))
            continue
        if "/registers/{code}" in endpoint.path:
            found.extend(_registered(endpoint))
            continue
        if "{type}" not in endpoint.path:
            found.append(endpoint)
            continue
        for kind in types().values():
            found.extend(expand(endpoint, kind))
    return found


def _asked(endpoint: Endpoint) -> list[Endpoint]:
    """The endpoint as it stands for each question."""
    return [
        replace(
            endpoint,
            path=endpoint.path.replace("{question}", code),
            duties=tuple(declared.readers),
        )
        for code, declared in questions().items()
    ]


def _registered(endpoint: Endpoint) -> list[Endpoint]:
    """The endpoint as it stands for each register, and for each of its commands."""
    found = []
    for code, one in registers().items():
        own = replace(endpoint, path=endpoint.path.replace("{code}", code))
        if "{command}" not in endpoint.path:
            found.append(replace(own, duties=tuple(one.readers)))
            continue
        for command in one.commands:
            path = own.path.replace("{command}", command.code)
            found.append(replace(own, path=path, action=command.code, duties=tuple(command.by)))
    return found


def duties_of(kind: DocumentType, name: str, action: str) -> tuple[str, ...]:
    """Who may call an operation on documents of a type: any one of these duties is needed."""
    if action:
        return tuple(dict.fromkeys(move.by for move in kind.flow if move.action == action))
    if name in ("documents.create", "documents.replace", "documents.discard", "documents.take"):
        return (kind.maker,)
    return readers(kind)


def expand(endpoint: Endpoint, kind: DocumentType) -> list[Endpoint]:
    """The endpoint as it stands for one document type."""
    actions = kind.actions if "{action}" in endpoint.path else [""]
    return [
        replace(
            endpoint,
            path=endpoint.path.replace("{type}", kind.code).replace("{action}", action),
            document_type=kind.code,
            action=action,
            duties=duties_of(kind, endpoint.name, action),
        )
        for action in actions
    ]

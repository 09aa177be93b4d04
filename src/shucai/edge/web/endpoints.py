"""端点 endpoint: every address of the channel, with who may call it; nothing else is routed.

`@endpoint` is the only way to an address. It declares the entry of the permission matrix and
wraps the view, so that signing in, duties, the scoped transaction and refusals are decided once:
a read runs inside one transaction with the actor's scope; a write calls kernel services, which
open their own, and reads inside `scoped(actor)`.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import wraps
from typing import Any, Final, Literal

from django.db import transaction
from django.http import HttpResponseBase, HttpResponseNotAllowed
from django.urls import URLPattern, path

from shucai.base.errors import Refused, Unavailable
from shucai.edge.web import answers, entry
from shucai.edge.web.errors import NO_DUTY_HERE
from shucai.edge.web.request import WebRequest
from shucai.kernel.document.declare import find_type
from shucai.kernel.identity import scope
from shucai.kernel.identity.actor import Actor
from shucai.kernel.pages.access import duty_names, may_open, may_read, readers

View = Callable[..., HttpResponseBase]
Kind = Literal["public", "entering", "signed_in", "document", "page", "duty"]


@dataclass(frozen=True, slots=True)
class Access:
    """Who may call. `entering` also lets in who has to change the password or to enrol;
    `document` asks for a duty of the type in the address, `page` for the menu item of the
    address, `duty` for one of `duties`."""

    kind: Kind
    duties: tuple[str, ...] = ()


PUBLIC: Final = Access("public")
ENTERING: Final = Access("entering")
SIGNED_IN: Final = Access("signed_in")
DOCUMENT: Final = Access("document")
PAGE: Final = Access("page")


def duty(*codes: str) -> Access:
    return Access("duty", codes)


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One address of the matrix. `preference` is the key of the setting that the page needs; it
    comes with the session (`request.visit.preference`)."""

    name: str
    route: str
    access: Access
    methods: tuple[str, ...]
    view: View
    preference: str = ""


_ENDPOINTS: dict[str, Endpoint] = {}


def endpoint(
    route: str,
    *,
    name: str,
    access: Access,
    methods: tuple[str, ...] = ("GET",),
    preference: str = "",
) -> Callable[[View], View]:
    """Declares the address `route` under the URL name `name`."""

    def declare(view: View) -> View:
        if name in _ENDPOINTS:
            raise ValueError(f"endpoint {name!r} is declared twice")

        @wraps(view)
        def guarded(request: WebRequest, **kwargs: Any) -> HttpResponseBase:
            method = "GET" if request.method == "HEAD" else request.method
            if method not in methods:
                return HttpResponseNotAllowed(methods)
            return _call(request, _ENDPOINTS[name], kwargs)

        _ENDPOINTS[name] = Endpoint(name, route, access, methods, view, preference)
        guarded.endpoint = name  # type: ignore[attr-defined]  # read by the matrix test
        _ROUTES.append(path(route, guarded, name=name))
        return guarded

    return declare


_ROUTES: list[URLPattern] = []


def matrix() -> list[Endpoint]:
    """Every endpoint, by name."""
    return [_ENDPOINTS[name] for name in sorted(_ENDPOINTS)]


def routes() -> list[URLPattern]:
    """Fixed parts before placeholders, so that `d/x/new` is never read as a document number."""
    return sorted(_ROUTES, key=lambda one: [p.startswith("<") for p in str(one.pattern).split("/")])


@contextmanager
def scoped(actor: Actor) -> Iterator[None]:
    """A transaction in which the database shows what the actor may see."""
    with transaction.atomic():
        scope.apply(actor)
        yield


def _call(request: WebRequest, one: Endpoint, kwargs: dict[str, Any]) -> HttpResponseBase:
    if one.access.kind == "public":
        return one.view(request, **kwargs)
    if request.method == "POST":
        return _entered(request, one, kwargs)
    # Entering applies the scope to the transaction it runs in: one statement for both.
    with transaction.atomic():
        return _entered(request, one, kwargs)


def _entered(request: WebRequest, one: Endpoint, kwargs: dict[str, Any]) -> HttpResponseBase:
    try:
        entered = entry.enter(request, preference=one.preference.format(**kwargs))
    except Refused as refused:
        return answers.no_entry(request, refused)
    if entered is None:
        return answers.to_login(request)
    request.actor, request.visit = entered.actor, entered
    if entered.must_change_password and one.access.kind != "entering":
        return answers.to(request, "/password")
    if entered.must_enrol and one.access.kind != "entering":
        return answers.to(request, "/account/second")
    try:
        refuse_without_duty(request, one.access, kwargs)
        return one.view(request, **kwargs)
    except Refused as refused:
        return answers.refusal(request, refused)
    except Unavailable as busy:
        return answers.unavailable(request, busy)


def refuse_without_duty(request: WebRequest, access: Access, kwargs: dict[str, Any]) -> None:
    """Raises Refused, naming the duties that would do, when the actor has none of them."""
    actor = request.actor
    if access.kind == "document":
        kind = find_type(str(kwargs["code"]))
        if kind is None:
            raise answers.no_such_type(str(kwargs["code"]))
        if not may_read(actor, kind):
            _refuse(actor, kind.name, readers(kind))
    elif access.kind == "page":
        allowed = may_open(actor, request.path)
        if not allowed:
            _refuse(actor, allowed.name, allowed.duties)
    elif access.kind == "duty" and not any(actor.can(code) for code in access.duties):
        _refuse(actor, "这个页面", access.duties)


def _refuse(actor: Actor, page: str, duties: tuple[str, ...]) -> None:
    raise NO_DUTY_HERE.refuse(page=page, duty=duty_names(duties), position=actor.position_name)

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
from django.urls import URLPattern, URLResolver, include, path

from shucai.base.errors import Refused, Unavailable
from shucai.edge.web import answers, clock, entry
from shucai.edge.web.errors import NO_DUTY_HERE
from shucai.edge.web.request import WebRequest
from shucai.kernel import audit
from shucai.kernel.document.declare import find_type
from shucai.kernel.document.permits import readers
from shucai.kernel.identity import scope
from shucai.kernel.identity.actor import Actor
from shucai.kernel.pages import register_commands, registers
from shucai.kernel.pages.access import duty_names, may_open, may_read

View = Callable[..., HttpResponseBase]
Kind = Literal["public", "entering", "signed_in", "document", "page", "duty", "register", "command"]


@dataclass(frozen=True, slots=True)
class Access:
    """Who may call. `entering` also lets in who has to change the password, to enrol or to
    confirm an announcement;
    `document` asks for a duty of the type in the address, `page` for the menu item of the
    address, `duty` for one of `duties`; `register` asks for a reader of the register in the
    address, `command` for a duty of the command."""

    kind: Kind
    duties: tuple[str, ...] = ()


PUBLIC: Final = Access("public")
ENTERING: Final = Access("entering")
SIGNED_IN: Final = Access("signed_in")
DOCUMENT: Final = Access("document")
PAGE: Final = Access("page")
REGISTER: Final = Access("register")
COMMAND: Final = Access("command")


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


def addresses() -> list[URLPattern | URLResolver]:
    """The routes by their first part, so that an address is compared with its neighbours only."""
    found: dict[str, list[URLPattern]] = {}
    for one in routes():
        first, slash, rest = str(one.pattern).partition("/")
        inner = path(rest if slash else first, one.callback, name=one.name)
        found.setdefault(first + slash, []).append(inner)
    return [
        path(first, include(group)) if first.endswith("/") else group[0]
        for first, group in found.items()
    ]


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
    if entered.must_read and one.access.kind != "entering":
        return answers.to(request, "/must-read")
    try:
        refuse_without_duty(request, one.access, kwargs)
        return one.view(request, **kwargs)
    except Refused as refused:
        _record(request, one, kwargs, refused)
        return answers.refusal(request, refused)
    except Unavailable as busy:
        return answers.unavailable(request, busy)


def _record(request: WebRequest, one: Endpoint, kwargs: dict[str, Any], refused: Refused) -> None:
    """Attempts to write, and to open a page without its duty, are in the trail."""
    if request.method != "POST" and refused.code != NO_DUTY_HERE.code:
        return
    if one.name in _WHILE_TYPING:
        return
    kind = str(kwargs.get("code") or kwargs.get("kind") or "web")
    target = kwargs.get("address") or kwargs.get("key") or kwargs.get("pk") or ""
    audit.record_attempt(
        refused,
        actor=request.actor,
        at=clock.now(),
        action=f"{kind}.{kwargs.get('action') or kwargs.get('command') or one.name}",
        target_type=kind,
        target=str(target),
    )


# Asked again and again while a form is filled in; what they refuse is no attempt at anything.
_WHILE_TYPING: Final = ("form-autosave", "form-new-autosave", "form-trial", "form-trial-new")


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
    elif access.kind == "register":
        register = registers.found_or_refused(str(kwargs["code"]))
        if not register.may_read(actor):
            _refuse(actor, register.name, tuple(register.readers))
    elif access.kind == "command":
        _refuse_command(request, kwargs)
    elif access.kind == "duty" and not any(actor.can(code) for code in access.duties):
        _refuse(actor, "这个页面", access.duties)


def _refuse_command(request: WebRequest, kwargs: dict[str, Any]) -> None:
    """Whoever tries a command without its duty is told so, and the trail knows."""
    register = registers.found_or_refused(str(kwargs["code"]))
    command = register_commands.found_or_refused(register, str(kwargs["command"]))
    if register_commands.may_run(command, request.actor):
        return
    try:
        _refuse(request.actor, f"{register.name}：{command.label}", tuple(command.by))
    except Refused as refused:
        if request.method == "POST":
            attempt = register_commands.Attempt(
                register=register,
                command=command,
                actor=request.actor,
                now=clock.now(),
                keys=[str(kwargs["key"])] if "key" in kwargs else [],
            )
            register_commands.record_refusal(attempt, refused)
        raise


def _refuse(actor: Actor, page: str, duties: tuple[str, ...]) -> None:
    raise NO_DUTY_HERE.refuse(page=page, duty=duty_names(duties), position=actor.position_name)

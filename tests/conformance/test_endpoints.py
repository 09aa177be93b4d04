"""The matrix of endpoints: each address × each role, as declared; other units' rows stay unseen."""

import re

import pytest
from django.conf import settings
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from tests import people
from tests.browser import town

from shucai.edge.web import endpoints
from shucai.edge.web.endpoints import Endpoint
from shucai.kernel.document.declare import find_type
from shucai.kernel.pages.access import duties_at, duties_of, item_at, readers
from shucai.kernel.pages.register import find_register

PLACES = {
    "code": "payment.application",
    "address": "~999999999",
    "action": "retry",
    "place": "field",
    "name": "payee_name",
    "book": "budget",
    "kind": "unit_allotment",
    "pk": 999999999,
    "file_id": 999999999,
    "version": 1,
    "value_set": "functional",
}
_REPORT = {"code": "payment.paid_by_unit"}
_REGISTER = {"code": "platform.job_run", "key": 999999999, "command": "retry"}
OTHER_PLACES = {"report": _REPORT, "report-export": _REPORT}
ROLES = sorted(town.STAFF)
LAST = ("password", "switch", "logout")  # these change who one is; asked for at the end


def _addresses(found: list[URLPattern | URLResolver]) -> list[URLPattern]:
    flat: list[URLPattern] = []
    for one in found:
        flat += _addresses(one.url_patterns) if isinstance(one, URLResolver) else [one]
    return flat


def test_every_address_of_the_channel_is_declared() -> None:
    routed = _addresses(list(get_resolver().url_patterns))  # loading them declares the endpoints
    known = {one.name for one in endpoints.matrix()}
    undeclared = [
        str(pattern.pattern)
        for pattern in routed
        if not str(pattern.pattern).startswith("api/")
        and getattr(pattern.callback, "endpoint", None) not in known
        and "api" not in str(getattr(pattern.callback, "__module__", ""))
        and "ninja" not in str(getattr(pattern.callback, "__module__", ""))
    ]

    assert undeclared == []


def test_fixed_addresses_come_before_placeholders() -> None:
    routes = [str(one.pattern) for one in endpoints.routes()]

    assert routes.index("d/<str:code>/-/totals") < routes.index("d/<str:code>/<str:address>")
    assert routes.index("d/<str:code>/new") < routes.index("d/<str:code>/<str:address>")


def test_only_signing_in_and_health_are_public() -> None:
    public = {one.name for one in endpoints.matrix() if one.access.kind == "public"}

    entering = {"login", "login-second", "login-certificate", "logout"}
    assert public == {*entering, "healthz", "readyz", "portal-logo"}


def address_of(one: Endpoint) -> str:
    """An address of the endpoint where, but for the type, nothing is to be found."""
    parts = re.findall(r"<(\w+):(\w+)>", one.route)
    own = _REGISTER if one.route.startswith("r/") else OTHER_PLACES.get(one.name, {})
    known = {**PLACES, **own}
    missing = {"int": 999999999, "str": "nothing"}
    return reverse(one.name, kwargs={name: known.get(name, missing[kind]) for kind, name in parts})


def methods_of(one: Endpoint) -> list[str]:
    return [method for method in ("GET", "POST") if method in one.methods]


def is_allowed(one: Endpoint, duties: set[str]) -> bool:
    """What the declaration says for somebody with these duties."""
    if one.access.kind == "document":
        kind = find_type(str(PLACES["code"]))
        assert kind is not None
        return bool(duties & set(readers(kind)))
    if one.access.kind in ("register", "command"):
        register = find_register(str(_REGISTER["code"]))
        assert register is not None
        command = register.command(str(_REGISTER["command"]))
        assert command is not None
        wanted = command.by if one.access.kind == "command" else register.readers
        return bool(duties & set(wanted))
    if one.access.kind == "page":
        item = item_at(address_of(one))
        wanted = duties_of(item) if item is not None else duties_at(address_of(one))
        return bool(duties & set(wanted))
    if one.access.kind == "duty":
        return bool(duties & set(one.access.duties))
    return True


def signed_in(username: str) -> Client:
    client = Client()
    done = client.post("/login", {"username": username, "password": people.PASSWORD})
    assert done.status_code == 302, done.content.decode()
    return client


@pytest.mark.django_db
def test_strangers_are_led_to_the_sign_in_page() -> None:
    client = Client()

    for one in endpoints.matrix():
        for method in methods_of(one):
            if one.access.kind == "public":
                continue
            answer = client.generic(method, address_of(one))
            assert answer.status_code == 302, one.name
            assert answer["Location"].startswith("/login"), one.name


@pytest.mark.django_db
def test_a_fragment_for_a_stranger_reloads_the_window() -> None:
    answer = Client().get("/d/payment.application/", headers={"HX-Request": "true"})

    assert answer.status_code == 204
    assert answer["HX-Redirect"] == "/login"


@pytest.mark.django_db
@pytest.mark.parametrize("role", ROLES)
def test_each_endpoint_lets_in_exactly_the_declared_duties(role: str) -> None:
    town.build()
    client = signed_in(role)
    duties = set(town.STAFF[role][2])
    matrix = sorted(endpoints.matrix(), key=lambda one: one.name in LAST)
    faults = []

    for one in matrix:
        for method in methods_of(one):
            if one.name == "logout":
                continue
            answer = client.generic(method, address_of(one))
            denied = answer.status_code == 403 and b"WEB-1001" in answer.content
            led_away = answer.status_code == 302 and answer["Location"].startswith("/login")
            led_away &= one.access.kind != "public"  # a second step without a first begins anew
            if led_away or denied == is_allowed(one, duties) or answer.status_code >= 500:
                faults.append(f"{method} {one.name}: {answer.status_code}")

    assert faults == []


@pytest.mark.django_db
def test_other_units_documents_and_accounts_are_as_good_as_missing() -> None:
    from shucai.kernel.ledger.models import LedgerAccount
    from shucai.kernel.masterdata.models import Unit

    town.build()
    foreign = LedgerAccount.objects.exclude(unit__path=town.UNIT).filter(
        unit__in=Unit.objects.filter(code="105002")
    )
    treasurer, clerk = signed_in("guoku"), signed_in("zhifu")

    with endpoints.scoped(people.actor_of("guoku")):
        account = foreign.get()
    page = f"/ledger/budget/unit_allotment/{account.pk}"

    assert treasurer.get(page).status_code == 200
    assert account.number in treasurer.get("/ledger/budget/unit_allotment/").content.decode()
    refused = clerk.get(page)
    assert refused.status_code == 404
    assert "WEB-1004" in refused.content.decode()
    assert account.number not in clerk.get("/ledger/budget/unit_allotment/").content.decode()
    assert "105002" not in clerk.get("/find/units?unit=105002").content.decode()


@pytest.mark.django_db
def test_answers_carry_the_security_headers() -> None:
    answer = Client().get("/login")

    assert "default-src 'self'" in answer["Content-Security-Policy"]
    assert "script-src" not in answer["Content-Security-Policy"]
    assert "unsafe-eval" not in answer["Content-Security-Policy"]
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Cache-Control"] == "no-store"
    assert re.search(r"<script(?![^>]*\bsrc=)", answer.content.decode()) is None


@pytest.mark.django_db
def test_a_write_without_the_token_of_the_form_is_refused() -> None:
    town.build()
    client = Client(enforce_csrf_checks=True)

    answer = client.post("/login", {"username": "zhifu", "password": people.PASSWORD})

    assert answer.status_code == 403
    assert "页面已过期" in answer.content.decode()


@pytest.mark.django_db
def test_signing_out_ends_the_session_for_every_copy_of_its_cookie() -> None:
    town.build()
    client = signed_in("zhifu")
    copy = client.cookies[settings.SESSION_COOKIE_NAME].value

    client.post("/logout")
    client.cookies[settings.SESSION_COOKIE_NAME] = copy

    assert client.get("/").status_code == 302


@pytest.mark.django_db
def test_an_address_elsewhere_is_not_followed_after_signing_in() -> None:
    town.build()

    for wanted in ("https://example.com/", "//example.com", "javascript:alert(1)"):
        answer = Client().post(
            "/login", {"username": "zhifu", "password": people.PASSWORD, "to": wanted}
        )
        assert answer["Location"] == "/"


@pytest.mark.django_db
def test_a_year_that_is_not_opened_is_refused_kindly() -> None:
    town.build()
    client = signed_in("zhifu")

    answer = client.get("/?year=1999")

    assert answer.status_code == 422
    assert "不能切换到 1999 年度" in answer.content.decode()
    assert client.get("/").status_code == 200

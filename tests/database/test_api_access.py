"""Who gets in: tokens, scopes, years, rates; and the whole matrix of endpoints over roles."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from tests import callers
from tests.callers import Callers
from tests.factories import NOW, PAYEE

from shucai.edge import clock
from shucai.edge.api import access
from shucai.edge.api.endpoints import Endpoint, matrix
from shucai.edge.api.urls import API
from shucai.kernel.document.declare import types
from shucai.kernel.identity import tokens
from shucai.kernel.identity.models import ApiToken

PAYMENTS = "/documents/payment.application"


@pytest.fixture
def city(db: None, monkeypatch: pytest.MonkeyPatch) -> Callers:
    return callers.found(monkeypatch)


def filled(endpoint: Endpoint, address: str) -> str:
    """The path with something plausible in every placeholder."""
    path = endpoint.path.replace("{address}", address)
    for name, value in (("id", "1"), ("set", "functional"), ("code", "1"), ("verb", "hang")):
        path = path.replace(f"{{{name}}}", value)
    return path


def code(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


def test_nobody_gets_in_without_a_token(city: Callers) -> None:
    client = Client()

    plain = client.get("/api/v1/me")
    basic = client.get("/api/v1/me", headers={"Authorization": "Basic YTpi"})
    unknown = client.get("/api/v1/me", headers={"Authorization": "Bearer sct_nothing"})

    assert code(plain) == code(basic) == (401, "API-1101")
    assert code(unknown) == (401, "API-1102")
    assert unknown["WWW-Authenticate"] == 'Bearer realm="shucai"'


def test_a_login_session_of_the_pages_is_worth_nothing_here(city: Callers) -> None:
    client = Client()
    client.cookies["shucai"] = "any"

    assert code(client.get("/api/v1/me")) == (401, "API-1101")
    assert not Client().get("/api/v1/problems").cookies


def test_me_tells_who_the_token_is(city: Callers) -> None:
    said = city.as_("clerk", ["documents.read"]).get("/me").json()

    assert said["user"] == "王晓萌"
    assert said["duties"] == ["payment.preparer"]
    assert said["scopes"] == ["documents.read"]
    assert said["fiscal_year"] == 2026
    assert said["rate"] == {"per_second": 20, "burst": 200}


def test_a_token_dies_with_its_time_and_when_revoked(
    city: Callers, monkeypatch: pytest.MonkeyPatch
) -> None:
    clerk = city.as_("clerk")
    other = city.as_("clerk")
    token = ApiToken.objects.order_by("-pk")[0]
    tokens.revoke(actor=city.world.people["clerk"], token_id=token.pk, now=NOW)

    revoked = other.get("/me")
    monkeypatch.setattr(clock, "now", lambda: NOW + timedelta(days=31))
    expired = clerk.get("/me")

    assert code(revoked) == code(expired) == (401, "API-1102")


def test_scopes_bound_what_a_token_does(city: Callers) -> None:
    reader = city.as_("clerk", ["documents.read"])
    narrow = city.as_("clerk", ["documents.act:payment", "documents.write:payment.application"])
    foreign = city.as_("clerk", ["documents.act:allotment"])
    body = {
        "fields": PAYEE,
        "lines": [{"allotment": city.world.allot(), "purpose": "办公用品", "amount": "1"}],
    }

    assert code(reader.post(PAYMENTS, body)) == (403, "API-1103")
    assert reader.get(PAYMENTS).status_code == 200
    made = narrow.post(PAYMENTS, body)
    assert made.status_code == 201
    assert narrow.post(f"{PAYMENTS}/{made.json()['address']}/submit").status_code == 200
    assert code(narrow.get(PAYMENTS)) == (403, "API-1103")
    assert code(foreign.post(f"{PAYMENTS}/~1/submit")) == (403, "API-1103")


def test_the_year_is_one_that_has_been_opened(city: Callers) -> None:
    clerk = city.as_("clerk")

    assert clerk.get("/me", **{"Fiscal-Year": "2026"}).status_code == 200
    assert code(clerk.get("/me", **{"Fiscal-Year": "soon"})) == (422, "API-1104")
    assert clerk.get("/me", **{"Fiscal-Year": "2031"}).status_code == 422


def test_a_token_has_an_allowance_and_hears_how_much_is_left(
    city: Callers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(access, "limits", lambda: (2, 5))
    clerk = city.as_("clerk")

    answers = [clerk.get("/me") for _ in range(6)]
    neighbour = city.as_("clerk").get("/me")
    monkeypatch.setattr(clock, "now", lambda: NOW + timedelta(seconds=1))
    later = [clerk.get("/me") for _ in range(3)]

    assert [a.status_code for a in answers] == [200] * 5 + [429]
    assert answers[-1].json()["code"] == "API-1201"
    assert answers[-1]["Retry-After"] == "1"
    assert answers[0]["RateLimit"].startswith('"token";r=4;')
    assert neighbour.status_code == 200
    assert [a.status_code for a in later] == [200, 200, 429]


def test_answers_carry_a_trace_id_and_are_not_cached(city: Callers) -> None:
    clerk = city.as_("clerk")

    given = clerk.get("/me", **{"X-Trace-Id": "abcdef0123456789"})
    odd = clerk.get("/me", **{"X-Trace-Id": "<script>"})

    assert given["X-Trace-Id"] == "abcdef0123456789"
    assert odd["X-Trace-Id"] != "<script>"
    assert given["Cache-Control"] == "no-store"


def test_every_routed_operation_is_declared() -> None:
    routed = {
        f"{method} /api/v1/{router.prefix}{path}".replace("//", "/")
        for router in API._get_bound_routers()
        for path, view in router.path_operations.items()
        for operation in view.operations
        for method in operation.methods
    }
    from shucai.kernel import registry

    declared = {e.code for e in registry.all("endpoint").values() if isinstance(e, Endpoint)}

    assert {one.replace(":", "") for one in routed} == declared


ROLES = (
    "clerk", "reviewer", "treasurer", "other_clerk", "district_clerk", "planner",
    "plan_reviewer", "issuer", "nobody", "keeper", "sysadmin", "secadmin", "auditor",
)  # fmt: skip


@pytest.fixture
def document(city: Callers) -> dict[str, str]:
    """An address in the own unit of the clerk for each type."""
    payment = city.world.payment(city.world.allot(), "1.00")
    grant = city.world.draft(
        "allotment.grant",
        "planner",
        fields={"doc_no": "佛财预〔2026〕99号", "title": "测试", "source": "1"},
        lines=[city.world.grant_line("5.00")],
    )
    return {"payment.application": payment.address, "allotment.grant": grant.address}


@pytest.mark.parametrize("role", ROLES)
def test_the_matrix_holds_for_every_role(
    role: str, city: Callers, document: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever lacks the duty is refused with 403; strangers to the unit find nothing."""
    monkeypatch.setattr(access, "limits", lambda: (1000, 10_000))
    caller = city.as_(role)
    actor_duties = _duties(city, role)
    for endpoint in matrix():
        if not endpoint.document_type:
            continue
        path = filled(endpoint, document[endpoint.document_type])
        headers = {"If-Match": '"1"'} if endpoint.method == "PUT" else {}
        body = {"numbers": [document[endpoint.document_type]]} if "/actions/" in path else None
        answer = caller.send(endpoint.method, path, body, **headers)

        if answer.status_code < 300:
            assert actor_duties & set(endpoint.duties), f"{role} {endpoint.code}"
            if "{address}" in endpoint.path:
                assert _covers(city, role, endpoint.document_type), f"{role} {endpoint.code}"
        elif not actor_duties & _readers(endpoint):
            assert answer.status_code == 403, f"{role} {endpoint.code} {answer.content.decode()}"


def _duties(city: Callers, role: str) -> set[str]:
    if role in callers.ROOT_PEOPLE:
        return {callers.ROOT_PEOPLE[role]}
    return set(city.world.people[role].duties)


def _readers(endpoint: Endpoint) -> set[str]:
    kind = types()[endpoint.document_type]
    return {move.by for move in kind.flow}


def _covers(city: Callers, role: str, kind: str) -> bool:
    owner = city.world.school if kind == "payment.application" else city.world.finance
    return city.world.people[role].covers(owner.path, owner.office)


def test_tokens_without_any_scope_open_no_endpoint(
    city: Callers, document: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(access, "limits", lambda: (1000, 10_000))
    caller = city.as_("clerk", ["nothing.at_all"])

    for endpoint in matrix():
        if endpoint.scope:
            path = filled(endpoint, "~1")
            answer = caller.send(endpoint.method, path, {} if endpoint.method != "GET" else None)
            assert code(answer) == (403, "API-1103"), endpoint.code

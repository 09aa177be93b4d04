"""The API against its own description: generated requests by somebody who holds the duty.

Every answer has a described status and body, whatever is sent; nothing ends in a defect, and
nothing is answered to a stranger. `SHUCAI_SCHEMA_EXAMPLES` asks for more than the few requests for
each operation that the suite has time for.
"""

import logging
import os
import re
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from django.test import Client
from hypothesis import HealthCheck, Phase, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from tests import callers

from shucai.edge.api import access, description
from shucai.edge.api import endpoints as api_endpoints

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]
schema = schemathesis.openapi.from_dict(description.document())
schema.app = get_wsgi_application()


@pytest.fixture
def tokens(db: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], str]]:
    """The connection with the test's transaction outlives the requests."""
    monkeypatch.setattr(access, "limits", lambda: (10_000, 1_000_000))
    logging.getLogger("django.request").setLevel(logging.CRITICAL)
    made = callers.found(monkeypatch)
    made.world.payment(made.world.allot(), "10.00")
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield cache(made.token)
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


def holders() -> dict[str, set[str]]:
    """The duties that open each operation, by method and address."""
    return {one.code: set(one.duties) for one in api_endpoints.matrix()}


HOLDERS = holders()
PEOPLE = {
    "payment.preparer": "clerk",
    "payment.reviewer": "reviewer",
    "payment.treasurer": "treasurer",
    "allotment.preparer": "planner",
    "allotment.reviewer": "plan_reviewer",
    "allotment.issuer": "issuer",
    **{duty: who for who, duty in callers.ROOT_PEOPLE.items()},
}


def who_may(method: str, path: str) -> str:
    """Somebody of the city who holds a duty of the operation, so that it gets past the door."""
    wanted = HOLDERS.get(f"{method} {path}", set())
    return next((who for duty, who in PEOPLE.items() if duty in wanted), "clerk")


@schema.parametrize()
@settings(
    max_examples=int(os.environ.get("SHUCAI_SCHEMA_EXAMPLES", "2")),
    deadline=None,
    derandomize=True,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
def test_answers_as_described(case: Any, tokens: Callable[[str], str]) -> None:
    token = tokens(who_may(case.method, case.path))
    case.headers = {**(case.headers or {}), "Authorization": f"Bearer {token}"}

    case.call_and_validate(checks=CHECKS)


def test_no_operation_answers_a_stranger(db: None) -> None:
    """Without a token and with a wrong one: 401, told as a problem, whatever is asked."""
    answers = {}
    for path, operations in description.document()["paths"].items():
        for verb, operation in operations.items():
            if not operation["security"]:
                continue
            address = re.sub(r"{\w+}", "1", path)
            for headers in ({}, {"Authorization": "Bearer shucai_wrong"}):
                answer = Client().generic(verb.upper(), address, data="{}", headers=headers)
                answers[f"{verb} {path} {headers}"] = (
                    answer.status_code,
                    answer.headers["Content-Type"].partition(";")[0],
                )

    assert len(answers) > 100
    assert {k: v for k, v in answers.items() if v != (401, "application/problem+json")} == {}

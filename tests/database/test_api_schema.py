"""The API against its own description: generated requests, bounded, as a clerk and as a reviewer.

Every answer has a described status and body, whatever is sent; nothing ends in a defect.
"""

import logging
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from hypothesis import HealthCheck, Phase, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from tests import callers

from shucai.edge.api import access, description

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]
schema = schemathesis.openapi.from_dict(description.document())
schema.app = get_wsgi_application()


@pytest.fixture
def tokens(db: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, str]]:
    """The connection with the test's transaction outlives the requests."""
    monkeypatch.setattr(access, "limits", lambda: (10_000, 1_000_000))
    logging.getLogger("django.request").setLevel(logging.CRITICAL)
    made = callers.found(monkeypatch)
    made.world.payment(made.world.allot(), "10.00")
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield {who: made.token(who) for who in ("clerk", "planner")}
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@schema.parametrize()
@settings(
    max_examples=12,
    deadline=None,
    derandomize=True,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
def test_answers_as_described(case: Any, tokens: dict[str, str]) -> None:
    token = tokens["clerk" if "payment" in case.path else "planner"]
    case.headers = {**(case.headers or {}), "Authorization": f"Bearer {token}"}

    case.call_and_validate(checks=CHECKS)

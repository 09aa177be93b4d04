"""List pages: what is kept between requests never outlives the session, the rows or the server."""

import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from tests import people
from tests.browser import town
from tests.database_server import Place

from shucai.kernel.document.models import Header
from shucai.kernel.identity.models import LoginSession

LIST = "/d/payment.application/"
NASTY = '<script>"&'
SAVED = {
    "method": "11",
    "settlement": "1",
    "payee_name": NASTY,
    "payee_account": "6222021234567890123",
    "payee_bank": "中国工商银行佛山分行",
    "content": "1",
    "row": "0",
    "line-0-allotment": "佛财预〔2026〕12号-01",
    "line-0-purpose": NASTY,
    "line-0-amount": "1.00",
}


@pytest.fixture
def clerk(db: None) -> Client:
    town.build()
    return entered(Client())


def entered(client: Client) -> Client:
    client.post("/login", {"username": "zhifu", "password": people.PASSWORD})
    return client


def shown(client: Client, address: str = LIST) -> str:
    answer: Any = client.get(address)
    assert answer.status_code == 200
    text: str = answer.content.decode()
    return text


def test_a_page_shown_again_shows_what_changed(clerk: Client) -> None:
    assert "还没有支付申请" in shown(clerk)

    clerk.post(f"{LIST}new/save", SAVED)
    assert "1.00" in shown(clerk)
    Header.objects.update(amount="77.00")

    assert "77.00" in shown(clerk)


def test_what_a_person_typed_is_escaped_in_rows_and_addresses(clerk: Client) -> None:
    clerk.post(f"{LIST}new/save", SAVED)

    for _ in range(2):  # the second is filled into the mould of the first
        page = shown(clerk, f"{LIST}?q=&note={NASTY}")
        assert "<script>&quot;" not in page
        assert NASTY not in page
        assert "&lt;script&gt;&quot;&amp;" in page


def test_every_page_has_a_token_of_its_own_that_protects_its_forms(db: None) -> None:
    town.build()
    client = Client(enforce_csrf_checks=True)
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', shown(client, "/login"))
    assert token is not None
    client.post(
        "/login",
        {"username": "zhifu", "password": people.PASSWORD, "csrfmiddlewaretoken": token[1]},
    )

    tokens = [re.findall(r'csrfmiddlewaretoken" value="(\w+)"', shown(client)) for _ in range(2)]

    assert len(set(tokens[0])) == len(set(tokens[1])) == 1
    assert tokens[0][0] != tokens[1][0]
    kept = client.post(f"{LIST}-/columns", {"reset": "1", "csrfmiddlewaretoken": tokens[0][0]})
    assert kept.status_code == 302
    forged = client.post(f"{LIST}-/columns", {"reset": "1", "csrfmiddlewaretoken": "x" * 64})
    assert forged.status_code == 403


def test_an_ended_session_shows_nothing_more(clerk: Client) -> None:
    shown(clerk)
    LoginSession.objects.update(ended_at="2026-01-01T00:00:00Z", end_reason="forced")

    assert clerk.get(LIST).status_code == 302


def test_a_connection_that_the_server_ended_is_replaced(
    fresh_database: str, database_place: Place
) -> None:
    """As after a restart of the database: the next request notices, whatever it is."""
    connection.ensure_connection()
    backend = connection.connection.info.backend_pid
    assert connection.is_usable()
    with database_place.connect() as admin:
        admin.execute("SELECT pg_terminate_backend(%s, 5000)", [backend])

    assert not connection.is_usable()
    connection.health_check_done = False
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        assert cursor.fetchone()[0] != backend

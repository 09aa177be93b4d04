"""The harness itself: tests run as the role that owns nothing."""

import pytest
from django.db import connection


def test_rolled_back_tests_run_as_the_application_role(db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user, rolsuper FROM pg_roles WHERE rolname = current_user")

        assert cursor.fetchone() == ("shucai_app", False)


@pytest.mark.parametrize("turn", [1, 2])
def test_a_fresh_database_has_committed_nothing_before(fresh_database: str, turn: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM django_session")
        before = cursor.fetchone()
        cursor.execute("INSERT INTO django_session VALUES (%s, '', '2026-01-01')", [f"turn-{turn}"])

    assert before == (0,)

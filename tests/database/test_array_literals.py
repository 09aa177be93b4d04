"""PostgreSQL reads array literals back as they were meant."""

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shucai.base.arrays import literal

texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=30)


@pytest.mark.django_db
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.none() | texts, max_size=8))
def test_texts_come_back_unchanged(values: list[str | None]) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT %s::text[]", [literal(values)])
        assert cursor.fetchone()[0] == values


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("kind", "values"),
    [("bigint", [1, None, -5]), ("boolean", [True, None, False]), ("text", ["null", "NULL", ""])],
)
def test_other_types_too(kind: str, values: list[object]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT %s::{kind}[]", [literal(values)])  # type: ignore[arg-type]
        assert cursor.fetchone()[0] == values

"""Fixtures shared by all tests: a database as the application sees it, and a small city in it.

`db` (pytest-django's name) rolls back; `fresh_database` is a clone of its own, for tests that
commit, use threads or start processes. Tests without either touch no database.
"""

import os
from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from django.contrib.auth.hashers import Argon2PasswordHasher
from hypothesis import settings

from tests import database_server
from tests.database_server import Place

pytest_plugins = ["tests.plugin_functions"]

# A busy machine is no fault: nothing in a test is measured by the clock.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")


@pytest.fixture(scope="session", autouse=True)
def _quick_passwords() -> None:
    """Still argon2, at the least cost: hundreds of tests sign somebody in."""
    Argon2PasswordHasher.time_cost = 1
    Argon2PasswordHasher.memory_cost = 8
    Argon2PasswordHasher.parallelism = 1


@pytest.fixture(scope="session")
def database_place() -> Iterator[Place]:
    with ExitStack() as stack:
        yield stack.enter_context(database_server.running())


@pytest.fixture(scope="session")
def database_template(database_place: Place) -> str:
    return database_server.template(database_place)


@pytest.fixture(scope="session")
def shared_database(database_place: Place, database_template: str) -> Iterator[str]:
    """The clone that rolled-back tests share."""
    name = f"shucai_shared_{os.getpid()}"
    database_server.clone(database_place, database_template, name)
    yield name
    database_server.drop(database_place, name)


@pytest.fixture(scope="session")
def django_db_setup(database_place: Place, shared_database: str) -> None:
    database_server.point_django_at(database_place, shared_database)


@pytest.fixture
def fresh_database(
    database_place: Place, database_template: str, django_db_blocker: pytest.FixtureRequest
) -> Iterator[str]:
    """A database of the test's own; what it commits is gone with it."""
    from django.db import connections

    shared = connections.settings["default"]["NAME"]
    name = f"shucai_fresh_{os.getpid()}"
    database_server.clone(database_place, database_template, name)
    with django_db_blocker.unblock():  # type: ignore[attr-defined]
        database_server.point_django_at(database_place, name)
        yield name
        connections.close_all()
        database_server.point_django_at(database_place, shared)
    database_server.drop(database_place, name)

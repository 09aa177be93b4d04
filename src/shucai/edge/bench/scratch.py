"""试验库 scratch database: on the same server, migrated, used by one measurement, then dropped.

The administrator's login comes from SHUCAI_ADMIN_USER and SHUCAI_ADMIN_PASSWORD, which the
launcher sets for this command only.
"""

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

import psycopg
from django.db import connections
from psycopg import sql

from shucai.edge.bench import errors

MIGRATE_SECONDS: Final = 300
PRIVILEGES: Final = """
ALTER SCHEMA public OWNER TO shucai_owner;
GRANT USAGE ON SCHEMA public TO shucai_app;
ALTER DEFAULT PRIVILEGES FOR ROLE shucai_owner IN SCHEMA public
  GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO shucai_app;
ALTER DEFAULT PRIVILEGES FOR ROLE shucai_owner IN SCHEMA public
  GRANT USAGE, SELECT ON SEQUENCES TO shucai_app;
"""


@dataclass(frozen=True, slots=True)
class Scratch:
    """A database of the measurement's own, and the login that may do anything in it."""

    name: str
    user: str
    password: str

    @property
    def admin(self) -> Mapping[str, str]:
        """libpq variables of the administrator."""
        return {"PGUSER": self.user, "PGPASSWORD": self.password}

    def connect(self, name: str = "") -> psycopg.Connection[Any]:
        place = connections.settings["default"]
        return psycopg.connect(
            host=str(place["HOST"]),
            port=str(place["PORT"] or 5432),
            dbname=name or self.name,
            user=self.user,
            password=self.password or None,
            autocommit=True,
        )


def close_connections() -> None:
    """Nothing open may be shared with a child."""
    connections.close_all()


@contextmanager
def database() -> Iterator[Scratch]:
    """Makes it, points Django at it as the application, and drops it whatever happens."""
    user = os.environ.get("SHUCAI_ADMIN_USER", "")
    if not user:
        raise errors.NO_ADMIN.refuse()
    scratch = Scratch(
        name=f"shucai_bench_{os.getpid()}",
        user=user,
        password=os.environ.get("SHUCAI_ADMIN_PASSWORD", ""),
    )
    place = connections.settings["default"]
    before = place["NAME"]
    name = sql.Identifier(scratch.name)
    with scratch.connect("postgres") as server:
        server.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(name))
        server.execute(sql.SQL("CREATE DATABASE {} OWNER shucai_owner").format(name))
    try:
        with scratch.connect() as inside:
            inside.execute(PRIVILEGES)
        _migrate(scratch)
        close_connections()
        place["NAME"] = scratch.name
        yield scratch
    finally:
        close_connections()
        place["NAME"] = before
        with scratch.connect("postgres") as server:
            server.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(name))


def environment(scratch: Scratch, **more: str) -> dict[str, str]:
    """For child processes that work on the scratch database as the application."""
    place = connections.settings["default"]
    return {
        **os.environ,
        "SHUCAI_DB_HOST": str(place["HOST"]),
        "SHUCAI_DB_PORT": str(place["PORT"] or 5432),
        "SHUCAI_DB_NAME": scratch.name,
        "SHUCAI_DB_USER": str(place["USER"]),
        "SHUCAI_DB_PASSWORD": str(place["PASSWORD"]),
        "SHUCAI_DB_SET_ROLE": "",
        **more,
    }


def _migrate(scratch: Scratch) -> None:
    login = {
        "SHUCAI_DB_USER": scratch.user,
        "SHUCAI_DB_PASSWORD": scratch.password,
        "SHUCAI_DB_SET_ROLE": "shucai_owner",
        "SHUCAI_DB_KEEP": "0",
    }
    done = subprocess.run(
        [sys.executable, "-m", "django", "migrate", "-v", "0"],
        env=environment(scratch, **login),
        capture_output=True,
        text=True,
        timeout=MIGRATE_SECONDS,
        check=False,
    )
    if done.returncode != 0:
        raise RuntimeError(f"migrate failed:\n{done.stdout}{done.stderr}")


def set_statistics(scratch: Scratch, *tables: str) -> None:
    """Fresh statistics after a bulk load; the planner must not guess."""
    with scratch.connect() as inside:
        for table in tables:
            inside.execute(sql.SQL("VACUUM ANALYZE {}").format(sql.Identifier(table)))

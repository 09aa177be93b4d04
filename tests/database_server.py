"""The PostgreSQL behind the tests: one migrated template, cloned for whoever needs to commit.

The template is named after the text of every migration, so an unchanged schema is migrated
once. `SHUCAI_TEST_SERVER` names the socket directory of a running server whose superuser
`postgres` needs no password; without it the embedded server is started for the session.
"""

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

ROOT = Path(__file__).resolve().parents[1]
ROLES = """
DO $$ BEGIN
  IF to_regrole('shucai_owner') IS NULL THEN
    CREATE ROLE shucai_owner NOLOGIN;
    CREATE ROLE shucai_migrator LOGIN IN ROLE shucai_owner;
    CREATE ROLE shucai_app LOGIN;
  END IF;
END $$
"""
PRIVILEGES = """
ALTER SCHEMA public OWNER TO shucai_owner;
GRANT USAGE ON SCHEMA public TO shucai_app;
ALTER DEFAULT PRIVILEGES FOR ROLE shucai_owner IN SCHEMA public
  GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO shucai_app;
ALTER DEFAULT PRIVILEGES FOR ROLE shucai_owner IN SCHEMA public
  GRANT USAGE, SELECT ON SEQUENCES TO shucai_app;
"""


@dataclass(frozen=True, slots=True)
class Place:
    """Where the server listens and how the superuser and the application log in."""

    host: str
    port: str
    superuser: str
    superuser_password: str
    passwords: dict[str, str]

    def connect(self, name: str = "postgres", *, autocommit: bool = True) -> psycopg.Connection:
        return psycopg.connect(
            host=self.host,
            port=self.port,
            user=self.superuser,
            password=self.superuser_password or None,
            dbname=name,
            autocommit=autocommit,
        )

    def environment(self, name: str, *, as_owner: bool = False) -> dict[str, str]:
        """The variables that point a child process at one database."""
        user = "shucai_migrator" if as_owner else "shucai_app"
        return {
            **{k: v for k, v in os.environ.items() if not k.startswith("PG")},
            "PYTHONPATH": str(ROOT / "src"),
            "SHUCAI_DB_HOST": self.host,
            "SHUCAI_DB_PORT": self.port,
            "SHUCAI_DB_NAME": name,
            "SHUCAI_DB_USER": user,
            "SHUCAI_DB_PASSWORD": self.passwords.get(user, ""),
            "SHUCAI_DB_SET_ROLE": "shucai_owner" if as_owner else "",
            "SHUCAI_DB_KEEP": "0",
            "SHUCAI_SECRET_KEY": "only-for-the-tests-0123456789-0123456789-0123",
            "SHUCAI_DEMO": "1",
        }


@contextmanager
def running() -> Iterator[Place]:
    """A server for the session: the one named by SHUCAI_TEST_SERVER, else an embedded one."""
    given = os.environ.get("SHUCAI_TEST_PLACE")  # the server of the session that runs this one
    if given:
        yield Place(**json.loads(given))
        return
    host = os.environ.get("SHUCAI_TEST_SERVER")
    if host:
        yield Place(host, "5432", "postgres", "", {})
        return
    from shucai.site.postgres import server_for_tests

    with server_for_tests(ROOT / ".shucai" / "test-postgres") as server:
        yield Place(
            server.host, server.port, server.superuser, server.superuser_password, server.passwords
        )


def schema_hash() -> str:
    """Changes whenever anything that shapes the database does."""
    said = hashlib.sha256()
    paths = [*(ROOT / "src").rglob("migrations/*.py"), *(ROOT / "src").rglob("sql.py")]
    paths += [*(ROOT / "src").rglob("policies.py"), *(ROOT / "src").rglob("guards.py")]
    for path in sorted(paths):
        said.update(path.read_bytes())
    return said.hexdigest()[:12]


def template(place: Place) -> str:
    """The migrated database that others are cloned from; made when the schema is new."""
    name = f"shucai_tpl_{schema_hash()}"
    with place.connect() as admin:
        admin.execute("SELECT pg_advisory_lock(7337999)")
        admin.execute(ROLES)
        if admin.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone():
            return name
        building = name + "_new"
        drop(place, building)
        admin.execute(
            sql.SQL("CREATE DATABASE {} OWNER shucai_owner").format(sql.Identifier(building))
        )
        with place.connect(building) as inside:
            inside.execute(PRIVILEGES)
        done = subprocess.run(
            [sys.executable, "-m", "shucai.site.manage", "migrate", "-v", "0"],
            env=place.environment(building, as_owner=True),
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise RuntimeError(f"migrate failed:\n{done.stdout}\n{done.stderr}")
        admin.execute(
            sql.SQL("ALTER DATABASE {} RENAME TO {}").format(
                sql.Identifier(building), sql.Identifier(name)
            )
        )
    return name


def clone(place: Place, source: str, name: str) -> None:
    with place.connect() as admin:
        drop(place, name)
        admin.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE {} OWNER shucai_owner STRATEGY FILE_COPY").format(
                sql.Identifier(name), sql.Identifier(source)
            )
        )


def drop(place: Place, name: str) -> None:
    with place.connect() as admin:
        admin.execute(
            sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
        )


def point_django_at(place: Place, name: str) -> None:
    """Every connection of this process, in every thread, goes to that database as the app."""
    from django.db import connections

    wanted: dict[str, Any] = connections.settings["default"]
    connections["default"].close()
    wanted.update(
        HOST=place.host,
        PORT=place.port,
        NAME=name,
        USER="shucai_app",
        PASSWORD=place.passwords.get("shucai_app", ""),
    )
    wanted["CONN_MAX_AGE"] = 0  # threads of the tests are short-lived
    wanted["OPTIONS"].pop("options", None)
    os.environ.update(place.environment(name))

"""数据库角色 database roles: an owner that cannot log in, a migrator, the application.

Migrations run as the migrator acting as the owner. Everything belongs to the owner; the
application owns nothing and gets rows by default privileges. All statements may be repeated.
"""

import json
import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Final

import psycopg
from psycopg import sql

from shucai.site.private import write_private

OWNER: Final = "shucai_owner"
MIGRATOR: Final = "shucai_migrator"
APP: Final = "shucai_app"
SUPERUSER: Final = "postgres"


def _word() -> str:
    return secrets.token_urlsafe(24)


@dataclass(frozen=True, slots=True)
class Passwords:
    """Random, made once, kept in a file only the starting user can read."""

    superuser: str = field(default_factory=_word)
    migrator: str = field(default_factory=_word)
    app: str = field(default_factory=_word)


def passwords(place: Path) -> Passwords:
    """Reads them; makes and stores them the first time."""
    if place.exists():
        return Passwords(**json.loads(place.read_text("utf-8")))
    made = Passwords()
    write_private(place, json.dumps(asdict(made)))
    return made


def ensure_roles(admin: psycopg.Connection, *, known: Passwords) -> None:
    """The three roles with these passwords. `admin` may create roles; autocommit."""
    logins = {OWNER: None, MIGRATOR: known.migrator, APP: known.app}
    for role, password in logins.items():
        login = "NOLOGIN" if password is None else "LOGIN"
        if not _has_role(admin, role):
            admin.execute(_statement(f"CREATE ROLE {{}} {login}", role))
        if password is not None:
            verifier = admin.pgconn.encrypt_password(
                password.encode(), role.encode(), b"scram-sha-256"
            )
            admin.execute(
                sql.SQL("ALTER ROLE {} PASSWORD {}").format(
                    sql.Identifier(role), sql.Literal(verifier.decode())
                )
            )
    admin.execute(_statement("GRANT {} TO {}", OWNER, MIGRATOR))


def _has_role(connection: psycopg.Connection, role: str) -> bool:
    found = connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role])
    return found.fetchone() is not None


def has_database(connection: psycopg.Connection, name: str) -> bool:
    found = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name])
    return found.fetchone() is not None


def create_database(admin: psycopg.Connection, *, name: str, template: str | None = None) -> None:
    """A database of the owner; `template` copies another one (nobody may be connected to it)."""
    base = template or "template0"
    locale = "" if template else _locale(admin.info.server_version)
    statement = f"CREATE DATABASE {{}} OWNER {{}} TEMPLATE {{}} {locale}"
    admin.execute(_statement(statement, name, OWNER, base))
    grant_connecting(admin, name=name)


def grant_connecting(admin: psycopg.Connection, *, name: str) -> None:
    """Only the two logins may enter; the application may use temporary tables."""
    admin.execute(_statement("REVOKE ALL ON DATABASE {} FROM PUBLIC", name))
    admin.execute(
        _statement("GRANT CONNECT, TEMPORARY ON DATABASE {} TO {}, {}", name, APP, MIGRATOR)
    )


def _locale(version: int) -> str:
    """Code point order everywhere; PostgreSQL 17 and later bring it with them."""
    if version >= 170000:
        return "ENCODING 'UTF8' LOCALE_PROVIDER builtin BUILTIN_LOCALE 'C.UTF-8' LOCALE 'C'"
    return "ENCODING 'UTF8' LOCALE 'C.UTF-8'"


def ensure_privileges(inside: psycopg.Connection) -> None:
    """The schema is the owner's; what the owner will create, the application may use."""
    inside.execute(_statement("ALTER SCHEMA public OWNER TO {}", OWNER))
    inside.execute(_statement("REVOKE CREATE ON SCHEMA public FROM PUBLIC"))
    inside.execute(_statement("GRANT USAGE ON SCHEMA public TO {}", APP))
    default = "ALTER DEFAULT PRIVILEGES FOR ROLE {} IN SCHEMA public GRANT "
    inside.execute(
        _statement(default + "SELECT, INSERT, UPDATE, DELETE ON TABLES TO {}", OWNER, APP)
    )
    inside.execute(_statement(default + "USAGE, SELECT ON SEQUENCES TO {}", OWNER, APP))


def environment(
    *, host: str, port: str, name: str, role: str, known: Passwords
) -> Mapping[str, str]:
    """What settings.py reads, for one of the three logins."""
    password = {APP: known.app, MIGRATOR: known.migrator, SUPERUSER: known.superuser}[role]
    return {
        "SHUCAI_DB_HOST": host,
        "SHUCAI_DB_PORT": port,
        "SHUCAI_DB_NAME": name,
        "SHUCAI_DB_USER": role,
        "SHUCAI_DB_PASSWORD": password,
        "SHUCAI_DB_SET_ROLE": OWNER if role == MIGRATOR else "",
    }


def _statement(text: str, *names: str) -> sql.Composed:
    return sql.SQL(text).format(*map(sql.Identifier, names))

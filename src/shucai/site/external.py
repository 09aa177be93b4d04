"""已有的数据库 a PostgreSQL of the user's own, named by DATABASE_URL.

The URL's user either may create roles and databases (then everything is made), or belongs to
shucai_owner (then a database administrator has made everything, and migrations log in as that
user). Whatever is missing is one sentence.
"""

import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final, LiteralString

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from shucai.base.errors import Refused
from shucai.site import errors, roles

VERSION_MIN: Final = 15
FORM: Final = "postgresql://用户:口令@主机:5432/库名"
APP_PASSWORD: Final = "SHUCAI_APP_PASSWORD"  # noqa: S105 (the variable's name)
MIGRATOR_PASSWORD: Final = "SHUCAI_MIGRATOR_PASSWORD"  # noqa: S105
# What settings.py has no name for goes by libpq's own variables.
_LIBPQ: Final = {
    "sslmode": "PGSSLMODE",
    "sslrootcert": "PGSSLROOTCERT",
    "sslcert": "PGSSLCERT",
    "sslkey": "PGSSLKEY",
    "target_session_attrs": "PGTARGETSESSIONATTRS",
    "connect_timeout": "PGCONNECT_TIMEOUT",
}


class External:
    """The database behind DATABASE_URL; `home` keeps the passwords of the roles."""

    def __init__(self, url: str, *, home: Path) -> None:
        self.home = home
        self.facts = _read(url)
        self.name = str(self.facts.get("dbname") or "shucai")
        self._made_by_hand = False

    def prepare(self) -> None:
        """Checks everything and makes what is missing."""
        with self._connect_anywhere() as admin:
            _check_version(admin)
            if _may_create(admin):
                self._make(admin)
            elif _belongs_to_owner(admin):
                self._made_by_hand = True
            else:
                raise errors.URL_RIGHTS.refuse(user=admin.info.user)
        with self._connect(self.name) as inside:
            encoding = str(inside.info.parameter_status("server_encoding"))
            if encoding != "UTF8":
                raise errors.DATABASE_ENCODING.refuse(name=self.name, encoding=encoding)
            if not self._made_by_hand:
                roles.ensure_privileges(inside)
        self._try_application()

    def environment(self, *, role: str = roles.APP) -> Mapping[str, str]:
        """The SHUCAI_DB_* variables for the application or for migrations."""
        chosen = dict(
            roles.environment(
                host=str(self.facts.get("host", "")),
                port=str(self.facts.get("port", "5432")),
                name=self.name,
                role=role,
                known=self._passwords(),
            )
        )
        if role == roles.MIGRATOR and self._made_by_hand:
            chosen["SHUCAI_DB_USER"] = str(self.facts.get("user", ""))
            chosen["SHUCAI_DB_PASSWORD"] = str(self.facts.get("password", ""))
        chosen |= {
            variable: str(self.facts[key]) for key, variable in _LIBPQ.items() if key in self.facts
        }
        return chosen

    def _make(self, admin: psycopg.Connection) -> None:
        stored = (self.home / "passwords.json").exists()
        if not stored and not os.environ.get(APP_PASSWORD) and _exists(admin, roles.APP):
            raise self._unknown_password(roles.APP, APP_PASSWORD)
        roles.ensure_roles(admin, known=self._passwords())
        if not _answer(admin, "SELECT rolsuper FROM pg_roles WHERE rolname = user"):
            # PostgreSQL 16 and later give the maker of a role its administration, not its rights.
            admin.execute(sql.SQL("GRANT {} TO CURRENT_USER").format(sql.Identifier(roles.OWNER)))
        if not roles.has_database(admin, self.name):
            roles.create_database(admin, name=self.name)

    def _try_application(self) -> None:
        """The application's own login must work."""
        login = self.environment()
        try:
            with self._connect(
                self.name, user=login["SHUCAI_DB_USER"], password=login["SHUCAI_DB_PASSWORD"]
            ):
                return
        except psycopg.OperationalError:
            raise self._unknown_password(roles.APP, APP_PASSWORD) from None

    def _passwords(self) -> roles.Passwords:
        known = roles.passwords(self.home / "passwords.json")
        return replace(
            known,
            app=os.environ.get(APP_PASSWORD, known.app),
            migrator=os.environ.get(MIGRATOR_PASSWORD, known.migrator),
        )

    def _unknown_password(self, role: str, variable: str) -> Refused:
        return errors.ROLE_PASSWORD.refuse(
            role=role, folder=str(self.home / "passwords.json"), variable=variable
        )

    def _connect_anywhere(self) -> psycopg.Connection:
        """Into the database, or beside it when it does not exist yet."""
        try:
            return self._connect(self.name)
        except psycopg.OperationalError as first:
            try:
                return self._connect("postgres")
            except psycopg.OperationalError:
                said = str(first).strip()
                reason = _in_chinese(said, _REFUSED) or said.splitlines()[-1]
                raise errors.URL_REFUSED.refuse(reason=reason) from None

    def _connect(self, name: str, **changed: str) -> psycopg.Connection:
        facts = {"connect_timeout": "10", **self.facts, **changed, "dbname": name}
        return psycopg.connect(make_conninfo("", **facts), autocommit=True)


def _read(url: str) -> dict[str, str]:
    """The parts of the address; what is wrong with it is told without repeating its password."""
    if not url.startswith(("postgresql://", "postgres://")):
        raise errors.URL_UNREADABLE.refuse(reason="不是以 postgresql:// 开头的地址", form=FORM)
    try:
        facts = conninfo_to_dict(url)
    except psycopg.ProgrammingError as fault:
        reason = _in_chinese(str(fault), _UNREADABLE) or "各部分不符合地址的写法"
        raise errors.URL_UNREADABLE.refuse(reason=reason, form=FORM) from None
    port = str(facts.get("port", "5432"))
    if not (port.isascii() and port.isdigit() and 1 <= int(port) <= 65535):
        reason = f"端口“{port}”不是 1 至 65535 的整数"
        raise errors.URL_UNREADABLE.refuse(reason=reason, form=FORM)
    return {key: str(value) for key, value in facts.items() if value is not None}


# What libpq says, and what it means; never the words that may hold the password.
_UNREADABLE: Final = (
    (r"unexpected spaces", "地址中有空格"),
    (r"percent-encoded|percent-encoding", "地址中的 %xx 编码不完整"),
    (r'query parameter: "([\w.-]+)"', "不认识的连接参数“{0}”"),
    (r"IPv6", "IPv6 地址要写在方括号中"),
)
_REFUSED: Final = (
    (r'password authentication failed for user "([^"]+)"', "用户 {0} 的口令不对"),
    (r"no password supplied", "服务器要求口令，地址中没有写"),
    (r'role "([^"]+)" does not exist', "服务器上没有用户 {0}"),
    (r'no pg_hba.conf entry for host "([^"]+)"', "pg_hba.conf 不允许从 {0} 连接"),
    (r"Connection refused", "该地址上没有数据库在监听"),
    (r"No such file or directory", "该套接字目录下没有数据库在监听"),
    (r"translate host name|resolve|Name or service|getaddrinfo", "主机名解析不了"),
    (r"time(?:d )?out", "服务器没有在时限内应答"),
    (r"too many clients|remaining connection slots", "服务器的连接数已满"),
    (r"server does not support SSL", "服务器没有启用 SSL，而地址要求 SSL"),
)


def _in_chinese(said: str, known: Sequence[tuple[str, str]]) -> str:
    """The first meaning that fits, or nothing."""
    for pattern, meaning in known:
        found = re.search(pattern, said)
        if found is not None:
            return meaning.format(*found.groups())
    return ""


def _check_version(connection: psycopg.Connection) -> None:
    version = connection.info.server_version
    if version < VERSION_MIN * 10_000:
        raise errors.SERVER_TOO_OLD.refuse(version=str(version // 10_000), needed=VERSION_MIN)


def _may_create(connection: psycopg.Connection) -> bool:
    return _answer(
        connection,
        "SELECT rolsuper OR (rolcreaterole AND rolcreatedb) FROM pg_roles WHERE rolname = user",
    )


def _belongs_to_owner(connection: psycopg.Connection) -> bool:
    return _exists(connection, roles.OWNER) and _answer(
        connection, "SELECT pg_has_role(user, 'shucai_owner', 'MEMBER')"
    )


def _exists(connection: psycopg.Connection, role: str) -> bool:
    found = connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role])
    return found.fetchone() is not None


def _answer(connection: psycopg.Connection, question: LiteralString) -> bool:
    row = connection.execute(question).fetchone()
    return bool(row and row[0])

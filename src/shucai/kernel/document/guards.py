"""表的守卫 table guards: row-level security and the edit guard on every typed table.

They are put on by the migrate command, for every declared type, so that a new document type
needs no SQL of its own.
"""

from django.db import connection

from shucai.kernel.document.declare import types
from shucai.kernel.identity.policies import scoped_table_sql


def guard_tables() -> None:
    """Guards the tables of every declared type. Idempotent; tables not yet made are left out."""
    existing = set(connection.introspection.table_names())
    with connection.cursor() as cursor:
        for kind in types().values():
            tables = (
                (kind.model._meta.db_table, "header_id"),
                (kind.line._meta.db_table, "parent_id"),
            )
            for table, key in tables:
                if table in existing:
                    cursor.execute(guard_sql(table, key))


def guard_sql(table: str, key: str) -> str:
    """The policy and the trigger of one table; `key` is the column that names the header."""
    forward, _ = scoped_table_sql(table)
    quoted = connection.ops.quote_name(table)
    return (
        f"DROP TRIGGER IF EXISTS document_content_guard ON {quoted};"
        f" CREATE TRIGGER document_content_guard BEFORE UPDATE OR DELETE ON {quoted}"
        f" FOR EACH ROW EXECUTE FUNCTION document_content_guard('{key}');"
        f" {forward}"
    )

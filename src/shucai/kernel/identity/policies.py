"""行级策略 row policies: every scoped table shows and accepts only rows within the actor's range.

Plain comparisons of a "C"-collated path with the settings, so that the index on the path serves
the policy; the owner of the tables is not subject to it.
"""

from typing import Final

from django.db import connection

_RANGE: Final = (
    "unit_path >= current_setting('shucai.lo', true)"
    " AND unit_path < current_setting('shucai.hi', true)"
    " AND current_setting('shucai.office', true) IN ('', office)"
)
_POLICIES: Final = (
    ("scope_select", "SELECT", f"USING ({_RANGE})"),
    ("scope_insert", "INSERT", f"WITH CHECK ({_RANGE})"),
    ("scope_update", "UPDATE", f"USING ({_RANGE}) WITH CHECK ({_RANGE})"),
    ("scope_delete", "DELETE", f"USING ({_RANGE})"),
)


def scoped_table_sql(table: str) -> tuple[str, str]:
    """SQL that puts the policies on `table`, and takes them off. Running it again is harmless.

    The table needs the columns `unit_path` (collation "C") and `office`.
    """
    quoted = connection.ops.quote_name(table)
    drop = " ".join(f"DROP POLICY IF EXISTS {name} ON {quoted};" for name, _, _ in _POLICIES)
    create = " ".join(
        f"CREATE POLICY {name} ON {quoted} FOR {command} {test};"
        for name, command, test in _POLICIES
    )
    return (
        f"ALTER TABLE {quoted} ENABLE ROW LEVEL SECURITY; {drop} {create}",
        f"{drop} ALTER TABLE {quoted} DISABLE ROW LEVEL SECURITY;",
    )

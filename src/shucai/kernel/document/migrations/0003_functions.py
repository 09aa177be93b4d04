from django.db import migrations

from shucai.kernel.document import sql
from shucai.kernel.identity.policies import scoped_table_sql

SCOPED = ("document_header", "workflow_todo", "control_recordedfinding")
# Rows without a place of their own are seen with their header.
FOLLOWING = ("workflow_step", "document_version")
FOLLOWS = "EXISTS (SELECT 1 FROM document_header h WHERE h.id = header_id)"

POLICIES = [scoped_table_sql(table) for table in SCOPED]
POLICIES += [
    (
        f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;"
        f" CREATE POLICY follows_header ON {table} FOR SELECT USING ({FOLLOWS});",
        f"DROP POLICY follows_header ON {table}; ALTER TABLE {table} DISABLE ROW LEVEL SECURITY;",
    )
    for table in FOLLOWING
]
POLICIES += [
    (
        "ALTER TABLE document_relation ENABLE ROW LEVEL SECURITY;"
        " CREATE POLICY follows_either_end ON document_relation FOR SELECT USING"
        " (EXISTS (SELECT 1 FROM document_header h WHERE h.id IN (source_id, target_id)));",
        "DROP POLICY follows_either_end ON document_relation;"
        " ALTER TABLE document_relation DISABLE ROW LEVEL SECURITY;",
    ),
    (
        "ALTER TABLE document_autosave ENABLE ROW LEVEL SECURITY;"
        " CREATE POLICY own_rows ON document_autosave"
        " USING (user_id::text = current_setting('shucai.user', true))"
        " WITH CHECK (user_id::text = current_setting('shucai.user', true));"
        # Words are written with a visible header and read only by the search function.
        "ALTER TABLE document_searchtext ENABLE ROW LEVEL SECURITY;"
        " CREATE POLICY with_header ON document_searchtext USING"
        " (EXISTS (SELECT 1 FROM document_header h WHERE h.id = header_id));",
        "DROP POLICY with_header ON document_searchtext;"
        " ALTER TABLE document_searchtext DISABLE ROW LEVEL SECURITY;"
        " DROP POLICY own_rows ON document_autosave;"
        " ALTER TABLE document_autosave DISABLE ROW LEVEL SECURITY;",
    ),
]


class Migration(migrations.Migration):
    dependencies = [
        ("document", "0002_initial"),
        ("workflow", "0001_initial"),
        ("control", "0002_initial"),
        ("audit", "0002_functions"),
        ("jobs", "0002_outbox"),
        ("identity", "0001_initial"),
    ]
    operations = [
        migrations.RunSQL(sql.HEADER_GUARD, sql.HEADER_GUARD_REVERSE),
        migrations.RunSQL(sql.NUMBERS, sql.NUMBERS_REVERSE),
        migrations.RunSQL(sql.APPLY, sql.APPLY_REVERSE),
        migrations.RunSQL(sql.SIDEWAYS, sql.SIDEWAYS_REVERSE),
        migrations.RunSQL(sql.VERSION, sql.VERSION_REVERSE),
        migrations.RunSQL(sql.SEARCH, sql.SEARCH_REVERSE),
        migrations.RunSQL(sql.CONFIGURATION, sql.CONFIGURATION_REVERSE),
        migrations.RunSQL(sql.GRANTS, migrations.RunSQL.noop),
        *(migrations.RunSQL(forward, reverse) for forward, reverse in POLICIES),
    ]

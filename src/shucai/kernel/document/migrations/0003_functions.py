from django.db import migrations

from shucai.kernel.document import sql
from shucai.kernel.identity.policies import scoped_table_sql

TABLES = ("document_header", "workflow_todo", "control_recordedfinding")
# What belongs to a header is seen by whoever sees the header.
FOLLOWERS = """
ALTER TABLE workflow_step ENABLE ROW LEVEL SECURITY;
CREATE POLICY follows_header ON workflow_step FOR SELECT
  USING (EXISTS (SELECT 1 FROM document_header h WHERE h.id = header_id));
ALTER TABLE document_version ENABLE ROW LEVEL SECURITY;
CREATE POLICY follows_header ON document_version FOR SELECT
  USING (EXISTS (SELECT 1 FROM document_header h WHERE h.id = header_id));
ALTER TABLE document_relation ENABLE ROW LEVEL SECURITY;
CREATE POLICY follows_either_end ON document_relation FOR SELECT
  USING (EXISTS (SELECT 1 FROM document_header h WHERE h.id IN (source_id, target_id)));
ALTER TABLE document_autosave ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_rows ON document_autosave
  USING (user_id::text = current_setting('shucai.user', true))
  WITH CHECK (user_id::text = current_setting('shucai.user', true));
"""
FOLLOWERS_REVERSE = """
DROP POLICY own_rows ON document_autosave;
ALTER TABLE document_autosave DISABLE ROW LEVEL SECURITY;
DROP POLICY follows_either_end ON document_relation;
ALTER TABLE document_relation DISABLE ROW LEVEL SECURITY;
DROP POLICY follows_header ON document_version;
ALTER TABLE document_version DISABLE ROW LEVEL SECURITY;
DROP POLICY follows_header ON workflow_step;
ALTER TABLE workflow_step DISABLE ROW LEVEL SECURITY;
"""


def _scope() -> list[migrations.RunSQL]:
    return [migrations.RunSQL(*scoped_table_sql(table)) for table in TABLES]


class Migration(migrations.Migration):
    dependencies = [
        ("document", "0002_links"),
        ("workflow", "0001_initial"),
        ("control", "0002_links"),
        ("audit", "0002_functions"),
        ("jobs", "0002_outbox"),
    ]
    operations = [
        migrations.RunSQL(sql.HEADER_GUARD, sql.HEADER_GUARD_REVERSE),
        migrations.RunSQL(sql.NUMBERS, sql.NUMBERS_REVERSE),
        migrations.RunSQL(sql.APPLY, sql.APPLY_REVERSE),
        migrations.RunSQL(sql.SIDEWAYS, sql.SIDEWAYS_REVERSE),
        migrations.RunSQL(sql.VERSION, sql.VERSION_REVERSE),
        migrations.RunSQL(sql.SEARCH, sql.SEARCH_REVERSE),
        *_scope(),
        migrations.RunSQL(FOLLOWERS, FOLLOWERS_REVERSE),
        migrations.RunSQL(sql.GRANTS, migrations.RunSQL.noop),
    ]

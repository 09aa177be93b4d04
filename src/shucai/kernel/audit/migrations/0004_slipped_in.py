from django.db import migrations

# Rows are sealed in the order of their transactions, and none before the oldest one running: so
# whatever is not sealed is younger than everything that is. An older one was slipped in. A
# restored dump counts transactions anew; therefore its time must be older than the seal, too.
FORWARD = """
CREATE OR REPLACE FUNCTION audit_unsealed(p_limit integer)
RETURNS TABLE (id bigint, leaf bytea)
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT r.id, r.leaf FROM audit_row r
   WHERE r.sealed_in IS NULL
     AND r.transaction < pg_snapshot_xmin(pg_current_snapshot())::text::bigint
   ORDER BY r.transaction, r.id LIMIT p_limit
$$;
CREATE FUNCTION audit_slipped_in() RETURNS TABLE (id bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT r.id FROM audit_row r
   WHERE r.sealed_in IS NULL
     AND r.at < (SELECT max(s.sealed_at) FROM audit_seal s)
     AND r.transaction < (SELECT max(o.transaction) FROM audit_row o
                           WHERE o.sealed_in = (SELECT max(s.id) FROM audit_seal s))
   ORDER BY r.id LIMIT 100
$$;
"""
REVERSE = "DROP FUNCTION audit_slipped_in();"


class Migration(migrations.Migration):
    dependencies = [("audit", "0003_append_once")]
    operations = [migrations.RunSQL(FORWARD, REVERSE)]

from django.db import migrations

# OFFSET 0 keeps the planner from spelling the cast out once for every column it feeds.
FORWARD = """
CREATE OR REPLACE FUNCTION audit_append(p_bodies text[], p_leaves bytea[]) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
  INSERT INTO audit_row (body, leaf, transaction, actor_id, action, target_type, target, result, at)
  SELECT x.body, x.leaf, pg_current_xact_id()::text::bigint, (j ->> 'actor')::bigint,
         j ->> 'action', j ->> 'type', j ->> 'target', j ->> 'result', (j ->> 'at')::timestamptz
    FROM unnest(p_bodies, p_leaves) AS x(body, leaf),
         LATERAL (SELECT x.body::jsonb AS j OFFSET 0) AS y
$$;
"""


class Migration(migrations.Migration):
    dependencies = [("audit", "0002_functions")]
    operations = [migrations.RunSQL(FORWARD, migrations.RunSQL.noop)]

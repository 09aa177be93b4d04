from django.db import migrations

FORWARD = """
ALTER TABLE audit_row ADD COLUMN sealed_in bigint;
CREATE INDEX audit_row_unsealed ON audit_row (id) WHERE sealed_in IS NULL;

CREATE FUNCTION audit_append(p_bodies text[], p_leaves bytea[]) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
  INSERT INTO audit_row (body, leaf, transaction, actor_id, action, target_type, target, result, at)
  SELECT x.body, x.leaf, pg_current_xact_id()::text::bigint, (j ->> 'actor')::bigint,
         j ->> 'action', j ->> 'type', j ->> 'target', j ->> 'result', (j ->> 'at')::timestamptz
    FROM unnest(p_bodies, p_leaves) AS x(body, leaf), LATERAL (SELECT x.body::jsonb AS j) AS y
$$;

CREATE FUNCTION audit_unsealed(p_limit integer) RETURNS TABLE (id bigint, leaf bytea)
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT r.id, r.leaf FROM audit_row r
   WHERE r.sealed_in IS NULL
     AND r.transaction < pg_snapshot_xmin(pg_current_snapshot())::text::bigint
   ORDER BY r.id LIMIT p_limit
$$;

CREATE FUNCTION audit_add_seal(p_ids bigint[], p_previous bytea, p_head bytea, p_algorithm text,
  p_at timestamptz) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE v_seal bigint; v_last bytea;
BEGIN
  SELECT head INTO v_last FROM audit_seal ORDER BY id DESC LIMIT 1;
  IF v_last IS NOT NULL AND v_last <> p_previous THEN
    RAISE EXCEPTION 'the chain only grows at its end' USING ERRCODE = 'SC001';
  END IF;
  INSERT INTO audit_seal (rows, first_row, last_row, row_ids, previous, head, algorithm, sealed_at)
  VALUES (cardinality(p_ids), p_ids[1], p_ids[cardinality(p_ids)], array_to_string(p_ids, ','),
          p_previous, p_head, p_algorithm, p_at) RETURNING id INTO v_seal;
  PERFORM set_config('shucai.sealing', 'on', true);
  UPDATE audit_row SET sealed_in = v_seal WHERE id = ANY (p_ids) AND sealed_in IS NULL;
  PERFORM set_config('shucai.sealing', '', true);
END $$;

CREATE FUNCTION audit_read(p_ids bigint[]) RETURNS TABLE (id bigint, body text, leaf bytea)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT r.id, r.body, r.leaf FROM audit_row r WHERE r.id = ANY (p_ids)
$$;
CREATE FUNCTION audit_unsealed_rows() RETURNS TABLE (id bigint, body text, leaf bytea)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT r.id, r.body, r.leaf FROM audit_row r WHERE r.sealed_in IS NULL
$$;
CREATE FUNCTION audit_counts() RETURNS TABLE (total bigint, unsealed bigint, mismatched bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT count(*), count(*) FILTER (WHERE sealed_in IS NULL),
         count(*) FILTER (WHERE (body::jsonb ->> 'action', body::jsonb ->> 'target',
                                 body::jsonb ->> 'result', (body::jsonb ->> 'actor')::bigint,
                                 body::jsonb ->> 'type', (body::jsonb ->> 'at')::timestamptz)
                          IS DISTINCT FROM (action, target, result, actor_id, target_type, at))
    FROM audit_row
$$;

CREATE FUNCTION audit_deny() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'UPDATE' AND current_setting('shucai.sealing', true) = 'on' THEN
    RETURN NEW;
  END IF;
  RAISE EXCEPTION 'the audit trail is append-only' USING ERRCODE = 'SC001';
END $$;
CREATE TRIGGER audit_row_deny BEFORE UPDATE OR DELETE ON audit_row
  FOR EACH ROW EXECUTE FUNCTION audit_deny();
CREATE TRIGGER audit_row_deny_truncate BEFORE TRUNCATE ON audit_row
  FOR EACH STATEMENT EXECUTE FUNCTION audit_deny();
CREATE TRIGGER audit_seal_deny BEFORE UPDATE OR DELETE ON audit_seal
  FOR EACH ROW EXECUTE FUNCTION audit_deny();
CREATE TRIGGER audit_seal_deny_truncate BEFORE TRUNCATE ON audit_seal
  FOR EACH STATEMENT EXECUTE FUNCTION audit_deny();

REVOKE INSERT, UPDATE, DELETE, TRUNCATE ON audit_row, audit_seal FROM shucai_app;
ALTER TABLE audit_row ENABLE ROW LEVEL SECURITY;
CREATE POLICY auditors_read ON audit_row FOR SELECT
  USING (current_setting('shucai.auditor', true) = 'on');
"""


class Migration(migrations.Migration):
    dependencies = [("audit", "0001_initial")]
    operations = [migrations.RunSQL(FORWARD, migrations.RunSQL.noop)]

"""SQL of the document room: the functions that write what the application role can't.

`document_apply` is the last statement of the pipeline: header, version, steps, to-do items, audit
rows and outbox messages of the whole batch in one round trip. It repeats the caller's scope, since
a SECURITY DEFINER function is not subject to row-level security. Where headers are looked up by
id, sequential scans are off and the path is hidden from its index (`|| ''`): right after a large
import the planner knows nothing of the table and would walk it once for every document.
"""

HEADER_GUARD = """
CREATE FUNCTION document_header_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' THEN
    IF OLD.number IS NOT NULL THEN
      RAISE EXCEPTION 'a numbered document is never deleted' USING ERRCODE = 'SC001';
    END IF;
    RETURN OLD;
  END IF;
  IF (NEW.type, NEW.division, NEW.fiscal_year, NEW.unit_id, NEW.unit_path, NEW.maker_id)
     IS DISTINCT FROM
     (OLD.type, OLD.division, OLD.fiscal_year, OLD.unit_id, OLD.unit_path, OLD.maker_id) THEN
    RAISE EXCEPTION 'place, year, unit and maker of a document never change'
      USING ERRCODE = 'SC001';
  END IF;
  IF OLD.number IS NOT NULL AND NEW.number IS DISTINCT FROM OLD.number THEN
    RAISE EXCEPTION 'a number is given once' USING ERRCODE = 'SC001';
  END IF;
  IF NEW.version < OLD.version THEN
    RAISE EXCEPTION 'versions only grow' USING ERRCODE = 'SC001';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER document_header_guard BEFORE UPDATE OR DELETE ON document_header
  FOR EACH ROW EXECUTE FUNCTION document_header_guard();

CREATE FUNCTION document_content_guard() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  v_id bigint := (to_jsonb(OLD) ->> TG_ARGV[0])::bigint;
BEGIN
  IF current_setting('shucai.effect', true) IS DISTINCT FROM 'on'
     AND NOT (SELECT is_editable FROM document_header WHERE id = v_id) THEN
    RAISE EXCEPTION 'document % is under way and can not be edited', v_id USING ERRCODE = 'SC001';
  END IF;
  IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
  RETURN NEW;
END $$;

CREATE FUNCTION document_deny() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'SC001';
END $$;
CREATE TRIGGER workflow_step_deny BEFORE UPDATE OR DELETE OR TRUNCATE ON workflow_step
  FOR EACH STATEMENT EXECUTE FUNCTION document_deny();
CREATE TRIGGER document_version_deny BEFORE UPDATE OR DELETE OR TRUNCATE ON document_version
  FOR EACH STATEMENT EXECUTE FUNCTION document_deny();
CREATE TRIGGER document_relation_deny BEFORE UPDATE OR TRUNCATE ON document_relation
  FOR EACH STATEMENT EXECUTE FUNCTION document_deny();
CREATE FUNCTION document_relation_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF (SELECT number FROM document_header WHERE id = OLD.target_id) IS NOT NULL THEN
    RAISE EXCEPTION 'the relations of a numbered document stay' USING ERRCODE = 'SC001';
  END IF;
  RETURN OLD;
END $$;
CREATE TRIGGER document_relation_guard BEFORE DELETE ON document_relation
  FOR EACH ROW EXECUTE FUNCTION document_relation_guard();
"""

HEADER_GUARD_REVERSE = """
DROP TRIGGER document_relation_guard ON document_relation;
DROP FUNCTION document_relation_guard();
DROP TRIGGER document_relation_deny ON document_relation;
DROP TRIGGER document_version_deny ON document_version;
DROP TRIGGER workflow_step_deny ON workflow_step;
DROP FUNCTION document_deny();
DROP FUNCTION document_content_guard();
DROP TRIGGER document_header_guard ON document_header;
DROP FUNCTION document_header_guard();
"""

NUMBERS = """
CREATE FUNCTION document_next_numbers(p_keys text[], p_counts bigint[])
RETURNS TABLE (counter text, reached bigint)
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
  INSERT INTO document_counter AS c (key, last)
  SELECT k, n FROM unnest(p_keys, p_counts) AS t(k, n) ORDER BY k
  ON CONFLICT (key) DO UPDATE SET last = c.last + excluded.last
  RETURNING c.key, c.last
$$;
"""
NUMBERS_REVERSE = "DROP FUNCTION document_next_numbers(text[], bigint[]);"

APPLY = """
CREATE OR REPLACE FUNCTION document_apply(
  p_ids bigint[], p_versions integer[], p_numbers text[], p_states text[], p_nodes integer[],
  p_routes bigint[], p_editable boolean[], p_sources text[], p_contents jsonb[],
  p_findings jsonb[],
  p_action text, p_label text, p_opinion text, p_now timestamptz, p_actor bigint,
  p_actor_name text, p_position text,
  p_todo_header bigint[], p_todo_duty text[], p_todo_user bigint[], p_todo_node integer[],
  p_todo_label text[], p_todo_due timestamptz[], p_todo_required boolean[],
  p_partial bigint[], p_duties text[],
  p_bodies text[], p_leaves bytea[],
  p_topics text[], p_outbox_keys text[], p_payloads text[]
) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
SET enable_seqscan = off AS $$
DECLARE
  v_done integer;
BEGIN
  -- One statement, since starting one costs more than the rows it writes. Its parts do not see
  -- each other's rows: the items closed are those that were open before.
  WITH moved AS (
    UPDATE document_header h
       SET state = x.state, node = x.node, route_id = x.route, is_editable = x.editable,
           number = coalesce(h.number, x.number), version = h.version + 1, updated_at = p_now,
           submitted_at = CASE WHEN h.is_editable AND NOT x.editable THEN p_now
                               ELSE h.submitted_at END
      FROM unnest(p_ids, p_versions, p_numbers, p_states, p_nodes, p_routes, p_editable)
           AS x(id, version, number, state, node, route, editable)
     WHERE h.id = x.id AND h.version = x.version
       AND (h.unit_path || '') >= current_setting('shucai.lo')
       AND (h.unit_path || '') < current_setting('shucai.hi')
    RETURNING h.id, h.type, h.fiscal_year, h.unit_path, h.office),
  kept AS (
    INSERT INTO document_version (header_id, version, content, actor_id, actor_name, at)
    SELECT x.id, x.version, x.content, p_actor, p_actor_name, p_now
      FROM unnest(p_ids, p_versions, p_contents) AS x(id, version, content)
     WHERE x.content IS NOT NULL),
  stepped AS (
    INSERT INTO workflow_step (header_id, action, label, source, target, node, actor_id,
                               actor_name, position_name, opinion, findings, at)
    SELECT x.id, p_action, p_label, x.source, x.target, x.node, p_actor, p_actor_name, p_position,
           p_opinion, x.findings, p_now
      FROM unnest(p_ids, p_sources, p_states, p_nodes, p_findings)
           AS x(id, source, target, node, findings)),
  closed AS (
    UPDATE workflow_todo t SET is_open = false, closed_at = p_now
     WHERE t.header_id = ANY (p_ids) AND t.is_open
       AND (t.header_id <> ALL (p_partial) OR t.user_id = p_actor
            OR (t.user_id IS NULL AND t.duty = ANY (p_duties)))),
  opened AS (
    INSERT INTO workflow_todo (header_id, document_type, fiscal_year, unit_path, office, duty,
                               user_id, node, label, arrived_at, due_at, is_required, is_open)
    SELECT m.id, m.type, m.fiscal_year, m.unit_path, m.office, x.duty, x.usr, x.node, x.label,
           p_now, x.due, x.required, true
      FROM unnest(p_todo_header, p_todo_duty, p_todo_user, p_todo_node, p_todo_label, p_todo_due,
                  p_todo_required)
           AS x(id, duty, usr, node, label, due, required)
      JOIN moved m ON m.id = x.id)
  SELECT count(*) INTO v_done FROM moved;
  IF v_done <> cardinality(p_ids) THEN
    RAISE EXCEPTION 'only % of % documents could be moved', v_done, cardinality(p_ids)
      USING ERRCODE = 'SC002';
  END IF;

  IF NOT '[]'::jsonb = ALL (p_findings) THEN
    INSERT INTO control_recordedfinding (header_id, code, level, place, text, reason, actor_id,
                                         at, unit_path, office)
    SELECT h.id, f ->> 'code', f ->> 'level', left(f ->> 'at', 80), left(f ->> 'text', 600),
           p_opinion, p_actor, p_now, h.unit_path, h.office
      FROM unnest(p_ids, p_findings) AS x(id, findings)
      CROSS JOIN LATERAL jsonb_array_elements(x.findings) AS f
      JOIN document_header h ON h.id = x.id
     WHERE f ->> 'level' <> 'forbid';
  END IF;
  PERFORM audit_append(p_bodies, p_leaves);
  IF cardinality(p_topics) > 0 THEN
    PERFORM outbox_append(p_topics, p_outbox_keys, p_payloads);
  END IF;
  RETURN v_done;
END $$;
"""
APPLY_REVERSE = """
DROP FUNCTION document_apply(
  bigint[], integer[], text[], text[], integer[], bigint[], boolean[], text[], jsonb[], jsonb[],
  text, text, text, timestamptz, bigint, text, text,
  bigint[], text[], bigint[], integer[], text[], timestamptz[], boolean[], bigint[], text[],
  text[], bytea[], text[], text[], text[]);
"""
# As it was before versions were kept by `document_apply`.
APPLY_ALONE_REVERSE = """
DROP FUNCTION IF EXISTS document_apply(
  bigint[], integer[], text[], text[], integer[], bigint[], boolean[], text[], jsonb[],
  text, text, text, timestamptz, bigint, text, text,
  bigint[], text[], bigint[], integer[], text[], timestamptz[], boolean[], bigint[], text[],
  text[], bytea[], text[], text[], text[]);
DROP FUNCTION IF EXISTS document_keep_version(bigint[], integer[], jsonb[], bigint, text,
  timestamptz);
"""

SIDEWAYS = """
CREATE FUNCTION document_sideways(
  p_ids bigint[], p_action text, p_label text, p_opinion text, p_now timestamptz, p_actor bigint,
  p_actor_name text, p_position text, p_to_user bigint, p_duties text[], p_bodies text[],
  p_leaves bytea[]) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
SET enable_seqscan = off AS $$
DECLARE
  v_ids bigint[];
BEGIN
  SELECT array_agg(h.id) INTO v_ids FROM document_header h
   WHERE h.id = ANY (p_ids) AND (h.unit_path || '') >= current_setting('shucai.lo')
     AND (h.unit_path || '') < current_setting('shucai.hi');
  IF coalesce(cardinality(v_ids), 0) <> cardinality(p_ids) THEN
    RAISE EXCEPTION 'only % of % documents are in reach', cardinality(v_ids), cardinality(p_ids)
      USING ERRCODE = 'SC002';
  END IF;
  IF p_action = 'hand_over' THEN
    UPDATE workflow_todo SET user_id = p_to_user
     WHERE header_id = ANY (v_ids) AND is_open
       AND (user_id = p_actor OR (user_id IS NULL AND duty = ANY (p_duties)));
  ELSIF p_action = 'add_signer' THEN
    UPDATE workflow_todo SET is_required = true WHERE header_id = ANY (v_ids) AND is_open;
    INSERT INTO workflow_todo (header_id, document_type, fiscal_year, unit_path, office, duty,
                               user_id, node, label, arrived_at, due_at, is_required, is_open)
    SELECT DISTINCT ON (t.header_id) t.header_id, t.document_type, t.fiscal_year, t.unit_path,
           t.office, t.duty, p_to_user, t.node, p_label, p_now, t.due_at, true, true
      FROM workflow_todo t WHERE t.header_id = ANY (v_ids) AND t.is_open
     ORDER BY t.header_id, t.id;
  ELSE
    UPDATE document_header SET is_hung = (p_action = 'hang'), version = version + 1
     WHERE id = ANY (v_ids);
  END IF;
  INSERT INTO workflow_step (header_id, action, label, source, target, node, actor_id, actor_name,
                             position_name, opinion, findings, at)
  SELECT h.id, p_action, p_label, h.state, h.state, h.node, p_actor, p_actor_name, p_position,
         p_opinion, '[]', p_now
    FROM document_header h WHERE h.id = ANY (v_ids);
  PERFORM audit_append(p_bodies, p_leaves);
END $$;
"""
SIDEWAYS_REVERSE = """
DROP FUNCTION document_sideways(bigint[], text, text, text, timestamptz, bigint, text, text,
  bigint, text[], text[], bytea[]);
"""

VERSION = """
CREATE FUNCTION document_relate(
  p_sources bigint[], p_targets bigint[], p_kind text, p_source_seqs integer[],
  p_target_seqs integer[], p_now timestamptz) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
SET enable_seqscan = off AS $$
BEGIN
  INSERT INTO document_relation (source_id, target_id, kind, source_seq, target_seq, at)
  SELECT x.s, x.t, p_kind, x.ss, x.ts, p_now
    FROM unnest(p_sources, p_targets, p_source_seqs, p_target_seqs) AS x(s, t, ss, ts)
    JOIN document_header h ON h.id = x.t
   WHERE (h.unit_path || '') >= current_setting('shucai.lo')
     AND (h.unit_path || '') < current_setting('shucai.hi')
  ON CONFLICT DO NOTHING;
END $$;
CREATE FUNCTION document_unrelate(p_target bigint) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
  DELETE FROM document_relation r USING document_header h
   WHERE r.target_id = p_target AND h.id = p_target
     AND h.unit_path >= current_setting('shucai.lo') AND h.unit_path < current_setting('shucai.hi')
$$;
"""
VERSION_REVERSE = """
DROP FUNCTION document_unrelate(bigint);
DROP FUNCTION document_relate(bigint[], bigint[], text, integer[], integer[], timestamptz);
"""

GRANTS = """
REVOKE INSERT, UPDATE, DELETE, TRUNCATE ON workflow_step, document_version, document_relation,
  document_counter FROM shucai_app;
REVOKE UPDATE, TRUNCATE ON document_header FROM shucai_app;
GRANT UPDATE (amount, summary, business_date, updated_at, version, office, is_hung)
  ON document_header TO shucai_app;
REVOKE TRUNCATE ON workflow_todo FROM shucai_app;
"""

SEARCH = """
CREATE FUNCTION document_search(
  p_type text, p_year integer, p_text text, p_bigrams text[], p_lo text, p_hi text,
  p_office text, p_limit integer) RETURNS TABLE (id bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT x.id FROM (
    SELECT h.id, h.unit_path, h.office FROM document_header h
      JOIN document_searchtext s ON s.header_id = h.id
     WHERE h.type = p_type AND h.fiscal_year = p_year AND s.bigrams @> p_bigrams::varchar[]
    UNION
    SELECT h.id, h.unit_path, h.office FROM document_header h
     WHERE h.type = p_type AND h.fiscal_year = p_year
       AND h.number >= upper(p_text) AND h.number < upper(p_text) || chr(1114111)) AS x
   WHERE p_lo >= current_setting('shucai.lo') AND p_hi <= current_setting('shucai.hi')
     AND x.unit_path >= p_lo AND x.unit_path < p_hi AND (p_office = '' OR x.office = p_office)
   ORDER BY x.id DESC LIMIT p_limit
$$;
"""
SEARCH_REVERSE = """
DROP FUNCTION document_search(text, integer, text, text[], text, text, text, integer);
"""

CONFIGURATION = """
CREATE TABLE document_configuration (
  is_only boolean PRIMARY KEY DEFAULT true CHECK (is_only),
  version uuid NOT NULL DEFAULT gen_random_uuid()
);
INSERT INTO document_configuration DEFAULT VALUES;
CREATE FUNCTION document_configuration_changed() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  UPDATE document_configuration SET version = gen_random_uuid();
  RETURN NULL;
END $$;
CREATE TRIGGER document_configuration AFTER INSERT OR UPDATE OR DELETE ON workflow_route
  FOR EACH STATEMENT EXECUTE FUNCTION document_configuration_changed();
CREATE TRIGGER document_configuration AFTER INSERT OR UPDATE OR DELETE ON workflow_routenode
  FOR EACH STATEMENT EXECUTE FUNCTION document_configuration_changed();
CREATE TRIGGER document_configuration AFTER INSERT OR UPDATE OR DELETE ON control_configuredrule
  FOR EACH STATEMENT EXECUTE FUNCTION document_configuration_changed();
CREATE TRIGGER document_configuration AFTER INSERT OR UPDATE OR DELETE ON control_allowlistentry
  FOR EACH STATEMENT EXECUTE FUNCTION document_configuration_changed();
REVOKE INSERT, UPDATE, DELETE, TRUNCATE ON document_configuration FROM shucai_app;
"""
CONFIGURATION_REVERSE = """
DROP TRIGGER document_configuration ON control_allowlistentry;
DROP TRIGGER document_configuration ON control_configuredrule;
DROP TRIGGER document_configuration ON workflow_routenode;
DROP TRIGGER document_configuration ON workflow_route;
DROP FUNCTION document_configuration_changed();
DROP TABLE document_configuration;
"""

# What is configured of document types is kept by the version that routes and rules are kept by.
# A running number goes on when only its width changes, so the key is all that stands before it.
SETTINGS = """
CREATE TRIGGER document_configuration AFTER INSERT OR UPDATE ON configuration_inforce
  FOR EACH ROW WHEN (NEW.kind = 'document_type')
  EXECUTE FUNCTION document_configuration_changed();
UPDATE document_counter SET key = regexp_replace(key, '0+$', '');
"""
SETTINGS_REVERSE = """
DROP TRIGGER document_configuration ON configuration_inforce;
"""

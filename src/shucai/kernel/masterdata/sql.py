"""SQL of the master data room: version row, unit guard, and the one way to change a unit path."""

from typing import Final

VERSIONED: Final = (
    "value",
    "valueset",
    "elementrelation",
    "elementlevel",
    "coderule",
    "codemapping",
)

CHANGED = """
INSERT INTO masterdata_masterdataversion (id, version) VALUES (1, gen_random_uuid());

CREATE FUNCTION masterdata_changed() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  UPDATE masterdata_masterdataversion SET version = gen_random_uuid() WHERE id = 1;
  RETURN NULL;
END $$;
"""
TRIGGERS = "".join(
    f"CREATE TRIGGER masterdata_{table}_changed AFTER INSERT OR UPDATE OR DELETE"
    f" ON masterdata_{table} FOR EACH STATEMENT EXECUTE FUNCTION masterdata_changed();\n"
    for table in VERSIONED
)

UNIT_GUARD = """
CREATE FUNCTION masterdata_unit_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.division_code <> OLD.division_code OR NEW.code <> OLD.code THEN
    RAISE EXCEPTION 'a unit keeps its division and code' USING ERRCODE = 'SC001';
  END IF;
  IF (NEW.path, NEW.parent_id) IS DISTINCT FROM (OLD.path, OLD.parent_id)
     AND current_user = 'shucai_app' THEN
    RAISE EXCEPTION 'a unit is moved by masterdata_move_unit' USING ERRCODE = 'SC001';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER masterdata_unit_guard BEFORE UPDATE ON masterdata_unit
  FOR EACH ROW EXECUTE FUNCTION masterdata_unit_guard();
"""

# Every table with a column unit_path is carried along, whichever room or domain it belongs to.
# Their guards forbid changes of the path by design, so they rest for the length of the statement.
MOVE = """
CREATE FUNCTION masterdata_move_unit(
  p_unit bigint, p_parent bigint, p_path text, p_actor bigint, p_now timestamptz
) RETURNS TABLE (name text, moved bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET lock_timeout = '5s' AS $$
DECLARE
  v_old masterdata_unit%ROWTYPE;
  v_parent masterdata_unit%ROWTYPE;
  v_lo text := current_setting('shucai.lo');
  v_hi text := current_setting('shucai.hi');
  v_table regclass;
  v_found boolean;
BEGIN
  PERFORM pg_advisory_xact_lock(7337003);
  SET CONSTRAINTS ALL IMMEDIATE;
  SELECT * INTO STRICT v_old FROM masterdata_unit WHERE id = p_unit FOR UPDATE;
  SELECT * INTO STRICT v_parent FROM masterdata_unit WHERE id = p_parent FOR UPDATE;
  IF p_actor::text IS DISTINCT FROM current_setting('shucai.user', true)
     OR NOT identity_holds(p_actor, 'masterdata.keeper',
                           (p_now AT TIME ZONE 'Asia/Shanghai')::date)
     OR v_old.path < v_lo OR v_old.path >= v_hi OR p_path < v_lo OR p_path >= v_hi THEN
    RAISE EXCEPTION 'units are moved by their keeper' USING ERRCODE = 'SC001';
  END IF;
  IF v_old.division_code <> v_parent.division_code
     OR (v_parent.path >= v_old.path AND v_parent.path < v_old.path || '0')
     OR p_path <> v_parent.path || '/' || regexp_replace(v_old.path, '^.*/', '') THEN
    RAISE EXCEPTION 'unit % can not hang below %', v_old.path, v_parent.path
      USING ERRCODE = 'SC001';
  END IF;
  UPDATE masterdata_unit u
     SET path = p_path || substr(u.path, length(v_old.path) + 1),
         level = u.level + v_parent.level + 1 - v_old.level
   WHERE u.path >= v_old.path AND u.path < v_old.path || '0';
  GET DIAGNOSTICS moved = ROW_COUNT;
  UPDATE masterdata_unit SET parent_id = p_parent WHERE id = p_unit;
  name := 'masterdata_unit';
  RETURN NEXT;
  UPDATE identity_appointment a
     SET scope_path = p_path || substr(a.scope_path, length(v_old.path) + 1)
   WHERE a.scope_path >= v_old.path AND a.scope_path < v_old.path || '0';
  GET DIAGNOSTICS moved = ROW_COUNT;
  name := 'identity_appointment';
  RETURN NEXT;
  FOR v_table IN
    SELECT c.oid::regclass FROM pg_attribute t JOIN pg_class c ON c.oid = t.attrelid
     WHERE t.attname = 'unit_path' AND NOT t.attisdropped AND c.relkind IN ('r', 'p')
       AND NOT c.relispartition AND c.relnamespace = 'public'::regnamespace
     ORDER BY c.relname
  LOOP
    EXECUTE format('SELECT EXISTS (SELECT 1 FROM %s WHERE unit_path >= $1 AND unit_path < $2)',
                   v_table) INTO v_found USING v_old.path, v_old.path || '0';
    CONTINUE WHEN NOT v_found;
    EXECUTE format('ALTER TABLE %s DISABLE TRIGGER USER', v_table);
    EXECUTE format('UPDATE %s SET unit_path = $1 || substr(unit_path, $2) '
                   'WHERE unit_path >= $3 AND unit_path < $4', v_table)
      USING p_path, length(v_old.path) + 1, v_old.path, v_old.path || '0';
    GET DIAGNOSTICS moved = ROW_COUNT;
    EXECUTE format('ALTER TABLE %s ENABLE TRIGGER USER', v_table);
    name := v_table::text;
    RETURN NEXT;
  END LOOP;
END $$;
"""

GRANTS = """
REVOKE DELETE, TRUNCATE ON masterdata_value, masterdata_valueset, masterdata_unit,
  masterdata_division FROM shucai_app;
REVOKE UPDATE, DELETE, TRUNCATE ON masterdata_unitsuccession FROM shucai_app;
REVOKE INSERT, UPDATE, DELETE, TRUNCATE ON masterdata_masterdataversion FROM shucai_app;
"""

VALUE_RULES = """
CREATE TRIGGER masterdata_valuerule_changed AFTER INSERT OR UPDATE OR DELETE
  ON masterdata_valuerule FOR EACH STATEMENT EXECUTE FUNCTION masterdata_changed();
REVOKE DELETE, TRUNCATE ON masterdata_valuerule FROM shucai_app;
REVOKE UPDATE, DELETE, TRUNCATE ON masterdata_publication, masterdata_publicationtaking
  FROM shucai_app;
GRANT UPDATE (withdrawn_at) ON masterdata_publication TO shucai_app;
"""
VALUE_RULES_REVERSE = """
REVOKE UPDATE (withdrawn_at) ON masterdata_publication FROM shucai_app;
GRANT UPDATE, DELETE ON masterdata_publication, masterdata_publicationtaking TO shucai_app;
GRANT DELETE ON masterdata_valuerule TO shucai_app;
DROP TRIGGER masterdata_valuerule_changed ON masterdata_valuerule;
"""

TRIGGERS_REVERSE = "".join(
    f"DROP TRIGGER masterdata_{table}_changed ON masterdata_{table};\n" for table in VERSIONED
)
REVERSE = """
GRANT DELETE ON masterdata_value, masterdata_valueset, masterdata_unit, masterdata_division
  TO shucai_app;
GRANT UPDATE, DELETE ON masterdata_unitsuccession TO shucai_app;
GRANT INSERT, UPDATE, DELETE ON masterdata_masterdataversion TO shucai_app;
DROP FUNCTION masterdata_move_unit(bigint, bigint, text, bigint, timestamptz);
DROP TRIGGER masterdata_unit_guard ON masterdata_unit;
DROP FUNCTION masterdata_unit_guard();
DROP FUNCTION masterdata_changed();
DELETE FROM masterdata_masterdataversion;
"""

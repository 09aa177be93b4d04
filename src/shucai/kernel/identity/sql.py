"""SQL of the identity room: the only way to change rights, and the guards around it.

The application role can't write users, positions, appointments or the security policy. It may
propose a change and ask `identity_decide` to bring it about, which looks for itself whether the
proposer and the decider are two persons and hold the offices they act in.
"""

HOLDS = """
CREATE FUNCTION identity_holds(p_user bigint, p_duty text, p_on date) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT EXISTS (
    SELECT 1 FROM identity_appointment a
      JOIN identity_position p ON p.id = a.position_id AND p.is_enabled
      JOIN identity_user u ON u.id = a.user_id AND u.is_active
     WHERE a.user_id = p_user AND a.is_enabled AND p_duty = ANY (p.duties)
       AND a.valid_from <= p_on AND (a.valid_to IS NULL OR a.valid_to > p_on))
$$;

CREATE FUNCTION identity_officers_apart() RETURNS void
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF EXISTS (
    SELECT 1 FROM identity_appointment a
      JOIN identity_position p ON p.id = a.position_id AND p.is_enabled
      CROSS JOIN unnest(p.duties) d
     WHERE a.is_enabled AND (a.valid_to IS NULL OR a.valid_to > current_date)
       AND d IN ('identity.system_admin', 'identity.security_admin', 'identity.auditor')
     GROUP BY a.user_id HAVING count(DISTINCT d) > 1) THEN
    RAISE EXCEPTION 'the three officers are three persons' USING ERRCODE = 'SC001';
  END IF;
END $$;

CREATE FUNCTION identity_change_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.state <> 'proposed' OR NEW.decided_by IS NOT NULL
     OR NEW.proposed_by::text IS DISTINCT FROM current_setting('shucai.user', true)
     OR NOT identity_holds(NEW.proposed_by, 'identity.system_admin',
                           (NEW.proposed_at AT TIME ZONE 'Asia/Shanghai')::date) THEN
    RAISE EXCEPTION 'changes of rights begin as a proposal of the acting system administrator'
      USING ERRCODE = 'SC001';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER identity_change_guard BEFORE INSERT ON identity_rightschange
  FOR EACH ROW EXECUTE FUNCTION identity_change_guard();
"""

EFFECT = """
CREATE FUNCTION identity_in_scope(p jsonb) RETURNS void LANGUAGE plpgsql STABLE AS $$
BEGIN
  IF NOT coalesce(p ->> 'scope_path' >= current_setting('shucai.lo', true)
                  AND p ->> 'scope_path' < current_setting('shucai.hi', true), false) THEN
    RAISE EXCEPTION 'the scope % lies outside the scope of the acting officer', p ->> 'scope_path'
      USING ERRCODE = 'SC001';
  END IF;
END $$;

CREATE FUNCTION identity_user_effect(p_kind text, p jsonb, p_now timestamptz, p_password text)
RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE v_id bigint := (p ->> 'user_id')::bigint;
BEGIN
  IF p_kind = 'user.create' THEN
    INSERT INTO identity_user (username, name, phone, pinyin, password, is_active,
                               failed_attempts, must_change_password, password_changed_at)
    VALUES (p ->> 'username', p ->> 'name', coalesce(p ->> 'phone', ''),
            coalesce(p ->> 'pinyin', ''), p_password, true, 0, true, p_now)
    RETURNING id INTO v_id;
  ELSIF p_kind = 'user.change' THEN
    UPDATE identity_user SET name = p ->> 'name', phone = coalesce(p ->> 'phone', ''),
           pinyin = coalesce(p ->> 'pinyin', '') WHERE id = v_id;
  ELSIF p_kind = 'user.enable' THEN
    UPDATE identity_user SET is_active = true WHERE id = v_id;
  ELSIF p_kind = 'user.reset_password' THEN
    INSERT INTO identity_passwordhistory (user_id, password, at)
    SELECT id, password, p_now FROM identity_user WHERE id = v_id AND password <> '';
    UPDATE identity_user SET password = p_password, must_change_password = true,
           password_changed_at = p_now, failed_attempts = 0, locked_until = NULL WHERE id = v_id;
    UPDATE identity_loginsession SET ended_at = p_now, end_reason = 'password'
     WHERE user_id = v_id AND ended_at IS NULL;
  ELSIF p_kind = 'user.disable' THEN
    UPDATE identity_user SET is_active = false WHERE id = v_id;
    UPDATE identity_loginsession SET ended_at = p_now, end_reason = 'disabled'
     WHERE user_id = v_id AND ended_at IS NULL;
    UPDATE identity_apitoken SET revoked_at = p_now WHERE user_id = v_id AND revoked_at IS NULL;
  END IF;
  RETURN v_id;
END $$;

CREATE FUNCTION identity_position_effect(p_kind text, p jsonb) RETURNS bigint
LANGUAGE plpgsql AS $$
DECLARE
  v_id bigint := (p ->> 'position_id')::bigint;
  v_duties text[] := ARRAY(SELECT jsonb_array_elements_text(coalesce(p -> 'duties', '[]')));
BEGIN
  IF p_kind = 'position.create' THEN
    INSERT INTO identity_position (code, name, duties, is_enabled)
    VALUES (p ->> 'code', p ->> 'name', v_duties, true) RETURNING id INTO v_id;
  ELSIF p_kind = 'position.change' THEN
    UPDATE identity_position SET name = p ->> 'name', duties = v_duties WHERE id = v_id;
  ELSE
    UPDATE identity_position SET is_enabled = (p_kind = 'position.enable') WHERE id = v_id;
  END IF;
  RETURN v_id;
END $$;

CREATE FUNCTION identity_appointment_effect(p_kind text, p jsonb, p_now timestamptz)
RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE v_id bigint := (p ->> 'appointment_id')::bigint;
BEGIN
  IF p_kind = 'appointment.end' THEN
    UPDATE identity_appointment SET is_enabled = false WHERE id = v_id;
    UPDATE identity_apitoken SET revoked_at = p_now
     WHERE appointment_id = v_id AND revoked_at IS NULL;
    RETURN v_id;
  END IF;
  PERFORM identity_in_scope(p);
  IF p_kind = 'appointment.create' THEN
    INSERT INTO identity_appointment (user_id, position_id, scope_path, office, unit_code,
      unit_name, division, valid_from, valid_to, is_default, is_enabled)
    VALUES ((p ->> 'user_id')::bigint, (p ->> 'position_id')::bigint, p ->> 'scope_path',
      coalesce(p ->> 'office', ''), coalesce(p ->> 'unit_code', ''),
      coalesce(p ->> 'unit_name', ''), p ->> 'division', (p ->> 'valid_from')::date,
      (p ->> 'valid_to')::date, coalesce((p ->> 'is_default')::boolean, false), true)
    RETURNING id INTO v_id;
  ELSE
    UPDATE identity_appointment SET scope_path = p ->> 'scope_path',
      office = coalesce(p ->> 'office', ''), unit_code = coalesce(p ->> 'unit_code', ''),
      unit_name = coalesce(p ->> 'unit_name', ''), division = p ->> 'division',
      valid_from = (p ->> 'valid_from')::date, valid_to = (p ->> 'valid_to')::date,
      is_default = coalesce((p ->> 'is_default')::boolean, false) WHERE id = v_id;
  END IF;
  IF coalesce((p ->> 'is_default')::boolean, false) THEN
    UPDATE identity_appointment a SET is_default = false FROM identity_appointment mine
     WHERE mine.id = v_id AND a.user_id = mine.user_id AND a.id <> v_id AND a.is_default;
  END IF;
  RETURN v_id;
END $$;

CREATE FUNCTION identity_policy_effect(p jsonb) RETURNS bigint LANGUAGE sql AS $$
  UPDATE identity_securitypolicy SET
    password_length = (p ->> 'password_length')::int,
    password_classes = (p ->> 'password_classes')::int,
    password_history = (p ->> 'password_history')::int,
    password_days = (p ->> 'password_days')::int, failures = (p ->> 'failures')::int,
    lock_minutes = (p ->> 'lock_minutes')::int, idle_minutes = (p ->> 'idle_minutes')::int,
    session_hours = (p ->> 'session_hours')::int, sessions = (p ->> 'sessions')::int,
    excess = p ->> 'excess', token_days = (p ->> 'token_days')::int
  WHERE id = 1 RETURNING id::bigint
$$;
REVOKE EXECUTE ON FUNCTION identity_user_effect(text, jsonb, timestamptz, text),
  identity_position_effect(text, jsonb), identity_appointment_effect(text, jsonb, timestamptz),
  identity_policy_effect(jsonb) FROM PUBLIC;
"""

DECIDE = """
CREATE FUNCTION identity_decide(
  p_change bigint, p_state text, p_actor bigint, p_name text, p_opinion text,
  p_now timestamptz, p_password text
) RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  v identity_rightschange%ROWTYPE;
  v_on date := (p_now AT TIME ZONE 'Asia/Shanghai')::date;
  v_id bigint;
BEGIN
  SELECT * INTO v FROM identity_rightschange WHERE id = p_change FOR UPDATE;
  IF v.id IS NULL OR v.state <> 'proposed' THEN
    RAISE EXCEPTION 'change % is not waiting for a decision', p_change USING ERRCODE = 'SC002';
  END IF;
  IF p_actor::text IS DISTINCT FROM current_setting('shucai.user', true) THEN
    RAISE EXCEPTION 'only the acting person decides' USING ERRCODE = 'SC001';
  END IF;
  IF p_state = 'withdrawn' THEN
    IF p_actor <> v.proposed_by THEN
      RAISE EXCEPTION 'only the proposer withdraws' USING ERRCODE = 'SC001';
    END IF;
  ELSIF p_state IN ('approved', 'rejected') THEN
    IF p_actor = v.proposed_by THEN
      RAISE EXCEPTION 'nobody decides on a change of his own' USING ERRCODE = 'SC001';
    END IF;
    IF NOT identity_holds(p_actor, 'identity.security_admin', v_on) THEN
      RAISE EXCEPTION 'changes of rights are decided by a security administrator'
        USING ERRCODE = 'SC001';
    END IF;
  ELSE
    RAISE EXCEPTION 'unknown decision %', p_state USING ERRCODE = 'SC001';
  END IF;
  UPDATE identity_rightschange SET state = p_state, decided_by = p_actor, decided_name = p_name,
         decided_at = p_now, opinion = p_opinion WHERE id = p_change;
  IF p_state <> 'approved' THEN
    RETURN NULL;
  END IF;
  CASE split_part(v.kind, '.', 1)
    WHEN 'user' THEN v_id := identity_user_effect(v.kind, v.payload, p_now, p_password);
    WHEN 'position' THEN v_id := identity_position_effect(v.kind, v.payload);
    WHEN 'appointment' THEN v_id := identity_appointment_effect(v.kind, v.payload, p_now);
    WHEN 'policy' THEN v_id := identity_policy_effect(v.payload);
  END CASE;
  PERFORM identity_officers_apart();
  RETURN v_id;
END $$;
"""

FIRST = """
CREATE FUNCTION identity_officers() RETURNS TABLE (username text, duty text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT DISTINCT u.username::text, d
    FROM identity_appointment a
    JOIN identity_position p ON p.id = a.position_id
    JOIN identity_user u ON u.id = a.user_id
    CROSS JOIN unnest(p.duties) d
   WHERE d IN ('identity.system_admin', 'identity.security_admin', 'identity.auditor')
$$;

CREATE FUNCTION identity_first_load(
  p_users jsonb, p_positions jsonb, p_appointments jsonb, p_now timestamptz
) RETURNS integer LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE v_count integer;
BEGIN
  PERFORM pg_advisory_xact_lock(7337002);
  IF EXISTS (SELECT 1 FROM identity_officers()) THEN
    RAISE EXCEPTION 'officers are in office; rights change by proposal and approval'
      USING ERRCODE = 'SC001';
  END IF;
  INSERT INTO identity_user (username, name, phone, pinyin, password, is_active, failed_attempts,
                             must_change_password, password_changed_at)
  SELECT x.username, x.name, coalesce(x.phone, ''), coalesce(x.pinyin, ''), x.password, true, 0,
         coalesce(x.must_change, true), p_now
    FROM jsonb_to_recordset(p_users) AS x(username text, name text, phone text, pinyin text,
                                          password text, must_change boolean);
  INSERT INTO identity_position (code, name, duties, is_enabled)
  SELECT x.code, x.name, ARRAY(SELECT jsonb_array_elements_text(x.duties)), true
    FROM jsonb_to_recordset(p_positions) AS x(code text, name text, duties jsonb);
  INSERT INTO identity_appointment (user_id, position_id, scope_path, office, unit_code, unit_name,
                                    division, valid_from, valid_to, is_default, is_enabled)
  SELECT u.id, p.id, x.scope_path, coalesce(x.office, ''), coalesce(x.unit_code, ''),
         coalesce(x.unit_name, ''), x.division, x.valid_from, x.valid_to,
         coalesce(x.is_default, false), true
    FROM jsonb_to_recordset(p_appointments) AS x(
           username text, position text, scope_path text, office text, unit_code text,
           unit_name text, division text, valid_from date, valid_to date, is_default boolean)
    LEFT JOIN identity_user u ON u.username = x.username
    LEFT JOIN identity_position p ON p.code = x.position;
  GET DIAGNOSTICS v_count = ROW_COUNT;
  PERFORM identity_officers_apart();
  RETURN v_count;
END $$;
"""

GRANTS = """
INSERT INTO identity_securitypolicy (id, password_length, password_classes, password_history,
  password_days, failures, lock_minutes, idle_minutes, session_hours, sessions, excess, token_days)
VALUES (1, 10, 3, 5, 90, 5, 15, 30, 12, 3, 'newest', 365);

REVOKE INSERT, UPDATE, DELETE, TRUNCATE ON identity_user, identity_position,
  identity_appointment, identity_securitypolicy FROM shucai_app;
GRANT UPDATE (password, failed_attempts, locked_until, password_changed_at, must_change_password,
  last_login_at) ON identity_user TO shucai_app;
REVOKE UPDATE, DELETE, TRUNCATE ON identity_rightschange, identity_passwordhistory FROM shucai_app;
REVOKE UPDATE, DELETE, TRUNCATE ON identity_apitoken FROM shucai_app;
GRANT UPDATE (last_used_at, revoked_at) ON identity_apitoken TO shucai_app;
REVOKE UPDATE, DELETE, TRUNCATE ON identity_loginsession FROM shucai_app;
GRANT UPDATE (appointment_id, fiscal_year, seen_at, ended_at, end_reason)
  ON identity_loginsession TO shucai_app;
"""

REVERSE = """
GRANT INSERT, UPDATE, DELETE ON identity_user, identity_position, identity_appointment,
  identity_securitypolicy, identity_rightschange, identity_passwordhistory, identity_apitoken,
  identity_loginsession TO shucai_app;
DROP FUNCTION identity_first_load(jsonb, jsonb, jsonb, timestamptz);
DROP FUNCTION identity_officers();
DROP FUNCTION identity_decide(bigint, text, bigint, text, text, timestamptz, text);
DROP FUNCTION identity_policy_effect(jsonb);
DROP FUNCTION identity_appointment_effect(text, jsonb, timestamptz);
DROP FUNCTION identity_position_effect(text, jsonb);
DROP FUNCTION identity_user_effect(text, jsonb, timestamptz, text);
DROP FUNCTION identity_in_scope(jsonb);
DROP TRIGGER identity_change_guard ON identity_rightschange;
DROP FUNCTION identity_change_guard();
DROP FUNCTION identity_officers_apart();
DROP FUNCTION identity_holds(bigint, text, date);
DELETE FROM identity_securitypolicy;
"""

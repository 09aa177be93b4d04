"""SQL of the configuration room: the only way to a release, and the guards around it.

The application role writes neither releases nor what is in force. The functions look for
themselves whether the acting person holds the duty for the place in the position he acts in,
and whether proposer and decider are two persons.
"""

ACTING = """
CREATE FUNCTION configuration_may(
  p_kind text, p_act text, p_division text, p_actor bigint, p_now timestamptz
) RETURNS void LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  v_duty text;
  v_on date := (p_now AT TIME ZONE 'Asia/Shanghai')::date;
BEGIN
  IF p_actor::text IS DISTINCT FROM current_setting('shucai.user', true) THEN
    RAISE EXCEPTION 'only the acting person acts' USING ERRCODE = 'SC001';
  END IF;
  SELECT CASE p_act WHEN 'edit' THEN o.editor ELSE o.publisher END INTO v_duty
    FROM configuration_office o WHERE o.kind = p_kind;
  v_duty := coalesce(v_duty, CASE p_act WHEN 'edit' THEN 'identity.system_admin'
                                        ELSE 'identity.security_admin' END);
  IF NOT EXISTS (
    SELECT 1 FROM identity_appointment a
      JOIN identity_position p ON p.id = a.position_id AND p.is_enabled
      JOIN identity_user u ON u.id = a.user_id AND u.is_active
     WHERE a.user_id = p_actor AND a.is_enabled AND v_duty = ANY (p.duties)
       AND a.valid_from <= v_on AND (a.valid_to IS NULL OR a.valid_to > v_on)
       AND a.scope_path = current_setting('shucai.lo', true)
       AND (a.scope_path !~ '/' OR (p_division <> '' AND a.division = p_division))) THEN
    RAISE EXCEPTION 'user % does not hold % for division %', p_actor, v_duty, p_division
      USING ERRCODE = 'SC001';
  END IF;
END $$;

CREATE FUNCTION configuration_lock(
  p_kind text, p_key text, p_division text, p_year integer
) RETURNS void LANGUAGE sql AS $$
  SELECT pg_advisory_xact_lock(hashtextextended(
    p_kind || chr(31) || p_key || chr(31) || p_division || chr(31) || p_year::text, 7337))
$$;

CREATE FUNCTION configuration_changed(p_now timestamptz) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE v_serial bigint;
BEGIN
  UPDATE configuration_configurationversion
     SET serial = serial + 1, version = gen_random_uuid(), changed_at = p_now
   WHERE id = 1 RETURNING serial INTO v_serial;
  PERFORM pg_notify('configuration', v_serial::text);
  RETURN v_serial;
END $$;
"""

PROPOSE = """
CREATE FUNCTION configuration_propose(
  p_kind text, p_key text, p_division text, p_year integer, p_body text, p_base integer,
  p_note text, p_actor bigint, p_name text, p_now timestamptz
) RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  v_id bigint;
  v_number integer;
  v_current integer;
BEGIN
  PERFORM configuration_may(p_kind, 'edit', p_division, p_actor, p_now);
  PERFORM configuration_lock(p_kind, p_key, p_division, p_year);
  PERFORM p_body::jsonb;
  SELECT coalesce(max(r.number), 0) + 1 INTO v_number FROM configuration_release r
   WHERE (r.kind, r.key, r.division, r.fiscal_year) = (p_kind, p_key, p_division, p_year);
  SELECT r.number INTO v_current FROM configuration_inforce f
    JOIN configuration_release r ON r.id = f.published_id
   WHERE (f.kind, f.key, f.division, f.fiscal_year) = (p_kind, p_key, p_division, p_year);
  v_current := coalesce(v_current, 0);
  IF v_current <> p_base THEN
    RAISE EXCEPTION 'release % is in force, the draft is based on %', v_current, p_base
      USING ERRCODE = 'SC002';
  END IF;
  INSERT INTO configuration_release (kind, key, division, fiscal_year, number, body, digest,
    base_number, note, state, proposed_by, proposed_name, proposed_at, decided_name, opinion)
  VALUES (p_kind, p_key, p_division, p_year, v_number, p_body,
    encode(sha256(convert_to(p_body, 'UTF8')), 'hex'), p_base, p_note, 'proposed', p_actor,
    p_name, p_now, '', '') RETURNING id INTO v_id;
  INSERT INTO configuration_operation (kind, key, division, fiscal_year, operation, number,
    from_number, paths, actor_id, actor_name, at, note)
  VALUES (p_kind, p_key, p_division, p_year, 'proposed', v_number, v_current, '{}', p_actor,
    p_name, p_now, p_note);
  RETURN v_id;
END $$;
"""

DECIDE = """
CREATE FUNCTION configuration_decide(
  p_release bigint, p_decision text, p_paths text[], p_actor bigint, p_name text,
  p_opinion text, p_now timestamptz
) RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  v configuration_release%ROWTYPE;
  f configuration_inforce%ROWTYPE;
  v_from integer;
  v_done text;
  v_serial bigint;
BEGIN
  SELECT * INTO v FROM configuration_release WHERE id = p_release;
  IF v.id IS NULL THEN
    RAISE EXCEPTION 'there is no release %', p_release USING ERRCODE = 'SC002';
  END IF;
  PERFORM configuration_lock(v.kind, v.key, v.division, v.fiscal_year);
  SELECT * INTO v FROM configuration_release WHERE id = p_release FOR UPDATE;
  IF p_decision = 'withdraw' THEN
    PERFORM configuration_may(v.kind, 'edit', v.division, p_actor, p_now);
    IF p_actor <> v.proposed_by THEN
      RAISE EXCEPTION 'only the proposer withdraws' USING ERRCODE = 'SC001';
    END IF;
  ELSIF p_decision IN ('reject', 'try', 'publish', 'stop') THEN
    IF p_actor = v.proposed_by THEN
      RAISE EXCEPTION 'nobody decides on a release of his own' USING ERRCODE = 'SC001';
    END IF;
    PERFORM configuration_may(v.kind, 'publish', v.division, p_actor, p_now);
  ELSE
    RAISE EXCEPTION 'unknown decision %', p_decision USING ERRCODE = 'SC001';
  END IF;
  IF NOT (v.state = 'proposed' AND p_decision <> 'stop'
          OR v.state = 'trial' AND p_decision IN ('try', 'publish', 'stop')) THEN
    RAISE EXCEPTION 'release % is %', p_release, v.state USING ERRCODE = 'SC002';
  END IF;
  INSERT INTO configuration_inforce (kind, key, division, fiscal_year, trial_paths, changed_at)
  VALUES (v.kind, v.key, v.division, v.fiscal_year, '{}', p_now) ON CONFLICT DO NOTHING;
  SELECT * INTO f FROM configuration_inforce
   WHERE (kind, key, division, fiscal_year) = (v.kind, v.key, v.division, v.fiscal_year)
     FOR UPDATE;
  SELECT coalesce((SELECT number FROM configuration_release WHERE id = f.published_id), 0)
    INTO v_from;
  IF p_decision = 'try' AND (coalesce(cardinality(p_paths), 0) = 0) THEN
    RAISE EXCEPTION 'a trial needs units' USING ERRCODE = 'SC001';
  END IF;
  IF p_decision IN ('try', 'publish', 'stop') THEN
    UPDATE configuration_release SET state = 'abandoned'
     WHERE id = f.trial_id AND (id <> v.id OR p_decision = 'stop');
    IF p_decision = 'publish' THEN
      UPDATE configuration_release SET state = 'replaced' WHERE id = f.published_id;
    END IF;
    UPDATE configuration_inforce SET
      published_id = CASE p_decision WHEN 'publish' THEN v.id ELSE published_id END,
      trial_id = CASE p_decision WHEN 'try' THEN v.id END,
      trial_paths = CASE p_decision WHEN 'try' THEN p_paths ELSE '{}' END,
      changed_at = p_now WHERE id = f.id;
    v_serial := configuration_changed(p_now);
  END IF;
  UPDATE configuration_release SET
    state = CASE p_decision WHEN 'reject' THEN 'rejected' WHEN 'withdraw' THEN 'withdrawn'
                            WHEN 'try' THEN 'trial' WHEN 'publish' THEN 'published'
                            ELSE 'abandoned' END,
    decided_by = p_actor, decided_name = p_name, decided_at = p_now, opinion = p_opinion
  WHERE id = v.id;
  v_done := CASE p_decision WHEN 'reject' THEN 'rejected' WHEN 'withdraw' THEN 'withdrawn'
                            WHEN 'publish' THEN 'published' WHEN 'stop' THEN 'stopped'
                            ELSE CASE v.state WHEN 'trial' THEN 'widened' ELSE 'tried' END END;
  INSERT INTO configuration_operation (kind, key, division, fiscal_year, operation, number,
    from_number, paths, actor_id, actor_name, at, note, serial)
  VALUES (v.kind, v.key, v.division, v.fiscal_year, v_done, v.number, v_from,
    CASE p_decision WHEN 'try' THEN p_paths ELSE '{}' END, p_actor, p_name, p_now, p_opinion,
    v_serial);
  RETURN v_serial;
END $$;
"""

ROLLBACK = """
CREATE FUNCTION configuration_propose_rollback(
  p_kind text, p_key text, p_division text, p_year integer, p_to integer, p_reason text,
  p_actor bigint, p_name text, p_now timestamptz
) RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  v_id bigint;
  v_from integer;
BEGIN
  PERFORM configuration_may(p_kind, 'edit', p_division, p_actor, p_now);
  PERFORM configuration_lock(p_kind, p_key, p_division, p_year);
  SELECT r.number INTO v_from FROM configuration_inforce f
    JOIN configuration_release r ON r.id = f.published_id
   WHERE (f.kind, f.key, f.division, f.fiscal_year) = (p_kind, p_key, p_division, p_year);
  IF v_from IS NULL OR v_from = p_to OR (p_to <> 0 AND NOT EXISTS (
    SELECT 1 FROM configuration_release r
     WHERE (r.kind, r.key, r.division, r.fiscal_year) = (p_kind, p_key, p_division, p_year)
       AND r.number = p_to AND r.state IN ('replaced', 'abandoned'))) THEN
    RAISE EXCEPTION 'release % is no way back from %', p_to, v_from USING ERRCODE = 'SC002';
  END IF;
  INSERT INTO configuration_rollback (kind, key, division, fiscal_year, from_number, to_number,
    reason, state, proposed_by, proposed_name, proposed_at, decided_name, opinion)
  VALUES (p_kind, p_key, p_division, p_year, v_from, p_to, p_reason, 'proposed', p_actor, p_name,
    p_now, '', '') RETURNING id INTO v_id;
  INSERT INTO configuration_operation (kind, key, division, fiscal_year, operation, number,
    from_number, paths, actor_id, actor_name, at, note)
  VALUES (p_kind, p_key, p_division, p_year, 'rollback_proposed', p_to, v_from, '{}', p_actor,
    p_name, p_now, p_reason);
  RETURN v_id;
END $$;

CREATE FUNCTION configuration_decide_rollback(
  p_rollback bigint, p_decision text, p_actor bigint, p_name text, p_opinion text,
  p_now timestamptz
) RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  v configuration_rollback%ROWTYPE;
  f configuration_inforce%ROWTYPE;
  v_serial bigint;
BEGIN
  SELECT * INTO v FROM configuration_rollback WHERE id = p_rollback;
  PERFORM configuration_lock(v.kind, v.key, v.division, v.fiscal_year);
  SELECT * INTO v FROM configuration_rollback WHERE id = p_rollback FOR UPDATE;
  IF v.id IS NULL OR v.state <> 'proposed' THEN
    RAISE EXCEPTION 'rollback % is not waiting', p_rollback USING ERRCODE = 'SC002';
  END IF;
  IF p_decision = 'withdraw' THEN
    PERFORM configuration_may(v.kind, 'edit', v.division, p_actor, p_now);
    IF p_actor <> v.proposed_by THEN
      RAISE EXCEPTION 'only the proposer withdraws' USING ERRCODE = 'SC001';
    END IF;
  ELSIF p_decision IN ('approve', 'reject') THEN
    IF p_actor = v.proposed_by THEN
      RAISE EXCEPTION 'nobody decides on a rollback of his own' USING ERRCODE = 'SC001';
    END IF;
    PERFORM configuration_may(v.kind, 'publish', v.division, p_actor, p_now);
  ELSE
    RAISE EXCEPTION 'unknown decision %', p_decision USING ERRCODE = 'SC001';
  END IF;
  IF p_decision = 'approve' THEN
    SELECT * INTO f FROM configuration_inforce
     WHERE (kind, key, division, fiscal_year) = (v.kind, v.key, v.division, v.fiscal_year)
       FOR UPDATE;
    IF NOT EXISTS (SELECT 1 FROM configuration_release
                    WHERE id = f.published_id AND number = v.from_number) THEN
      RAISE EXCEPTION 'another release is in force since' USING ERRCODE = 'SC002';
    END IF;
    UPDATE configuration_release SET state = 'abandoned' WHERE id IN (f.published_id, f.trial_id);
    UPDATE configuration_release SET state = 'published'
     WHERE (kind, key, division, fiscal_year) = (v.kind, v.key, v.division, v.fiscal_year)
       AND number = v.to_number;
    UPDATE configuration_inforce SET trial_id = NULL, trial_paths = '{}', changed_at = p_now,
      published_id = (SELECT id FROM configuration_release r
        WHERE (r.kind, r.key, r.division, r.fiscal_year)
            = (v.kind, v.key, v.division, v.fiscal_year) AND r.number = v.to_number)
     WHERE id = f.id;
    v_serial := configuration_changed(p_now);
  END IF;
  UPDATE configuration_rollback SET
    state = CASE p_decision WHEN 'approve' THEN 'approved' WHEN 'reject' THEN 'rejected'
                            ELSE 'withdrawn' END,
    decided_by = p_actor, decided_name = p_name, decided_at = p_now, opinion = p_opinion
  WHERE id = v.id;
  INSERT INTO configuration_operation (kind, key, division, fiscal_year, operation, number,
    from_number, paths, actor_id, actor_name, at, note, serial)
  VALUES (v.kind, v.key, v.division, v.fiscal_year,
    CASE p_decision WHEN 'approve' THEN 'rolled_back' WHEN 'reject' THEN 'rollback_rejected'
                    ELSE 'rollback_withdrawn' END,
    v.to_number, v.from_number, '{}', p_actor, p_name, p_now, p_opinion, v_serial);
  RETURN v_serial;
END $$;
"""

GUARDS = """
CREATE FUNCTION configuration_release_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP <> 'UPDATE' THEN
    RAISE EXCEPTION 'releases are kept for ever' USING ERRCODE = 'SC001';
  END IF;
  IF (OLD.id, OLD.kind, OLD.key, OLD.division, OLD.fiscal_year, OLD.number, OLD.body, OLD.digest,
      OLD.base_number, OLD.note, OLD.proposed_by, OLD.proposed_name, OLD.proposed_at)
     IS DISTINCT FROM
     (NEW.id, NEW.kind, NEW.key, NEW.division, NEW.fiscal_year, NEW.number, NEW.body, NEW.digest,
      NEW.base_number, NEW.note, NEW.proposed_by, NEW.proposed_name, NEW.proposed_at) THEN
    RAISE EXCEPTION 'a release never changes; propose another one' USING ERRCODE = 'SC001';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER configuration_release_guard BEFORE UPDATE OR DELETE ON configuration_release
  FOR EACH ROW EXECUTE FUNCTION configuration_release_guard();
CREATE TRIGGER configuration_release_kept BEFORE TRUNCATE ON configuration_release
  FOR EACH STATEMENT EXECUTE FUNCTION configuration_release_guard();

CREATE FUNCTION configuration_operation_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'history is only added to' USING ERRCODE = 'SC001';
END $$;
CREATE TRIGGER configuration_operation_guard BEFORE UPDATE OR DELETE ON configuration_operation
  FOR EACH ROW EXECUTE FUNCTION configuration_operation_guard();

INSERT INTO configuration_configurationversion (id, serial, version)
VALUES (1, 1, gen_random_uuid());

REVOKE INSERT, UPDATE, DELETE, TRUNCATE ON configuration_release, configuration_inforce,
  configuration_rollback, configuration_operation, configuration_configurationversion,
  configuration_office FROM shucai_app;
REVOKE EXECUTE ON FUNCTION configuration_changed(timestamptz) FROM PUBLIC;
"""

FORWARD = ACTING + PROPOSE + DECIDE + ROLLBACK + GUARDS

REVERSE = """
GRANT INSERT, UPDATE, DELETE ON configuration_release, configuration_inforce,
  configuration_rollback, configuration_operation, configuration_configurationversion,
  configuration_office TO shucai_app;
DROP TRIGGER configuration_operation_guard ON configuration_operation;
DROP FUNCTION configuration_operation_guard();
DROP TRIGGER configuration_release_kept ON configuration_release;
DROP TRIGGER configuration_release_guard ON configuration_release;
DROP FUNCTION configuration_release_guard();
DROP FUNCTION configuration_decide_rollback(bigint, text, bigint, text, text, timestamptz);
DROP FUNCTION configuration_propose_rollback(text, text, text, integer, integer, text, bigint,
  text, timestamptz);
DROP FUNCTION configuration_decide(bigint, text, text[], bigint, text, text, timestamptz);
DROP FUNCTION configuration_propose(text, text, text, integer, text, integer, text, bigint, text,
  timestamptz);
DROP FUNCTION configuration_changed(timestamptz);
DROP FUNCTION configuration_lock(text, text, text, integer);
DROP FUNCTION configuration_may(text, text, text, bigint, timestamptz);
DELETE FROM configuration_configurationversion;
"""

"""SQL of the rights centre: the effects of every kind of change, delegations, leavers.

`identity_effect` is the one place where an approved change comes about; a batch calls it for each
of its items. What ends a right ends what was lent of it too, by triggers, whoever ends it.
"""

HOLDS = """
CREATE OR REPLACE FUNCTION identity_holds(p_user bigint, p_duty text, p_on date) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT EXISTS (
    SELECT 1 FROM identity_appointment a
      JOIN identity_position p ON p.id = a.position_id AND p.is_enabled
      JOIN identity_user u ON u.id = a.user_id AND u.is_active
     WHERE a.user_id = p_user AND a.is_enabled AND p_duty = ANY (p.duties)
       AND (a.duties = '{}' OR p_duty = ANY (a.duties))
       AND a.valid_from <= p_on AND (a.valid_to IS NULL OR a.valid_to > p_on))
$$;

CREATE OR REPLACE FUNCTION identity_change_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.state <> 'proposed' OR NEW.decided_by IS NOT NULL
     OR NEW.proposed_by::text IS DISTINCT FROM current_setting('shucai.user', true) THEN
    RAISE EXCEPTION 'changes of rights begin as a proposal of the acting system administrator'
      USING ERRCODE = 'SC001';
  END IF;
  IF identity_holds(NEW.proposed_by, 'identity.system_admin',
                    (NEW.proposed_at AT TIME ZONE 'Asia/Shanghai')::date) THEN
    RETURN NEW;
  END IF;
  -- A reviewer proposes the end of an appointment that an open campaign asked him about.
  IF NEW.kind = 'appointment.end' AND EXISTS (
    SELECT 1 FROM identity_reviewitem i
      JOIN identity_reviewcampaign c ON c.id = i.campaign_id AND c.state = 'open'
     WHERE i.appointment_id = (NEW.payload ->> 'appointment_id')::bigint
       AND i.decision = 'remove' AND i.decided_by = NEW.proposed_by AND i.change_id IS NULL) THEN
    RETURN NEW;
  END IF;
  RAISE EXCEPTION 'changes of rights begin as a proposal of the acting system administrator'
    USING ERRCODE = 'SC001';
END $$;
"""

LENT = """
ALTER TABLE identity_user ALTER COLUMN employee_no SET DEFAULT '';
ALTER TABLE identity_appointment ALTER COLUMN fund_types SET DEFAULT '{}',
  ALTER COLUMN duties SET DEFAULT '{}', ALTER COLUMN principal_name SET DEFAULT '';

-- What was lent follows what it was lent from: its end, its span and its scope.
CREATE FUNCTION identity_appointment_lent() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF OLD.is_enabled AND NOT NEW.is_enabled THEN
    UPDATE identity_appointment SET is_enabled = false WHERE principal_id = NEW.id AND is_enabled;
    UPDATE identity_delegation SET ended_at = statement_timestamp(), end_reason = '原任职已终止'
     WHERE (source_id = NEW.id OR appointment_id = NEW.id) AND ended_at IS NULL;
  ELSIF (NEW.scope_path, NEW.office, NEW.fund_types, NEW.valid_to, NEW.unit_code, NEW.unit_name,
         NEW.division)
     IS DISTINCT FROM (OLD.scope_path, OLD.office, OLD.fund_types, OLD.valid_to, OLD.unit_code,
                       OLD.unit_name, OLD.division) THEN
    UPDATE identity_appointment d SET scope_path = NEW.scope_path, office = NEW.office,
           fund_types = NEW.fund_types, unit_code = NEW.unit_code, unit_name = NEW.unit_name,
           division = NEW.division, valid_to = least(d.valid_to, NEW.valid_to),
           is_enabled = NEW.valid_to IS NULL OR NEW.valid_to > d.valid_from
     WHERE d.principal_id = NEW.id AND d.is_enabled
       AND (NEW.valid_to IS NULL OR NEW.valid_to > d.valid_from);
    UPDATE identity_appointment d SET is_enabled = false
     WHERE d.principal_id = NEW.id AND d.is_enabled AND NEW.valid_to <= d.valid_from;
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER identity_appointment_lent AFTER UPDATE ON identity_appointment
  FOR EACH ROW EXECUTE FUNCTION identity_appointment_lent();

-- Whoever is stopped lends nothing and has nothing lent; his sessions and tokens end.
CREATE FUNCTION identity_user_stopped() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  UPDATE identity_appointment a SET is_enabled = false
   WHERE a.is_enabled AND a.principal_id IS NOT NULL
     AND (a.user_id = NEW.id OR a.principal_id IN
          (SELECT s.id FROM identity_appointment s WHERE s.user_id = NEW.id));
  UPDATE identity_delegation SET ended_at = statement_timestamp(), end_reason = '用户已停用'
   WHERE (user_id = NEW.id OR deputy_id = NEW.id) AND ended_at IS NULL;
  UPDATE identity_loginsession SET ended_at = statement_timestamp(), end_reason = 'disabled'
   WHERE user_id = NEW.id AND ended_at IS NULL;
  UPDATE identity_apitoken SET revoked_at = statement_timestamp()
   WHERE user_id = NEW.id AND revoked_at IS NULL;
  RETURN NULL;
END $$;
CREATE TRIGGER identity_user_stopped AFTER UPDATE OF is_active ON identity_user
  FOR EACH ROW WHEN (OLD.is_active AND NOT NEW.is_active)
  EXECUTE FUNCTION identity_user_stopped();
"""

DELEGATE = """
CREATE FUNCTION identity_delegate(
  p_actor bigint, p_source bigint, p_deputy bigint, p_duties text[], p_from date, p_to date,
  p_reason text, p_now timestamptz
) RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  s identity_appointment%ROWTYPE;
  v_on date := (p_now AT TIME ZONE 'Asia/Shanghai')::date;
  v_held text[];
  v_appointment bigint;
  v_id bigint;
BEGIN
  SELECT * INTO s FROM identity_appointment WHERE id = p_source FOR UPDATE;
  SELECT p.duties INTO v_held FROM identity_position p WHERE p.id = s.position_id AND p.is_enabled;
  IF p_actor::text IS DISTINCT FROM current_setting('shucai.user', true)
     OR s.user_id IS DISTINCT FROM p_actor OR NOT s.is_enabled OR s.principal_id IS NOT NULL
     OR v_held IS NULL OR (s.valid_to IS NOT NULL AND p_to > s.valid_to)
     OR p_from < s.valid_from OR p_to <= p_from OR p_to <= v_on THEN
    RAISE EXCEPTION 'one lends an appointment of his own, within its span' USING ERRCODE = 'SC001';
  END IF;
  IF p_deputy = p_actor
     OR NOT EXISTS (SELECT 1 FROM identity_user u WHERE u.id = p_deputy AND u.is_active) THEN
    RAISE EXCEPTION 'the deputy is another active person' USING ERRCODE = 'SC001';
  END IF;
  IF p_duties = '{}' OR NOT p_duties <@ v_held OR p_duties && ARRAY['identity.system_admin',
       'identity.security_admin', 'identity.auditor'] THEN
    RAISE EXCEPTION 'one lends duties he has, and no office of the three' USING ERRCODE = 'SC001';
  END IF;
  INSERT INTO identity_appointment (user_id, position_id, scope_path, office, unit_code,
    unit_name, division, valid_from, valid_to, is_default, is_enabled, fund_types, principal_id,
    principal_name, duties)
  SELECT p_deputy, s.position_id, s.scope_path, s.office, s.unit_code, s.unit_name, s.division,
         p_from, p_to, false, true, s.fund_types, s.id, u.name, p_duties
    FROM identity_user u WHERE u.id = p_actor
  RETURNING id INTO v_appointment;
  INSERT INTO identity_delegation (user_id, deputy_id, source_id, appointment_id, duties,
    valid_from, valid_to, reason, unit_path, office, created_at, ended_name, end_reason)
  VALUES (p_actor, p_deputy, s.id, v_appointment, p_duties, p_from, p_to, p_reason, s.scope_path,
    s.office, p_now, '', '')
  RETURNING id INTO v_id;
  PERFORM identity_officers_apart();
  RETURN v_id;
END $$;

CREATE FUNCTION identity_end_delegation(
  p_id bigint, p_actor bigint, p_name text, p_reason text, p_now timestamptz
) RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE d identity_delegation%ROWTYPE;
BEGIN
  SELECT * INTO d FROM identity_delegation WHERE id = p_id FOR UPDATE;
  IF d.id IS NULL OR d.ended_at IS NOT NULL THEN
    RETURN false;
  END IF;
  IF p_actor::text IS DISTINCT FROM current_setting('shucai.user', true)
     OR NOT (p_actor IN (d.user_id, d.deputy_id)
             OR identity_holds(p_actor, 'identity.system_admin',
                               (p_now AT TIME ZONE 'Asia/Shanghai')::date)
             OR identity_holds(p_actor, 'identity.security_admin',
                               (p_now AT TIME ZONE 'Asia/Shanghai')::date)) THEN
    RAISE EXCEPTION 'a delegation is ended by its persons or an officer' USING ERRCODE = 'SC001';
  END IF;
  UPDATE identity_delegation SET ended_at = p_now, ended_name = p_name, end_reason = p_reason
   WHERE id = p_id;
  UPDATE identity_appointment SET is_enabled = false WHERE id = d.appointment_id;
  RETURN true;
END $$;
"""

EFFECTS = """
CREATE OR REPLACE FUNCTION identity_user_effect(
  p_kind text, p jsonb, p_now timestamptz, p_password text
) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE v_id bigint := (p ->> 'user_id')::bigint;
BEGIN
  IF p_kind IN ('user.create', 'user.hire') THEN
    INSERT INTO identity_user (username, name, phone, pinyin, employee_no, password, is_active,
                               failed_attempts, must_change_password, password_changed_at)
    VALUES (p ->> 'username', p ->> 'name', coalesce(p ->> 'phone', ''),
            coalesce(p ->> 'pinyin', ''), coalesce(p ->> 'employee_no', ''), p_password, true, 0,
            true, p_now)
    RETURNING id INTO v_id;
    IF p_kind = 'user.hire' THEN
      PERFORM identity_appointment_effect('appointment.create',
                p || jsonb_build_object('user_id', v_id, 'is_default', true), p_now);
    END IF;
  ELSIF p_kind = 'user.change' THEN
    UPDATE identity_user SET name = p ->> 'name', phone = coalesce(p ->> 'phone', ''),
           pinyin = coalesce(p ->> 'pinyin', ''),
           employee_no = coalesce(p ->> 'employee_no', employee_no) WHERE id = v_id;
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
    UPDATE identity_loginsession SET ended_at = p_now, end_reason = 'disabled'
     WHERE user_id = v_id AND ended_at IS NULL;
    UPDATE identity_apitoken SET revoked_at = p_now WHERE user_id = v_id AND revoked_at IS NULL;
    UPDATE identity_user SET is_active = false WHERE id = v_id;
  ELSIF p_kind = 'user.leave' THEN
    INSERT INTO identity_leaver (user_id, left_on, reason, recorded_at)
    VALUES (v_id, (p ->> 'left_on')::date, coalesce(p ->> 'why', ''), p_now);
    PERFORM identity_leavers_due(p_now);
  ELSIF p_kind = 'user.transfer' THEN
    PERFORM identity_transfer(v_id, p, p_now);
  ELSE
    RAISE EXCEPTION 'unknown kind %', p_kind USING ERRCODE = 'SC001';
  END IF;
  RETURN v_id;
END $$;

-- The old appointments end where the new one begins: at once, or on its first day.
CREATE FUNCTION identity_transfer(p_user bigint, p jsonb, p_now timestamptz) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
  v_from date := (p ->> 'valid_from')::date;
  v_on date := (p_now AT TIME ZONE 'Asia/Shanghai')::date;
  v_old bigint;
BEGIN
  FOR v_old IN
    SELECT a.id FROM identity_appointment a
     WHERE a.user_id = p_user AND a.is_enabled AND a.principal_id IS NULL
       AND (a.valid_to IS NULL OR a.valid_to > v_from)
       AND a.scope_path >= current_setting('shucai.lo')
       AND a.scope_path < current_setting('shucai.hi')
     ORDER BY a.id
  LOOP
    IF v_from <= v_on THEN
      PERFORM identity_appointment_effect('appointment.end',
                jsonb_build_object('appointment_id', v_old), p_now);
    ELSE
      UPDATE identity_appointment SET valid_to = v_from WHERE id = v_old AND valid_from < v_from;
      UPDATE identity_appointment SET is_enabled = false WHERE id = v_old AND valid_from >= v_from;
    END IF;
  END LOOP;
  PERFORM identity_appointment_effect('appointment.create',
            p || '{"is_default": true}'::jsonb, p_now);
END $$;

CREATE FUNCTION identity_leavers_due(p_now timestamptz) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  v_on date := (p_now AT TIME ZONE 'Asia/Shanghai')::date;
  v_user bigint;
  v_count integer := 0;
BEGIN
  FOR v_user IN
    UPDATE identity_leaver SET done_at = p_now WHERE done_at IS NULL AND left_on <= v_on
    RETURNING user_id
  LOOP
    UPDATE identity_user SET is_active = false WHERE id = v_user;
    UPDATE identity_appointment SET is_enabled = false WHERE user_id = v_user AND is_enabled;
    v_count := v_count + 1;
  END LOOP;
  RETURN v_count;
END $$;

CREATE OR REPLACE FUNCTION identity_appointment_effect(p_kind text, p jsonb, p_now timestamptz)
RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
  v_id bigint := (p ->> 'appointment_id')::bigint;
  v_funds text[] := ARRAY(SELECT jsonb_array_elements_text(coalesce(p -> 'fund_types', '[]')));
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
      unit_name, division, valid_from, valid_to, is_default, is_enabled, fund_types, principal_name,
      duties)
    VALUES ((p ->> 'user_id')::bigint, (p ->> 'position_id')::bigint, p ->> 'scope_path',
      coalesce(p ->> 'office', ''), coalesce(p ->> 'unit_code', ''),
      coalesce(p ->> 'unit_name', ''), p ->> 'division', (p ->> 'valid_from')::date,
      (p ->> 'valid_to')::date, coalesce((p ->> 'is_default')::boolean, false), true, v_funds, '',
      '{}')
    RETURNING id INTO v_id;
  ELSE
    UPDATE identity_appointment SET scope_path = p ->> 'scope_path',
      office = coalesce(p ->> 'office', ''), unit_code = coalesce(p ->> 'unit_code', ''),
      unit_name = coalesce(p ->> 'unit_name', ''), division = p ->> 'division',
      valid_from = (p ->> 'valid_from')::date, valid_to = (p ->> 'valid_to')::date,
      is_default = coalesce((p ->> 'is_default')::boolean, false), fund_types = v_funds
     WHERE id = v_id AND principal_id IS NULL;
  END IF;
  IF coalesce((p ->> 'is_default')::boolean, false) THEN
    UPDATE identity_appointment a SET is_default = false FROM identity_appointment mine
     WHERE mine.id = v_id AND a.user_id = mine.user_id AND a.id <> v_id AND a.is_default;
  END IF;
  RETURN v_id;
END $$;

CREATE FUNCTION identity_exclusion_effect(p_kind text, p jsonb) RETURNS bigint
LANGUAGE sql AS $$
  INSERT INTO identity_dutyexclusion ("left", "right", reason, is_enabled)
  VALUES (p ->> 'left', p ->> 'right', coalesce(p ->> 'basis', ''), p_kind = 'exclusion.create')
  ON CONFLICT ("left", "right") DO UPDATE SET is_enabled = excluded.is_enabled,
    reason = CASE WHEN excluded.reason = '' THEN identity_dutyexclusion.reason
                  ELSE excluded.reason END
  RETURNING id
$$;

CREATE FUNCTION identity_batch_effect(p jsonb, p_now timestamptz, p_passwords text) RETURNS bigint
LANGUAGE plpgsql AS $$
DECLARE
  v_item jsonb;
  v_seq integer := 0;
BEGIN
  FOR v_item IN SELECT jsonb_array_elements(p -> 'items') LOOP
    IF v_item ->> 'kind' = 'batch.rights' THEN
      RAISE EXCEPTION 'a batch holds no batch' USING ERRCODE = 'SC001';
    END IF;
    PERFORM identity_effect(v_item ->> 'kind', v_item -> 'payload', p_now,
                            coalesce(p_passwords::jsonb ->> v_seq::text, ''));
    v_seq := v_seq + 1;
  END LOOP;
  RETURN v_seq;
END $$;

CREATE FUNCTION identity_effect(p_kind text, p jsonb, p_now timestamptz, p_password text)
RETURNS bigint LANGUAGE plpgsql AS $$
BEGIN
  CASE split_part(p_kind, '.', 1)
    WHEN 'user' THEN RETURN identity_user_effect(p_kind, p, p_now, p_password);
    WHEN 'position' THEN RETURN identity_position_effect(p_kind, p);
    WHEN 'appointment' THEN RETURN identity_appointment_effect(p_kind, p, p_now);
    WHEN 'policy' THEN RETURN identity_policy_effect(p);
    WHEN 'exclusion' THEN RETURN identity_exclusion_effect(p_kind, p);
    WHEN 'batch' THEN RETURN identity_batch_effect(p, p_now, p_password);
  END CASE;
END $$;
REVOKE EXECUTE ON FUNCTION identity_effect(text, jsonb, timestamptz, text),
  identity_batch_effect(jsonb, timestamptz, text), identity_exclusion_effect(text, jsonb),
  identity_transfer(bigint, jsonb, timestamptz) FROM PUBLIC;

CREATE OR REPLACE FUNCTION identity_decide(
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
  UPDATE identity_rightsrequest
     SET state = CASE p_state WHEN 'approved' THEN 'done' WHEN 'rejected' THEN 'rejected'
                      ELSE 'submitted' END,
         opinion = CASE WHEN p_opinion <> '' THEN p_opinion ELSE opinion END,
         change_id = CASE WHEN p_state = 'withdrawn' THEN NULL ELSE change_id END
   WHERE change_id = p_change AND state = 'taken';
  IF p_state <> 'approved' THEN
    RETURN NULL;
  END IF;
  v_id := identity_effect(v.kind, v.payload, p_now, p_password);
  PERFORM identity_officers_apart();
  RETURN v_id;
END $$;
"""

_REQUEST_RANGE = """unit_path >= current_setting('shucai.lo', true)
  AND unit_path < current_setting('shucai.hi', true)
  AND current_setting('shucai.office', true) IN ('', office)"""

GUARDS = """
CREATE FUNCTION identity_request_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF (NEW.kind, NEW.subject, NEW.wanted, NEW.requested_by, NEW.requested_at, NEW.unit_path,
      NEW.reason) IS DISTINCT FROM
     (OLD.kind, OLD.subject, OLD.wanted, OLD.requested_by, OLD.requested_at, OLD.unit_path,
      OLD.reason)
     OR OLD.state IN ('done', 'rejected', 'returned', 'withdrawn')
     OR (current_user = 'shucai_app' AND NEW.state IN ('done', 'rejected')) THEN
    RAISE EXCEPTION 'what was asked for stays as it was asked' USING ERRCODE = 'SC001';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER identity_request_guard BEFORE UPDATE ON identity_rightsrequest
  FOR EACH ROW EXECUTE FUNCTION identity_request_guard();

CREATE FUNCTION identity_review_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.decided_by IS NOT NULL
     AND NEW.decided_by::text IS DISTINCT FROM current_setting('shucai.user', true)
     OR (OLD.decision = 'remove' AND NEW.decision <> 'remove')
     OR (NEW.campaign_id, NEW.appointment_id) IS DISTINCT FROM
        (OLD.campaign_id, OLD.appointment_id)
     OR NOT EXISTS (SELECT 1 FROM identity_reviewcampaign c
                     WHERE c.id = NEW.campaign_id AND c.state = 'open') THEN
    RAISE EXCEPTION 'a review is answered by the acting person while it is open'
      USING ERRCODE = 'SC001';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER identity_review_guard BEFORE UPDATE ON identity_reviewitem
  FOR EACH ROW EXECUTE FUNCTION identity_review_guard();

ALTER TABLE identity_rightsrequest ENABLE ROW LEVEL SECURITY;
CREATE POLICY scope_select ON identity_rightsrequest FOR SELECT USING (
  requested_by::text = current_setting('shucai.user', true) OR ({range}));
CREATE POLICY scope_insert ON identity_rightsrequest FOR INSERT WITH CHECK (
  requested_by::text = current_setting('shucai.user', true) AND {range});
CREATE POLICY scope_update ON identity_rightsrequest FOR UPDATE USING ({range})
  WITH CHECK ({range});
ALTER TABLE identity_reviewitem ENABLE ROW LEVEL SECURITY;
CREATE POLICY scope_select ON identity_reviewitem FOR SELECT USING ({range});
CREATE POLICY scope_insert ON identity_reviewitem FOR INSERT WITH CHECK ({range});
CREATE POLICY scope_update ON identity_reviewitem FOR UPDATE USING ({range}) WITH CHECK ({range});
ALTER TABLE identity_delegation ENABLE ROW LEVEL SECURITY;
CREATE POLICY scope_select ON identity_delegation FOR SELECT USING (
  user_id::text = current_setting('shucai.user', true)
  OR deputy_id::text = current_setting('shucai.user', true) OR ({range}));

REVOKE INSERT, UPDATE, DELETE, TRUNCATE ON identity_delegation, identity_dutyexclusion,
  identity_leaver FROM shucai_app;
GRANT UPDATE (returned) ON identity_leaver TO shucai_app;
REVOKE DELETE, TRUNCATE ON identity_rightsrequest, identity_reviewcampaign, identity_reviewitem,
  identity_rightsfinding FROM shucai_app;
""".replace("{range}", _REQUEST_RANGE)

FORWARD = HOLDS + LENT + DELEGATE + EFFECTS + GUARDS


def reverse(earlier: str) -> str:
    """Takes the functions away again; `earlier` is the SQL of those that were there before."""
    return (
        """
DROP POLICY scope_select ON identity_delegation;
ALTER TABLE identity_delegation DISABLE ROW LEVEL SECURITY;
DROP POLICY scope_update ON identity_reviewitem;
DROP POLICY scope_insert ON identity_reviewitem;
DROP POLICY scope_select ON identity_reviewitem;
ALTER TABLE identity_reviewitem DISABLE ROW LEVEL SECURITY;
DROP POLICY scope_update ON identity_rightsrequest;
DROP POLICY scope_insert ON identity_rightsrequest;
DROP POLICY scope_select ON identity_rightsrequest;
ALTER TABLE identity_rightsrequest DISABLE ROW LEVEL SECURITY;
DROP TRIGGER identity_review_guard ON identity_reviewitem;
DROP FUNCTION identity_review_guard();
DROP TRIGGER identity_request_guard ON identity_rightsrequest;
DROP FUNCTION identity_request_guard();
"""
        + earlier.replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION").replace(
            "CREATE TRIGGER", "CREATE OR REPLACE TRIGGER"
        )
        + """
DROP FUNCTION identity_effect(text, jsonb, timestamptz, text);
DROP FUNCTION identity_batch_effect(jsonb, timestamptz, text);
DROP FUNCTION identity_exclusion_effect(text, jsonb);
DROP FUNCTION identity_transfer(bigint, jsonb, timestamptz);
DROP FUNCTION identity_leavers_due(timestamptz);
DROP FUNCTION identity_end_delegation(bigint, bigint, text, text, timestamptz);
DROP FUNCTION identity_delegate(bigint, bigint, bigint, text[], date, date, text, timestamptz);
DROP TRIGGER identity_user_stopped ON identity_user;
DROP FUNCTION identity_user_stopped();
DROP TRIGGER identity_appointment_lent ON identity_appointment;
DROP FUNCTION identity_appointment_lent();
"""
    )

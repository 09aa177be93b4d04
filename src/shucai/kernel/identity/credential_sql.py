"""SQL of credentials: effects of changes of rights on certificates, second factors and policy.

`identity_effect` calls `identity_<subject>_effect(kind, payload, now)` for every kind of change it
doesn't name, so a new kind needs its function and nothing else.
"""

_EFFECT = """
CREATE OR REPLACE FUNCTION identity_effect(
  p_kind text, p jsonb, p_now timestamptz, p_password text
) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE v_id bigint;
BEGIN
  CASE split_part(p_kind, '.', 1)
    WHEN 'user' THEN RETURN identity_user_effect(p_kind, p, p_now, p_password);
    WHEN 'position' THEN RETURN identity_position_effect(p_kind, p);
    WHEN 'appointment' THEN RETURN identity_appointment_effect(p_kind, p, p_now);
    WHEN 'policy' THEN RETURN identity_policy_effect(p);
    WHEN 'exclusion' THEN RETURN identity_exclusion_effect(p_kind, p);
    WHEN 'batch' THEN RETURN identity_batch_effect(p, p_now, p_password);
{rest}  END CASE;
END $$;
"""
_REST = """    ELSE
      EXECUTE format('SELECT %I($1, $2, $3)',
                     'identity_' || split_part(p_kind, '.', 1) || '_effect')
         INTO v_id USING p_kind, p, p_now;
      RETURN v_id;
"""
DISPATCH = _EFFECT.replace("{rest}", _REST)
DISPATCH_BEFORE = _EFFECT.replace("{rest}", "")

EFFECTS = """
CREATE FUNCTION identity_certificate_effect(p_kind text, p jsonb, p_now timestamptz)
RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE v_id bigint; v_user bigint;
BEGIN
  IF p_kind = 'certificate.bind' THEN
    INSERT INTO identity_usercertificate (user_id, fingerprint, serial, issuer, subject, algorithm,
      valid_from, valid_to, certificate, bound_at, revoke_reason)
    VALUES ((p ->> 'user_id')::bigint, p ->> 'fingerprint', p ->> 'serial', p ->> 'issuer',
      p ->> 'subject', p ->> 'algorithm', (p ->> 'not_before')::timestamptz,
      (p ->> 'not_after')::timestamptz, p ->> 'certificate', p_now, '')
    RETURNING id INTO v_id;
  ELSIF p_kind = 'certificate.revoke' THEN
    UPDATE identity_usercertificate SET revoked_at = p_now, revoke_reason = p ->> 'why'
     WHERE id = (p ->> 'certificate_id')::bigint AND revoked_at IS NULL
    RETURNING id, user_id INTO v_id, v_user;
    UPDATE identity_loginsession SET ended_at = p_now, end_reason = 'factor'
     WHERE user_id = v_user AND method = 'certificate' AND ended_at IS NULL;
  ELSE
    RAISE EXCEPTION 'unknown change %', p_kind USING ERRCODE = 'SC001';
  END IF;
  RETURN v_id;
END $$;

CREATE FUNCTION identity_factor_effect(p_kind text, p jsonb, p_now timestamptz)
RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE v_user bigint := (p ->> 'user_id')::bigint;
BEGIN
  IF p_kind <> 'factor.reset' THEN
    RAISE EXCEPTION 'unknown change %', p_kind USING ERRCODE = 'SC001';
  END IF;
  DELETE FROM identity_recoverycode WHERE user_id = v_user;
  DELETE FROM identity_secondfactor WHERE user_id = v_user;
  UPDATE identity_loginsession SET ended_at = p_now, end_reason = 'factor'
   WHERE user_id = v_user AND ended_at IS NULL;
  RETURN v_user;
END $$;

CREATE OR REPLACE FUNCTION identity_policy_effect(p jsonb) RETURNS bigint LANGUAGE sql AS $$
  UPDATE identity_securitypolicy SET
    password_length = (p ->> 'password_length')::int,
    password_classes = (p ->> 'password_classes')::int,
    password_history = (p ->> 'password_history')::int,
    password_days = (p ->> 'password_days')::int, failures = (p ->> 'failures')::int,
    lock_minutes = (p ->> 'lock_minutes')::int, idle_minutes = (p ->> 'idle_minutes')::int,
    session_hours = (p ->> 'session_hours')::int, sessions = (p ->> 'sessions')::int,
    excess = p ->> 'excess', token_days = (p ->> 'token_days')::int,
    profile = coalesce(p ->> 'profile', profile),
    password_single = coalesce((p ->> 'password_single')::int, password_single),
    two_factors = coalesce(p ->> 'two_factors', two_factors),
    proof_after = coalesce((p ->> 'proof_after')::int, proof_after),
    address_failures = coalesce((p ->> 'address_failures')::int, address_failures),
    address_minutes = coalesce((p ->> 'address_minutes')::int, address_minutes)
  WHERE id = 1 RETURNING id::bigint
$$;

CREATE FUNCTION identity_first_policy(p jsonb) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  PERFORM pg_advisory_xact_lock(7337002);
  IF EXISTS (SELECT 1 FROM identity_officers()) THEN
    RAISE EXCEPTION 'officers are in office; the policy changes by proposal and approval'
      USING ERRCODE = 'SC001';
  END IF;
  RETURN identity_policy_effect(p);
END $$;

REVOKE EXECUTE ON FUNCTION identity_certificate_effect(text, jsonb, timestamptz),
  identity_factor_effect(text, jsonb, timestamptz) FROM PUBLIC;
"""

GRANTS = """
REVOKE INSERT, UPDATE, DELETE, TRUNCATE ON identity_usercertificate FROM shucai_app;
GRANT UPDATE (last_used_at) ON identity_usercertificate TO shucai_app;
REVOKE UPDATE, DELETE, TRUNCATE ON identity_secondfactor, identity_recoverycode FROM shucai_app;
GRANT UPDATE (secret, enrolled_at, last_step) ON identity_secondfactor TO shucai_app;
GRANT UPDATE (used_at) ON identity_recoverycode TO shucai_app;
REVOKE UPDATE, TRUNCATE ON identity_signinfailure, identity_spentticket FROM shucai_app;
GRANT UPDATE (method) ON identity_loginsession TO shucai_app;
"""

REVERSE = """
REVOKE UPDATE (method) ON identity_loginsession FROM shucai_app;
DROP FUNCTION identity_first_policy(jsonb);
DROP FUNCTION identity_factor_effect(text, jsonb, timestamptz);
DROP FUNCTION identity_certificate_effect(text, jsonb, timestamptz);
CREATE OR REPLACE FUNCTION identity_policy_effect(p jsonb) RETURNS bigint LANGUAGE sql AS $$
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
"""

_LEAVERS = """
CREATE OR REPLACE FUNCTION identity_leavers_due(p_now timestamptz) RETURNS integer
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
{rest}    v_count := v_count + 1;
  END LOOP;
  RETURN v_count;
END $$;
"""
# Who was stopped and comes back finds his credentials; who left comes back as a newcomer.
LEAVERS = _LEAVERS.replace(
    "{rest}",
    """    UPDATE identity_usercertificate SET revoked_at = p_now, revoke_reason = '离岗'
     WHERE user_id = v_user AND revoked_at IS NULL;
    DELETE FROM identity_recoverycode WHERE user_id = v_user;
    DELETE FROM identity_secondfactor WHERE user_id = v_user;
""",
)
LEAVERS_BEFORE = _LEAVERS.replace("{rest}", "")

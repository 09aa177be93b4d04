from django.db import migrations

FORWARD = """
CREATE FUNCTION calendar_is_open(p_division text, p_year integer, p_month integer)
RETURNS boolean LANGUAGE sql STABLE AS $$
  SELECT coalesce((SELECT state = 'open' FROM calendar_period
                    WHERE division = p_division AND fiscal_year = p_year AND month = p_month),
                  false)
$$;
CREATE FUNCTION calendar_open_year(p_divisions text[], p_year integer) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
  INSERT INTO calendar_period (division, fiscal_year, month, state, reason)
  SELECT d, p_year, m, 'open', '' FROM unnest(p_divisions) d, generate_series(1, 13) m
  ON CONFLICT DO NOTHING
$$;
CREATE FUNCTION calendar_change(p_division text, p_year integer, p_month integer, p_state text,
  p_actor bigint, p_approved bigint, p_reason text, p_at timestamptz) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE v_state text;
BEGIN
  SELECT state INTO v_state FROM calendar_period
   WHERE division = p_division AND fiscal_year = p_year AND month = p_month FOR UPDATE;
  IF v_state = 'locked' OR p_state NOT IN ('open', 'closed', 'locked') THEN
    RAISE EXCEPTION 'a locked period never changes' USING ERRCODE = 'SC001';
  END IF;
  IF v_state = 'closed' AND p_state = 'open'
     AND (p_approved IS NULL OR p_approved = p_actor OR btrim(p_reason) = '') THEN
    RAISE EXCEPTION 're-opening needs a reason and a second person' USING ERRCODE = 'SC001';
  END IF;
  UPDATE calendar_period SET state = p_state, changed_by = p_actor, approved_by = p_approved,
         reason = p_reason, changed_at = p_at
   WHERE division = p_division AND fiscal_year = p_year AND month = p_month;
END $$;
REVOKE INSERT, UPDATE, DELETE, TRUNCATE ON calendar_period FROM shucai_app;
"""
REVERSE = """
GRANT INSERT, UPDATE, DELETE ON calendar_period TO shucai_app;
DROP FUNCTION calendar_change(text, integer, integer, text, bigint, bigint, text, timestamptz);
DROP FUNCTION calendar_open_year(text[], integer);
DROP FUNCTION calendar_is_open(text, integer, integer);
"""


class Migration(migrations.Migration):
    dependencies = [("calendar", "0001_initial")]
    operations = [migrations.RunSQL(FORWARD, REVERSE)]

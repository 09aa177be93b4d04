from django.db import migrations

# The allowance of a token is worth keeping exactly, but not through a crash: unlogged, so that
# taking a request costs no disk flush.
FORWARD = """
CREATE UNLOGGED TABLE api_allowance (
  token_id bigint PRIMARY KEY,
  left_over double precision NOT NULL,
  is_granted boolean NOT NULL,
  at timestamptz NOT NULL
) WITH (fillfactor = 50);

CREATE FUNCTION api_take(
  p_token bigint, p_rate double precision, p_burst double precision, p_now timestamptz,
  OUT is_granted boolean, OUT left_over double precision)
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
  INSERT INTO api_allowance AS a (token_id, left_over, is_granted, at)
  VALUES (p_token, p_burst - 1, true, p_now)
  ON CONFLICT (token_id) DO UPDATE
     SET left_over = least(p_burst, a.left_over
           + p_rate * greatest(0, extract(epoch FROM p_now - a.at)::double precision))
           - CASE WHEN least(p_burst, a.left_over
               + p_rate * greatest(0, extract(epoch FROM p_now - a.at)::double precision)) >= 1
             THEN 1 ELSE 0 END,
         is_granted = least(p_burst, a.left_over
           + p_rate * greatest(0, extract(epoch FROM p_now - a.at)::double precision)) >= 1,
         at = greatest(a.at, p_now)
  RETURNING a.is_granted, a.left_over
$$;
REVOKE ALL ON api_allowance FROM shucai_app;
REVOKE ALL ON FUNCTION api_take(bigint, double precision, double precision, timestamptz)
  FROM PUBLIC;
GRANT EXECUTE ON FUNCTION api_take(bigint, double precision, double precision, timestamptz)
  TO shucai_app;
"""
REVERSE = """
DROP FUNCTION api_take(bigint, double precision, double precision, timestamptz);
DROP TABLE api_allowance;
"""


class Migration(migrations.Migration):
    dependencies = []
    operations = [migrations.RunSQL(FORWARD, REVERSE)]

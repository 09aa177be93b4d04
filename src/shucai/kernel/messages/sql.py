"""SQL of the notices: everybody sees his own, whoever asks; sending and clearing are functions.

The setting `shucai.user` is that of the acting person, as for every other row policy.
"""

OWN = """
ALTER TABLE messages_notice ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_select ON messages_notice FOR SELECT
  USING (user_id = nullif(current_setting('shucai.user', true), '')::bigint);
CREATE POLICY own_update ON messages_notice FOR UPDATE
  USING (user_id = nullif(current_setting('shucai.user', true), '')::bigint)
  WITH CHECK (user_id = nullif(current_setting('shucai.user', true), '')::bigint);
REVOKE INSERT, UPDATE, DELETE, TRUNCATE ON messages_notice FROM shucai_app;
GRANT UPDATE (read_at) ON messages_notice TO shucai_app;

CREATE FUNCTION messages_send(
  p_users bigint[], p_titles text[], p_bodies text[], p_links text[], p_levels text[],
  p_topics text[], p_keys text[], p_now timestamptz) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  v_sent bigint;
BEGIN
  INSERT INTO messages_notice (user_id, title, body, link, level, topic, key, created_at)
  SELECT x.usr, x.title, x.body, x.link, x.level, x.topic, x.key, p_now
    FROM unnest(p_users, p_titles, p_bodies, p_links, p_levels, p_topics, p_keys)
         AS x(usr, title, body, link, level, topic, key)
  ON CONFLICT DO NOTHING;
  GET DIAGNOSTICS v_sent = ROW_COUNT;
  RETURN v_sent;
END $$;

CREATE FUNCTION messages_purge(p_read timestamptz, p_unread timestamptz) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  v_gone bigint;
BEGIN
  DELETE FROM messages_notice WHERE read_at < p_read OR created_at < p_unread;
  GET DIAGNOSTICS v_gone = ROW_COUNT;
  RETURN v_gone;
END $$;
"""

OWN_REVERSE = """
DROP FUNCTION messages_purge(timestamptz, timestamptz);
DROP FUNCTION messages_send(bigint[], text[], text[], text[], text[], text[], text[], timestamptz);
REVOKE UPDATE (read_at) ON messages_notice FROM shucai_app;
GRANT INSERT, UPDATE, DELETE ON messages_notice TO shucai_app;
DROP POLICY own_update ON messages_notice;
DROP POLICY own_select ON messages_notice;
ALTER TABLE messages_notice DISABLE ROW LEVEL SECURITY;
"""

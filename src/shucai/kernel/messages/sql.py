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

# Since 0003 a notice that somebody subscribed to is also told to the outbox.
CHANNELS = """
CREATE OR REPLACE FUNCTION messages_send(
  p_users bigint[], p_titles text[], p_bodies text[], p_links text[], p_levels text[],
  p_topics text[], p_keys text[], p_now timestamptz) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  v_sent bigint; v_out jsonb;
BEGIN
  WITH made AS (
    INSERT INTO messages_notice (user_id, title, body, link, level, topic, key, created_at)
    SELECT x.usr, x.title, x.body, x.link, x.level, x.topic, x.key, p_now
      FROM unnest(p_users, p_titles, p_bodies, p_links, p_levels, p_topics, p_keys)
           AS x(usr, title, body, link, level, topic, key)
    ON CONFLICT DO NOTHING RETURNING id, user_id
  )
  SELECT count(*), jsonb_agg(m.id) FILTER (WHERE EXISTS (
           SELECT 1 FROM messages_subscription s WHERE s.user_id = m.user_id))
    INTO v_sent, v_out FROM made m;
  IF v_out IS NOT NULL THEN
    PERFORM outbox_append(ARRAY['message.sent'], ARRAY[''],
                          ARRAY[jsonb_build_object('notices', v_out)::text]);
  END IF;
  RETURN v_sent;
END $$;

-- What goes out, without a word of what it says.
CREATE FUNCTION messages_outgoing(p_ids bigint[]) RETURNS TABLE (
  notice bigint, usr bigint, name text, topic text, level text, event text, channel text,
  target bigint, url text, email text, quiet_from time, quiet_to time)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT n.id, n.user_id, u.name::text, n.topic::text, n.level::text, s.event::text,
         s.channel::text, t.id, t.url::text, c.email::text, c.quiet_from, c.quiet_to
    FROM messages_notice n
    JOIN identity_user u ON u.id = n.user_id AND u.is_active
    JOIN messages_subscription s ON s.user_id = n.user_id
    LEFT JOIN messages_contact c ON c.user_id = n.user_id
    LEFT JOIN messages_target t ON t.id = s.target_id AND t.state = 'enabled'
   WHERE n.id = ANY (p_ids)
   ORDER BY n.id, s.id
$$;

-- The words of a notice, for the sender of a delivery that is under way.
CREATE FUNCTION messages_words(p_delivery bigint) RETURNS TABLE (
  title text, body text, link text, level text, at timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT n.title::text, n.body::text, n.link::text, n.level::text, n.created_at
    FROM messages_delivery d
    JOIN messages_notice n ON n.id = d.notice_id AND n.user_id = d.user_id
   WHERE d.id = p_delivery AND d.state = 'sending'
$$;

ALTER TABLE messages_contact ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_contact ON messages_contact
  USING (user_id = nullif(current_setting('shucai.user', true), '')::bigint)
  WITH CHECK (user_id = nullif(current_setting('shucai.user', true), '')::bigint);
ALTER TABLE messages_subscription ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_subscription ON messages_subscription
  USING (user_id = nullif(current_setting('shucai.user', true), '')::bigint)
  WITH CHECK (user_id = nullif(current_setting('shucai.user', true), '')::bigint);
REVOKE TRUNCATE ON messages_contact, messages_subscription, messages_delivery FROM shucai_app;
REVOKE DELETE, TRUNCATE ON messages_target FROM shucai_app;
"""

CHANNELS_REVERSE = """
DROP FUNCTION messages_words(bigint);
DROP FUNCTION messages_outgoing(bigint[]);
DROP FUNCTION messages_send(bigint[], text[], text[], text[], text[], text[], text[], timestamptz);
""" + OWN[OWN.index("CREATE FUNCTION messages_send") : OWN.index("CREATE FUNCTION messages_purge")]

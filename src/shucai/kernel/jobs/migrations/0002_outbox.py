from django.db import migrations

# No NOTIFY here: a notifying transaction commits under a lock of the whole database, and every
# submit appends to the outbox. The worker looks once a second instead.
FORWARD = """
CREATE FUNCTION outbox_append(p_topics text[], p_keys text[], p_payloads text[]) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
  INSERT INTO outbox_message (topic, key, payload, created_at, is_routed)
  SELECT x.topic, x.key, x.payload::jsonb, now(), false
    FROM unnest(p_topics, p_keys, p_payloads) WITH ORDINALITY AS x(topic, key, payload, place)
   ORDER BY x.place
$$;

CREATE FUNCTION outbox_route(p_topics text[], p_consumers text[], p_now timestamptz,
  p_limit integer) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE v_routed integer;
BEGIN
  -- One router at a time, or a later message of a key could be seen before an earlier one.
  IF NOT pg_try_advisory_xact_lock(7337003) THEN RETURN 0; END IF;
  WITH taken AS (
    SELECT m.id, m.topic, m.key FROM outbox_message m
     WHERE NOT m.is_routed ORDER BY m.id LIMIT p_limit
  ), made AS (
    INSERT INTO outbox_delivery (message_id, consumer, topic, key, state, attempts, due_at, error)
    SELECT t.id, x.consumer, t.topic, t.key, 'waiting', 0, p_now, ''
      FROM taken t JOIN unnest(p_topics, p_consumers) AS x(topic, consumer) ON x.topic = t.topic
    ON CONFLICT DO NOTHING
  )
  UPDATE outbox_message m SET is_routed = true FROM taken t WHERE m.id = t.id;
  GET DIAGNOSTICS v_routed = ROW_COUNT;
  RETURN v_routed;
END $$;

CREATE FUNCTION outbox_purge(p_before timestamptz, p_limit integer) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE v_gone bigint[];
BEGIN
  SELECT array_agg(id) INTO v_gone FROM (
    SELECT m.id FROM outbox_message m
     WHERE m.is_routed AND m.created_at < p_before
       AND NOT EXISTS (SELECT 1 FROM outbox_delivery d
                        WHERE d.message_id = m.id AND d.state IN ('waiting', 'dead'))
     ORDER BY m.id LIMIT p_limit) x;
  DELETE FROM outbox_delivery WHERE message_id = ANY (v_gone);
  DELETE FROM outbox_message WHERE id = ANY (v_gone);
  RETURN coalesce(cardinality(v_gone), 0);
END $$;

REVOKE INSERT, UPDATE, DELETE, TRUNCATE ON outbox_message, outbox_delivery FROM shucai_app;
GRANT UPDATE (state, attempts, due_at, error, done_at) ON outbox_delivery TO shucai_app;
REVOKE DELETE, TRUNCATE ON jobs_schedule FROM shucai_app;
"""
REVERSE = """
GRANT INSERT, UPDATE, DELETE ON outbox_message, outbox_delivery TO shucai_app;
GRANT DELETE ON jobs_schedule TO shucai_app;
DROP FUNCTION outbox_purge(timestamptz, integer);
DROP FUNCTION outbox_route(text[], text[], timestamptz, integer);
DROP FUNCTION outbox_append(text[], text[], text[]);
"""


class Migration(migrations.Migration):
    dependencies = [("jobs", "0001_initial")]
    operations = [migrations.RunSQL(FORWARD, REVERSE)]

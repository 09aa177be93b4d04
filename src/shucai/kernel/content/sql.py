"""SQL of the room: who an announcement is for, and receipts that only functions write.

Everybody sees his own receipts; author and reviewer those of their announcement; the auditor all.
"""

FORWARD = """
CREATE FUNCTION content_audience(p_paths text[], p_duties text[], p_positions text[], p_day date)
RETURNS TABLE (user_id bigint, name text, unit_name text, position_name text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT DISTINCT ON (a.user_id) a.user_id, u.name::text, a.unit_name::text, p.name::text
    FROM identity_appointment a
    JOIN identity_position p ON p.id = a.position_id AND p.is_enabled
    JOIN identity_user u ON u.id = a.user_id AND u.is_active
   WHERE a.is_enabled AND a.valid_from <= p_day AND (a.valid_to IS NULL OR a.valid_to > p_day)
     AND (cardinality(p_paths) = 0 OR EXISTS (
          SELECT 1 FROM unnest(p_paths) x
           WHERE a.scope_path = x OR starts_with(a.scope_path, x || '/')))
     AND (cardinality(p_duties) + cardinality(p_positions) = 0
          OR (p.duties::text[] && p_duties
              AND (cardinality(a.duties) = 0 OR a.duties::text[] && p_duties))
          OR p.code = ANY (p_positions))
   ORDER BY a.user_id, a.is_default DESC, a.id
$$;

-- Open sessions of the persons learn whether something must be read before they go on.
CREATE FUNCTION content_mark(p_users bigint[], p_now timestamptz) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
  UPDATE identity_loginsession s SET must_read = x.must
    FROM (SELECT u AS user_id, EXISTS (
            SELECT 1 FROM content_receipt r JOIN content_announcement a ON a.id = r.announcement_id
             WHERE r.user_id = u AND r.read_at IS NULL AND a.is_must_read
               AND a.state = 'published' AND a.visible_from <= p_now
               AND (a.visible_to IS NULL OR a.visible_to > p_now)) AS must
            FROM unnest(p_users) u) x
   WHERE s.user_id = x.user_id AND s.ended_at IS NULL AND s.must_read <> x.must
$$;

CREATE FUNCTION content_issue(p_id bigint, p_now timestamptz, p_day date) RETURNS SETOF bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE v content_announcement%ROWTYPE; v_new bigint[];
BEGIN
  SELECT * INTO v FROM content_announcement WHERE id = p_id FOR UPDATE;
  IF NOT FOUND OR v.state <> 'published' OR v.visible_from > p_now THEN RETURN; END IF;
  WITH made AS (
    INSERT INTO content_receipt
           (announcement_id, user_id, name, unit_name, position_name, delivered_at)
    SELECT p_id, x.user_id, x.name, x.unit_name, x.position_name, p_now
      FROM content_audience(v.paths::text[], v.duties::text[], v.positions::text[], p_day) x
    ON CONFLICT DO NOTHING RETURNING user_id
  ) SELECT array_agg(user_id) INTO v_new FROM made;
  UPDATE content_announcement
     SET issued_at = coalesce(issued_at, p_now), told = told + coalesce(cardinality(v_new), 0)
   WHERE id = p_id;
  IF v.is_must_read THEN PERFORM content_mark(v_new, p_now); END IF;
  RETURN QUERY SELECT unnest(v_new);
END $$;

CREATE FUNCTION content_arrive(p_user bigint, p_now timestamptz, p_day date) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE v_new bigint[];
BEGIN
  WITH made AS (
    INSERT INTO content_receipt
           (announcement_id, user_id, name, unit_name, position_name, delivered_at)
    SELECT a.id, x.user_id, x.name, x.unit_name, x.position_name, p_now
      FROM content_announcement a
      JOIN LATERAL content_audience(a.paths::text[], a.duties::text[], a.positions::text[],
                                    p_day) x ON x.user_id = p_user
     WHERE a.state = 'published' AND a.issued_at IS NOT NULL AND a.visible_from <= p_now
       AND (a.visible_to IS NULL OR a.visible_to > p_now)
       AND NOT EXISTS (SELECT 1 FROM content_receipt r
                        WHERE r.announcement_id = a.id AND r.user_id = p_user)
    ON CONFLICT DO NOTHING RETURNING announcement_id
  ) SELECT array_agg(announcement_id) INTO v_new FROM made;
  UPDATE content_announcement SET told = told + 1 WHERE id = ANY (v_new);
  PERFORM content_mark(ARRAY[p_user], p_now);
END $$;

CREATE FUNCTION content_read(p_id bigint, p_now timestamptz) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE v_user bigint := nullif(current_setting('shucai.user', true), '')::bigint;
BEGIN
  UPDATE content_receipt SET read_at = p_now, is_read = true
   WHERE announcement_id = p_id AND user_id = v_user AND read_at IS NULL;
  IF NOT FOUND THEN RETURN false; END IF;
  UPDATE content_announcement SET seen = seen + 1 WHERE id = p_id;
  PERFORM content_mark(ARRAY[v_user], p_now);
  RETURN true;
END $$;

CREATE FUNCTION content_remind(p_id bigint, p_now timestamptz, p_before timestamptz)
RETURNS SETOF bigint LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
  UPDATE content_receipt r SET reminded_at = p_now
    FROM content_announcement a
   WHERE a.id = p_id AND r.announcement_id = p_id AND r.read_at IS NULL
     AND coalesce(r.reminded_at, r.delivered_at) <= p_before
     AND a.unit_path >= current_setting('shucai.lo', true)
     AND a.unit_path < current_setting('shucai.hi', true)
  RETURNING r.user_id
$$;

CREATE FUNCTION content_told(p_id bigint) RETURNS SETOF bigint
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT r.user_id FROM content_receipt r JOIN content_announcement a ON a.id = r.announcement_id
   WHERE a.id = p_id AND a.unit_path >= current_setting('shucai.lo', true)
     AND a.unit_path < current_setting('shucai.hi', true)
$$;
REVOKE ALL ON FUNCTION content_mark(bigint[], timestamptz) FROM PUBLIC;

ALTER TABLE content_receipt ENABLE ROW LEVEL SECURITY;
CREATE POLICY concerned_select ON content_receipt FOR SELECT USING (
  user_id = nullif(current_setting('shucai.user', true), '')::bigint
  OR current_setting('shucai.auditor', true) = 'on'
  OR EXISTS (SELECT 1 FROM content_announcement a WHERE a.id = announcement_id
              AND nullif(current_setting('shucai.user', true), '')::bigint
                  IN (a.author_id, a.reviewed_by)));
REVOKE INSERT, UPDATE, DELETE, TRUNCATE ON content_receipt FROM shucai_app;

CREATE FUNCTION content_version_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.reviewed_by IS NOT NULL OR (NEW.title, NEW.summary, NEW.body, NEW.source, NEW.kind,
      NEW.category_id, NEW.paths, NEW.duties, NEW.visible_from, NEW.visible_to, NEW.number,
      NEW.article_id, NEW.made_by) IS DISTINCT FROM
     (OLD.title, OLD.summary, OLD.body, OLD.source, OLD.kind, OLD.category_id, OLD.paths,
      OLD.duties, OLD.visible_from, OLD.visible_to, OLD.number, OLD.article_id, OLD.made_by) THEN
    RAISE EXCEPTION 'a version keeps what it says' USING ERRCODE = 'SC001';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER content_version_guard BEFORE UPDATE ON content_article_version
  FOR EACH ROW EXECUTE FUNCTION content_version_guard();
REVOKE DELETE, TRUNCATE ON content_article_version, content_article, content_announcement,
  content_category, content_reading FROM shucai_app;
"""

REVERSE = """
DROP FUNCTION content_told(bigint);
DROP FUNCTION content_remind(bigint, timestamptz, timestamptz);
DROP FUNCTION content_read(bigint, timestamptz);
DROP FUNCTION content_arrive(bigint, timestamptz, date);
DROP FUNCTION content_issue(bigint, timestamptz, date);
DROP FUNCTION content_mark(bigint[], timestamptz);
DROP FUNCTION content_audience(text[], text[], text[], date);
DROP TRIGGER content_version_guard ON content_article_version;
DROP FUNCTION content_version_guard();
"""

"""The writer for batches: decides for whole documents, then writes all lines set-based."""

from django.db import migrations

BATCH = """
CREATE TYPE ledger_line AS (
  ord integer, verb text, account bigint, dest bigint, amount numeric, header bigint, seq integer,
  d_granted numeric, d_incoming numeric, d_held numeric, d_spent numeric,
  reason text, allowed numeric);

-- Every line with what it would change, and why it can't be posted whatever the balances.
CREATE FUNCTION ledger_read_lines(
  p_verbs text[], p_accounts bigint[], p_amounts numeric[], p_headers bigint[], p_seqs integer[],
  p_dests bigint[], p_year integer, p_date date) RETURNS ledger_line[]
LANGUAGE plpgsql AS $$
DECLARE
  v_open text[];
  v_open_ahead text[];
  v_lines ledger_line[];
BEGIN
  SELECT coalesce(array_agg(d) FILTER (
           WHERE calendar_is_open(d, p_year, ledger_month(p_year, p_date, ''))), '{}'),
         coalesce(array_agg(d) FILTER (
           WHERE calendar_is_open(d, p_year, ledger_month(p_year, p_date, 'announce'))), '{}')
    INTO v_open, v_open_ahead
    FROM (SELECT DISTINCT division AS d FROM ledger_account
           WHERE id = ANY (p_accounts) OR id = ANY (p_dests)) AS divisions;
  SELECT array_agg(ROW(l.ord, l.verb, l.account, l.dest, l.amount, l.header, l.seq,
           l.amount * CASE l.verb WHEN 'grant' THEN 1 WHEN 'activate' THEN 1
                                  WHEN 'ungrant' THEN -1 WHEN 'move' THEN -1 ELSE 0 END,
           l.amount * CASE l.verb WHEN 'announce' THEN 1 WHEN 'activate' THEN -1
                                  WHEN 'retract' THEN -1 ELSE 0 END,
           l.amount * CASE l.verb WHEN 'hold' THEN 1 WHEN 'settle' THEN -1
                                  WHEN 'release' THEN -1 ELSE 0 END,
           l.amount * CASE l.verb WHEN 'settle' THEN 1 WHEN 'reverse' THEN -1 ELSE 0 END,
           l.reason, ledger_refused_limit(l.reason, l.open, l.settled))::ledger_line
         ORDER BY l.ord)
    INTO v_lines
    FROM (
      SELECT x.*, coalesce(h.held - h.settled - h.released, 0) AS open,
             coalesce(h.settled - h.reversed, 0) AS settled,
             CASE
               WHEN a.id IS NULL OR (x.dest IS NOT NULL AND b.id IS NULL) THEN 'foreign'
               WHEN a.fiscal_year <> p_year OR b.fiscal_year <> p_year THEN 'other_year'
               WHEN x.verb IN ('announce', 'retract') AND NOT a.division = ANY (v_open_ahead)
                 THEN 'closed'
               WHEN x.verb NOT IN ('announce', 'retract') AND NOT a.division = ANY (v_open)
                 THEN 'closed'
               WHEN NOT b.division = ANY (v_open) THEN 'closed'
               WHEN x.dest = x.account THEN 'same_account'
               WHEN (x.verb = 'move') <> (x.dest IS NOT NULL) THEN 'verb'
               WHEN x.times > 1 THEN 'line_twice'
               ELSE ledger_reason(x.verb, x.amount, coalesce(h.last, e.verb),
                                  coalesce(h.held - h.settled - h.released, 0),
                                  coalesce(h.settled - h.reversed, 0), e.amount)
             END AS reason
        FROM (SELECT u.verb, u.account, u.amount, u.header, u.seq, u.dest, u.ord::integer AS ord,
                     count(*) OVER (PARTITION BY u.header, u.seq, u.account) AS times
                FROM unnest(p_verbs, p_accounts, p_amounts, p_headers, p_seqs, p_dests)
                     WITH ORDINALITY AS u(verb, account, amount, header, seq, dest, ord)) AS x
        LEFT JOIN ledger_account a
               ON a.id = x.account AND ledger_in_scope(a.unit_path, a.office)
        LEFT JOIN ledger_account b ON b.id = x.dest AND ledger_in_scope(b.unit_path, b.office)
        LEFT JOIN ledger_hold h
               ON h.header_id = x.header AND h.seq = x.seq AND h.account_id = x.account
              AND x.verb IN ('hold', 'settle', 'release', 'reverse')
        LEFT JOIN LATERAL (
             -- A move back makes the move possible again.
             SELECT CASE WHEN y.account_id = x.account THEN y.verb END AS verb, y.amount
               FROM ledger_entry y
              WHERE x.verb NOT IN ('hold', 'settle', 'release', 'reverse')
                AND y.verb NOT IN ('hold', 'settle', 'release', 'reverse')
                AND y.fiscal_year = p_year AND y.header_id = x.header AND y.seq = x.seq
                AND x.account IN (y.account_id, y.to_account_id)
              ORDER BY y.id DESC LIMIT 1) AS e ON true
    ) AS l;
  RETURN v_lines;
END $$;

-- Documents in order while the money lasts; a document's lines are all or nothing. Only lines on
-- accounts that can't satisfy everybody are looked at one by one.
CREATE FUNCTION ledger_share_out(p_lines ledger_line[]) RETURNS ledger_line[]
LANGUAGE plpgsql AS $$
DECLARE
  v_bad bigint[];
  v_tight bigint[];
  v_available numeric[];
  v_granted numeric[];
  v_bound boolean[];
  v_document bigint;
  v_undo_place integer[] := '{}';
  v_undo_available numeric[] := '{}';
  v_undo_granted numeric[] := '{}';
  v_failed boolean := false;
  v_reasons text[] := array_fill(NULL::text, ARRAY[cardinality(p_lines)]);
  v_limits numeric[] := array_fill(NULL::numeric, ARRAY[cardinality(p_lines)]);
  l record;
BEGIN
  SELECT array_agg(DISTINCT header) INTO v_bad FROM unnest(p_lines) WHERE reason IS NOT NULL;
  SELECT array_agg(a.id), array_agg(a.available), array_agg(a.granted),
         array_agg(a.control IN ('hard', 'always'))
    INTO v_tight, v_available, v_granted, v_bound
    FROM (SELECT x.account, sum(least(x.d_granted - x.d_held - x.d_spent, 0)) AS leaving,
                 sum(least(x.d_granted, 0)) AS ungranted
            FROM unnest(p_lines) AS x
           WHERE v_bad IS NULL OR x.header <> ALL (v_bad)
           GROUP BY x.account) AS t
    JOIN ledger_account a ON a.id = t.account
   WHERE (t.leaving < 0 AND a.available + t.leaving < 0 AND a.control IN ('hard', 'always'))
      OR (t.ungranted < 0 AND a.granted + t.ungranted < 0);
  IF v_tight IS NULL THEN RETURN p_lines; END IF;

  FOR l IN
    SELECT s.ord, s.header, t.place::integer AS place, s.change, s.granted
      FROM (SELECT x.ord, x.header, x.account, x.d_granted - x.d_held - x.d_spent AS change,
                   x.d_granted AS granted FROM unnest(p_lines) AS x
             WHERE v_bad IS NULL OR x.header <> ALL (v_bad)
            UNION ALL
            SELECT x.ord, x.header, x.dest, x.amount, x.amount FROM unnest(p_lines) AS x
             WHERE x.dest IS NOT NULL AND (v_bad IS NULL OR x.header <> ALL (v_bad))) AS s
      JOIN unnest(v_tight) WITH ORDINALITY AS t(account, place) ON t.account = s.account
     ORDER BY s.ord, s.change
  LOOP
    IF l.header IS DISTINCT FROM v_document THEN
      IF v_failed THEN
        FOR i IN 1 .. cardinality(v_undo_place) LOOP
          v_available[v_undo_place[i]] := v_available[v_undo_place[i]] - v_undo_available[i];
          v_granted[v_undo_place[i]] := v_granted[v_undo_place[i]] - v_undo_granted[i];
        END LOOP;
      END IF;
      v_document := l.header;
      v_failed := false;
      v_undo_place := '{}';
      v_undo_available := '{}';
      v_undo_granted := '{}';
    END IF;
    IF l.change < 0 AND v_bound[l.place] AND v_available[l.place] + l.change < 0 THEN
      v_failed := true;
      v_reasons[l.ord] := 'short';
      v_limits[l.ord] := v_available[l.place];
    ELSIF l.granted < 0 AND v_granted[l.place] + l.granted < 0 THEN
      v_failed := true;
      v_reasons[l.ord] := 'exceeds_granted';
      v_limits[l.ord] := v_granted[l.place];
    ELSE
      v_available[l.place] := v_available[l.place] + l.change;
      v_granted[l.place] := v_granted[l.place] + l.granted;
      v_undo_place := v_undo_place || l.place;
      v_undo_available := v_undo_available || l.change;
      v_undo_granted := v_undo_granted || l.granted;
    END IF;
  END LOOP;
  RETURN (SELECT array_agg(ROW(x.ord, x.verb, x.account, x.dest, x.amount, x.header, x.seq,
                               x.d_granted, x.d_incoming, x.d_held, x.d_spent,
                               coalesce(x.reason, v_reasons[x.ord]),
                               coalesce(v_limits[x.ord], x.allowed))::ledger_line ORDER BY x.ord)
            FROM unnest(p_lines) AS x);
END $$;
"""
BATCH_REVERSE = """
DROP FUNCTION ledger_share_out(ledger_line[]);
DROP FUNCTION ledger_read_lines(text[], bigint[], numeric[], bigint[], integer[], bigint[],
                                integer, date);
DROP TYPE ledger_line;
"""

WRITE = """
CREATE FUNCTION ledger_post_batch(
  p_verbs text[], p_accounts bigint[], p_amounts numeric[], p_headers bigint[], p_seqs integer[],
  p_dests bigint[], p_year integer, p_date date, p_at timestamptz, p_actor bigint, p_key text,
  p_each boolean)
RETURNS TABLE (line integer, account bigint, reason text, allowed numeric, granted numeric,
               incoming numeric, held numeric, spent numeric, replayed boolean)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  v_digest bytea := sha256(convert_to(concat_ws('|', p_verbs::text, p_accounts::text,
    p_amounts::text, p_headers::text, p_seqs::text, p_dests::text, p_year, p_each), 'UTF8'));
  v_lines ledger_line[];
  v_good ledger_line[];
  v_bad bigint[];
  v_journal bigint;
  v_at timestamptz;
  v_warns boolean;
BEGIN
  PERFORM ledger_lock(p_accounts || p_dests);
  -- Looked for behind the locks: whoever posted the same under this key has committed by now.
  IF EXISTS (SELECT 1 FROM ledger_journal j WHERE j.key = p_key) THEN
    RETURN QUERY SELECT * FROM ledger_first_answer(p_key, v_digest, p_headers, NULL);
    RETURN;
  END IF;
  v_lines := ledger_share_out(ledger_read_lines(
    p_verbs, p_accounts, p_amounts, p_headers, p_seqs, p_dests, p_year, p_date));
  SELECT array_agg(DISTINCT x.header) INTO v_bad FROM unnest(v_lines) AS x
   WHERE x.reason IS NOT NULL;
  IF v_bad IS NOT NULL THEN
    RETURN QUERY SELECT x.ord, x.account, x.reason, x.allowed, NULL::numeric, NULL::numeric,
                        NULL::numeric, NULL::numeric, false
                   FROM unnest(v_lines) AS x WHERE x.reason IS NOT NULL;
    IF NOT p_each THEN RETURN; END IF;
  END IF;
  SELECT array_agg(x) INTO v_good FROM unnest(v_lines) AS x
   WHERE v_bad IS NULL OR x.header <> ALL (v_bad);
  IF v_good IS NULL THEN RETURN; END IF;

  INSERT INTO ledger_journal (key, digest, fiscal_year, business_date, posted_at, actor_id, lines,
                              refused)
  SELECT p_key, v_digest, p_year, p_date, p_at, p_actor, cardinality(v_good),
         (SELECT jsonb_agg(jsonb_build_object('line', x.ord, 'account', x.account,
                                              'reason', x.reason, 'limit', x.allowed))
            FROM unnest(v_lines) AS x WHERE x.reason IS NOT NULL)
  ON CONFLICT (key) DO NOTHING RETURNING id INTO v_journal;
  IF v_journal IS NULL THEN
    -- Used just now with other accounts, so for something else.
    RETURN QUERY SELECT * FROM ledger_first_answer(p_key, v_digest, p_headers, NULL);
    RETURN;
  END IF;
  SELECT greatest(p_at, max(a.moved_at)), bool_or(a.control = 'warn') INTO v_at, v_warns
    FROM ledger_account a WHERE a.id = ANY (p_accounts || p_dests);

  PERFORM ledger_write_holds(v_good);
  PERFORM ledger_write_entries(v_good, v_journal, p_actor, p_year, p_date, v_at);
  IF v_warns THEN
    RETURN QUERY
    SELECT x.ord, x.account, 'overdrawn', e.granted - e.held - e.spent - x.d_granted + x.d_held
           + x.d_spent, NULL::numeric, NULL::numeric, NULL::numeric, NULL::numeric, false
      FROM unnest(v_good) AS x
      JOIN ledger_account a ON a.id = x.account AND a.control = 'warn'
      JOIN ledger_entry e ON e.fiscal_year = p_year AND e.header_id = x.header AND e.seq = x.seq
                         AND e.account_id = x.account AND e.journal_id = v_journal
     WHERE e.granted - e.held - e.spent < 0 AND x.d_granted - x.d_held - x.d_spent < 0;
  END IF;
  RETURN QUERY
  WITH change AS (
    SELECT s.account, sum(s.g) AS g, sum(s.i) AS i, sum(s.h) AS h, sum(s.p) AS p
      FROM (SELECT x.account, x.d_granted AS g, x.d_incoming AS i, x.d_held AS h, x.d_spent AS p
              FROM unnest(v_good) AS x
            UNION ALL
            SELECT x.dest, x.amount, 0, 0, 0 FROM unnest(v_good) AS x WHERE x.dest IS NOT NULL) AS s
     GROUP BY s.account),
  done AS (
    UPDATE ledger_account a
       SET granted = a.granted + c.g, incoming = a.incoming + c.i, held = a.held + c.h,
           spent = a.spent + c.p, available = a.available + c.g - c.h - c.p, moved_at = v_at
      FROM change c WHERE a.id = c.account
    RETURNING a.id, a.granted, a.incoming, a.held, a.spent)
  SELECT NULL::integer, d.id, NULL::text, NULL::numeric, d.granted::numeric, d.incoming::numeric,
         d.held::numeric, d.spent::numeric, false FROM done d;
END $$;

CREATE FUNCTION ledger_write_holds(p_lines ledger_line[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO ledger_hold AS h (header_id, seq, account_id, held, settled, released, reversed, last)
  SELECT x.header, x.seq, x.account, x.amount, 0, 0, 0, 'hold' FROM unnest(p_lines) AS x
   WHERE x.verb = 'hold'
  ON CONFLICT (header_id, seq, account_id) DO UPDATE SET held = h.held + excluded.held, last = 'hold';
  UPDATE ledger_hold h
     SET settled = h.settled + CASE WHEN x.verb = 'settle' THEN x.amount ELSE 0 END,
         released = h.released + CASE WHEN x.verb = 'release' THEN x.amount ELSE 0 END,
         reversed = h.reversed + CASE WHEN x.verb = 'reverse' THEN x.amount ELSE 0 END,
         last = x.verb
    FROM unnest(p_lines) AS x
   WHERE h.header_id = x.header AND h.seq = x.seq AND h.account_id = x.account
     AND x.verb IN ('settle', 'release', 'reverse');
END $$;

-- Entries in account order, each with the balances it leaves behind. Two-account lines count in
-- both accounts, so they are put together again by line.
CREATE FUNCTION ledger_write_entries(
  p_lines ledger_line[], p_journal bigint, p_actor bigint, p_year integer, p_date date,
  p_at timestamptz)
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  IF NOT EXISTS (SELECT 1 FROM unnest(p_lines) AS x WHERE x.dest IS NOT NULL) THEN
    INSERT INTO ledger_entry (
      fiscal_year, account_id, to_account_id, journal_id, header_id, actor_id, posted_at, business_date, seq,
      verb, amount, granted, incoming, held, spent)
    SELECT p_year, x.account, x.account, p_journal, x.header, p_actor, p_at, p_date, x.seq, x.verb, x.amount,
           a.granted + sum(x.d_granted) OVER w, a.incoming + sum(x.d_incoming) OVER w,
           a.held + sum(x.d_held) OVER w, a.spent + sum(x.d_spent) OVER w
      FROM unnest(p_lines) AS x JOIN ledger_account a ON a.id = x.account
    WINDOW w AS (PARTITION BY x.account ORDER BY x.ord ROWS UNBOUNDED PRECEDING)
     ORDER BY x.account, x.ord;
    RETURN;
  END IF;
  INSERT INTO ledger_entry (
    fiscal_year, account_id, to_account_id, journal_id, header_id, actor_id, posted_at, business_date, seq,
    verb, amount, granted, incoming, held, spent, to_granted, to_incoming, to_held, to_spent)
  SELECT p_year, min(r.account) FILTER (WHERE r.side = 1),
         coalesce(min(r.account) FILTER (WHERE r.side = 2), min(r.account)),
         p_journal, min(r.header), p_actor, p_at, p_date, min(r.seq), min(r.verb), min(r.amount),
         min(r.granted) FILTER (WHERE r.side = 1), min(r.incoming) FILTER (WHERE r.side = 1),
         min(r.held) FILTER (WHERE r.side = 1), min(r.spent) FILTER (WHERE r.side = 1),
         min(r.granted) FILTER (WHERE r.side = 2), min(r.incoming) FILTER (WHERE r.side = 2),
         min(r.held) FILTER (WHERE r.side = 2), min(r.spent) FILTER (WHERE r.side = 2)
    FROM (
      SELECT s.ord, s.side, s.account, s.header, s.seq, s.verb, s.amount,
             a.granted + sum(s.g) OVER w AS granted, a.incoming + sum(s.i) OVER w AS incoming,
             a.held + sum(s.h) OVER w AS held, a.spent + sum(s.p) OVER w AS spent
        FROM (SELECT x.ord, 1 AS side, x.account, x.header, x.seq, x.verb, x.amount,
                     x.d_granted AS g, x.d_incoming AS i, x.d_held AS h, x.d_spent AS p
                FROM unnest(p_lines) AS x
              UNION ALL
              SELECT x.ord, 2, x.dest, x.header, x.seq, x.verb, x.amount, x.amount, 0, 0, 0
                FROM unnest(p_lines) AS x WHERE x.dest IS NOT NULL) AS s
        JOIN ledger_account a ON a.id = s.account
      WINDOW w AS (PARTITION BY s.account ORDER BY s.ord ROWS UNBOUNDED PRECEDING)) AS r
   GROUP BY r.ord ORDER BY r.ord;
END $$;
"""
WRITE_REVERSE = """
DROP FUNCTION ledger_post_batch(text[], bigint[], numeric[], bigint[], integer[], bigint[], integer,
                                date, timestamptz, bigint, text, boolean);
DROP FUNCTION ledger_write_entries(ledger_line[], bigint, bigint, integer, date, timestamptz);
DROP FUNCTION ledger_write_holds(ledger_line[]);
"""
# Inner functions run with the rights of their caller, who has none on the tables.


class Migration(migrations.Migration):
    dependencies = [("ledger", "0003_writer")]
    operations = [
        migrations.RunSQL(BATCH, BATCH_REVERSE),
        migrations.RunSQL(WRITE, WRITE_REVERSE),
    ]

"""What is read from entries: search, proof, and the statutory double entry."""

from django.db import migrations

SEARCH = """
CREATE FUNCTION ledger_search(
  p_book text, p_kind text, p_year integer, p_text text, p_bigrams text[], p_lo text, p_hi text,
  p_office text, p_limit integer) RETURNS TABLE (id bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT a.id FROM ledger_account a JOIN ledger_words w ON w.account_id = a.id
   WHERE a.book = p_book AND a.kind = p_kind AND a.fiscal_year = p_year
     AND p_lo >= current_setting('shucai.lo', true) AND p_hi <= current_setting('shucai.hi', true)
     AND current_setting('shucai.office', true) IN ('', p_office)
     AND a.unit_path >= p_lo AND a.unit_path < p_hi AND (p_office = '' OR a.office = p_office)
     AND w.bigrams @> p_bigrams::varchar[]
     AND (position(p_text IN lower(a.number)) > 0 OR position(p_text IN lower(a.name)) > 0
          OR position(p_text IN lower(a.project_name)) > 0)
   ORDER BY a.id DESC LIMIT p_limit
$$;
"""
SEARCH_REVERSE = """
DROP FUNCTION ledger_search(text, text, integer, text, text[], text, text, text, integer);
"""

PROOF = """
-- Both sides of every entry as changes of one account, in the order they were posted.
CREATE VIEW ledger_change WITH (security_invoker = true) AS
  SELECT e.fiscal_year, e.account_id, e.posted_at, e.id, e.journal_id, e.header_id, e.seq, e.verb,
         e.amount * CASE WHEN e.verb IN ('grant', 'activate') THEN 1
                         WHEN e.verb IN ('ungrant', 'move') THEN -1 ELSE 0 END AS granted_by,
         e.amount * CASE WHEN e.verb = 'announce' THEN 1
                         WHEN e.verb IN ('activate', 'retract') THEN -1 ELSE 0 END AS incoming_by,
         e.amount * CASE WHEN e.verb = 'hold' THEN 1
                         WHEN e.verb IN ('settle', 'release') THEN -1 ELSE 0 END AS held_by,
         e.amount * CASE WHEN e.verb = 'settle' THEN 1
                         WHEN e.verb = 'reverse' THEN -1 ELSE 0 END AS spent_by,
         e.granted, e.incoming, e.held, e.spent
    FROM ledger_entry e
  UNION ALL
  SELECT e.fiscal_year, e.to_account_id, e.posted_at, e.id, e.journal_id, e.header_id, e.seq,
         e.verb, e.amount, 0, 0, 0, e.to_granted, e.to_incoming, e.to_held, e.to_spent
    FROM ledger_entry e WHERE e.to_account_id <> e.account_id;

CREATE FUNCTION ledger_proof(p_year integer)
RETURNS TABLE (what text, account bigint, header bigint, seq integer, item text, stored numeric,
               proven numeric)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  WITH proven AS (
    SELECT c.account_id, sum(c.granted_by) AS granted, sum(c.incoming_by) AS incoming,
           sum(c.held_by) AS held, sum(c.spent_by) AS spent
      FROM ledger_change c WHERE c.fiscal_year = p_year GROUP BY c.account_id),
  kept AS (SELECT * FROM ledger_account WHERE fiscal_year = p_year)
  SELECT CASE WHEN k.id IS NULL THEN 'orphan' ELSE 'balance' END, coalesce(k.id, p.account_id),
         NULL::bigint, NULL::integer, v.item, v.stored, v.proven
    FROM kept k FULL JOIN proven p ON p.account_id = k.id
   CROSS JOIN LATERAL (VALUES
     ('granted', coalesce(k.granted, 0), coalesce(p.granted, 0)),
     ('incoming', coalesce(k.incoming, 0), coalesce(p.incoming, 0)),
     ('held', coalesce(k.held, 0), coalesce(p.held, 0)),
     ('spent', coalesce(k.spent, 0), coalesce(p.spent, 0)),
     ('available', coalesce(k.available, 0),
      coalesce(p.granted, 0) - coalesce(p.held, 0) - coalesce(p.spent, 0))) AS v(item, stored, proven)
   WHERE v.stored <> v.proven
$$;

-- The first entry of each account whose kept balances do not follow from those before it.
CREATE FUNCTION ledger_proof_chain(p_year integer)
RETURNS TABLE (what text, account bigint, header bigint, seq integer, item text, stored numeric,
               proven numeric)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT DISTINCT ON (r.account_id) 'chain', r.account_id, r.header_id, r.seq, v.item, v.stored,
         v.proven
    FROM (SELECT c.*, sum(c.granted_by) OVER w AS g, sum(c.incoming_by) OVER w AS i,
                 sum(c.held_by) OVER w AS h, sum(c.spent_by) OVER w AS s
            FROM ledger_change c WHERE c.fiscal_year = p_year
          WINDOW w AS (PARTITION BY c.account_id ORDER BY c.posted_at, c.id
                       ROWS UNBOUNDED PRECEDING)) AS r
   CROSS JOIN LATERAL (VALUES ('granted', r.granted, r.g), ('incoming', r.incoming, r.i),
     ('held', r.held, r.h), ('spent', r.spent, r.s)) AS v(item, stored, proven)
   WHERE v.stored <> v.proven
   ORDER BY r.account_id, r.posted_at, r.id
$$;

CREATE FUNCTION ledger_years() RETURNS TABLE (fiscal_year integer)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT substring(c.relname FROM '[0-9]+$')::integer FROM pg_inherits i
    JOIN pg_class c ON c.oid = i.inhrelid WHERE i.inhparent = 'ledger_entry'::regclass ORDER BY 1
$$;

-- Holds follow from their entries; what accounts hold and have spent follows from holds.
CREATE FUNCTION ledger_proof_holds(p_year integer)
RETURNS TABLE (what text, account bigint, header bigint, seq integer, item text, stored numeric,
               proven numeric)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  WITH kept AS (
    SELECT h.* FROM ledger_hold h JOIN ledger_account a ON a.id = h.account_id
     WHERE a.fiscal_year = p_year),
  proven AS (
    SELECT e.header_id, e.seq, e.account_id,
           coalesce(sum(e.amount) FILTER (WHERE e.verb = 'hold'), 0) AS held,
           coalesce(sum(e.amount) FILTER (WHERE e.verb = 'settle'), 0) AS settled,
           coalesce(sum(e.amount) FILTER (WHERE e.verb = 'release'), 0) AS released,
           coalesce(sum(e.amount) FILTER (WHERE e.verb = 'reverse'), 0) AS reversed
      FROM ledger_entry e
     WHERE e.fiscal_year = p_year AND e.verb IN ('hold', 'settle', 'release', 'reverse')
     GROUP BY e.header_id, e.seq, e.account_id),
  sums AS (
    SELECT a.id, a.held, a.spent, coalesce(sum(k.held - k.settled - k.released), 0) AS open,
           coalesce(sum(k.settled - k.reversed), 0) AS settled
      FROM ledger_account a LEFT JOIN kept k ON k.account_id = a.id
     WHERE a.fiscal_year = p_year GROUP BY a.id)
  SELECT 'hold', coalesce(k.account_id, p.account_id), coalesce(k.header_id, p.header_id),
         coalesce(k.seq, p.seq), v.item, v.stored, v.proven
    FROM kept k FULL JOIN proven p
      ON (p.header_id, p.seq, p.account_id) = (k.header_id, k.seq, k.account_id)
   CROSS JOIN LATERAL (VALUES
     ('held', coalesce(k.held, 0), coalesce(p.held, 0)),
     ('settled', coalesce(k.settled, 0), coalesce(p.settled, 0)),
     ('released', coalesce(k.released, 0), coalesce(p.released, 0)),
     ('reversed', coalesce(k.reversed, 0), coalesce(p.reversed, 0))) AS v(item, stored, proven)
   WHERE v.stored <> v.proven
  UNION ALL
  SELECT 'held_sum', s.id, NULL, NULL, 'held', s.held, s.open FROM sums s WHERE s.held <> s.open
  UNION ALL
  SELECT 'spent_sum', s.id, NULL, NULL, 'spent', s.spent, s.settled
    FROM sums s WHERE s.spent <> s.settled
  UNION ALL
  SELECT 'journal', NULL, NULL, NULL, coalesce(j.id, e.journal_id)::text, coalesce(j.lines, 0),
         coalesce(e.lines, 0)
    FROM (SELECT * FROM ledger_journal WHERE fiscal_year = p_year) AS j
    FULL JOIN (SELECT journal_id, count(*) AS lines FROM ledger_entry WHERE fiscal_year = p_year
                GROUP BY journal_id) AS e ON e.journal_id = j.id
   WHERE j.lines IS DISTINCT FROM e.lines
  UNION ALL
  SELECT 'entry', e.account_id, e.header_id, e.seq, e.verb, e.amount, 0
    FROM ledger_entry e
   WHERE e.fiscal_year = p_year
     AND ((e.verb = 'move') <> (e.account_id <> e.to_account_id)
          OR (e.verb = 'move') <> (e.to_granted IS NOT NULL))
$$;

-- Per book and kind: what came in from outside and left again is what the accounts have.
CREATE FUNCTION ledger_proof_totals(p_year integer)
RETURNS TABLE (book text, kind text, accounts bigint, entries bigint, entered numeric,
               departed numeric, granted numeric, incoming numeric, held numeric, spent numeric,
               negative bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  WITH flows AS (
    SELECT x.book, x.kind, sum(x.one) AS entries, sum(x.entered) AS entered,
           sum(x.departed) AS departed
      FROM (SELECT a.book, a.kind, 1 AS one,
                   CASE WHEN e.verb IN ('grant', 'announce') THEN e.amount ELSE 0 END AS entered,
                   CASE WHEN e.verb IN ('ungrant', 'retract')
                          OR (e.verb = 'move' AND (b.book, b.kind) <> (a.book, a.kind))
                        THEN e.amount ELSE 0 END AS departed
              FROM ledger_entry e
              JOIN ledger_account a ON a.id = e.account_id
              JOIN ledger_account b ON b.id = e.to_account_id
             WHERE e.fiscal_year = p_year
            UNION ALL
            SELECT b.book, b.kind, 0, e.amount, 0
              FROM ledger_entry e
              JOIN ledger_account a ON a.id = e.account_id
              JOIN ledger_account b ON b.id = e.to_account_id
             WHERE e.fiscal_year = p_year AND e.verb = 'move'
               AND (b.book, b.kind) <> (a.book, a.kind)) AS x
     GROUP BY x.book, x.kind)
  SELECT a.book, a.kind, count(*), coalesce(max(f.entries), 0), coalesce(max(f.entered), 0),
         coalesce(max(f.departed), 0), sum(a.granted), sum(a.incoming), sum(a.held), sum(a.spent),
         count(*) FILTER (WHERE a.available < 0 AND a.control IN ('hard', 'always'))
    FROM ledger_account a LEFT JOIN flows f ON f.book = a.book AND f.kind = a.kind
   WHERE a.fiscal_year = p_year GROUP BY a.book, a.kind
$$;
"""
PROOF_REVERSE = """
DROP FUNCTION ledger_years();
DROP FUNCTION ledger_proof_totals(integer);
DROP FUNCTION ledger_proof_holds(integer);
DROP FUNCTION ledger_proof_chain(integer);
DROP FUNCTION ledger_proof(integer);
DROP VIEW ledger_change;
"""

DOUBLE_ENTRY = """
-- Every entry as a debit and a credit of the official chart. Red entries are negative on the
-- sides of what they take back. Without a mapping the codes are empty; the proof tells which.
CREATE VIEW ledger_double_entry WITH (security_invoker = true) AS
  SELECT e.fiscal_year, e.id AS entry_id, s.side, e.posted_at, e.business_date, e.header_id, e.seq,
         e.verb, CASE WHEN s.side = 'credit' THEN e.to_account_id ELSE e.account_id END AS account_id,
         coalesce(CASE s.side WHEN 'debit' THEN p.debit_code ELSE p.credit_code END, '') AS code,
         coalesce(CASE s.side WHEN 'debit' THEN p.debit_name ELSE p.credit_name END, '') AS name,
         CASE WHEN s.side = 'debit' THEN e.amount * CASE WHEN p.is_red THEN -1 ELSE 1 END
              ELSE 0 END AS debit,
         CASE WHEN s.side = 'credit' THEN e.amount * CASE WHEN p.is_red THEN -1 ELSE 1 END
              ELSE 0 END AS credit
    FROM ledger_entry e
    JOIN ledger_account a ON a.id = e.account_id
    LEFT JOIN ledger_presentation p ON p.fiscal_year = e.fiscal_year AND p.book = a.book
                                   AND p.kind = a.kind AND p.verb = e.verb
   CROSS JOIN (VALUES ('debit'), ('credit')) AS s(side);

CREATE FUNCTION ledger_keep_presentation(
  p_year integer, p_book text, p_kind text, p_verbs text[], p_debits text[], p_debit_names text[],
  p_credits text[], p_credit_names text[], p_reds boolean[], p_edition text, p_confidence text)
RETURNS integer LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  v_done integer;
BEGIN
  DELETE FROM ledger_presentation
   WHERE fiscal_year = p_year AND book = p_book AND kind = p_kind AND verb <> ALL (p_verbs);
  INSERT INTO ledger_presentation AS k (fiscal_year, book, kind, verb, debit_code, debit_name,
    credit_code, credit_name, is_red, edition, confidence)
  SELECT p_year, p_book, p_kind, x.verb, x.debit, x.debit_name, x.credit, x.credit_name, x.red,
         p_edition, p_confidence
    FROM unnest(p_verbs, p_debits, p_debit_names, p_credits, p_credit_names, p_reds)
         AS x(verb, debit, debit_name, credit, credit_name, red)
  ON CONFLICT (fiscal_year, book, kind, verb) DO UPDATE
    SET debit_code = excluded.debit_code, debit_name = excluded.debit_name,
        credit_code = excluded.credit_code, credit_name = excluded.credit_name,
        is_red = excluded.is_red, edition = excluded.edition, confidence = excluded.confidence;
  GET DIAGNOSTICS v_done = ROW_COUNT;
  RETURN v_done;
END $$;

CREATE FUNCTION ledger_unmapped(p_year integer)
RETURNS TABLE (book text, kind text, verb text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT u.book, u.kind, u.verb
    FROM (SELECT DISTINCT a.book, a.kind, e.verb FROM ledger_entry e
            JOIN ledger_account a ON a.id = e.account_id WHERE e.fiscal_year = p_year) AS u
   WHERE NOT EXISTS (SELECT 1 FROM ledger_presentation p
                      WHERE p.fiscal_year = p_year AND p.book = u.book AND p.kind = u.kind
                        AND p.verb = u.verb)
   ORDER BY 1, 2, 3
$$;
"""
DOUBLE_ENTRY_REVERSE = """
DROP FUNCTION ledger_unmapped(integer);
DROP FUNCTION ledger_keep_presentation(integer, text, text, text[], text[], text[], text[], text[],
                                       boolean[], text, text);
DROP VIEW ledger_double_entry;
"""

RIGHTS = """
REVOKE INSERT, UPDATE, DELETE ON ledger_change, ledger_double_entry FROM shucai_app;
"""


class Migration(migrations.Migration):
    dependencies = [("ledger", "0004_batches")]
    operations = [
        migrations.RunSQL(SEARCH, SEARCH_REVERSE),
        migrations.RunSQL(PROOF, PROOF_REVERSE),
        migrations.RunSQL(DOUBLE_ENTRY, DOUBLE_ENTRY_REVERSE),
        migrations.RunSQL(RIGHTS, migrations.RunSQL.noop),
    ]

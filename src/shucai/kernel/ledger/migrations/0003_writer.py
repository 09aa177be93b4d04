"""The one writer: a scalar function for single postings, a set-based one for batches.

Both lock balances in id order, decide, and only then write; balances are updated last. What is
right for a single line is one expression, `ledger_reason`, used by both.
"""

from django.db import migrations

WORDS = """
CREATE FUNCTION ledger_in_scope(p_path text, p_office text) RETURNS boolean
LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT p_path >= current_setting('shucai.lo', true) COLLATE "C"
     AND p_path < current_setting('shucai.hi', true) COLLATE "C"
     AND current_setting('shucai.office', true) IN ('', p_office)
$$;

-- The period a business date is booked in: 13 is the adjustment after the year's end. What is
-- announced ahead of the year belongs to its first month. 0 is never open.
CREATE FUNCTION ledger_month(p_year integer, p_date date, p_verb text) RETURNS integer
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT CASE extract(year FROM p_date)::integer - p_year
           WHEN 0 THEN extract(month FROM p_date)::integer
           WHEN 1 THEN 13
           WHEN -1 THEN CASE WHEN p_verb IN ('announce', 'retract') THEN 1 ELSE 0 END
           ELSE 0
         END
$$;

-- Why one line can't be posted, all sums of money of the account left aside; null if it can.
-- `p_last` is the last thing this line did to this account, `p_left` what remains of it:
-- the open hold, the settled and not reversed amount, or the announced amount.
CREATE FUNCTION ledger_reason(p_verb text, p_amount numeric, p_last text, p_open numeric,
                              p_settled numeric, p_announced numeric) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT CASE
    WHEN p_amount IS NULL OR p_amount <= 0 OR p_amount <> trunc(p_amount, 2) THEN 'amount'
    WHEN p_verb = 'hold' THEN CASE WHEN p_open > 0 THEN 'duplicate_hold' END
    WHEN p_verb IN ('settle', 'release') THEN
      CASE WHEN p_open >= p_amount THEN NULL
           WHEN p_last IS NULL THEN 'no_hold'
           WHEN p_open > 0 THEN 'exceeds_hold'
           WHEN p_last = 'release' THEN 'already_released'
           WHEN p_last = 'reverse' THEN 'already_reversed'
           ELSE 'already_settled' END
    WHEN p_verb = 'reverse' THEN
      CASE WHEN p_settled >= p_amount THEN NULL
           WHEN p_settled > 0 THEN 'exceeds_settled'
           WHEN p_last = 'reverse' THEN 'already_reversed'
           ELSE 'not_settled' END
    WHEN p_verb IN ('grant', 'announce') THEN
      CASE WHEN p_last IN ('grant', 'announce', 'activate') THEN 'already_granted' END
    WHEN p_verb IN ('activate', 'retract') THEN
      CASE WHEN p_last = 'announce' AND p_announced >= p_amount THEN NULL
           ELSE 'not_announced' END
    WHEN p_verb = 'ungrant' THEN CASE WHEN p_last = 'ungrant' THEN 'already_ungranted' END
    WHEN p_verb = 'move' THEN CASE WHEN p_last = 'move' THEN 'already_moved' END
    ELSE 'verb'
  END
$$;

CREATE FUNCTION ledger_refused_limit(p_reason text, p_open numeric, p_settled numeric)
RETURNS numeric LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT CASE WHEN p_reason IN ('exceeds_hold', 'duplicate_hold') THEN p_open
              WHEN p_reason = 'exceeds_settled' THEN p_settled ELSE 0 END
$$;
"""
WORDS_REVERSE = """
DROP FUNCTION ledger_refused_limit(text, numeric, numeric);
DROP FUNCTION ledger_reason(text, numeric, text, numeric, numeric, numeric);
DROP FUNCTION ledger_month(integer, date, text);
DROP FUNCTION ledger_in_scope(text, text);
"""

ONE = """
-- A scope that is given holds until the transaction ends; else that of the transaction applies.
CREATE FUNCTION ledger_post_one(
  p_verb text, p_account bigint, p_amount numeric, p_header bigint, p_seq integer,
  p_year integer, p_date date, p_at timestamptz, p_actor bigint, p_key text,
  p_lo text, p_hi text, p_office text,
  OUT o_reason text, OUT o_limit numeric, OUT o_granted numeric, OUT o_incoming numeric,
  OUT o_held numeric, OUT o_spent numeric, OUT o_replayed boolean)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  a record;
  v_last text;
  v_open numeric := 0;
  v_settled numeric := 0;
  v_announced numeric := 0;
  v_before numeric;
  v_after numeric;
  v_journal bigint;
  v_at timestamptz;
  v_scope text;
  v_digest bytea := sha256(convert_to(concat_ws('|', p_verb, p_account, trim_scale(p_amount),
                                                p_header, p_seq, p_year), 'UTF8'));
BEGIN
  o_replayed := false;
  IF p_lo IS NOT NULL THEN
    v_scope := set_config('shucai.lo', p_lo, true) || set_config('shucai.hi', p_hi, true)
               || set_config('shucai.office', p_office, true);
  END IF;
  SELECT x.fiscal_year, x.control, x.granted, x.incoming, x.held, x.spent, x.available, x.moved_at,
         c.state = 'open' AS is_open
    INTO a FROM ledger_account x
    LEFT JOIN calendar_period c
           ON c.division = x.division AND c.fiscal_year = p_year
          AND c.month = ledger_month(p_year, p_date, p_verb)
   WHERE x.id = p_account
     AND x.unit_path >= current_setting('shucai.lo', true)
     AND x.unit_path < current_setting('shucai.hi', true)
     AND current_setting('shucai.office', true) IN ('', x.office)
     FOR NO KEY UPDATE OF x;
  IF NOT FOUND THEN
    o_reason := 'foreign';
  ELSIF a.fiscal_year <> p_year THEN
    o_reason := 'other_year';
  ELSIF a.is_open IS NOT TRUE THEN
    o_reason := 'closed';
  ELSE
    IF p_verb IN ('hold', 'settle', 'release', 'reverse') THEN
      SELECT h.held - h.settled - h.released, h.settled - h.reversed, h.last
        INTO v_open, v_settled, v_last FROM ledger_hold h
       WHERE h.header_id = p_header AND h.seq = p_seq AND h.account_id = p_account;
      IF NOT FOUND THEN v_open := 0; v_settled := 0; END IF;
    ELSE
      SELECT e.verb, e.amount INTO v_last, v_announced FROM ledger_entry e
       WHERE e.fiscal_year = p_year AND e.header_id = p_header AND e.seq = p_seq
         AND e.account_id = p_account AND e.verb NOT IN ('hold', 'settle', 'release', 'reverse')
       ORDER BY e.id DESC LIMIT 1;
    END IF;
    o_reason := ledger_reason(p_verb, p_amount, v_last, v_open, v_settled, v_announced);
    o_limit := ledger_refused_limit(o_reason, v_open, v_settled);
  END IF;

  IF o_reason IS NULL THEN
    v_before := a.available;
    o_granted := a.granted;
    o_incoming := a.incoming;
    o_held := a.held;
    o_spent := a.spent;
    CASE p_verb
      WHEN 'hold' THEN o_held := o_held + p_amount;
      WHEN 'settle' THEN o_held := o_held - p_amount; o_spent := o_spent + p_amount;
      WHEN 'release' THEN o_held := o_held - p_amount;
      WHEN 'reverse' THEN o_spent := o_spent - p_amount;
      WHEN 'grant' THEN o_granted := o_granted + p_amount;
      WHEN 'ungrant' THEN o_granted := o_granted - p_amount;
      WHEN 'announce' THEN o_incoming := o_incoming + p_amount;
      WHEN 'retract' THEN o_incoming := o_incoming - p_amount;
      WHEN 'activate' THEN
        o_incoming := o_incoming - p_amount; o_granted := o_granted + p_amount;
    END CASE;
    v_after := o_granted - o_held - o_spent;
    -- Negative but rising is let through, so that an inherited fault can be repaired.
    IF v_after < 0 AND v_after < v_before AND a.control IN ('hard', 'always') THEN
      o_reason := 'short';
      o_limit := v_before;
    ELSIF o_granted < 0 THEN
      o_reason := 'exceeds_granted';
      o_limit := a.granted;
    END IF;
  END IF;

  IF o_reason IS NULL THEN
    v_at := greatest(p_at, a.moved_at);
    INSERT INTO ledger_journal (key, digest, fiscal_year, business_date, posted_at, actor_id, lines)
    VALUES (p_key, v_digest, p_year, p_date, p_at, p_actor, 1)
    ON CONFLICT (key) DO NOTHING RETURNING id INTO v_journal;
  END IF;
  IF v_journal IS NULL THEN
    SELECT r.reason, o_limit, r.granted, r.incoming, r.held, r.spent, r.replayed
      INTO o_reason, o_limit, o_granted, o_incoming, o_held, o_spent, o_replayed
      FROM ledger_first_answer(p_key, v_digest, ARRAY[p_header], o_reason) r;
    RETURN;
  END IF;

  -- One statement, so that it is prepared and run as one. The balance comes last.
  WITH placed AS (
    INSERT INTO ledger_hold (header_id, seq, account_id, held, settled, released, reversed, last)
    SELECT p_header, p_seq, p_account, p_amount, 0, 0, 0, 'hold'
     WHERE p_verb = 'hold' AND v_last IS NULL),
  changed AS (
    UPDATE ledger_hold
       SET held = held + CASE WHEN p_verb = 'hold' THEN p_amount ELSE 0 END,
           settled = settled + CASE WHEN p_verb = 'settle' THEN p_amount ELSE 0 END,
           released = released + CASE WHEN p_verb = 'release' THEN p_amount ELSE 0 END,
           reversed = reversed + CASE WHEN p_verb = 'reverse' THEN p_amount ELSE 0 END,
           last = p_verb
     WHERE p_verb IN ('hold', 'settle', 'release', 'reverse') AND v_last IS NOT NULL
       AND header_id = p_header AND seq = p_seq AND account_id = p_account),
  entry AS (
    INSERT INTO ledger_entry (fiscal_year, account_id, to_account_id, journal_id, header_id,
      actor_id, posted_at, business_date, seq, verb, amount, granted, incoming, held, spent)
    VALUES (p_year, p_account, p_account, v_journal, p_header, p_actor, v_at, p_date, p_seq, p_verb,
            p_amount, o_granted, o_incoming, o_held, o_spent))
  UPDATE ledger_account
     SET granted = o_granted, incoming = o_incoming, held = o_held, spent = o_spent,
         available = v_after, moved_at = v_at
   WHERE id = p_account;
  IF v_after < 0 AND v_after < v_before AND a.control = 'warn' THEN
    o_reason := 'overdrawn';
    o_limit := v_before;
  END IF;
END $$;

-- What a used key answers: the balances its entries left behind, or that it was used otherwise.
-- A key that is not used yet leaves the reason as it is.
CREATE FUNCTION ledger_first_answer(p_key text, p_digest bytea, p_headers bigint[], p_reason text)
RETURNS TABLE (line integer, account bigint, reason text, allowed numeric, granted numeric,
               incoming numeric, held numeric, spent numeric, replayed boolean)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  j record;
BEGIN
  SELECT x.id, x.digest, x.refused, x.fiscal_year INTO j FROM ledger_journal x WHERE x.key = p_key;
  IF NOT FOUND THEN
    RETURN QUERY SELECT NULL::integer, NULL::bigint, p_reason, NULL::numeric, NULL::numeric,
                        NULL::numeric, NULL::numeric, NULL::numeric, false;
    RETURN;
  END IF;
  IF j.digest <> p_digest THEN
    RETURN QUERY SELECT NULL::integer, NULL::bigint, 'key_reused', NULL::numeric, NULL::numeric,
                        NULL::numeric, NULL::numeric, NULL::numeric, false;
    RETURN;
  END IF;
  RETURN QUERY
  SELECT DISTINCT ON (s.account_id) NULL::integer, s.account_id, NULL::text, NULL::numeric,
         s.granted, s.incoming, s.held, s.spent, true
    FROM (SELECT e.id, e.account_id, e.granted, e.incoming, e.held, e.spent FROM ledger_entry e
           WHERE e.fiscal_year = j.fiscal_year AND e.header_id = ANY (p_headers)
             AND e.journal_id = j.id
          UNION ALL
          SELECT e.id, e.to_account_id, e.to_granted, e.to_incoming, e.to_held, e.to_spent
            FROM ledger_entry e
           WHERE e.fiscal_year = j.fiscal_year AND e.header_id = ANY (p_headers)
             AND e.journal_id = j.id AND e.to_account_id <> e.account_id) AS s
   ORDER BY s.account_id, s.id DESC;
  RETURN QUERY
  SELECT (r ->> 'line')::integer, (r ->> 'account')::bigint, r ->> 'reason',
         (r ->> 'limit')::numeric, NULL::numeric, NULL::numeric, NULL::numeric, NULL::numeric, true
    FROM jsonb_array_elements(j.refused) AS r;
END $$;
"""
ONE_REVERSE = """
DROP FUNCTION ledger_first_answer(text, bytea, bigint[], text);
DROP FUNCTION ledger_post_one(text, bigint, numeric, bigint, integer, integer, date, timestamptz,
                              bigint, text, text, text, text);
"""


class Migration(migrations.Migration):
    dependencies = [("ledger", "0002_entries")]
    operations = [
        migrations.RunSQL(WORDS, WORDS_REVERSE),
        migrations.RunSQL(ONE, ONE_REVERSE),
    ]

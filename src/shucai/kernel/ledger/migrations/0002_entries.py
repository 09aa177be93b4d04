"""Entries by year, who may read what, and what nobody may do."""

from django.db import migrations

ENTRIES = """
-- Domains are read once per session, checks anew for every statement.
CREATE DOMAIN ledger_sum AS numeric(18,2) CHECK (VALUE >= 0);
CREATE DOMAIN ledger_amount AS numeric(18,2) CHECK (VALUE > 0);
ALTER TABLE ledger_account
  ALTER COLUMN granted TYPE ledger_sum, ALTER COLUMN incoming TYPE ledger_sum,
  ALTER COLUMN held TYPE ledger_sum, ALTER COLUMN spent TYPE ledger_sum;
ALTER TABLE ledger_hold
  ALTER COLUMN held TYPE ledger_sum, ALTER COLUMN settled TYPE ledger_sum,
  ALTER COLUMN released TYPE ledger_sum, ALTER COLUMN reversed TYPE ledger_sum;

CREATE SEQUENCE ledger_entry_id;
CREATE TABLE ledger_entry (
  id bigint NOT NULL DEFAULT nextval('ledger_entry_id'),
  fiscal_year smallint NOT NULL,
  account_id bigint NOT NULL,
  to_account_id bigint NOT NULL,
  journal_id bigint NOT NULL,
  header_id bigint NOT NULL,
  actor_id bigint NOT NULL,
  posted_at timestamptz NOT NULL,
  business_date date NOT NULL,
  seq integer NOT NULL,
  verb text COLLATE "C" NOT NULL,
  amount ledger_amount NOT NULL,
  granted numeric(18,2) NOT NULL,
  incoming numeric(18,2) NOT NULL,
  held numeric(18,2) NOT NULL,
  spent numeric(18,2) NOT NULL,
  to_granted numeric(18,2),
  to_incoming numeric(18,2),
  to_held numeric(18,2),
  to_spent numeric(18,2),
  PRIMARY KEY (fiscal_year, account_id, posted_at, id)
) PARTITION BY LIST (fiscal_year);
CREATE INDEX ledger_entry_header ON ledger_entry (header_id, seq);
CREATE INDEX ledger_entry_received ON ledger_entry (to_account_id, posted_at, id)
  WHERE to_account_id <> account_id;

CREATE SEQUENCE ledger_journal_id CACHE 20;
ALTER TABLE ledger_journal ALTER COLUMN id SET DEFAULT nextval('ledger_journal_id');
-- Room on the page lets a new balance stay beside the old one, so that no index is touched.
ALTER TABLE ledger_account SET (fillfactor = 50);
ALTER TABLE ledger_hold SET (fillfactor = 80);
"""

ENTRIES_REVERSE = """
DROP TABLE ledger_entry;
DROP SEQUENCE ledger_entry_id;
ALTER TABLE ledger_journal ALTER COLUMN id DROP DEFAULT;
DROP SEQUENCE ledger_journal_id;
ALTER TABLE ledger_hold
  ALTER COLUMN held TYPE numeric(18,2), ALTER COLUMN settled TYPE numeric(18,2),
  ALTER COLUMN released TYPE numeric(18,2), ALTER COLUMN reversed TYPE numeric(18,2);
ALTER TABLE ledger_account
  ALTER COLUMN granted TYPE numeric(18,2), ALTER COLUMN incoming TYPE numeric(18,2),
  ALTER COLUMN held TYPE numeric(18,2), ALTER COLUMN spent TYPE numeric(18,2);
DROP DOMAIN ledger_amount;
DROP DOMAIN ledger_sum;
"""

GUARDS = """
CREATE FUNCTION ledger_deny() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% keeps what was written', TG_TABLE_NAME USING ERRCODE = 'SC001';
END $$;
CREATE TRIGGER ledger_entry_deny BEFORE UPDATE OR DELETE ON ledger_entry
  FOR EACH ROW EXECUTE FUNCTION ledger_deny();
CREATE TRIGGER ledger_entry_deny_truncate BEFORE TRUNCATE ON ledger_entry
  FOR EACH STATEMENT EXECUTE FUNCTION ledger_deny();
CREATE TRIGGER ledger_journal_deny BEFORE UPDATE OR DELETE ON ledger_journal
  FOR EACH ROW EXECUTE FUNCTION ledger_deny();
CREATE TRIGGER ledger_journal_deny_truncate BEFORE TRUNCATE ON ledger_journal
  FOR EACH STATEMENT EXECUTE FUNCTION ledger_deny();
CREATE TRIGGER ledger_hold_deny BEFORE DELETE ON ledger_hold
  FOR EACH ROW EXECUTE FUNCTION ledger_deny();
CREATE TRIGGER ledger_hold_deny_truncate BEFORE TRUNCATE ON ledger_hold
  FOR EACH STATEMENT EXECUTE FUNCTION ledger_deny();
CREATE TRIGGER ledger_account_deny
  BEFORE DELETE OR UPDATE OF book, kind, fiscal_year, division, unit_id, number ON ledger_account
  FOR EACH ROW EXECUTE FUNCTION ledger_deny();
CREATE FUNCTION ledger_account_terms() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.control NOT IN ('none', 'warn', 'hard', 'always') THEN
    RAISE EXCEPTION 'unknown control %', NEW.control USING ERRCODE = 'SC001';
  END IF;
  -- The writer keeps whole years; a promise it does not keep is not accepted.
  IF NEW.period_mode <> 'year' THEN
    RAISE EXCEPTION 'period mode % is not kept by the writer', NEW.period_mode
      USING ERRCODE = 'SC001';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER ledger_account_terms BEFORE INSERT OR UPDATE OF control, period_mode
  ON ledger_account FOR EACH ROW EXECUTE FUNCTION ledger_account_terms();
CREATE TRIGGER ledger_account_deny_truncate BEFORE TRUNCATE ON ledger_account
  FOR EACH STATEMENT EXECUTE FUNCTION ledger_deny();

-- A year's entries are a table of their own. Attaching does not block writers of other years.
CREATE FUNCTION ledger_open_year(p_year integer) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  v_name text := format('ledger_entry_%s', p_year);
BEGIN
  IF p_year IS NULL OR p_year NOT BETWEEN 1949 AND 2999 THEN
    RAISE EXCEPTION 'no fiscal year: %', p_year USING ERRCODE = 'SC001';
  END IF;
  IF to_regclass(v_name) IS NOT NULL THEN RETURN false; END IF;
  PERFORM pg_advisory_xact_lock(7337002);
  IF to_regclass(v_name) IS NOT NULL THEN RETURN false; END IF;
  EXECUTE format('CREATE TABLE %I (LIKE ledger_entry INCLUDING DEFAULTS INCLUDING CONSTRAINTS)',
                 v_name);
  EXECUTE format('ALTER TABLE ledger_entry ATTACH PARTITION %I FOR VALUES IN (%s)', v_name, p_year);
  EXECUTE format('CREATE TRIGGER ledger_entry_deny_truncate BEFORE TRUNCATE ON %I'
                 ' FOR EACH STATEMENT EXECUTE FUNCTION ledger_deny()', v_name);
  EXECUTE format('REVOKE ALL ON %I FROM PUBLIC, shucai_app', v_name);
  RETURN true;
END $$;
"""
GUARDS_REVERSE = """
DROP TRIGGER ledger_account_deny_truncate ON ledger_account;
DROP TRIGGER ledger_account_terms ON ledger_account;
DROP FUNCTION ledger_account_terms();
DROP TRIGGER ledger_account_deny ON ledger_account;
DROP TRIGGER ledger_hold_deny_truncate ON ledger_hold;
DROP TRIGGER ledger_hold_deny ON ledger_hold;
DROP TRIGGER ledger_journal_deny_truncate ON ledger_journal;
DROP TRIGGER ledger_journal_deny ON ledger_journal;
DROP TRIGGER ledger_entry_deny_truncate ON ledger_entry;
DROP TRIGGER ledger_entry_deny ON ledger_entry;
DROP FUNCTION ledger_open_year(integer);
"""

RIGHTS = """
REVOKE INSERT, UPDATE, DELETE, TRUNCATE ON ledger_account, ledger_entry, ledger_hold,
  ledger_presentation FROM shucai_app;
REVOKE ALL ON ledger_journal, ledger_words FROM shucai_app;
REVOKE ALL ON SEQUENCE ledger_entry_id, ledger_journal_id FROM shucai_app;

ALTER TABLE ledger_account ENABLE ROW LEVEL SECURITY;
CREATE POLICY ledger_account_scope ON ledger_account FOR SELECT USING (
  unit_path >= current_setting('shucai.lo', true) AND unit_path < current_setting('shucai.hi', true)
  AND current_setting('shucai.office', true) IN ('', office));
-- Whoever sees an account sees its entries and holds: the policy above applies inside these.
ALTER TABLE ledger_entry ENABLE ROW LEVEL SECURITY;
CREATE POLICY ledger_entry_scope ON ledger_entry FOR SELECT USING (
  EXISTS (SELECT 1 FROM ledger_account a WHERE a.id = account_id)
  OR (to_account_id <> account_id
      AND EXISTS (SELECT 1 FROM ledger_account a WHERE a.id = to_account_id)));
ALTER TABLE ledger_hold ENABLE ROW LEVEL SECURITY;
CREATE POLICY ledger_hold_scope ON ledger_hold FOR SELECT USING (
  EXISTS (SELECT 1 FROM ledger_account a WHERE a.id = account_id));
"""
RIGHTS_REVERSE = """
DROP POLICY ledger_hold_scope ON ledger_hold;
ALTER TABLE ledger_hold DISABLE ROW LEVEL SECURITY;
DROP POLICY ledger_entry_scope ON ledger_entry;
ALTER TABLE ledger_entry DISABLE ROW LEVEL SECURITY;
DROP POLICY ledger_account_scope ON ledger_account;
ALTER TABLE ledger_account DISABLE ROW LEVEL SECURITY;
"""

OPENING = """
CREATE FUNCTION ledger_open_accounts(
  p_book text[], p_kind text[], p_year integer[], p_division text[], p_unit bigint[],
  p_path text[], p_office text[], p_number text[], p_name text[], p_function text[],
  p_gov_economy text[], p_dep_economy text[], p_fund_type text[], p_project text[],
  p_source text[], p_doc_no text[], p_control text[], p_period_mode text[], p_bigrams text[])
RETURNS TABLE (ord bigint, account bigint, in_scope boolean)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  v_lo text := current_setting('shucai.lo', true);
  v_hi text := current_setting('shucai.hi', true);
  v_office text := current_setting('shucai.office', true);
BEGIN
  PERFORM ledger_open_year(y) FROM (SELECT DISTINCT unnest(p_year) AS y) AS years;
  INSERT INTO ledger_account (
    book, kind, fiscal_year, division, unit_id, unit_path, office, number, name, function_code,
    gov_economy_code, dep_economy_code, fund_type_code, project_name, source_code, doc_no,
    control, period_mode, granted, incoming, held, spent, available)
  SELECT x.book, x.kind, x.fiscal_year, u.division_code, u.id, u.path, x.office, x.number, x.name,
         x.function, x.gov_economy, x.dep_economy, x.fund_type, x.project, x.source, x.doc_no,
         x.control, x.period_mode, 0, 0, 0, 0, 0
    FROM unnest(p_book, p_kind, p_year, p_division, p_unit, p_path, p_office, p_number, p_name,
                p_function, p_gov_economy, p_dep_economy, p_fund_type, p_project, p_source,
                p_doc_no, p_control, p_period_mode)
         AS x(book, kind, fiscal_year, division, unit, path, office, number, name, function,
              gov_economy, dep_economy, fund_type, project, source, doc_no, control, period_mode)
    JOIN masterdata_unit u ON u.id = x.unit AND u.path = x.path AND u.division_code = x.division
   WHERE u.path >= v_lo AND u.path < v_hi AND v_office IN ('', x.office)
   ORDER BY x.book, x.kind, x.fiscal_year, x.division, x.number
  ON CONFLICT DO NOTHING;
  INSERT INTO ledger_words (account_id, bigrams)
  SELECT a.id, string_to_array(min(x.bigrams), ' ')
    FROM unnest(p_book, p_kind, p_year, p_division, p_number, p_bigrams)
         AS x(book, kind, fiscal_year, division, number, bigrams)
    JOIN ledger_account a ON (a.book, a.kind, a.fiscal_year, a.division, a.number)
                           = (x.book, x.kind, x.fiscal_year, x.division, x.number)
   GROUP BY a.id
  ON CONFLICT DO NOTHING;
  RETURN QUERY
  SELECT x.ord, a.id, coalesce(u.path >= v_lo AND u.path < v_hi AND v_office IN ('', x.office), false)
    FROM unnest(p_book, p_kind, p_year, p_division, p_number, p_unit, p_path, p_office)
         WITH ORDINALITY AS x(book, kind, fiscal_year, division, number, unit, path, office, ord)
    LEFT JOIN masterdata_unit u
           ON u.id = x.unit AND u.path = x.path AND u.division_code = x.division
    LEFT JOIN ledger_account a
           ON (a.book, a.kind, a.fiscal_year, a.division, a.number)
            = (x.book, x.kind, x.fiscal_year, x.division, x.number);
END $$;

CREATE FUNCTION ledger_set_control(p_accounts bigint[], p_control text) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  v_done integer;
BEGIN
  PERFORM ledger_lock(p_accounts);
  UPDATE ledger_account SET control = p_control
   WHERE id = ANY (p_accounts)
     AND unit_path >= current_setting('shucai.lo', true)
     AND unit_path < current_setting('shucai.hi', true)
     AND current_setting('shucai.office', true) IN ('', office);
  GET DIAGNOSTICS v_done = ROW_COUNT;
  RETURN v_done;
END $$;

-- The one lock order of the house: accounts by id.
CREATE FUNCTION ledger_lock(p_accounts bigint[]) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT id FROM ledger_account
   WHERE id = ANY (p_accounts)
     AND unit_path >= current_setting('shucai.lo', true)
     AND unit_path < current_setting('shucai.hi', true)
     AND current_setting('shucai.office', true) IN ('', office)
   ORDER BY id FOR NO KEY UPDATE
$$;
"""
OPENING_REVERSE = """
DROP FUNCTION ledger_set_control(bigint[], text);
DROP FUNCTION ledger_lock(bigint[]);
DROP FUNCTION ledger_open_accounts(
  text[], text[], integer[], text[], bigint[], text[], text[], text[], text[], text[], text[],
  text[], text[], text[], text[], text[], text[], text[], text[]);
"""


class Migration(migrations.Migration):
    dependencies = [("ledger", "0001_initial"), ("calendar", "0002_functions")]
    operations = [
        migrations.RunSQL(ENTRIES, ENTRIES_REVERSE),
        migrations.RunSQL(GUARDS, GUARDS_REVERSE + "DROP FUNCTION ledger_deny();"),
        migrations.RunSQL(RIGHTS, RIGHTS_REVERSE),
        migrations.RunSQL(OPENING, OPENING_REVERSE),
    ]

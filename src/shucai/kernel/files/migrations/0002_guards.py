from django.db import migrations

from shucai.kernel.identity.policies import scoped_table_sql

# The documents lie above this room: the guard looks the header up by name when it runs, with the
# rights of whoever writes, so that a document out of scope is a document that is not there.
FORWARD = """
CREATE FUNCTION files_guard() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE v_path text; v_office text; v_editable boolean;
BEGIN
  IF NEW.header_id IS NOT NULL THEN
    SELECT unit_path, office, is_editable INTO v_path, v_office, v_editable
      FROM document_header WHERE id = NEW.header_id;
    IF NOT FOUND THEN
      RAISE EXCEPTION 'document % is not there', NEW.header_id USING ERRCODE = 'SC001';
    END IF;
  END IF;
  IF TG_OP = 'UPDATE' THEN
    IF (NEW.name, NEW.content_type, NEW.size, NEW.sha256, NEW.owner_id, NEW.created_at,
        NEW.is_late)
       IS DISTINCT FROM
       (OLD.name, OLD.content_type, OLD.size, OLD.sha256, OLD.owner_id, OLD.created_at,
        OLD.is_late)
       OR OLD.removed_at IS NOT NULL
       OR (OLD.header_id IS NOT NULL AND NEW.header_id IS DISTINCT FROM OLD.header_id) THEN
      RAISE EXCEPTION 'a file keeps what it is' USING ERRCODE = 'SC001';
    END IF;
    IF NEW.removed_at IS NOT NULL AND NEW.header_id IS NOT NULL AND NOT v_editable THEN
      RAISE EXCEPTION 'document % is under way', NEW.header_id USING ERRCODE = 'SC001';
    END IF;
  ELSE
    NEW.is_late := NEW.header_id IS NOT NULL AND NOT v_editable;
  END IF;
  IF NEW.header_id IS NOT NULL THEN
    NEW.unit_path := v_path;
    NEW.office := v_office;
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER files_guard BEFORE INSERT OR UPDATE ON files_file
  FOR EACH ROW EXECUTE FUNCTION files_guard();

CREATE FUNCTION files_contents() RETURNS TABLE (sha256 text, size bigint, name text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT f.sha256, min(f.size), min(f.name) FROM files_file f GROUP BY f.sha256
$$;
CREATE FUNCTION files_is_named(p_sha256 text) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT EXISTS (SELECT 1 FROM files_file WHERE sha256 = p_sha256)
$$;
-- Produced files and drafts after their time, and attachments of drafts that were discarded.
CREATE FUNCTION files_forget(p_now timestamptz) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE v_gone integer;
BEGIN
  DELETE FROM files_file f
   WHERE (f.purpose IN ('product', 'draft') AND f.expires_at < p_now)
      OR (f.header_id IS NOT NULL
          AND NOT EXISTS (SELECT 1 FROM document_header h WHERE h.id = f.header_id));
  GET DIAGNOSTICS v_gone = ROW_COUNT;
  RETURN v_gone;
END $$;
REVOKE DELETE, TRUNCATE ON files_file FROM shucai_app;
"""
REVERSE = """
GRANT DELETE ON files_file TO shucai_app;
DROP FUNCTION files_forget(timestamptz);
DROP FUNCTION files_is_named(text);
DROP FUNCTION files_contents();
DROP TRIGGER files_guard ON files_file;
DROP FUNCTION files_guard();
"""
SCOPE = scoped_table_sql("files_file")


class Migration(migrations.Migration):
    dependencies = [("files", "0001_initial")]
    operations = [migrations.RunSQL(*SCOPE), migrations.RunSQL(FORWARD, REVERSE)]

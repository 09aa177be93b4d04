from django.db import migrations

# The key is compared by code points: this index repeats that of the primary key.
TWIN = """
DO $$ DECLARE v_name text; BEGIN
  FOR v_name IN SELECT indexname FROM pg_indexes WHERE schemaname = 'public'
      AND tablename = 'ledger_journal' AND indexname LIKE '%\\_like' LOOP
    EXECUTE format('DROP INDEX %I', v_name);
  END LOOP;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("ledger", "0005_reading")]
    operations = [migrations.RunSQL(TWIN, migrations.RunSQL.noop)]

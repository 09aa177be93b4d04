import django.db.models.deletion
from django.db import migrations, models

from shucai.kernel.document import sql

# The database compares by code points: these repeat the indexes of the primary keys.
TWINS = """
DO $$ DECLARE v_name text; BEGIN
  FOR v_name IN SELECT indexname FROM pg_indexes WHERE schemaname = 'public'
      AND tablename IN ('document_counter', 'document_request') AND indexname LIKE '%\\_like' LOOP
    EXECUTE format('DROP INDEX %I', v_name);
  END LOOP;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("document", "0005_amount_in_fen"), ("audit", "0002_functions")]
    operations = [
        migrations.AlterField(
            model_name="version",
            name="header",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="versions",
                to="document.header",
            ),
        ),
        migrations.RunSQL(sql.APPLY_ALONE_REVERSE, migrations.RunSQL.noop),
        migrations.RunSQL(sql.APPLY, migrations.RunSQL.noop),
        migrations.RunSQL(TWINS, migrations.RunSQL.noop),
    ]

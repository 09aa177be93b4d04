from django.db import migrations

from shucai.kernel.identity import rights_sql, sql

REVERSE = rights_sql.reverse(sql.HOLDS + sql.EFFECT + sql.DECIDE)


class Migration(migrations.Migration):
    dependencies = [("identity", "0003_rights_centre")]
    operations = [migrations.RunSQL(rights_sql.FORWARD, REVERSE)]

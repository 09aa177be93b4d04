from django.db import migrations

from shucai.kernel.identity import sql

FORWARD = sql.HOLDS + sql.EFFECT + sql.DECIDE + sql.FIRST + sql.GRANTS


class Migration(migrations.Migration):
    dependencies = [("identity", "0001_initial")]
    operations = [migrations.RunSQL(FORWARD, sql.REVERSE)]

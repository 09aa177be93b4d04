from django.db import migrations

from shucai.kernel.identity import credential_sql as sql

FORWARD = sql.EFFECTS + sql.DECIDE + sql.GRANTS


class Migration(migrations.Migration):
    dependencies = [("identity", "0003_credentials")]
    operations = [migrations.RunSQL(FORWARD, sql.REVERSE + sql.DECIDE_BEFORE)]

from django.db import migrations

from shucai.kernel.identity import credential_sql as sql

FORWARD = sql.EFFECTS + sql.DISPATCH + sql.GRANTS


class Migration(migrations.Migration):
    dependencies = [("identity", "0005_credentials")]
    operations = [migrations.RunSQL(FORWARD, sql.REVERSE + sql.DISPATCH_BEFORE)]

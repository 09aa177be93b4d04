from django.db import migrations

from shucai.kernel.identity import credential_sql as sql


class Migration(migrations.Migration):
    dependencies = [("identity", "0006_credential_functions")]
    operations = [migrations.RunSQL(sql.LEAVERS, sql.LEAVERS_BEFORE)]

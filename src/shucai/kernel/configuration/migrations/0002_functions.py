from django.db import migrations

from shucai.kernel.configuration import sql


class Migration(migrations.Migration):
    dependencies = [("configuration", "0001_initial"), ("identity", "0002_functions")]
    operations = [migrations.RunSQL(sql.FORWARD, sql.REVERSE)]

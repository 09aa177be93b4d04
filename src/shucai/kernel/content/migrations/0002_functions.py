from django.db import migrations

from shucai.kernel.content import sql


class Migration(migrations.Migration):
    dependencies = [("content", "0001_initial"), ("identity", "0008_must_read")]

    operations = [migrations.RunSQL(sql.FORWARD, sql.REVERSE)]

from django.db import migrations

from shucai.kernel.messages import sql


class Migration(migrations.Migration):
    dependencies = [("messages", "0001_initial"), ("identity", "0002_functions")]

    operations = [migrations.RunSQL(sql.OWN, sql.OWN_REVERSE)]

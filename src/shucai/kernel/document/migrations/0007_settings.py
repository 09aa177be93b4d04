from django.db import migrations

from shucai.kernel.document import sql


class Migration(migrations.Migration):
    dependencies = [
        ("document", "0006_one_statement"),
        ("configuration", "0002_functions"),
    ]
    operations = [migrations.RunSQL(sql.SETTINGS, sql.SETTINGS_REVERSE)]

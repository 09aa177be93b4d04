from django.db import migrations

from shucai.kernel.document import sql


class Migration(migrations.Migration):
    dependencies = [
        ("document", "0005_amount_in_fen"),
        ("configuration", "0002_functions"),
    ]
    operations = [migrations.RunSQL(sql.SETTINGS, sql.SETTINGS_REVERSE)]

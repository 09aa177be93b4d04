from django.db import migrations

from shucai.kernel.masterdata import sql


class Migration(migrations.Migration):
    dependencies = [("masterdata", "0003_keeping")]
    operations = [migrations.RunSQL(sql.VALUE_RULES, sql.VALUE_RULES_REVERSE)]

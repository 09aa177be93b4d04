from django.db import migrations

from shucai.kernel.masterdata import sql

FORWARD = sql.CHANGED + sql.TRIGGERS + sql.UNIT_GUARD + sql.MOVE + sql.GRANTS


class Migration(migrations.Migration):
    dependencies = [("masterdata", "0001_initial"), ("identity", "0002_functions")]
    operations = [migrations.RunSQL(FORWARD, sql.TRIGGERS_REVERSE + sql.REVERSE)]

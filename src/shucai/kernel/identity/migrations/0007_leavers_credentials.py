from django.db import migrations, models

from shucai.kernel.identity import credential_sql as sql

# "" can't be told from “all” where a list is narrowed by the address.
OPEN = """
ALTER TABLE identity_reviewitem DISABLE TRIGGER identity_review_guard;
UPDATE identity_reviewitem SET decision = 'open' WHERE decision = '';
ALTER TABLE identity_reviewitem ENABLE TRIGGER identity_review_guard;
"""
OPEN_BEFORE = OPEN.replace(
    "SET decision = 'open' WHERE decision = ''", "SET decision = '' WHERE decision = 'open'"
)


class Migration(migrations.Migration):
    dependencies = [("identity", "0006_credential_functions")]
    operations = [
        migrations.RunSQL(sql.LEAVERS, sql.LEAVERS_BEFORE),
        migrations.AlterField(
            model_name="reviewitem",
            name="decision",
            field=models.CharField(
                choices=[("open", "未复核"), ("keep", "保留"), ("remove", "取消")],
                default="open",
                max_length=8,
                verbose_name="结论",
            ),
        ),
        migrations.RunSQL(OPEN, OPEN_BEFORE),
    ]

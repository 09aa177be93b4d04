import django.contrib.postgres.fields
from django.db import migrations, models

from shucai.kernel.workflow import sql


class Migration(migrations.Migration):
    dependencies = [
        ("workflow", "0002_fewer_indexes"),
        ("configuration", "0002_functions"),
    ]

    operations = [
        migrations.AddField(
            model_name="route",
            name="trial_paths",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(db_collation="C", max_length=120),
                default=list,
                size=None,
                verbose_name="试行范围",
            ),
        ),
        migrations.AddField(
            model_name="route",
            name="configured",
            field=models.BigIntegerField(null=True, unique=True, verbose_name="配置发布"),
        ),
        migrations.AddField(
            model_name="routenode",
            name="amount_from",
            field=models.DecimalField(
                decimal_places=2, max_digits=18, null=True, verbose_name="金额起（含）"
            ),
        ),
        migrations.AddField(
            model_name="routenode",
            name="amount_to",
            field=models.DecimalField(
                decimal_places=2, max_digits=18, null=True, verbose_name="金额止（不含）"
            ),
        ),
        migrations.AddField(
            model_name="routenode",
            name="may_hand_over",
            field=models.BooleanField(default=True, verbose_name="可转办"),
        ),
        migrations.AddField(
            model_name="routenode",
            name="may_add_signer",
            field=models.BooleanField(default=True, verbose_name="可加签"),
        ),
        migrations.RunSQL(sql.ROUTES, sql.ROUTES_REVERSE),
    ]

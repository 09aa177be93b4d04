from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("jobs", "0002_outbox")]

    operations = [
        migrations.CreateModel(
            name="JobPlan",
            fields=[
                (
                    "code",
                    models.CharField(
                        max_length=80, primary_key=True, serialize=False, verbose_name="任务代码"
                    ),
                ),
                ("name", models.CharField(max_length=80, verbose_name="任务")),
                ("standard", models.CharField(max_length=60, verbose_name="标准周期")),
                (
                    "every",
                    models.CharField(
                        blank=True, default="", max_length=60, verbose_name="执行周期"
                    ),
                ),
                ("is_paused", models.BooleanField(default=False, verbose_name="已暂停")),
                (
                    "waits_for",
                    models.CharField(
                        blank=True, default="", max_length=80, verbose_name="前置任务"
                    ),
                ),
                (
                    "changed_by_name",
                    models.CharField(blank=True, default="", max_length=40, verbose_name="调整人"),
                ),
                ("changed_at", models.DateTimeField(null=True, verbose_name="调整时间")),
            ],
            options={"db_table": "jobs_plan"},
        ),
    ]

import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.db.models.deletion
import django.db.models.expressions
from django.db import migrations, models

import shucai.kernel.masterdata.fields


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("masterdata", "0002_functions"),
    ]

    operations = [
        migrations.CreateModel(
            name="LedgerEntry",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "fiscal_year",
                        "account_id",
                        "posted_at",
                        "id",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("id", models.BigIntegerField()),
                ("fiscal_year", models.SmallIntegerField(verbose_name="年度")),
                ("account_id", models.BigIntegerField()),
                ("to_account_id", models.BigIntegerField()),
                ("verb", models.CharField(max_length=10, verbose_name="方式")),
                (
                    "amount",
                    models.DecimalField(decimal_places=2, max_digits=18, verbose_name="金额"),
                ),
                ("header_id", models.BigIntegerField()),
                ("seq", models.IntegerField(verbose_name="行号")),
                ("journal_id", models.BigIntegerField()),
                ("actor_id", models.BigIntegerField(verbose_name="操作人")),
                ("business_date", models.DateField(verbose_name="业务日期")),
                ("posted_at", models.DateTimeField(verbose_name="记账时间")),
                (
                    "granted",
                    models.DecimalField(
                        decimal_places=2, default=0, max_digits=18, verbose_name="已下达"
                    ),
                ),
                (
                    "incoming",
                    models.DecimalField(
                        decimal_places=2, default=0, max_digits=18, verbose_name="待生效"
                    ),
                ),
                (
                    "held",
                    models.DecimalField(
                        decimal_places=2, default=0, max_digits=18, verbose_name="冻结"
                    ),
                ),
                (
                    "spent",
                    models.DecimalField(
                        decimal_places=2, default=0, max_digits=18, verbose_name="已用"
                    ),
                ),
                ("to_granted", models.DecimalField(decimal_places=2, max_digits=18, null=True)),
                ("to_incoming", models.DecimalField(decimal_places=2, max_digits=18, null=True)),
                ("to_held", models.DecimalField(decimal_places=2, max_digits=18, null=True)),
                ("to_spent", models.DecimalField(decimal_places=2, max_digits=18, null=True)),
            ],
            options={
                "db_table": "ledger_entry",
                "managed": False,
            },
        ),
        migrations.CreateModel(
            name="LedgerAccount",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("book", models.CharField(max_length=30, verbose_name="账簿")),
                ("kind", models.CharField(max_length=40, verbose_name="账户类别")),
                ("fiscal_year", models.SmallIntegerField(verbose_name="年度")),
                ("division", models.CharField(max_length=9, verbose_name="财政区划")),
                ("unit_path", models.CharField(db_collation="C", max_length=120)),
                (
                    "office",
                    models.CharField(
                        blank=True, default="", max_length=20, verbose_name="业务科室"
                    ),
                ),
                ("number", models.CharField(max_length=80, verbose_name="编号")),
                (
                    "name",
                    models.CharField(blank=True, default="", max_length=200, verbose_name="名称"),
                ),
                (
                    "function_code",
                    shucai.kernel.masterdata.fields.ElementField(
                        value_set="functional",
                        blank=True,
                        default="",
                        max_length=20,
                        verbose_name="支出功能分类",
                    ),
                ),
                (
                    "gov_economy_code",
                    shucai.kernel.masterdata.fields.ElementField(
                        value_set="economic_gov",
                        blank=True,
                        default="",
                        max_length=20,
                        verbose_name="政府预算经济分类",
                    ),
                ),
                (
                    "dep_economy_code",
                    shucai.kernel.masterdata.fields.ElementField(
                        value_set="economic_dept",
                        blank=True,
                        default="",
                        max_length=20,
                        verbose_name="部门预算经济分类",
                    ),
                ),
                (
                    "fund_type_code",
                    shucai.kernel.masterdata.fields.ElementField(
                        value_set="fund_type",
                        blank=True,
                        default="",
                        max_length=20,
                        verbose_name="资金性质",
                    ),
                ),
                (
                    "project_name",
                    models.CharField(blank=True, default="", max_length=200, verbose_name="项目"),
                ),
                (
                    "source_code",
                    shucai.kernel.masterdata.fields.ElementField(
                        value_set="budget_source",
                        blank=True,
                        default="",
                        max_length=20,
                        verbose_name="指标来源",
                    ),
                ),
                (
                    "doc_no",
                    models.CharField(blank=True, default="", max_length=60, verbose_name="文号"),
                ),
                (
                    "control",
                    models.CharField(
                        choices=[
                            ("none", "不控制"),
                            ("warn", "提示"),
                            ("hard", "刚性控制"),
                            ("always", "绝对控制"),
                        ],
                        default="hard",
                        max_length=6,
                        verbose_name="控制方式",
                    ),
                ),
                (
                    "period_mode",
                    models.CharField(
                        choices=[("year", "按年"), ("cumulative", "按月累计"), ("month", "按当月")],
                        default="year",
                        max_length=10,
                        verbose_name="控制期间",
                    ),
                ),
                (
                    "granted",
                    models.DecimalField(
                        decimal_places=2, default=0, max_digits=18, verbose_name="已下达"
                    ),
                ),
                (
                    "incoming",
                    models.DecimalField(
                        decimal_places=2, default=0, max_digits=18, verbose_name="待生效"
                    ),
                ),
                (
                    "held",
                    models.DecimalField(
                        decimal_places=2, default=0, max_digits=18, verbose_name="冻结"
                    ),
                ),
                (
                    "spent",
                    models.DecimalField(
                        decimal_places=2, default=0, max_digits=18, verbose_name="已用"
                    ),
                ),
                (
                    "available",
                    models.DecimalField(
                        decimal_places=2, default=0, max_digits=18, verbose_name="可用"
                    ),
                ),
                ("moved_at", models.DateTimeField(null=True, verbose_name="最近记账时间")),
                (
                    "unit",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="masterdata.unit",
                        verbose_name="预算单位",
                    ),
                ),
            ],
            options={
                "db_table": "ledger_account",
            },
        ),
        migrations.CreateModel(
            name="LedgerJournal",
            fields=[
                (
                    "key",
                    models.CharField(
                        db_collation="C", max_length=100, primary_key=True, serialize=False
                    ),
                ),
                ("id", models.BigIntegerField()),
                ("digest", models.BinaryField()),
                ("fiscal_year", models.SmallIntegerField(verbose_name="年度")),
                ("business_date", models.DateField(verbose_name="业务日期")),
                ("posted_at", models.DateTimeField(verbose_name="记账时间")),
                ("actor_id", models.BigIntegerField(verbose_name="操作人")),
                ("lines", models.IntegerField(verbose_name="笔数")),
                ("refused", models.JSONField(null=True)),
            ],
            options={
                "db_table": "ledger_journal",
            },
        ),
        migrations.CreateModel(
            name="LedgerHold",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "header_id",
                        "seq",
                        "account_id",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("header_id", models.BigIntegerField()),
                ("seq", models.IntegerField()),
                ("account_id", models.BigIntegerField()),
                (
                    "held",
                    models.DecimalField(
                        decimal_places=2, default=0, max_digits=18, verbose_name="冻结"
                    ),
                ),
                (
                    "settled",
                    models.DecimalField(
                        decimal_places=2, default=0, max_digits=18, verbose_name="核销"
                    ),
                ),
                (
                    "released",
                    models.DecimalField(
                        decimal_places=2, default=0, max_digits=18, verbose_name="释放"
                    ),
                ),
                (
                    "reversed",
                    models.DecimalField(
                        decimal_places=2, default=0, max_digits=18, verbose_name="红冲"
                    ),
                ),
                ("last", models.CharField(max_length=10, verbose_name="最近一次")),
            ],
            options={
                "db_table": "ledger_hold",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "held__gte",
                                django.db.models.expressions.CombinedExpression(
                                    models.F("settled"), "+", models.F("released")
                                ),
                            ),
                            ("settled__gte", models.F("reversed")),
                        ),
                        name="ledger_hold_once",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="LedgerPresentation",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("fiscal_year", models.SmallIntegerField(verbose_name="年度")),
                ("book", models.CharField(max_length=30, verbose_name="账簿")),
                ("kind", models.CharField(max_length=40, verbose_name="账户类别")),
                ("verb", models.CharField(max_length=10, verbose_name="方式")),
                ("debit_code", models.CharField(max_length=20, verbose_name="借方科目")),
                ("debit_name", models.CharField(max_length=60, verbose_name="借方科目名称")),
                ("credit_code", models.CharField(max_length=20, verbose_name="贷方科目")),
                ("credit_name", models.CharField(max_length=60, verbose_name="贷方科目名称")),
                ("is_red", models.BooleanField(default=False, verbose_name="红字")),
                ("edition", models.CharField(max_length=80, verbose_name="版本")),
                ("confidence", models.CharField(max_length=60, verbose_name="可信度")),
            ],
            options={
                "db_table": "ledger_presentation",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("fiscal_year", "book", "kind", "verb"),
                        name="ledger_presentation_once",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="LedgerWords",
            fields=[
                (
                    "account",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="+",
                        serialize=False,
                        to="ledger.ledgeraccount",
                    ),
                ),
                (
                    "bigrams",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=4), size=None
                    ),
                ),
            ],
            options={
                "db_table": "ledger_words",
                "indexes": [
                    django.contrib.postgres.indexes.GinIndex(
                        fields=["bigrams"], name="ledger_words_bigrams"
                    )
                ],
            },
        ),
        migrations.AddIndex(
            model_name="ledgeraccount",
            index=models.Index(
                fields=["book", "kind", "fiscal_year", "unit_path", "id"],
                name="ledger_account_unit",
            ),
        ),
        migrations.AddConstraint(
            model_name="ledgeraccount",
            constraint=models.UniqueConstraint(
                fields=("book", "kind", "fiscal_year", "division", "number"),
                name="ledger_account_number",
            ),
        ),
        migrations.AddConstraint(
            model_name="ledgeraccount",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("control", "always"), _negated=True),
                    ("available__gte", 0),
                    _connector="OR",
                ),
                name="ledger_account_always",
            ),
        ),
    ]

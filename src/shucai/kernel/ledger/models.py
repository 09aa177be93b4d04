"""台账表 ledger tables: accounts with balances, entries, journals, holds. All amounts in yuan.

The application role reads them within its scope and writes none of them; the functions of the
room are the only writers. Sums that are never negative are a domain in the database, which costs
a posting less than a check. Entries are partitioned by fiscal
year and never change.
"""

from decimal import Decimal

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Q

from shucai.kernel.ledger.terms import Control, PeriodMode
from shucai.kernel.masterdata.fields import ElementField


def _balance(label: str) -> "models.DecimalField[Decimal | int, Decimal]":
    return models.DecimalField(label, max_digits=18, decimal_places=2, default=0)


class LedgerAccount(models.Model):
    """台账账户: book × kind × elements × unit × year. Place, year, unit and number never change."""

    book = models.CharField("账簿", max_length=30)
    kind = models.CharField("账户类别", max_length=40)
    fiscal_year = models.SmallIntegerField("年度")
    division = models.CharField("财政区划", max_length=9)
    unit = models.ForeignKey(
        "masterdata.Unit", on_delete=models.PROTECT, verbose_name="预算单位", related_name="+"
    )
    unit_path = models.CharField(max_length=120, db_collation="C")
    office = models.CharField("业务科室", max_length=20, blank=True, default="")
    number = models.CharField("编号", max_length=80)
    name = models.CharField("名称", max_length=200, blank=True, default="")
    function_code = ElementField(
        "支出功能分类", value_set="functional", max_length=20, blank=True, default=""
    )
    gov_economy_code = ElementField(
        "政府预算经济分类", value_set="economic_gov", max_length=20, blank=True, default=""
    )
    dep_economy_code = ElementField(
        "部门预算经济分类", value_set="economic_dept", max_length=20, blank=True, default=""
    )
    fund_type_code = ElementField(
        "资金性质", value_set="fund_type", max_length=20, blank=True, default=""
    )
    project_name = models.CharField("项目", max_length=200, blank=True, default="")
    source_code = ElementField(
        "指标来源", value_set="budget_source", max_length=20, blank=True, default=""
    )
    doc_no = models.CharField("文号", max_length=60, blank=True, default="")
    control = models.CharField("控制方式", max_length=6, choices=Control, default=Control.HARD)
    period_mode = models.CharField(
        "控制期间", max_length=10, choices=PeriodMode, default=PeriodMode.YEAR
    )
    granted = _balance("已下达")
    incoming = _balance("待生效")
    held = _balance("冻结")
    spent = _balance("已用")
    available = _balance("可用")  # granted − held − spent, kept by the writer
    moved_at = models.DateTimeField("最近记账时间", null=True)

    class Meta:
        db_table = "ledger_account"
        constraints = [
            models.UniqueConstraint(
                fields=["book", "kind", "fiscal_year", "division", "number"],
                name="ledger_account_number",
            ),
            models.CheckConstraint(
                condition=~Q(control="always") | Q(available__gte=0), name="ledger_account_always"
            ),
        ]
        # No index names a balance: an indexed balance would make every posting touch them all.
        indexes = [
            models.Index(
                fields=["book", "kind", "fiscal_year", "unit_path", "id"],
                name="ledger_account_unit",
            ),
        ]

    def __str__(self) -> str:
        return self.number


class LedgerWords(models.Model):
    """账户检索: two-character pieces of an account's texts, apart so that balances stay small."""

    account = models.OneToOneField(
        LedgerAccount, on_delete=models.PROTECT, primary_key=True, related_name="+"
    )
    bigrams = ArrayField(models.CharField(max_length=4))

    class Meta:
        db_table = "ledger_words"
        indexes = [GinIndex(fields=["bigrams"], name="ledger_words_bigrams")]


class LedgerJournal(models.Model):
    """记账批次: one call of the writer. The same key and content return the first answer."""

    key = models.CharField(max_length=100, primary_key=True, db_collation="C")
    id = models.BigIntegerField()  # what entries name; no index, the proof joins by hash
    digest = models.BinaryField()
    fiscal_year = models.SmallIntegerField("年度")
    business_date = models.DateField("业务日期")
    posted_at = models.DateTimeField("记账时间")
    actor_id = models.BigIntegerField("操作人")
    lines = models.IntegerField("笔数")
    refused = models.JSONField(null=True)

    class Meta:
        db_table = "ledger_journal"


class LedgerHold(models.Model):
    """冻结: what one document line holds of one account, and what became of it.

    Still open is held − settled − released; each amount is resolved at most once.
    """

    pk = models.CompositePrimaryKey("header_id", "seq", "account_id")
    header_id = models.BigIntegerField()
    seq = models.IntegerField()
    account_id = models.BigIntegerField()
    held = _balance("冻结")
    settled = _balance("核销")
    released = _balance("释放")
    reversed = _balance("红冲")
    last = models.CharField("最近一次", max_length=10)

    class Meta:
        db_table = "ledger_hold"
        constraints = [
            models.CheckConstraint(
                condition=Q(held__gte=F("settled") + F("released"), settled__gte=F("reversed")),
                name="ledger_hold_once",
            )
        ]


class LedgerEntry(models.Model):
    """分录: an amount moved from one bucket to another; both legs in one row, for ever.

    Kept with the balances it left behind. The `to_` balances are empty unless the money went to
    another account. `posted_at` never runs backwards within an account.
    """

    pk = models.CompositePrimaryKey("fiscal_year", "account_id", "posted_at", "id")
    id = models.BigIntegerField()
    fiscal_year = models.SmallIntegerField("年度")
    account_id = models.BigIntegerField()
    to_account_id = models.BigIntegerField()
    verb = models.CharField("方式", max_length=10)
    amount = models.DecimalField("金额", max_digits=18, decimal_places=2)
    header_id = models.BigIntegerField()
    seq = models.IntegerField("行号")
    journal_id = models.BigIntegerField()
    actor_id = models.BigIntegerField("操作人")
    business_date = models.DateField("业务日期")
    posted_at = models.DateTimeField("记账时间")
    granted = _balance("已下达")
    incoming = _balance("待生效")
    held = _balance("冻结")
    spent = _balance("已用")
    to_granted = models.DecimalField(max_digits=18, decimal_places=2, null=True)
    to_incoming = models.DecimalField(max_digits=18, decimal_places=2, null=True)
    to_held = models.DecimalField(max_digits=18, decimal_places=2, null=True)
    to_spent = models.DecimalField(max_digits=18, decimal_places=2, null=True)

    class Meta:
        db_table = "ledger_entry"
        managed = False  # partitioned; made by the migrations


class LedgerPresentation(models.Model):
    """核算科目对照: how each verb prints as debit and credit of the official chart, by year."""

    fiscal_year = models.SmallIntegerField("年度")
    book = models.CharField("账簿", max_length=30)
    kind = models.CharField("账户类别", max_length=40)
    verb = models.CharField("方式", max_length=10)
    debit_code = models.CharField("借方科目", max_length=20)
    debit_name = models.CharField("借方科目名称", max_length=60)
    credit_code = models.CharField("贷方科目", max_length=20)
    credit_name = models.CharField("贷方科目名称", max_length=60)
    is_red = models.BooleanField("红字", default=False)
    edition = models.CharField("版本", max_length=80)
    confidence = models.CharField("可信度", max_length=60)

    class Meta:
        db_table = "ledger_presentation"
        constraints = [
            models.UniqueConstraint(
                fields=["fiscal_year", "book", "kind", "verb"], name="ledger_presentation_once"
            )
        ]

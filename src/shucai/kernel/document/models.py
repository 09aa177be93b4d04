"""单据抬头 header: one concrete table that every document type shares."""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Value
from django.db.models.functions import Cast


class Header(models.Model):
    """单据抬头: place, year, unit, state and sum of one document. Never deleted.

    `division`, `fiscal_year` and `unit` never change after the first save (database trigger).
    `amount` is in yuan. `number` is given at the first submit, without gaps.
    """

    type = models.CharField("单据类型", max_length=60)
    number = models.CharField("单号", max_length=60, null=True)
    fiscal_year = models.PositiveSmallIntegerField("年度")
    division = models.CharField("财政区划", max_length=9)
    unit = models.ForeignKey(
        "masterdata.Unit",
        on_delete=models.PROTECT,
        verbose_name="预算单位",
        related_name="+",
        db_index=False,  # lists go by unit_path; every move would maintain it
    )
    unit_path = models.CharField(max_length=120, db_collation="C")
    office = models.CharField("业务科室", max_length=20, blank=True, default="")
    state = models.CharField("状态", max_length=40)
    node = models.PositiveSmallIntegerField("节点", default=0)
    route = models.ForeignKey(
        "workflow.Route", on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    version = models.PositiveIntegerField("版本", default=1)
    is_editable = models.BooleanField(default=True)
    is_hung = models.BooleanField("挂起", default=False)
    amount = models.DecimalField("金额", max_digits=18, decimal_places=2, default=0)
    # Whole numbers are compared without a leak, so row-level security lets their index be used.
    amount_fen = models.GeneratedField(
        expression=Cast(models.F("amount") * 100, models.BigIntegerField()),
        output_field=models.BigIntegerField(),
        db_persist=True,
    )
    summary = models.CharField("摘要", max_length=200, blank=True, default="")
    # Extra fields of a published form layout: shown, never read by a rule or a posting.
    extra = models.JSONField("扩展栏目", default=dict, db_default=Value({}, models.JSONField()))
    business_date = models.DateField("业务日期")
    maker_id = models.BigIntegerField("经办人")
    maker_name = models.CharField("经办人", max_length=40)
    created_at = models.DateTimeField("创建时间")
    updated_at = models.DateTimeField("更新时间")
    submitted_at = models.DateTimeField("送审时间", null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["type", "number"], name="document_header_number")
        ]
        indexes = [
            models.Index(fields=["type", "fiscal_year", "-id"], name="document_header_list"),
            models.Index(
                fields=["type", "fiscal_year", "state", "-id"], name="document_header_state"
            ),
            models.Index(
                fields=["type", "fiscal_year", "unit_path", "-id"], name="document_header_unit"
            ),
            models.Index(
                fields=["type", "fiscal_year", "-amount_fen", "-id"], name="document_header_fen"
            ),
        ]

    def __str__(self) -> str:
        return self.address

    @property
    def address(self) -> str:
        """The number, or `~id` while the document has none."""
        return self.number or f"~{self.pk}"


class SearchText(models.Model):
    """检索词: the two-character pieces of a document's words.

    Apart from the header, since a header is written at every move and its words are not.
    """

    header = models.OneToOneField(
        Header, on_delete=models.CASCADE, primary_key=True, related_name="+"
    )
    bigrams = ArrayField(models.CharField(max_length=4), default=list)

    class Meta:
        indexes = [GinIndex(fields=["bigrams"], name="document_searchtext_bigrams")]


class Version(models.Model):
    """单据版本: what the document said when it was submitted. Append-only."""

    header = models.ForeignKey(
        Header,
        on_delete=models.PROTECT,
        related_name="versions",
        db_index=False,
        db_constraint=False,  # written with the header, by the same statement; never deleted
    )
    version = models.PositiveIntegerField()
    content = models.JSONField()
    actor_id = models.BigIntegerField()
    actor_name = models.CharField(max_length=40)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["header", "version"], name="document_version_once")
        ]


class Relation(models.Model):
    """单据关联: `source` led to `target`, line by line where lines are named."""

    source = models.ForeignKey(Header, on_delete=models.PROTECT, related_name="leads_to")
    target = models.ForeignKey(Header, on_delete=models.PROTECT, related_name="comes_from")
    kind = models.CharField(max_length=40)
    source_seq = models.PositiveIntegerField(null=True)
    target_seq = models.PositiveIntegerField(null=True)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["source", "target", "kind", "source_seq", "target_seq"],
                name="document_relation_once",
                nulls_distinct=False,
            )
        ]


class Counter(models.Model):
    """流水号: the last number given for one key; a row lock serialises only that key."""

    key = models.CharField(max_length=120, primary_key=True)
    last = models.BigIntegerField(default=0)


class Request(models.Model):
    """办理请求: the first answer to an idempotency key, returned again to a repeat."""

    key = models.CharField(max_length=80, primary_key=True)
    digest = models.CharField(max_length=64)
    outcome = models.JSONField()
    actor_id = models.BigIntegerField()
    at = models.DateTimeField()


class Autosave(models.Model):
    """暂存: what a user had typed, complete or not; one per user, type and document."""

    user_id = models.BigIntegerField()
    document_type = models.CharField(max_length=60)
    header = models.ForeignKey(Header, on_delete=models.CASCADE, null=True, related_name="+")
    content = models.JSONField()
    saved_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user_id", "document_type", "header"],
                name="document_autosave_once",
                nulls_distinct=False,
            )
        ]

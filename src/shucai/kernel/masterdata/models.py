"""主数据表 master data tables: value sets by year, code rules, relations, divisions and units.

Nothing here is deleted: a value or unit that is no longer used is stopped.
"""

from django.contrib.postgres.fields import ArrayField
from django.db import models

from shucai.kernel.masterdata.fields import CODE_MAX


class Division(models.Model):
    """财政区划: a place with its own budget, by 9-digit code."""

    code9 = models.CharField("区划代码", max_length=9, unique=True)
    name = models.CharField("区划", max_length=60)
    path = models.CharField("路径", max_length=120, db_collation="C", unique=True)
    level = models.PositiveSmallIntegerField("级次")
    parent = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="children")
    is_enabled = models.BooleanField("启用", default=True)

    def __str__(self) -> str:
        return self.name


class Unit(models.Model):
    """预算单位: a node of the unit tree. `path` is the key of data scope."""

    code = models.CharField("单位编码", max_length=20)
    name = models.CharField("单位名称", max_length=120)
    short_name = models.CharField("简称", max_length=60, blank=True, default="")
    pinyin = models.CharField(max_length=300, blank=True, default="")
    division_code = models.CharField("财政区划", max_length=9)
    parent = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="children")
    path = models.CharField("路径", max_length=120, db_collation="C", unique=True)
    level = models.PositiveSmallIntegerField("级次", default=1)
    kind = models.CharField("单位类型", max_length=20, blank=True, default="")
    office = models.CharField("业务科室", max_length=20, blank=True, default="")
    is_enabled = models.BooleanField("启用", default=True)
    valid_from = models.DateField("起", null=True)
    valid_to = models.DateField("止（不含）", null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["division_code", "code"], name="masterdata_unit_code"),
            models.CheckConstraint(
                condition=models.Q(path__regex=r"^[0-9]+(/[0-9A-Za-z]+)*$"),
                name="masterdata_unit_path",
            ),
        ]
        indexes = [
            models.Index(fields=["code"], name="masterdata_unit_by_code"),
            models.Index(fields=["parent", "code"], name="masterdata_unit_children"),
        ]

    def __str__(self) -> str:
        return self.name


class UnitSuccession(models.Model):
    """单位沿革: what became of a unit, and since when. Append-only."""

    KINDS = (("moved", "调整隶属"), ("merged", "合并"), ("split", "分立"), ("renamed", "更名"))

    kind = models.CharField("事项", max_length=8, choices=KINDS)
    source = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="later")
    target = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="earlier")
    old_path = models.CharField(max_length=120, db_collation="C")
    new_path = models.CharField(max_length=120, db_collation="C")
    effective_date = models.DateField("生效日期")
    reason = models.CharField("理由", max_length=200)
    actor_id = models.BigIntegerField()
    at = models.DateTimeField()


class ValueSet(models.Model):
    """值集: a catalogue of codes, such as the functional classification."""

    code = models.CharField("值集", max_length=40, unique=True)
    name = models.CharField("名称", max_length=80)
    national_code = models.CharField("国家标准目录", max_length=20, blank=True, default="")
    description = models.CharField("说明", max_length=300, blank=True, default="")

    def __str__(self) -> str:
        return self.name


class Value(models.Model):
    """要素值: one code of one year. `division` is empty for standard values."""

    value_set = models.ForeignKey(
        ValueSet,
        to_field="code",
        db_column="value_set",
        on_delete=models.PROTECT,
        related_name="values",
        verbose_name="值集",
    )
    fiscal_year = models.PositiveSmallIntegerField("年度")
    division = models.CharField("财政区划", max_length=9, blank=True, default="")
    code = models.CharField("编码", max_length=CODE_MAX, db_collation="C")
    name = models.CharField("名称", max_length=200)
    full_name = models.CharField("全称", max_length=600, blank=True, default="")
    parent_code = models.CharField(
        "上级编码", max_length=CODE_MAX, blank=True, default="", db_collation="C"
    )
    level = models.PositiveSmallIntegerField("级次", default=1)
    is_leaf = models.BooleanField("末级", default=True)
    is_enabled = models.BooleanField("启用", default=True)
    valid_from = models.DateField("起", null=True)
    valid_to = models.DateField("止（不含）", null=True)
    pinyin = models.CharField(max_length=600, blank=True, default="")
    edition = models.CharField("版本", max_length=60, blank=True, default="")
    source = models.CharField("出处", max_length=300, blank=True, default="")
    confidence = models.CharField("可信度", max_length=40, blank=True, default="")
    extra = models.JSONField("补充", default=dict)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["value_set", "fiscal_year", "division", "code"],
                name="masterdata_value_once",
            ),
            models.CheckConstraint(
                condition=~models.Q(code="") & ~models.Q(parent_code=models.F("code")),
                name="masterdata_value_code",
            ),
        ]
        indexes = [
            models.Index(
                fields=["value_set", "fiscal_year", "parent_code", "code"],
                name="masterdata_value_tree",
            )
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"


class CodeRule(models.Model):
    """编码规则: how many characters each level adds, and which ones."""

    CHARSETS = (("digits", "数字"), ("alphanumeric", "数字和大写字母"))

    value_set = models.ForeignKey(
        ValueSet,
        to_field="code",
        db_column="value_set",
        on_delete=models.PROTECT,
        related_name="+",
    )
    fiscal_year = models.PositiveSmallIntegerField("年度")
    lengths = ArrayField(models.PositiveSmallIntegerField(), verbose_name="各级长度")
    charset = models.CharField("字符", max_length=12, choices=CHARSETS, default="digits")
    # One for each level where levels differ; empty where `charset` holds for all.
    charsets = ArrayField(
        models.CharField(max_length=12), default=list, blank=True, verbose_name="各级字符"
    )
    reason = models.CharField("保留不符编码的理由", max_length=200, blank=True, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["value_set", "fiscal_year"], name="masterdata_code_rule_once"
            )
        ]


class ElementRelation(models.Model):
    """要素关联: a pair of codes that may stand together in one line."""

    code = models.CharField("关联", max_length=40)
    fiscal_year = models.PositiveSmallIntegerField("年度")
    left_set = models.CharField("左值集", max_length=40)
    left_code = models.CharField("左编码", max_length=CODE_MAX, db_collation="C")
    right_set = models.CharField("右值集", max_length=40)
    right_code = models.CharField("右编码", max_length=CODE_MAX, db_collation="C")
    is_enabled = models.BooleanField("启用", default=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["code", "fiscal_year", "left_code", "right_code"],
                name="masterdata_relation_once",
            )
        ]


class ElementLevel(models.Model):
    """要素级次: how deep a code must go in one field of one document type, and whether it must."""

    document_type = models.CharField("单据类型", max_length=60)
    field = models.CharField("字段", max_length=60)
    value_set = models.CharField("值集", max_length=40)
    fiscal_year = models.PositiveSmallIntegerField("年度")
    division = models.CharField("财政区划", max_length=9, blank=True, default="")
    min_level = models.PositiveSmallIntegerField("最低级次", default=1)
    required = models.BooleanField("必填", default=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["document_type", "field", "fiscal_year", "division"],
                name="masterdata_level_once",
            )
        ]


class CodeMapping(models.Model):
    """新旧编码对照: what a code of one year is called in another, for comparison."""

    KINDS = (("same", "沿用"), ("renamed", "改名"), ("moved", "改码"), ("merged", "合并"),
             ("split", "拆分"), ("stopped", "取消"))  # fmt: skip

    value_set = models.ForeignKey(
        ValueSet,
        to_field="code",
        db_column="value_set",
        on_delete=models.PROTECT,
        related_name="+",
    )
    from_year = models.PositiveSmallIntegerField("原年度")
    from_code = models.CharField("原编码", max_length=CODE_MAX, db_collation="C")
    to_year = models.PositiveSmallIntegerField("新年度")
    to_code = models.CharField(
        "新编码", max_length=CODE_MAX, blank=True, default="", db_collation="C"
    )
    kind = models.CharField("关系", max_length=8, choices=KINDS, default="same")
    share = models.DecimalField("比例", max_digits=5, decimal_places=4, default=1)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(share__gt=0) & models.Q(share__lte=1),
                name="masterdata_mapping_share",
            ),
            models.UniqueConstraint(
                fields=["value_set", "from_year", "from_code", "to_year", "to_code"],
                name="masterdata_mapping_once",
            ),
        ]


class ValueRule(models.Model):
    """定值规则: where a condition over the elements holds, another element has this value."""

    code = models.CharField("规则编号", max_length=40)
    name = models.CharField("规则名称", max_length=80)
    fiscal_year = models.PositiveSmallIntegerField("年度")
    division = models.CharField("财政区划", max_length=9, blank=True, default="")
    condition = models.CharField("条件", max_length=500)
    value_set = models.CharField("定值的值集", max_length=40)
    value = models.CharField("定为", max_length=CODE_MAX, db_collation="C")
    is_forced = models.BooleanField("强制", default=True)  # else only proposed
    position = models.PositiveSmallIntegerField("顺序", default=100)
    is_enabled = models.BooleanField("启用", default=True)
    basis = models.CharField("依据", max_length=200, blank=True, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["fiscal_year", "division", "code"], name="masterdata_value_rule_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"


class Publication(models.Model):
    """下发: local values one division offers to others, as they were at that moment."""

    value_set = models.ForeignKey(
        ValueSet,
        to_field="code",
        db_column="value_set",
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name="值集",
    )
    fiscal_year = models.PositiveSmallIntegerField("年度")
    division = models.CharField("发布区划", max_length=9)
    targets = ArrayField(
        models.CharField(max_length=9), default=list, blank=True, verbose_name="接收区划"
    )
    title = models.CharField("说明", max_length=120)
    rows = models.JSONField("内容", default=list)
    count = models.PositiveIntegerField("编码数")
    actor_id = models.BigIntegerField()
    actor_name = models.CharField("发布人", max_length=60)
    at = models.DateTimeField("发布时间")
    withdrawn_at = models.DateTimeField("收回时间", null=True)

    def __str__(self) -> str:
        return self.title


class PublicationTaking(models.Model):
    """接收: what a division did with a publication. Append-only."""

    publication = models.ForeignKey(Publication, on_delete=models.PROTECT, related_name="takings")
    division = models.CharField("接收区划", max_length=9)
    added = models.PositiveIntegerField("新增")
    changed = models.PositiveIntegerField("变更")
    unchanged = models.PositiveIntegerField("不变")
    actor_id = models.BigIntegerField()
    actor_name = models.CharField("接收人", max_length=60)
    at = models.DateTimeField("接收时间")


class MasterdataVersion(models.Model):
    """数据版本: changes whenever values change; caches compare it."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    version = models.UUIDField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(id=1), name="masterdata_version_single")
        ]

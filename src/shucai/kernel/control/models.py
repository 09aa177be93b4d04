"""控制数据 configured rules, allowlist entries and the findings that were let through."""

from django.db import models


class ConfiguredRule(models.Model):
    """配置规则: a formula that must hold for every document of a type at a move."""

    LEVELS = (("forbid", "禁止"), ("warn", "警告"), ("flag", "预警"), ("record", "记录"))

    code = models.CharField("规则编号", max_length=40)
    name = models.CharField("规则名称", max_length=80)
    document_type = models.CharField("单据类型", max_length=60)
    action = models.CharField("环节", max_length=40)
    fiscal_year = models.PositiveSmallIntegerField("年度")
    division = models.CharField("财政区划", max_length=9, blank=True, default="")
    formula = models.CharField("公式", max_length=1000)
    level = models.CharField("处理方式", max_length=6, choices=LEVELS, default="warn")
    message = models.CharField("提示", max_length=200)
    fix = models.CharField("处理建议", max_length=200)
    basis = models.CharField("依据", max_length=200, blank=True, default="")
    is_active = models.BooleanField("启用", default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["code", "fiscal_year", "division"], name="control_rule_code"
            )
        ]


class AllowlistEntry(models.Model):
    """白名单: one rule does not apply to one unit (or payee account) until a day."""

    rule_code = models.CharField("规则", max_length=40)
    unit_path = models.CharField("单位", max_length=120, db_collation="C")
    reason = models.CharField("理由", max_length=200)
    approved_by = models.BigIntegerField("批准人")
    valid_from = models.DateField("起")
    valid_to = models.DateField("止（不含）")


class RecordedFinding(models.Model):
    """疑点: a finding that did not stop the document, with the written reason."""

    header = models.ForeignKey(
        "document.Header", on_delete=models.PROTECT, related_name="findings", db_constraint=False
    )
    code = models.CharField("规则", max_length=40)
    level = models.CharField("级别", max_length=6)
    place = models.CharField("位置", max_length=80, blank=True, default="")
    text = models.CharField("内容", max_length=600)
    reason = models.CharField("理由", max_length=500, blank=True, default="")
    actor_id = models.BigIntegerField()
    at = models.DateTimeField()
    unit_path = models.CharField(max_length=120, db_collation="C")
    office = models.CharField(max_length=20, blank=True, default="")

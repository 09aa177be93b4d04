"""审计表 audit tables: rows and the seals that chain them. Both append-only."""

from django.db import models


class AuditEntry(models.Model):
    """One action. `body` is the canonical JSON; the other columns are read out of it."""

    body = models.TextField()
    leaf = models.BinaryField()
    transaction = models.BigIntegerField()
    actor_id = models.BigIntegerField("操作人", null=True)
    action = models.CharField("操作", max_length=80)
    target_type = models.CharField("对象类型", max_length=60)
    target = models.CharField("对象", max_length=80)
    result = models.CharField("结果", max_length=12)
    at = models.DateTimeField("时间")

    class Meta:
        db_table = "audit_row"
        indexes = [
            models.Index(fields=["target_type", "target", "id"], name="audit_row_target"),
            models.Index(fields=["actor_id", "id"], name="audit_row_actor"),
        ]


class AuditSeal(models.Model):
    """A link of the chain: the hash over the previous head and the leaves of these rows."""

    rows = models.PositiveIntegerField()
    first_row = models.BigIntegerField()
    last_row = models.BigIntegerField()
    row_ids = models.TextField()
    previous = models.BinaryField()
    head = models.BinaryField()
    algorithm = models.CharField(max_length=10)
    sealed_at = models.DateTimeField()

    class Meta:
        db_table = "audit_seal"

"""流程数据 routes as data, to-do items, and the steps that have been taken (append-only)."""

from django.contrib.postgres.fields import ArrayField
from django.db import models


class Route(models.Model):
    """审批路线 approval route: the nodes inside one review; a release of it never changes.

    Written by the database alone, when a configuration of the kind `route` comes into force.
    No division is every division, year 0 is every year. A published route counts at its place,
    one on trial for the units below `trial_paths`; the others are kept for the documents that
    entered their review with them.
    """

    document_type = models.CharField("单据类型", max_length=60)
    action = models.CharField("环节", max_length=40)
    division = models.CharField("财政区划", max_length=9, blank=True, default="")
    fiscal_year = models.PositiveSmallIntegerField("年度")
    release = models.PositiveIntegerField("版本", default=1)
    is_published = models.BooleanField("已发布", default=False)
    trial_paths = ArrayField(
        models.CharField(max_length=120, db_collation="C"), default=list, verbose_name="试行范围"
    )
    configured = models.BigIntegerField("配置发布", null=True, unique=True)
    name = models.CharField("名称", max_length=80)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["document_type", "action", "division", "fiscal_year", "release"],
                name="workflow_route_release",
            )
        ]


class RouteNode(models.Model):
    """审批节点 node: who decides there, when it applies, and within how many hours."""

    MODES = (("any", "任一人"), ("all", "会签"))

    route = models.ForeignKey(Route, on_delete=models.CASCADE, related_name="nodes")
    seq = models.PositiveSmallIntegerField("序号")
    name = models.CharField("节点", max_length=40)
    duties = ArrayField(models.CharField(max_length=60), verbose_name="职责")
    mode = models.CharField("方式", max_length=3, choices=MODES, default="any")
    condition = models.CharField("条件", max_length=400, blank=True, default="")
    amount_from = models.DecimalField("金额起（含）", max_digits=18, decimal_places=2, null=True)
    amount_to = models.DecimalField("金额止（不含）", max_digits=18, decimal_places=2, null=True)
    hours = models.PositiveSmallIntegerField("时限（小时）", default=24)
    may_hand_over = models.BooleanField("可转办", default=True)
    may_add_signer = models.BooleanField("可加签", default=True)

    class Meta:
        ordering = ["seq"]
        constraints = [models.UniqueConstraint(fields=["route", "seq"], name="workflow_node_seq")]


class Todo(models.Model):
    """待办 to-do: open until somebody who may decide has decided, or the document moved on."""

    header = models.ForeignKey(
        "document.Header", on_delete=models.PROTECT, related_name="todos", db_constraint=False
    )
    document_type = models.CharField(max_length=60)
    fiscal_year = models.PositiveSmallIntegerField()
    unit_path = models.CharField(max_length=120, db_collation="C")
    office = models.CharField(max_length=20, blank=True, default="")
    duty = models.CharField(max_length=60)
    user_id = models.BigIntegerField(null=True)  # named person after 转办 or 加签
    node = models.PositiveSmallIntegerField(default=0)
    label = models.CharField("环节", max_length=40)
    arrived_at = models.DateTimeField("到达时间")
    due_at = models.DateTimeField("时限", null=True)
    is_required = models.BooleanField(default=False)  # 会签、加签: the node waits for this one
    is_open = models.BooleanField(default=True)
    closed_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["duty", "unit_path", "-id"],
                name="workflow_todo_open",
                condition=models.Q(is_open=True),
            ),
        ]


class Step(models.Model):
    """办理记录 step: who did what, when, from which state to which, with which opinion."""

    header = models.ForeignKey(
        "document.Header",
        on_delete=models.PROTECT,
        related_name="steps",
        db_constraint=False,
        db_index=False,  # workflow_step_header begins with it
    )
    action = models.CharField(max_length=40)
    label = models.CharField("环节", max_length=40)
    source = models.CharField(max_length=40)
    target = models.CharField(max_length=40)
    node = models.PositiveSmallIntegerField(default=0)
    actor_id = models.BigIntegerField()
    actor_name = models.CharField("办理人", max_length=40)
    position_name = models.CharField("岗位", max_length=80)
    opinion = models.CharField("意见", max_length=500, blank=True, default="")
    findings = models.JSONField("提示", default=list)
    at = models.DateTimeField("时间")

    class Meta:
        indexes = [models.Index(fields=["header", "id"], name="workflow_step_header")]

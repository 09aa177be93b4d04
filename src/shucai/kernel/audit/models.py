"""审计表 audit tables: rows and the seals that chain them, both append-only; and beside them the
logs that are kept for a time: interface calls, defects, and the receipts of deposited heads.
"""

import json
from collections.abc import Mapping
from functools import cached_property
from typing import Any

from django.contrib.postgres.indexes import BrinIndex
from django.db import models


class AuditEntry(models.Model):
    """One action. `body` is the canonical JSON; the other columns are read out of it."""

    RESULTS = (("done", "完成"), ("refused", "拒绝"))

    body = models.TextField()
    leaf = models.BinaryField()
    transaction = models.BigIntegerField()
    actor_id = models.BigIntegerField("操作人", null=True)
    action = models.CharField("操作", max_length=80)
    target_type = models.CharField("对象类型", max_length=60)
    target = models.CharField("对象", max_length=80)
    result = models.CharField("结果", max_length=12, choices=RESULTS)
    at = models.DateTimeField("时间")
    name = models.CharField("人员", max_length=80, default="")
    unit_name = models.CharField("单位", max_length=120, default="")
    trace = models.CharField("跟踪号", max_length=64, default="")

    class Meta:
        db_table = "audit_row"
        indexes = [
            models.Index(fields=["target_type", "target", "id"], name="audit_row_target"),
            models.Index(fields=["actor_id", "id"], name="audit_row_actor"),
            models.Index(fields=["trace"], name="audit_row_trace", condition=~models.Q(trace="")),
            BrinIndex(fields=["at"], name="audit_row_at"),
        ]

    @cached_property
    def said(self) -> Mapping[str, Any]:
        """The body, read."""
        found: dict[str, Any] = json.loads(self.body)
        return found

    @property
    def detail(self) -> Mapping[str, Any]:
        return self.said.get("detail") or {}


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


class HeadDeposit(models.Model):
    """链值寄存: a head given to another party, and what that party answered. Append-only."""

    WAYS = (("file", "下载文件"), ("http", "网络报送"))
    RESULTS = (("done", "已寄存"), ("failed", "未送达"))

    seal = models.BigIntegerField("封存序号")
    head = models.CharField("链值", max_length=128)
    algorithm = models.CharField("算法", max_length=10)
    way = models.CharField("方式", max_length=4, choices=WAYS)
    address = models.CharField("接收地址", max_length=300, blank=True, default="")
    result = models.CharField("结果", max_length=6, choices=RESULTS)
    receipt = models.CharField("回执", max_length=500, blank=True, default="")
    actor_name = models.CharField("经办人", max_length=40)
    at = models.DateTimeField("时间")

    class Meta:
        db_table = "audit_deposit"


class InterfaceCall(models.Model):
    """接口调用: one request to the API, without its content."""

    at = models.DateTimeField("时间")
    trace = models.CharField("跟踪号", max_length=64)
    method = models.CharField("方法", max_length=8)
    route = models.CharField("接口", max_length=200)
    status = models.PositiveSmallIntegerField("状态码")
    milliseconds = models.PositiveIntegerField("耗时（毫秒）")
    code = models.CharField("拒绝代码", max_length=10, blank=True, default="")
    token_id = models.BigIntegerField("令牌号", null=True)
    token_name = models.CharField("令牌", max_length=80, blank=True, default="")
    application = models.CharField("应用", max_length=40, blank=True, default="")
    actor_id = models.BigIntegerField("人员", null=True)
    actor_name = models.CharField("人员", max_length=40, blank=True, default="")
    unit_name = models.CharField("单位", max_length=120, blank=True, default="")
    unit_path = models.CharField(max_length=120, blank=True, default="", db_collation="C")
    ip = models.CharField("来源地址", max_length=45, blank=True, default="")

    class Meta:
        db_table = "audit_call"
        indexes = [
            models.Index(fields=["token_id", "-id"], name="audit_call_token"),
            models.Index(fields=["trace"], name="audit_call_trace"),
            BrinIndex(fields=["at"], name="audit_call_at"),
        ]


class Defect(models.Model):
    """系统故障: one fault of ours. Kind and place, never what the message said or was sent."""

    CHANNELS = (("web", "网页"), ("api", "接口"), ("job", "后台任务"))

    at = models.DateTimeField("时间")
    trace = models.CharField("事件编号", max_length=64)
    channel = models.CharField("通道", max_length=4, choices=CHANNELS)
    method = models.CharField("方法", max_length=8, blank=True, default="")
    route = models.CharField("地址", max_length=200, blank=True, default="")
    exception = models.CharField("异常类型", max_length=120)
    place = models.CharField("位置", max_length=200)
    actor_id = models.BigIntegerField("人员", null=True)
    actor_name = models.CharField("人员", max_length=40, blank=True, default="")
    unit_name = models.CharField("单位", max_length=120, blank=True, default="")
    unit_path = models.CharField(max_length=120, blank=True, default="", db_collation="C")

    class Meta:
        db_table = "audit_defect"
        indexes = [
            models.Index(fields=["exception", "place"], name="audit_defect_kind"),
            models.Index(fields=["trace"], name="audit_defect_trace"),
        ]

"""草稿与发布 drafts, releases, what is in force, and the processes that follow.

A place is kind × key × division × year: no division is every division, year 0 is every year.
The application writes drafts and the presence of its own processes; everything else is written
by the functions in `sql`, which look for themselves at who acts.
"""

import json
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models

from shucai.kernel.configuration.declare import Content, Place


class _AtPlace(models.Model):
    kind = models.CharField("配置种类", max_length=60)
    key = models.CharField("对象", max_length=120)
    division = models.CharField("财政区划", max_length=9, blank=True, default="")
    fiscal_year = models.PositiveSmallIntegerField("年度", default=0)

    class Meta:
        abstract = True

    @property
    def place(self) -> Place:
        return Place(self.kind, self.key, self.division, self.fiscal_year)


_PLACE = ["kind", "key", "division", "fiscal_year"]


class Draft(_AtPlace):
    """草稿: the one text being edited at a place; `version` counts its savings."""

    content: Any = models.JSONField("内容")
    base_number = models.PositiveIntegerField("底稿发布号", default=0)
    version = models.PositiveIntegerField("版本", default=1)
    edited_by = models.BigIntegerField("编辑人")
    edited_name = models.CharField("编辑人", max_length=40)
    edited_at = models.DateTimeField("编辑时间")

    class Meta:
        constraints = [models.UniqueConstraint(fields=_PLACE, name="configuration_draft_place")]


class Release(_AtPlace):
    """发布: a whole content that never changes. `body` is its canonical text, `digest` the
    SHA-256 of that text, computed by the database."""

    STATES = (
        ("proposed", "待发布"),
        ("rejected", "已驳回"),
        ("withdrawn", "已撤回"),
        ("trial", "试行中"),
        ("published", "现行"),
        ("replaced", "已被替代"),
        ("abandoned", "已回退"),
    )

    number = models.PositiveIntegerField("发布号")
    body = models.TextField("内容")
    digest = models.CharField("摘要", max_length=64)
    base_number = models.PositiveIntegerField("底稿发布号", default=0)
    note = models.CharField("发布说明", max_length=200)
    state = models.CharField("状态", max_length=10, choices=STATES, default="proposed")
    proposed_by = models.BigIntegerField("提出人")
    proposed_name = models.CharField("提出人", max_length=40)
    proposed_at = models.DateTimeField("提出时间")
    decided_by = models.BigIntegerField("发布人", null=True)
    decided_name = models.CharField("发布人", max_length=40, blank=True, default="")
    decided_at = models.DateTimeField("发布时间", null=True)
    opinion = models.CharField("意见", max_length=200, blank=True, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=[*_PLACE, "number"], name="configuration_release_no"),
            models.UniqueConstraint(
                fields=_PLACE,
                condition=models.Q(state="proposed"),
                name="configuration_release_waiting",
            ),
            models.CheckConstraint(
                condition=models.Q(state="withdrawn")
                | models.Q(decided_by__isnull=True)
                | ~models.Q(decided_by=models.F("proposed_by")),
                name="configuration_release_two_persons",
            ),
            models.CheckConstraint(
                condition=models.Q(state="proposed", decided_by__isnull=True)
                | (~models.Q(state="proposed") & models.Q(decided_by__isnull=False)),
                name="configuration_release_decided",
            ),
        ]
        indexes = [models.Index(fields=["state", "-id"], name="configuration_release_state")]

    @property
    def content(self) -> Content:
        found: Content = json.loads(self.body)
        return found

    @property
    def title(self) -> str:
        return f"第 {self.number} 号发布"


class InForce(_AtPlace):
    """现行: which release counts at a place, and which one is tried by some units."""

    published = models.ForeignKey(
        Release, on_delete=models.PROTECT, null=True, related_name="+", verbose_name="现行发布"
    )
    trial = models.ForeignKey(
        Release, on_delete=models.PROTECT, null=True, related_name="+", verbose_name="试行发布"
    )
    trial_paths = ArrayField(
        models.CharField(max_length=120, db_collation="C"), default=list, verbose_name="试行范围"
    )
    changed_at = models.DateTimeField("变更时间")

    class Meta:
        constraints = [models.UniqueConstraint(fields=_PLACE, name="configuration_inforce_place")]


class Rollback(_AtPlace):
    """回退: a proposal to point back at an earlier release; number 0 is the standard content."""

    STATES = (
        ("proposed", "待批准"),
        ("approved", "已回退"),
        ("rejected", "已驳回"),
        ("withdrawn", "已撤回"),
    )

    from_number = models.PositiveIntegerField("现行发布号")
    to_number = models.PositiveIntegerField("回退到")
    reason = models.CharField("理由", max_length=200)
    state = models.CharField("状态", max_length=10, choices=STATES, default="proposed")
    proposed_by = models.BigIntegerField("提出人")
    proposed_name = models.CharField("提出人", max_length=40)
    proposed_at = models.DateTimeField("提出时间")
    decided_by = models.BigIntegerField("批准人", null=True)
    decided_name = models.CharField("批准人", max_length=40, blank=True, default="")
    decided_at = models.DateTimeField("批准时间", null=True)
    opinion = models.CharField("意见", max_length=200, blank=True, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=_PLACE,
                condition=models.Q(state="proposed"),
                name="configuration_rollback_waiting",
            ),
            models.CheckConstraint(
                condition=models.Q(state="withdrawn")
                | models.Q(decided_by__isnull=True)
                | ~models.Q(decided_by=models.F("proposed_by")),
                name="configuration_rollback_two_persons",
            ),
        ]


class Operation(_AtPlace):
    """历史: what was done at a place, by whom, when, why; rows are only added."""

    KINDS = (
        ("proposed", "提出发布"),
        ("rejected", "驳回"),
        ("withdrawn", "撤回"),
        ("tried", "开始试行"),
        ("widened", "调整试行范围"),
        ("stopped", "停止试行"),
        ("published", "发布"),
        ("rollback_proposed", "提出回退"),
        ("rollback_rejected", "驳回回退"),
        ("rollback_withdrawn", "撤回回退"),
        ("rolled_back", "回退"),
    )

    operation = models.CharField("操作", max_length=20, choices=KINDS)
    number = models.PositiveIntegerField("发布号")
    from_number = models.PositiveIntegerField("此前现行")
    paths = ArrayField(models.CharField(max_length=120), default=list, verbose_name="试行范围")
    actor_id = models.BigIntegerField("办理人")
    actor_name = models.CharField("办理人", max_length=40)
    at = models.DateTimeField("时间")
    note = models.CharField("说明", max_length=200, blank=True, default="")
    serial = models.BigIntegerField("配置版次", null=True)

    class Meta:
        indexes = [models.Index(fields=[*_PLACE, "-id"], name="configuration_operation_place")]


class ConfigurationVersion(models.Model):
    """配置版次: one row; every change of what is in force counts it up."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    serial = models.BigIntegerField("版次", default=1)
    version = models.UUIDField("标识")
    changed_at = models.DateTimeField("变更时间", null=True)


class Office(models.Model):
    """办理职责: for kinds edited and published by others than the officers; set by migrations."""

    kind = models.CharField("配置种类", max_length=60, primary_key=True)
    editor = models.CharField("编辑职责", max_length=60)
    publisher = models.CharField("发布职责", max_length=60)


class Process(models.Model):
    """进程: a running process, and the version it has taken over."""

    id = models.UUIDField(primary_key=True)
    kind = models.CharField("进程", max_length=10, choices=(("web", "网页"), ("worker", "后台")))
    host = models.CharField("主机", max_length=80)
    process_id = models.IntegerField("进程号")
    started_at = models.DateTimeField("启动时间")
    seen_at = models.DateTimeField("最近联系")
    serial = models.BigIntegerField("已生效版次")
    acknowledged_at = models.DateTimeField("确认时间")

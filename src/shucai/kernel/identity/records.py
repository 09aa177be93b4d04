"""权限台账 records around rights: delegations, exclusions, requests, leavers, reviews, findings.

None of them gives a right by itself: rights change through `RightsChange`, and a delegation lends
what the person has for a time, through a function of the database.
"""

from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models

from shucai.kernel.identity.models import Appointment, RightsChange, User


class Delegation(models.Model):
    """委托: duties of an appointment lent to a colleague between two days."""

    user = models.ForeignKey(
        User, on_delete=models.PROTECT, related_name="+", verbose_name="委托人"
    )
    deputy = models.ForeignKey(
        User, on_delete=models.PROTECT, related_name="+", verbose_name="受托人"
    )
    source = models.ForeignKey(
        Appointment, on_delete=models.PROTECT, related_name="+", verbose_name="委托的任职"
    )
    appointment = models.OneToOneField(
        Appointment, on_delete=models.PROTECT, related_name="delegation"
    )
    duties = ArrayField(models.CharField(max_length=60), verbose_name="职责", default=list)
    valid_from = models.DateField("起")
    valid_to = models.DateField("止（不含）")
    reason = models.CharField("理由", max_length=200)
    unit_path = models.CharField("数据范围", max_length=120, db_collation="C")
    office = models.CharField("业务科室", max_length=20, blank=True, default="")
    created_at = models.DateTimeField("委托时间")
    ended_at = models.DateTimeField("收回时间", null=True)
    ended_name = models.CharField("收回人", max_length=40, blank=True, default="")
    end_reason = models.CharField("收回原因", max_length=200, blank=True, default="")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(user=models.F("deputy")), name="identity_delegation_other"
            ),
            models.CheckConstraint(
                condition=models.Q(valid_to__gt=models.F("valid_from")),
                name="identity_delegation_span",
            ),
        ]
        indexes = [
            models.Index(fields=["user", "-id"], name="identity_delegation_user"),
            models.Index(fields=["deputy", "-id"], name="identity_delegation_deputy"),
        ]


class DutyExclusion(models.Model):
    """不相容职责: a pair that one person may not hold, besides the declared ones."""

    left = models.CharField("职责", max_length=60)
    right = models.CharField("不相容职责", max_length=60)
    reason = models.CharField("依据", max_length=200, blank=True, default="")
    is_enabled = models.BooleanField("启用", default=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["left", "right"], name="identity_exclusion_once"),
            models.CheckConstraint(
                condition=models.Q(left__lt=models.F("right")), name="identity_exclusion_order"
            ),
        ]


class RightsRequest(models.Model):
    """用户权限申请: what a unit asks for; the system administrator makes a change of it."""

    KINDS = (
        ("user.hire", "新增用户"),
        ("appointment.create", "增加岗位"),
        ("user.transfer", "调岗"),
        ("appointment.end", "减少岗位"),
        ("user.disable", "停用用户"),
        ("user.enable", "恢复用户"),
        ("user.reset_password", "重置密码"),
    )
    STATES = (
        ("submitted", "待受理"),
        ("taken", "待审批"),
        ("done", "已生效"),
        ("rejected", "已驳回"),
        ("returned", "已退回"),
        ("withdrawn", "已撤回"),
    )

    kind = models.CharField("事项", max_length=30, choices=KINDS)
    subject = models.CharField("用户", max_length=80)
    wanted: Any = models.JSONField("申请内容", default=dict)
    summary = models.CharField("说明", max_length=200)
    reason = models.CharField("理由", max_length=200)
    attachment_id = models.BigIntegerField("附件", null=True)
    attachment_name = models.CharField("附件", max_length=200, blank=True, default="")
    unit_code = models.CharField("单位编码", max_length=20, blank=True, default="")
    unit_name = models.CharField("申请单位", max_length=120, blank=True, default="")
    unit_path = models.CharField("单位路径", max_length=120, db_collation="C")
    office = models.CharField("业务科室", max_length=20, blank=True, default="")
    state = models.CharField("状态", max_length=10, choices=STATES, default="submitted")
    requested_by = models.BigIntegerField("申请人")
    requested_name = models.CharField("申请人", max_length=40)
    requested_at = models.DateTimeField("申请时间")
    handled_name = models.CharField("受理人", max_length=40, blank=True, default="")
    handled_at = models.DateTimeField("受理时间", null=True)
    opinion = models.CharField("意见", max_length=200, blank=True, default="")
    change = models.ForeignKey(
        RightsChange, on_delete=models.PROTECT, null=True, related_name="requests"
    )

    class Meta:
        indexes = [models.Index(fields=["state", "-id"], name="identity_request_state")]


class Leaver(models.Model):
    """离岗人员: who left on which day; on that day nothing of his rights is left."""

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    left_on = models.DateField("离岗日期")
    reason = models.CharField("原因", max_length=200, blank=True, default="")
    change_id = models.BigIntegerField("权限变更", null=True)
    recorded_at = models.DateTimeField("批准时间")
    done_at = models.DateTimeField("清理时间", null=True)
    returned = models.PositiveIntegerField("移交待办", null=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["left_on"],
                name="identity_leaver_due",
                condition=models.Q(done_at__isnull=True),
            )
        ]


class ReviewCampaign(models.Model):
    """权限复核: every appointment below a place is confirmed or removed by a day."""

    STATES = (("open", "进行中"), ("closed", "已结束"))

    title = models.CharField("名称", max_length=80)
    root_path = models.CharField("范围", max_length=120, db_collation="C")
    deadline = models.DateField("截止日期")
    state = models.CharField("状态", max_length=8, choices=STATES, default="open")
    opened_by = models.BigIntegerField("发起人")
    opened_name = models.CharField("发起人", max_length=40)
    opened_at = models.DateTimeField("发起时间")
    closed_at = models.DateTimeField("结束时间", null=True)


class ReviewItem(models.Model):
    """复核事项: one appointment of a campaign and what was decided about it."""

    DECISIONS = (("open", "未复核"), ("keep", "保留"), ("remove", "取消"))

    campaign = models.ForeignKey(ReviewCampaign, on_delete=models.CASCADE, related_name="items")
    appointment = models.ForeignKey(Appointment, on_delete=models.PROTECT, related_name="+")
    person = models.CharField("用户", max_length=40)
    username = models.CharField("登录名", max_length=40)
    position = models.CharField("岗位", max_length=80)
    unit_name = models.CharField("单位", max_length=120, blank=True, default="")
    unit_path = models.CharField("数据范围", max_length=120, db_collation="C")
    office = models.CharField("业务科室", max_length=20, blank=True, default="")
    last_login_at = models.DateTimeField("上次登录", null=True)
    decision = models.CharField("结论", max_length=8, choices=DECISIONS, default="open")
    decided_by = models.BigIntegerField("复核人", null=True)
    decided_name = models.CharField("复核人", max_length=40, blank=True, default="")
    decided_at = models.DateTimeField("复核时间", null=True)
    opinion = models.CharField("意见", max_length=200, blank=True, default="")
    change = models.ForeignKey(RightsChange, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["campaign", "appointment"], name="identity_review_once")
        ]


class RightsFinding(models.Model):
    """权限检查发现: what the nightly scan found, since when, and until when."""

    KINDS = (
        ("collision", "不相容职责"),
        ("dormant", "长期未登录"),
        ("idle_user", "无有效任职"),
        ("overdue", "离岗未清理"),
    )

    kind = models.CharField("类别", max_length=10, choices=KINDS)
    key = models.CharField(max_length=200)
    user_id = models.BigIntegerField("用户", null=True)
    who = models.CharField("对象", max_length=80)
    detail = models.CharField("说明", max_length=400)
    first_seen = models.DateTimeField("首次发现")
    last_seen = models.DateTimeField("最近发现")
    resolved_at = models.DateTimeField("消除时间", null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "key"],
                condition=models.Q(resolved_at__isnull=True),
                name="identity_finding_open",
            )
        ]
        indexes = [models.Index(fields=["resolved_at", "-id"], name="identity_finding_list")]

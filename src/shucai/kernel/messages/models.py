"""消息的记录 records: notices, one row per person told (`key` keeps a repeated event from telling
twice); the ways a person wants to be told besides; what went out that way."""

from django.db import models


class Notice(models.Model):
    """一条通知 what happened, and the page to look at."""

    LEVELS = (("info", "提示"), ("success", "办结"), ("warning", "注意"), ("urgent", "紧急"))

    user_id = models.BigIntegerField("收件人")
    title = models.CharField("标题", max_length=120)
    body = models.CharField("内容", max_length=1000, blank=True, default="")
    link = models.CharField("链接", max_length=300, blank=True, default="")
    level = models.CharField("级别", max_length=7, choices=LEVELS, default="info")
    topic = models.CharField(max_length=120, blank=True, default="")
    key = models.CharField(max_length=160, null=True)
    created_at = models.DateTimeField("时间")
    read_at = models.DateTimeField("已读时间", null=True)

    class Meta:
        db_table = "messages_notice"
        constraints = [
            models.UniqueConstraint(fields=["user_id", "key"], name="messages_notice_once")
        ]
        indexes = [
            models.Index(fields=["user_id", "-id"], name="messages_notice_list"),
            models.Index(
                fields=["user_id", "-id"],
                name="messages_notice_unread",
                condition=models.Q(read_at=None),
            ),
        ]


CHANNELS = (("email", "邮件"), ("webhook", "外部推送"))


class Contact(models.Model):
    """联系方式 where a person gets e-mail, and when he does not want to be disturbed."""

    user_id = models.BigIntegerField("用户", primary_key=True)
    email = models.CharField("邮箱", max_length=120, blank=True, default="")
    quiet_from = models.TimeField("免打扰起", null=True)
    quiet_to = models.TimeField("免打扰止", null=True)
    changed_at = models.DateTimeField("修改时间")

    class Meta:
        db_table = "messages_contact"


class Target(models.Model):
    """推送地址 an outside address that may be called: registered and let in by two persons."""

    STATES = (("proposed", "待启用"), ("enabled", "启用"), ("disabled", "停用"))

    code = models.CharField("编码", max_length=30, unique=True)
    name = models.CharField("名称", max_length=60)
    url = models.CharField("地址", max_length=300)
    secret = models.CharField(max_length=200)
    state = models.CharField("状态", max_length=8, choices=STATES, default="proposed")
    proposed_by = models.BigIntegerField("登记人")
    proposed_name = models.CharField("登记人", max_length=40)
    proposed_at = models.DateTimeField("登记时间")
    decided_by = models.BigIntegerField("启用人", null=True)
    decided_name = models.CharField("启用人", max_length=40, blank=True, default="")
    decided_at = models.DateTimeField("启用时间", null=True)
    reason = models.CharField("说明", max_length=200, blank=True, default="")

    class Meta:
        db_table = "messages_target"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(decided_by__isnull=True)
                | ~models.Q(decided_by=models.F("proposed_by")),
                name="messages_target_two_persons",
            )
        ]

    def __str__(self) -> str:
        return self.name


class Subscription(models.Model):
    """订阅 one person wants the notices of one event by one channel too."""

    user_id = models.BigIntegerField("用户")
    event = models.CharField("事项", max_length=40)
    channel = models.CharField("渠道", max_length=8, choices=CHANNELS)
    target = models.ForeignKey(
        Target, on_delete=models.PROTECT, null=True, related_name="+", verbose_name="推送地址"
    )
    created_at = models.DateTimeField("订阅时间")

    class Meta:
        db_table = "messages_subscription"
        constraints = [
            models.UniqueConstraint(
                fields=["user_id", "event", "channel", "target"],
                nulls_distinct=False,
                name="messages_subscription_once",
            )
        ]


class Delivery(models.Model):
    """投递 one notice on its way to one person by one channel; the words stay in the notice."""

    STATES = (
        ("queued", "等待"),
        ("sending", "发送中"),
        ("sent", "已送出"),
        ("failed", "将重试"),
        ("dead", "未送达"),
        ("given_up", "已放弃"),
    )

    notice_id = models.BigIntegerField("通知")
    user_id = models.BigIntegerField("收件人")
    user_name = models.CharField("收件人", max_length=40)
    event = models.CharField("事项", max_length=40)
    channel = models.CharField("渠道", max_length=8, choices=CHANNELS)
    target = models.ForeignKey(
        Target, on_delete=models.PROTECT, null=True, related_name="+", verbose_name="推送地址"
    )
    address = models.CharField("地址", max_length=300)
    is_urgent = models.BooleanField("紧急", default=False)
    state = models.CharField("状态", max_length=8, choices=STATES, default="queued")
    attempts = models.PositiveSmallIntegerField("次数", default=0)
    due_at = models.DateTimeField("下次发送")
    error = models.CharField("原因", max_length=400, blank=True, default="")
    created_at = models.DateTimeField("产生时间")
    sent_at = models.DateTimeField("送出时间", null=True)

    class Meta:
        db_table = "messages_delivery"
        constraints = [
            models.UniqueConstraint(
                fields=["notice_id", "channel", "target"],
                nulls_distinct=False,
                name="messages_delivery_once",
            )
        ]
        indexes = [
            models.Index(
                fields=["due_at"],
                name="messages_delivery_due",
                condition=models.Q(state__in=["queued", "failed", "sending"]),
            ),
            models.Index(fields=["user_id", "-id"], name="messages_delivery_person"),
        ]

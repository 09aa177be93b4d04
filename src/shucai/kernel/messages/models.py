"""通知 notices: one row per person told; `key` keeps a repeated event from telling twice."""

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

"""内容的记录 records: categories, articles with their versions, announcements and receipts."""

from datetime import datetime

from django.contrib.postgres.fields import ArrayField
from django.db import models

STATES = (
    ("draft", "草稿"),
    ("submitted", "待审核"),
    ("returned", "已退回"),
    ("published", "已发布"),
    ("withdrawn", "已撤回"),
)


class Category(models.Model):
    """栏目 a place in the tree of articles."""

    code = models.CharField("编码", max_length=30, unique=True)
    name = models.CharField("栏目", max_length=40)
    parent = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="children",
        verbose_name="上级栏目",
    )  # fmt: skip
    position = models.PositiveSmallIntegerField("顺序", default=100)
    is_enabled = models.BooleanField("启用", default=True)

    class Meta:
        db_table = "content_category"

    def __str__(self) -> str:
        return self.name


class Reach(models.Model):
    """Whom a text is for and when it shows. Nothing named: everybody; no end: for good."""

    paths = ArrayField(models.CharField(max_length=120), verbose_name="单位范围", default=list)
    duties = ArrayField(models.CharField(max_length=60), verbose_name="职责", default=list)
    positions = ArrayField(models.CharField(max_length=40), verbose_name="岗位", default=list)
    reach = models.CharField("接收范围", max_length=300, default="全体人员")
    visible_from = models.DateTimeField("展示起")
    visible_to = models.DateTimeField("展示止", null=True)

    class Meta:
        abstract = True

    def is_visible(self, now: datetime) -> bool:
        return self.visible_from <= now and (self.visible_to is None or now < self.visible_to)


class Text(Reach):
    """What an article says."""

    KINDS = (
        ("policy", "政策文件"),
        ("guide", "操作指南"),
        ("download", "资料下载"),
        ("news", "工作动态"),
    )

    category = models.ForeignKey(
        Category, on_delete=models.PROTECT, related_name="+", verbose_name="栏目"
    )
    kind = models.CharField("类型", max_length=8, choices=KINDS, default="policy")
    title = models.CharField("标题", max_length=120)
    summary = models.CharField("摘要", max_length=300, blank=True, default="")
    body = models.TextField("正文")
    source = models.CharField("来源或文号", max_length=80, blank=True, default="")

    class Meta:
        abstract = True


class ArticleVersion(Text):
    """文章版本 what was submitted once; never changed, and read by others once reviewed."""

    article = models.ForeignKey("Article", on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField("版本")
    made_by = models.BigIntegerField("编写人")
    made_name = models.CharField("编写人", max_length=40)
    made_at = models.DateTimeField("送审时间")
    reviewed_by = models.BigIntegerField("审核人", null=True)
    reviewed_name = models.CharField("审核人", max_length=40, blank=True, default="")
    reviewed_at = models.DateTimeField("审核时间", null=True)
    is_agreed = models.BooleanField("同意", null=True)
    opinion = models.CharField("审核意见", max_length=200, blank=True, default="")

    class Meta:
        db_table = "content_article_version"
        constraints = [
            models.UniqueConstraint(fields=["article", "number"], name="content_version_once"),
            models.CheckConstraint(
                condition=models.Q(reviewed_by__isnull=True)
                | ~models.Q(reviewed_by=models.F("made_by")),
                name="content_version_two_persons",
            ),
        ]


class Article(Text):
    """文章 the text as its author has it; `shown` is the version that is read."""

    state = models.CharField("状态", max_length=9, choices=STATES, default="draft")
    shown = models.ForeignKey(
        ArticleVersion, on_delete=models.PROTECT, null=True, related_name="shown_by"
    )
    version = models.PositiveIntegerField("版本", default=0)
    author_id = models.BigIntegerField("作者")
    author_name = models.CharField("作者", max_length=40)
    unit_name = models.CharField("发布单位", max_length=120, blank=True, default="")
    unit_path = models.CharField("单位范围", max_length=120, db_collation="C")
    changed_at = models.DateTimeField("修改时间")
    published_at = models.DateTimeField("发布时间", null=True)
    opinion = models.CharField("审核意见", max_length=200, blank=True, default="")
    reason = models.CharField("撤下原因", max_length=200, blank=True, default="")

    class Meta:
        db_table = "content_article"
        indexes = [models.Index(fields=["-published_at", "-id"], name="content_article_new")]

    def __str__(self) -> str:
        return self.title


class Reading(models.Model):
    """阅读 one person has read one article; how often."""

    article = models.ForeignKey(Article, on_delete=models.CASCADE, related_name="readings")
    user_id = models.BigIntegerField()
    count = models.PositiveIntegerField(default=1)
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()

    class Meta:
        db_table = "content_reading"
        constraints = [
            models.UniqueConstraint(fields=["article", "user_id"], name="content_reading_once")
        ]


class Announcement(Reach):
    """通知公告 told to those it is meant for, each of whom leaves a receipt."""

    LEVELS = (("info", "一般"), ("warning", "重要"), ("urgent", "紧急"))

    title = models.CharField("标题", max_length=120)
    body = models.TextField("正文")
    level = models.CharField("级别", max_length=7, choices=LEVELS, default="info")
    is_must_read = models.BooleanField("办理业务前须确认", default=False)
    state = models.CharField("状态", max_length=9, choices=STATES, default="draft")
    author_id = models.BigIntegerField("发布人")
    author_name = models.CharField("发布人", max_length=40)
    unit_name = models.CharField("发布单位", max_length=120, blank=True, default="")
    unit_path = models.CharField("发布范围", max_length=120, db_collation="C")
    changed_at = models.DateTimeField("修改时间")
    reviewed_by = models.BigIntegerField("审核人", null=True)
    reviewed_name = models.CharField("审核人", max_length=40, blank=True, default="")
    reviewed_at = models.DateTimeField("审核时间", null=True)
    opinion = models.CharField("审核意见", max_length=200, blank=True, default="")
    issued_at = models.DateTimeField("送达时间", null=True)
    withdrawn_at = models.DateTimeField("撤回时间", null=True)
    reason = models.CharField("撤回原因", max_length=200, blank=True, default="")
    told = models.PositiveIntegerField("送达人数", default=0)
    seen = models.PositiveIntegerField("已读人数", default=0)

    class Meta:
        db_table = "content_announcement"
        indexes = [models.Index(fields=["state", "visible_from"], name="content_announcement_due")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(reviewed_by__isnull=True)
                | ~models.Q(reviewed_by=models.F("author_id")),
                name="content_announcement_two",
            )
        ]

    def __str__(self) -> str:
        return self.title


class Receipt(models.Model):
    """回执 one announcement reached one person, who has read it or not yet."""

    announcement = models.ForeignKey(
        Announcement, on_delete=models.CASCADE, related_name="receipts", verbose_name="通知公告"
    )
    user_id = models.BigIntegerField("收件人")
    name = models.CharField("姓名", max_length=40)
    unit_name = models.CharField("单位", max_length=120, blank=True, default="")
    position_name = models.CharField("岗位", max_length=80, blank=True, default="")
    delivered_at = models.DateTimeField("送达时间")
    is_read = models.BooleanField("已读", default=False, db_default=False)
    read_at = models.DateTimeField("阅读时间", null=True)
    reminded_at = models.DateTimeField("提醒时间", null=True)

    class Meta:
        db_table = "content_receipt"
        constraints = [
            models.UniqueConstraint(fields=["announcement", "user_id"], name="content_receipt_once")
        ]
        indexes = [models.Index(fields=["user_id", "-announcement"], name="content_receipt_person")]

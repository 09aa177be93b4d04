"""任务与发件箱 job runs, worker heartbeats, the schedule, outbox messages and their deliveries."""

from django.db import models


class JobRun(models.Model):
    """任务 one run of a declared job: who started it, how far it is, what came of it.

    `failed` will be tried again by itself; `dead` waits for a person. `actor` is the position it
    acts for, as it was at the start.
    """

    STATES = (
        ("queued", "排队"),
        ("running", "执行中"),
        ("done", "完成"),
        ("failed", "待重试"),
        ("dead", "未完成"),
        ("cancelled", "已取消"),
    )

    code = models.CharField("任务代码", max_length=80)
    name = models.CharField("任务", max_length=80)
    state = models.CharField("状态", max_length=9, choices=STATES, default="queued")
    args = models.JSONField(default=dict)
    actor = models.JSONField(null=True)
    started_by = models.BigIntegerField("发起人", null=True)
    started_by_name = models.CharField("发起人", max_length=40, blank=True, default="")
    key = models.CharField(max_length=120, null=True, unique=True)
    queue_id = models.BigIntegerField(null=True)
    done = models.BigIntegerField("已处理", default=0)
    total = models.BigIntegerField("总数", default=0)
    note = models.CharField("进度说明", max_length=200, blank=True, default="")
    result = models.JSONField("结果", default=dict)
    file_id = models.BigIntegerField("结果文件", null=True)
    error = models.TextField("错误", blank=True, default="")
    attempts = models.PositiveSmallIntegerField("次数", default=0)
    attempts_max = models.PositiveSmallIntegerField(default=3)
    is_cancel_wanted = models.BooleanField(default=False)
    worker = models.CharField(max_length=80, blank=True, default="")
    created_at = models.DateTimeField("发起时间")
    started_at = models.DateTimeField("开始时间", null=True)
    seen_at = models.DateTimeField("最近进展", null=True)
    finished_at = models.DateTimeField("结束时间", null=True)

    class Meta:
        db_table = "jobs_run"
        indexes = [
            models.Index(fields=["started_by", "-id"], name="jobs_run_by"),
            models.Index(fields=["code", "-id"], name="jobs_run_code"),
            models.Index(fields=["-id"], name="jobs_run_dead", condition=models.Q(state="dead")),
        ]

    @property
    def percent(self) -> int:
        """0 to 100; 100 only when done."""
        if self.state == "done":
            return 100
        return min(99, self.done * 100 // self.total) if self.total else 0


class Schedule(models.Model):
    """定时 the last slot of a periodic job that was queued; moving it on is the claim."""

    code = models.CharField(max_length=80, primary_key=True)
    slot = models.DateTimeField()

    class Meta:
        db_table = "jobs_schedule"


class JobPlan(models.Model):
    """定时计划 how a periodic job runs here: its own cron text, whether paused, what it waits for.

    An empty `every` means the declared rhythm. `name` and `standard` repeat the declaration, so
    that lists can be searched and put in order.
    """

    code = models.CharField("任务代码", max_length=80, primary_key=True)
    name = models.CharField("任务", max_length=80)
    standard = models.CharField("标准周期", max_length=60)
    every = models.CharField("执行周期", max_length=60, blank=True, default="")
    is_paused = models.BooleanField("已暂停", default=False)
    waits_for = models.CharField("前置任务", max_length=80, blank=True, default="")
    changed_by_name = models.CharField("调整人", max_length=40, blank=True, default="")
    changed_at = models.DateTimeField("调整时间", null=True)

    class Meta:
        db_table = "jobs_plan"

    @property
    def rhythm(self) -> str:
        return self.every or self.standard


class WorkerBeat(models.Model):
    """工作进程 worker process: alive while `seen_at` is recent."""

    name = models.CharField(max_length=80, primary_key=True)
    process_id = models.PositiveIntegerField()
    started_at = models.DateTimeField()
    seen_at = models.DateTimeField()
    relayed = models.BigIntegerField(default=0)
    sealed = models.BigIntegerField(default=0)

    class Meta:
        db_table = "jobs_worker"


class OutboxMessage(models.Model):
    """发件箱 what a transaction wants others to know. Written only by `outbox_append`."""

    topic = models.CharField(max_length=120)
    key = models.CharField(max_length=120, blank=True, default="")
    payload = models.JSONField()
    created_at = models.DateTimeField()
    is_routed = models.BooleanField(default=False)

    class Meta:
        db_table = "outbox_message"
        indexes = [
            models.Index(
                fields=["id"], name="outbox_message_new", condition=models.Q(is_routed=False)
            ),
        ]


class OutboxDelivery(models.Model):
    """投递 one message on its way to one consumer. The row is also the receipt: done is done."""

    STATES = (
        ("waiting", "待投递"),
        ("done", "已投递"),
        ("dead", "未送达"),
        ("skipped", "已放弃"),
    )

    message = models.ForeignKey(
        OutboxMessage, on_delete=models.CASCADE, related_name="deliveries", db_constraint=False
    )
    consumer = models.CharField(max_length=80)
    topic = models.CharField(max_length=120)
    key = models.CharField(max_length=120, blank=True, default="")
    state = models.CharField(max_length=8, choices=STATES, default="waiting")
    attempts = models.PositiveSmallIntegerField(default=0)
    due_at = models.DateTimeField()
    error = models.TextField(blank=True, default="")
    done_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "outbox_delivery"
        constraints = [
            models.UniqueConstraint(fields=["message", "consumer"], name="outbox_delivery_once")
        ]
        indexes = [
            models.Index(
                fields=["consumer", "message"],
                name="outbox_delivery_waiting",
                condition=models.Q(state="waiting"),
            ),
            # An earlier message of the same key holds back the later ones, dead or waiting.
            models.Index(
                fields=["consumer", "key", "message"],
                name="outbox_delivery_order",
                condition=models.Q(state__in=["waiting", "dead"]),
            ),
        ]

"""任务运行 job run: one execution of a background job, its progress, outcome and repeats."""

from datetime import datetime
from typing import Any

from shucai.domains.platform.registers.job_plan import duration
from shucai.kit import jobs, pages

ADMIN = "identity.system_admin"
TONES = {
    "queued": "draft",
    "running": "going",
    "done": "done",
    "failed": "wait",
    "dead": "bad",
    "cancelled": "draft",
}


def _retry(call: pages.Call) -> pages.Done:
    for run in call.records:
        jobs.retry(run_id=run.pk, actor=call.actor, now=call.now)
    return pages.Done(f"已重新执行 {len(call.records)} 个任务")


def _cancel(call: pages.Call) -> pages.Done:
    for run in call.records:
        jobs.cancel(run_id=run.pk, actor=call.actor, now=call.now)
    return pages.Done(f"已取消 {len(call.records)} 个任务")


def _result(actor: Any, run: Any, now: datetime) -> pages.Table:
    return pages.Table(["项目", "内容"], list(run.result.items()), empty="没有结果")


JOB_RUN = pages.Register(
    code="platform.job_run",
    name="任务运行",
    model=jobs.JobRun,
    icon="clock-play",
    intro="后台任务和定时任务的每次执行：发起人、进度、耗时和结果",
    empty="导出、导入或定时任务开始后，执行情况会出现在这里。",
    readers=[ADMIN],
    rows=jobs.visible_runs,
    search="name code started_by_name",
    title=lambda run: f"{run.name} {run.pk}",
    trail=lambda run: [("job", str(run.pk))],
    filters=[
        pages.Filter(field="state"),
        pages.Filter(field="code", entry="text", lookup="startswith"),
        pages.Filter(field="created_at", entry="instant"),
    ],
    columns=[
        pages.Column(field="name"),
        pages.Column(field="state", tones=TONES),
        pages.Column(
            field="percent", label="进度", value=lambda run: f"{run.percent}%", look="code"
        ),
        pages.Column(field="started_by_name"),
        pages.Column(field="created_at"),
        pages.Column(field="finished_at"),
        pages.Column(field="duration", label="耗时", value=duration),
        pages.Column(field="note"),
        pages.Column(field="code", look="code", is_shown=False),
        pages.Column(field="attempts", is_shown=False),
        pages.Column(field="started_at", is_shown=False),
    ],
    facts={
        "执行情况": [
            pages.Column(field="state", tones=TONES),
            pages.Column(field="code", look="code"),
            pages.Column(field="started_by_name"),
            pages.Column(field="created_at"),
            pages.Column(field="started_at"),
            pages.Column(field="finished_at"),
            pages.Column(field="done"),
            pages.Column(field="total"),
            pages.Column(field="attempts"),
            pages.Column(field="note"),
            pages.Column(field="error"),
        ]
    },
    panels=[pages.Panel(code="result", label="结果", table=_result)],
    commands=[
        pages.Command(
            code="retry",
            label="重新执行",
            by=[ADMIN],
            run=_retry,
            target="many",
            when=lambda run: run.state in ("dead", "failed", "cancelled"),
            icon="refresh",
        ),
        pages.Command(
            code="cancel",
            label="取消",
            by=[ADMIN],
            run=_cancel,
            target="many",
            when=lambda run: run.state in ("queued", "running", "failed"),
            confirm="等待中的任务立即取消，执行中的任务在下一步停止。",
            icon="player-stop",
        ),
    ],
)

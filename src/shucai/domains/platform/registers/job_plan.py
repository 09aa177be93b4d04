"""定时任务 job plan: the scheduling centre; when each periodic job runs, and what became of it."""

from datetime import datetime
from typing import Any

from shucai.base import rhythm
from shucai.kit import jobs, pages

ADMIN = "identity.system_admin"
AUDITOR = "identity.auditor"
PAUSED = {"1": "wait", "0": "done"}
REASON = pages.Input(name="reason", label="理由", limit=100)


def _run_now(call: pages.Call) -> pages.Done:
    run = jobs.run_now(code=call.record.code, actor=call.actor, now=call.now)
    return pages.Done("已开始执行", to=f"/r/platform.job_run/{run.pk}")


def _pause(call: pages.Call) -> pages.Done:
    for plan in call.records:
        jobs.pause(code=plan.code, actor=call.actor, now=call.now, reason=call.values["reason"])
    return pages.Done(f"已暂停 {len(call.records)} 个任务")


def _resume(call: pages.Call) -> pages.Done:
    for plan in call.records:
        jobs.resume(code=plan.code, actor=call.actor, now=call.now)
    return pages.Done(f"已恢复 {len(call.records)} 个任务")


def _change_rhythm(call: pages.Call) -> pages.Done:
    jobs.change_rhythm(
        code=call.record.code,
        every=call.values["every"] or "",
        actor=call.actor,
        now=call.now,
        reason=call.values["reason"],
    )
    return pages.Done("执行周期已调整，十秒内生效")


def _wait_for(call: pages.Call) -> pages.Done:
    jobs.wait_for(
        code=call.record.code,
        other=call.values["waits_for"] or "",
        actor=call.actor,
        now=call.now,
    )
    return pages.Done("前置任务已调整")


def _others(actor: Any, plan: Any) -> list[tuple[str, str]]:
    found = [task for task in jobs.tasks().values() if task.every]
    return [(task.code, task.name) for task in found if plan is None or task.code != plan.code]


def _waits_for(plan: Any) -> str:
    task = jobs.find_task(plan.waits_for) if plan.waits_for else None
    return task.name if task is not None else plan.waits_for


def _alert(plan: Any) -> str:
    task = jobs.find_task(plan.code)
    return jobs.duty_name(task.alert) if task is not None and task.alert else "不提醒"


def _rhythm(plan: Any) -> str:
    return rhythm.in_words(plan.rhythm)


def _about(plan: Any) -> str:
    task = jobs.find_task(plan.code)
    return f"失败后最多再试 {task.attempts - 1} 次" if task is not None else ""


def _history(actor: Any, plan: Any, now: datetime) -> pages.Table:
    runs = jobs.history(plan)
    return pages.Table(
        heads=["编号", "状态", "发起", "开始时间", "耗时", "说明"],
        rows=[
            [
                str(run.pk),
                run.get_state_display(),
                run.started_by_name or "定时",
                run.started_at,
                duration(run),
                run.error or run.note,
            ]
            for run in runs
        ],
        links=[f"/r/platform.job_run/{run.pk}" for run in runs],
        note="最近 30 次",
        empty="还没有执行过",
    )


def duration(run: Any) -> str:
    """How long a run took, in words."""
    if run.started_at is None or run.finished_at is None:
        return ""
    seconds = int((run.finished_at - run.started_at).total_seconds())
    return f"{seconds // 60} 分 {seconds % 60} 秒" if seconds >= 60 else f"{seconds} 秒"


def _next(actor: Any, plan: Any, now: datetime) -> pages.Table:
    found = jobs.upcoming(plan, now)
    rows = [[found]] if found is not None else []
    return pages.Table(["下次执行"], rows, empty="已暂停，恢复后才会执行")


JOB_PLAN = pages.Register(
    code="platform.job_plan",
    name="调度中心",
    model=jobs.JobPlan,
    icon="calendar-event",
    covers=["PLAT-011"],
    intro="定时任务的执行周期、暂停、前置任务和执行历史，调整后十秒内在全部进程生效",
    readers=[ADMIN, AUDITOR],
    rows=jobs.visible_plans,
    search="code name",
    order="code",
    title=lambda plan: plan.name,
    trail=lambda plan: [("job", plan.code)],
    filters=[pages.Filter(field="is_paused", entry="flag")],
    columns=[
        pages.Column(field="name"),
        pages.Column(field="code", look="code"),
        pages.Column(field="rhythm", label="执行周期", value=_rhythm),
        pages.Column(field="is_paused", tones=PAUSED),
        pages.Column(field="predecessor", label="前置任务", value=_waits_for),
        pages.Column(field="changed_by_name"),
        pages.Column(field="changed_at"),
    ],
    facts={
        "计划": [
            pages.Column(field="code", look="code"),
            pages.Column(field="rhythm", label="执行周期", value=_rhythm),
            pages.Column(field="cron", label="周期代码", value=lambda p: p.rhythm, look="code"),
            pages.Column(field="standard", look="code"),
            pages.Column(field="is_paused", tones=PAUSED),
            pages.Column(field="predecessor", label="前置任务", value=_waits_for),
            pages.Column(field="alert", label="未完成时提醒", value=_alert),
            pages.Column(field="about", label="重试", value=_about),
            pages.Column(field="changed_by_name"),
            pages.Column(field="changed_at"),
        ]
    },
    panels=[
        pages.Panel(code="next", label="下次执行", table=_next),
        pages.Panel(code="history", label="执行历史", table=_history),
    ],
    commands=[
        pages.Command(
            code="run_now",
            label="立即执行",
            by=[ADMIN],
            run=_run_now,
            icon="player-play",
            confirm="不等周期，现在执行一次。",
        ),
        pages.Command(
            code="change_rhythm",
            label="调整周期",
            by=[ADMIN],
            run=_change_rhythm,
            icon="calendar-event",
            inputs=[
                pages.Input(
                    name="every",
                    label="执行周期",
                    is_required=False,
                    limit=60,
                    initial=lambda plan: plan.rhythm if plan is not None else "",
                    help="五段：分 时 日 月 周，例如 30 2 * * * 为每天 02:30；清空恢复标准周期",
                ),
                REASON,
            ],
        ),
        pages.Command(
            code="wait_for",
            label="前置任务",
            by=[ADMIN],
            run=_wait_for,
            icon="git-branch",
            inputs=[
                pages.Input(
                    name="waits_for",
                    label="前置任务",
                    entry="choice",
                    is_required=False,
                    options=_others,
                    initial=lambda plan: plan.waits_for if plan is not None else "",
                    help="前置任务本周期内完成后才执行；不选表示不等待",
                )
            ],
        ),
        pages.Command(
            code="pause",
            label="暂停",
            by=[ADMIN],
            run=_pause,
            target="many",
            icon="player-pause",
            when=lambda plan: not plan.is_paused,
            is_grave=True,
            confirm="暂停期间到期的执行不再补做。",
            inputs=[REASON],
        ),
        pages.Command(
            code="resume",
            label="恢复",
            by=[ADMIN],
            run=_resume,
            target="many",
            icon="player-play",
            when=lambda plan: plan.is_paused,
            confirm="从下一个周期开始执行。",
        ),
    ],
)

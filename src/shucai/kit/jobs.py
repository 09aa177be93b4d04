"""任务 jobs: what runs in the background or by the clock, and what follows a message."""

from shucai.kernel.identity.duties import name_of as duty_name
from shucai.kernel.jobs.declare import Message, find_task, on, task, tasks
from shucai.kernel.jobs.models import JobPlan, JobRun
from shucai.kernel.jobs.plans import (
    change_rhythm,
    history,
    pause,
    resume,
    run_now,
    upcoming,
    wait_for,
)
from shucai.kernel.jobs.plans import visible as visible_plans
from shucai.kernel.jobs.queue import cancel, retry
from shucai.kernel.jobs.queue import visible as visible_runs
from shucai.kernel.jobs.work import Work

__all__ = [
    "JobPlan",
    "JobRun",
    "Message",
    "Work",
    "cancel",
    "change_rhythm",
    "duty_name",
    "find_task",
    "history",
    "on",
    "pause",
    "resume",
    "retry",
    "run_now",
    "task",
    "tasks",
    "upcoming",
    "visible_plans",
    "visible_runs",
    "wait_for",
]

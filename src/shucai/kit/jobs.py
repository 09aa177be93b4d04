"""任务 jobs: what runs in the background or by the clock, and what follows a message."""

from shucai.kernel.jobs.declare import Message, on, task
from shucai.kernel.jobs.models import JobRun
from shucai.kernel.jobs.queue import cancel, retry
from shucai.kernel.jobs.queue import visible as visible_runs
from shucai.kernel.jobs.work import Work

__all__ = ["JobRun", "Message", "Work", "cancel", "on", "retry", "task", "visible_runs"]

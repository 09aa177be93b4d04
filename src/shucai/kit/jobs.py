"""任务 jobs: what runs in the background or by the clock, and what follows a message."""

from shucai.kernel.jobs.declare import Message, on, task
from shucai.kernel.jobs.work import Work

__all__ = ["Message", "Work", "on", "task"]

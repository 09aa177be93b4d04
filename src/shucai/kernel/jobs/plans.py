"""定时计划 plans of periodic jobs: another rhythm, a pause, a predecessor; every change recorded.

The declaration is the standard; a plan only holds what an administrator has changed. Workers read
it at every tick, so a change acts within ten seconds and in all of them.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any, Final

from croniter import croniter  # type: ignore[import-untyped]  # publishes no types
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from shucai.kernel import audit
from shucai.kernel.identity.actor import Actor
from shucai.kernel.jobs import acting, errors, queue
from shucai.kernel.jobs.declare import Task, find_task, tasks
from shucai.kernel.jobs.models import JobPlan, JobRun, Schedule

LEAST_MINUTES: Final = 5
LOOKED_AT: Final = 50  # runs ahead that a new rhythm is judged by
HISTORY: Final = 30


def standard(task: Task) -> JobPlan:
    """The plan of a job that nobody has changed."""
    return JobPlan(code=task.code, name=task.name, standard=task.every)


def complete() -> None:
    """Each periodic job that is declared has a plan with its present name and standard."""
    JobPlan.objects.bulk_create(
        [standard(task) for task in tasks().values() if task.every],
        update_conflicts=True,
        unique_fields=["code"],
        update_fields=["name", "standard"],
    )


def known() -> dict[str, JobPlan]:
    return {plan.code: plan for plan in JobPlan.objects.all()}


def visible(actor: Actor) -> QuerySet[JobPlan]:
    """The plans of jobs that are still declared."""
    return JobPlan.objects.filter(code__in=[t.code for t in tasks().values() if t.every])


def previous(rhythm: str, now: datetime) -> datetime:
    found: datetime = croniter(rhythm, timezone.localtime(now)).get_prev(datetime)
    return found


def upcoming(plan: JobPlan, now: datetime) -> datetime | None:
    """When it runs next; never while paused."""
    if plan.is_paused:
        return None
    found: datetime = croniter(plan.rhythm, timezone.localtime(now)).get_next(datetime)
    return found


def may_start(plan: JobPlan, *, since: datetime) -> bool:
    """Nothing to wait for, or the predecessor has come to a good end since the last slot."""
    if not plan.waits_for or plan.is_paused:
        return True
    last = JobRun.objects.filter(code=plan.waits_for).order_by("-pk").first()
    return last is not None and last.state == "done" and last.created_at > since


def history(plan: JobPlan, *, size: int = HISTORY) -> list[JobRun]:
    """The latest runs, newest first."""
    return list(JobRun.objects.filter(code=plan.code).order_by("-pk")[:size])


def last_runs(codes: Sequence[str]) -> dict[str, JobRun]:
    """The latest run of each job."""
    rows = JobRun.objects.filter(code__in=list(codes)).order_by("code", "-pk").distinct("code")
    return {run.code: run for run in rows}


def run_now(*, code: str, actor: Actor, now: datetime) -> JobRun:
    """Starts the job at once, beside its rhythm, for the platform and in the person's name."""
    with transaction.atomic():
        run = queue.start(code=code, actor=acting.system(now=now), now=now)
        JobRun.objects.filter(pk=run.pk).update(started_by_name=actor.name)
        _record(actor, now, "job.run_now", code, {"run": run.pk})
    return run


def pause(*, code: str, actor: Actor, now: datetime, reason: str) -> None:
    _switch(code, actor, now, is_paused=True, reason=reason)


def resume(*, code: str, actor: Actor, now: datetime, reason: str = "") -> None:
    """From its next slot on; slots of the pause are not made up for."""
    _switch(code, actor, now, is_paused=False, reason=reason)


def _switch(code: str, actor: Actor, now: datetime, *, is_paused: bool, reason: str) -> None:
    with transaction.atomic():
        plan = _locked(code)
        if plan.is_paused == is_paused:
            state = "已暂停" if is_paused else "定时执行"
            raise errors.PLAN_SAME.refuse(name=plan.name, state=state)
        _change(plan, actor, now, is_paused=is_paused)
        if not is_paused:
            _claim(plan, now)
        action = "job.pause" if is_paused else "job.resume"
        _record(actor, now, action, code, {"reason": reason})


def change_rhythm(*, code: str, every: str, actor: Actor, now: datetime, reason: str) -> None:
    """Another cron text; an empty one, or the declared one, means the standard again."""
    with transaction.atomic():
        plan = _locked(code)
        wanted = " ".join(every.split())
        wanted = "" if wanted == plan.standard else wanted
        if wanted == plan.every:
            raise errors.PLAN_SAME.refuse("every", name=plan.name, state=plan.rhythm)
        fault = faults_of(wanted, now) if wanted else ""
        if fault:
            raise errors.BAD_RHYTHM.refuse(
                "every", every=every[:60], name=plan.name, reason=fault, least=LEAST_MINUTES
            )
        before = plan.rhythm
        _change(plan, actor, now, every=wanted)
        _claim(plan, now)
        said = {"before": before, "after": plan.rhythm, "reason": reason}
        _record(actor, now, "job.change_rhythm", code, said)


def faults_of(every: str, now: datetime) -> str:
    """Why a cron text can't be used; empty when it can."""
    if len(every.split()) != 5 or not croniter.is_valid(every):
        return "它不是五段的周期"
    try:
        times = croniter(every, timezone.localtime(now))
        found = [times.get_next(datetime) for _ in range(LOOKED_AT)]
    except (ValueError, KeyError):
        return "它永远不会到来"
    least = min(later - earlier for earlier, later in pairwise(found))
    if least < timedelta(minutes=LEAST_MINUTES):
        minutes = int(least.total_seconds()) // 60
        return f"两次执行最短只隔 {minutes} 分钟"
    return ""


def wait_for(*, code: str, other: str, actor: Actor, now: datetime) -> None:
    """The job runs only after `other` has come to a good end; empty means after nothing."""
    with transaction.atomic():
        plan = _locked(code)
        if other == plan.waits_for:
            state = f"等待{other}" if other else "没有前置任务"
            raise errors.PLAN_SAME.refuse("waits_for", name=plan.name, state=state)
        _refuse_circle(plan, other)
        before = plan.waits_for
        _change(plan, actor, now, waits_for=other)
        _record(actor, now, "job.wait_for", code, {"before": before, "after": other})


def _refuse_circle(plan: JobPlan, other: str) -> None:
    all_plans, seen, at = known(), {plan.code}, other
    while at:
        if at in seen or at not in all_plans:
            reason = "前置任务首尾相接" if at in seen else "它不是定时任务"
            name = all_plans[other].name if other in all_plans else other
            raise errors.BAD_PREDECESSOR.refuse(
                "waits_for", name=plan.name, other=name, reason=reason
            )
        seen.add(at)
        at = all_plans[at].waits_for


def _locked(code: str) -> JobPlan:
    plan = JobPlan.objects.select_for_update().filter(pk=code).first()
    if plan is None or find_task(code) is None:
        raise errors.UNKNOWN.refuse(code=code)
    return plan


def _change(plan: JobPlan, actor: Actor, now: datetime, **values: Any) -> None:
    for name, value in {**values, "changed_by_name": actor.name, "changed_at": now}.items():
        setattr(plan, name, value)
    plan.save(update_fields=[*values, "changed_by_name", "changed_at"])


def _claim(plan: JobPlan, now: datetime) -> None:
    """The past slots of the new rhythm are nobody's: it begins with the next one."""
    slot = previous(plan.rhythm, now)
    Schedule.objects.update_or_create(code=plan.code, defaults={"slot": slot})


def _record(actor: Actor, now: datetime, action: str, code: str, detail: dict[str, Any]) -> None:
    row = audit.AuditRow(
        actor=actor,
        at=now,
        action=action,
        target_type="job",
        target=code,
        result="done",
        detail=detail,
    )
    audit.record([row])

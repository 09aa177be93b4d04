"""A night in the scheduling centre: the administrator moves, pauses, chains and repeats jobs."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from tests import people
from tests.browser import town

from shucai.base.errors import Refused
from shucai.kernel import registry
from shucai.kernel.jobs import plans, sweeping
from shucai.kernel.jobs.declare import task
from shucai.kernel.jobs.models import JobPlan, JobRun

pytestmark = [pytest.mark.django_db, pytest.mark.function("PLAT-011")]
EVENING = timezone.localtime().replace(hour=20, minute=0, second=0, microsecond=0)
FIRST, SECOND = "test.first", "test.second"


@pytest.fixture
def night() -> Iterator[Client]:
    """Two jobs of the night, 01:00 and 02:00, and the administrator at his desk."""
    task(code=FIRST, name="先行任务", every="0 1 * * *")(lambda work: None)
    task(code=SECOND, name="后续任务", every="0 2 * * *")(lambda work: None)
    plans.complete()
    town.staff(timezone.now())
    client = Client()
    client.post("/login", {"username": "sysadmin", "password": people.PASSWORD})
    sweeping.tick(now=EVENING)
    yield client
    registry.forget("job", [FIRST, SECOND])


def act(client: Client, code: str, command: str, **said: str) -> str:
    done = client.post(f"/r/platform.job_plan/{code}/-/{command}", {"go": "1", **said}, follow=True)
    return done.content.decode()


def started(hour: int, minute: int = 1) -> list[str]:
    at = EVENING.replace(hour=hour, minute=minute) + timedelta(days=1)
    return [run.code for run in sweeping.tick(now=at) if run.code in (FIRST, SECOND)]


def test_a_job_runs_at_its_new_hour_and_again_at_the_standard_one(night: Client) -> None:
    assert "执行周期已调整" in act(night, FIRST, "change_rhythm", every="30 3 * * *", reason="错峰")

    assert started(2) == [SECOND]
    assert started(4) == [FIRST]
    assert started(4, 2) == []
    page = night.get(f"/r/platform.job_plan/{FIRST}").content.decode()
    assert "30 3 * * *" in page
    assert "系统管理员甲" in page
    assert "执行周期已调整" in act(night, FIRST, "change_rhythm", every="", reason="恢复")
    assert JobPlan.objects.get(pk=FIRST).rhythm == "0 1 * * *"


@pytest.mark.parametrize(
    ("every", "told"),
    [("每天", "不是五段"), ("* * * * *", "只隔 1 分钟"), ("0 0 31 2 *", "不会到来")],
)
def test_a_rhythm_out_of_bounds_is_refused(night: Client, every: str, told: str) -> None:
    said = act(night, FIRST, "change_rhythm", every=every, reason="试试")

    assert "JOB-1201" in said
    assert told in said
    assert JobPlan.objects.get(pk=FIRST).every == ""


def test_a_paused_job_does_not_run_and_does_not_make_up(night: Client) -> None:
    done = night.post(
        "/r/platform.job_plan/-/pause",
        {"pick": [FIRST], "reason": "维护", "go": "1", "sure": "1"},
        follow=True,
    )
    assert "已暂停 1 个任务" in done.content.decode()

    assert started(1, 5) == []
    with pytest.raises(Refused) as refused:
        plans.pause(code=FIRST, actor=people.actor_of("sysadmin", now=timezone.now()),
                    now=EVENING, reason="再停")  # fmt: skip
    assert refused.value.code == "JOB-1202"
    later = EVENING.replace(hour=2, minute=30) + timedelta(days=1)
    administrator = people.actor_of("sysadmin", now=timezone.now())
    plans.resume(code=FIRST, actor=administrator, now=later)
    assert FIRST not in started(3)
    assert FIRST in [run.code for run in sweeping.tick(now=EVENING + timedelta(days=400))]


def test_a_job_waits_for_the_success_of_another(night: Client) -> None:
    assert "前置任务已调整" in act(night, SECOND, "wait_for", waits_for=FIRST)

    assert started(1) == [FIRST]
    assert started(2) == []
    JobRun.objects.filter(code=FIRST).update(state="dead")
    assert started(2, 10) == []
    JobRun.objects.filter(code=FIRST).update(state="done")
    assert started(2, 20) == [SECOND]
    assert "JOB-1203" in act(night, FIRST, "wait_for", waits_for=SECOND)


def test_run_now_leads_to_the_run_with_its_history_and_trail(night: Client) -> None:
    page = act(night, FIRST, "run_now")

    run = JobRun.objects.get(code=FIRST)
    assert "先行任务" in page
    assert run.started_by_name == "系统管理员甲"
    plan = night.get(f"/r/platform.job_plan/{FIRST}").content.decode()
    assert f"/r/platform.job_run/{run.pk}" in plan
    assert "下次执行" in plan
    auditor = people.actor_of("auditor", now=timezone.now())
    assert ("job.run_now", FIRST, "done") in people.trail(auditor)


def test_the_auditor_watches_and_others_see_nothing(night: Client) -> None:
    auditor, clerk = Client(), Client()
    auditor.post("/login", {"username": "auditor", "password": people.PASSWORD})
    clerk.post("/login", {"username": "zhifu", "password": people.PASSWORD})

    page = auditor.get("/r/platform.job_plan/").content.decode()
    assert "先行任务" in page
    assert "审计记录" in auditor.get(f"/r/platform.job_plan/{FIRST}").content.decode()
    assert auditor.post(f"/r/platform.job_plan/{FIRST}/-/run_now").status_code == 403
    assert clerk.get("/r/platform.job_plan/").status_code == 403

"""What the API does not find, and what it says when the database or the program is in trouble."""

from typing import Any

import pytest
from django.db import DatabaseError, OperationalError
from tests import callers
from tests.callers import Callers

from shucai.edge.api import platform
from shucai.kernel.masterdata.models import ValueSet


@pytest.fixture
def city(db: None, monkeypatch: pytest.MonkeyPatch) -> Callers:
    return callers.found(monkeypatch)


@pytest.mark.parametrize(
    ("path", "code", "what"),
    [
        ("/ledger/accounts/999999999", "API-1401", "没有找到台账 999999999"),
        ("/values/no_such_set", "API-1402", "没有值集“no_such_set”"),
        ("/values/functional/9999999", "API-1403", "中没有 9999999"),
        ("/jobs/999999999", "API-1404", "没有找到任务 999999999"),
        ("/problems/XXX-0000", "API-1406", "没有拒绝代码 XXX-0000"),
    ],
)
def test_what_is_not_there_is_told_by_name(city: Callers, path: str, code: str, what: str) -> None:
    answer = city.as_("clerk").get(path)

    said = answer.json()
    assert (answer.status_code, said["code"]) == (404, code)
    assert what in said["title"]
    assert said["detail"]
    assert said["fix"].startswith("请")


class _Cause(Exception):
    def __init__(self, sqlstate: str) -> None:
        self.sqlstate = sqlstate


def failing(monkeypatch: pytest.MonkeyPatch, failure: Exception, cause: Exception | None) -> None:
    """The next reading of a job ends like this, deep below the endpoint."""

    class Broken:
        def filter(self, **named: Any) -> Any:
            raise failure from cause

    monkeypatch.setattr(platform.JobRun, "objects", Broken())


def test_a_lost_database_asks_to_come_again(city: Callers, monkeypatch: pytest.MonkeyPatch) -> None:
    caller = city.as_("clerk")
    failing(monkeypatch, OperationalError("server closed the connection"), None)

    answer = caller.get("/jobs/1")

    assert (answer.status_code, answer.json()["code"]) == (503, "API-1301")
    assert int(answer["Retry-After"]) > 0
    assert "同一 Idempotency-Key 重试" in answer.json()["fix"]


@pytest.mark.parametrize("sqlstate", ["SC002", "40001", "40P01", "55P03"])
def test_a_lost_race_asks_to_look_again(
    city: Callers, monkeypatch: pytest.MonkeyPatch, sqlstate: str
) -> None:
    caller = city.as_("clerk")
    failing(monkeypatch, DatabaseError("raced"), _Cause(sqlstate))

    answer = caller.get("/jobs/1")

    assert (answer.status_code, answer.json()["code"]) == (409, "API-1302")
    assert "同一单据正被他人办理" in answer.json()["detail"]


def test_a_defect_has_an_incident_number_and_tells_nothing_else(
    city: Callers, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caller = city.as_("clerk")
    failing(monkeypatch, ZeroDivisionError("secret figures"), None)

    answer = caller.get("/jobs/1")

    said = answer.json()
    assert (answer.status_code, said["code"]) == (500, "API-1501")
    assert answer["X-Trace-Id"] in said["detail"]
    assert "secret figures" not in answer.content.decode()
    assert "secret figures" in caplog.text


def test_known_sets_are_found(city: Callers) -> None:
    assert ValueSet.objects.filter(code="functional").exists()
    assert city.as_("clerk").get("/values/functional/2050203").status_code == 200

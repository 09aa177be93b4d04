"""平台接口 platform: who the token is, job progress, the catalogue of refusals."""

from typing import Any, Final

from django.http import HttpRequest, HttpResponse, JsonResponse
from ninja import Router, Schema
from pydantic import Field

from shucai.base.errors import Problem, catalogue
from shucai.edge.api import errors, paging
from shucai.edge.api.access import caller, limits
from shucai.edge.api.endpoints import expose
from shucai.edge.api.present import plain, results
from shucai.edge.api.schemas import Result, Unit
from shucai.kernel.document import batch_jobs
from shucai.kernel.jobs.models import JobRun

router = Router(tags=["平台"])
DOCUMENTS_SHOWN: Final = 1_000


class RateOut(Schema):
    per_second: int
    burst: int


class MeOut(Schema):
    user: str
    position: str
    duties: list[str]
    unit: Unit
    division: str
    data_scope: str
    office: str
    fiscal_year: int
    token: str
    scopes: list[str]
    rate: RateOut


class JobOut(Schema):
    id: int
    code: str
    name: str
    state: str
    percent: int
    done: int
    total: int
    note: str
    error: str
    result: dict[str, Any]
    created_at: str
    started_at: str | None
    finished_at: str | None
    documents: list[Result] = Field(
        description="批量办理逐笔的结果，未通过的在前；只在查询单个任务时给出"
    )


class JobsOut(Schema):
    rows: list[JobOut]
    next: str | None


class ProblemOut(Schema):
    code: str
    title: str
    detail: str
    fix: str
    basis: str


class ProblemsOut(Schema):
    problems: list[ProblemOut]


@expose(
    router, "GET", "/me", name="me", summary="令牌所代表的人员、岗位与权限",
    parameters=("FiscalYear",), responses={200: MeOut},
)  # fmt: skip
def get_me(request: HttpRequest) -> Any:
    who = caller(request)
    actor, (rate, burst) = who.actor, limits()
    return {
        "user": actor.name,
        "position": actor.position_name,
        "duties": sorted(actor.duties),
        "unit": {"code": actor.unit_code, "name": actor.unit_name},
        "division": actor.division,
        "data_scope": actor.scope_path,
        "office": actor.office,
        "fiscal_year": actor.fiscal_year,
        "token": who.token_name,
        "scopes": sorted(who.scopes),
        "rate": {"per_second": rate, "burst": burst},
    }


@expose(
    router, "GET", "/jobs", name="jobs.list", scope="jobs.read", summary="本人发起的任务",
    query=("cursor", "limit"), responses={200: JobsOut},
)  # fmt: skip
def list_jobs(request: HttpRequest, cursor: paging.Cursor, limit: paging.Limit) -> Any:
    before = paging.decode(cursor, int)
    rows = JobRun.objects.filter(started_by=caller(request).actor.user_id)
    if before is not None:
        rows = rows.filter(pk__lt=before[0])
    found = list(rows.order_by("-pk")[: limit + 1])
    more = len(found) > limit
    return {
        "rows": [job_shown(one, is_listed=True) for one in found[:limit]],
        "next": paging.encode([found[limit - 1].pk]) if more else None,
    }


@expose(
    router, "GET", "/jobs/{id}", name="jobs.get", scope="jobs.read", summary="任务进度",
    responses={200: JobOut},
)  # fmt: skip
def get_job(request: HttpRequest, id: int) -> Any:
    own = JobRun.objects.filter(started_by=caller(request).actor.user_id)
    found = own.filter(pk=id).first() if 0 < id < 2**63 else None
    if found is None:
        raise errors.JOB_NOT_FOUND.refuse(id=str(id)[:40])
    return job_shown(found)


def job_shown(one: JobRun, *, is_listed: bool = False) -> dict[str, Any]:
    return {
        "id": one.pk,
        "code": one.code,
        "name": one.name,
        "state": one.state,
        "percent": one.percent,
        "done": one.done,
        "total": one.total,
        "note": one.note,
        "error": one.error.strip().rsplit("\n", maxsplit=1)[-1][:200],
        "result": {k: v for k, v in one.result.items() if k != "outcome"},
        "created_at": plain(one.created_at),
        "started_at": plain(one.started_at),
        "finished_at": plain(one.finished_at),
        "documents": [] if is_listed or one.code != batch_jobs.CODE else _documents(one),
    }


def _documents(one: JobRun) -> list[dict[str, Any]]:
    return results(batch_jobs.outcome(one).results[:DOCUMENTS_SHOWN])


@expose(
    router, "GET", "/problems", name="problems.list", is_public=True, summary="全部拒绝代码",
    responses={200: ProblemsOut},
)  # fmt: skip
def list_problems(request: HttpRequest) -> Any:
    return {"problems": [_problem(one) for one in catalogue().values()]}


@expose(
    router, "GET", "/problems/{code}", name="problems.get", is_public=True,
    summary="一个拒绝代码的含义", responses={200: ProblemOut},
)  # fmt: skip
def get_problem(request: HttpRequest, code: str) -> Any:
    found = catalogue().get(code)
    if found is None:
        raise errors.PROBLEM_NOT_FOUND.refuse(code=code[:20])
    return _problem(found)


def _problem(one: Problem) -> dict[str, str]:
    return {
        "code": one.code,
        "title": one.what,
        "detail": one.why,
        "fix": one.fix,
        "basis": one.basis,
    }


@expose(
    router, "GET", "/openapi.json", name="openapi", is_public=True,
    summary="本接口的 OpenAPI 3.1 描述", responses={200: dict[str, Any]},
)  # fmt: skip
def get_openapi(request: HttpRequest) -> HttpResponse:
    from shucai.edge.api import description

    response = JsonResponse(description.document(), json_dumps_params={"ensure_ascii": False})
    response["Cache-Control"] = "no-cache"
    return response

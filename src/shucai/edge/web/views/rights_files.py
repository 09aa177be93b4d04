"""权限矩阵与文件 the matrix of rights as a page and a workbook, and templates of rosters."""

from typing import Final

from django.http import HttpResponse

from shucai.edge.web import frame, sheets
from shucai.edge.web.endpoints import duty, endpoint
from shucai.edge.web.request import WebRequest
from shucai.kernel.identity.duties import AUDITOR, SECURITY_ADMIN, SYSTEM_ADMIN
from shucai.kernel.pages import rights_matrix, rosters

OFFICERS: Final = duty(SYSTEM_ADMIN, SECURITY_ADMIN, AUDITOR)
FILES: Final = (
    ("/rights/people.xlsx", "人员名册模板", "用户及任职，在用户管理中“导入名册”"),
    ("/rights/leavers.xlsx", "离岗名单模板", "离岗人员，在用户管理中“导入离岗名单”"),
    ("/rights/matrix.xlsx", "权限矩阵", "全部启用岗位 × 职责 × 页面、单据环节、名录操作"),
)


@endpoint("rights/files", name="rights-files", access=OFFICERS)
def files(request: WebRequest) -> HttpResponse:
    context = {"title": "权限模板与导出", "files": FILES}
    return frame.page(request, "web/rights/files.html", context)


@endpoint("rights/people.xlsx", name="rights-people", access=OFFICERS)
def people(request: WebRequest) -> HttpResponse:
    return _template("人员名册模板", "people")


@endpoint("rights/leavers.xlsx", name="rights-leavers", access=OFFICERS)
def leavers(request: WebRequest) -> HttpResponse:
    return _template("离岗名单模板", "leavers")


def _template(name: str, roster: str) -> HttpResponse:
    return sheets.answer(name, rosters.heads(roster), [rosters.sample(roster)])


@endpoint("rights/matrix", name="rights-grid", access=OFFICERS)
def grid(request: WebRequest) -> HttpResponse:
    """Everything at once: positions or duties across, pages and acts down."""
    by = "duty" if request.GET.get("by") == "duty" else "position"
    kind = request.GET.get("kind", "")
    kind = kind if kind in rights_matrix.KINDS else ""
    text = request.GET.get("q", "").strip()[:40]
    context = {
        "title": "权限矩阵",
        "grid": rights_matrix.grid(by=by, kind=kind, text=text),
        "kinds": rights_matrix.KINDS,
        "by": by,
        "kind": kind,
        "q": text,
    }
    return frame.page(request, "web/rights/matrix.html", context)


@endpoint("rights/matrix.xlsx", name="rights-matrix", access=OFFICERS)
def matrix(request: WebRequest) -> HttpResponse:
    rows = [
        (
            one.position,
            one.duty,
            rights_matrix.KINDS[one.thing.kind],
            one.thing.name,
            one.thing.code,
        )
        for one in rights_matrix.cells()
    ]
    return sheets.answer("权限矩阵", ["岗位", "职责", "类别", "功能", "代码"], rows)

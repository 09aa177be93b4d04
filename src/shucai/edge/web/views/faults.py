"""错误页 fault pages: nothing there, not allowed, and a defect with its incident number.

They stand without the frame, since whatever builds the frame may be what failed.
"""

import logging
import sys
from http import HTTPStatus
from typing import Any

from django.http import HttpRequest, HttpResponse

from shucai.edge.web import bare, clock
from shucai.kernel.audit import logbook

_log = logging.getLogger("shucai.web")


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _fault(
        request,
        status=HTTPStatus.NOT_FOUND,
        title="没有这个页面",
        text="地址可能有误，或该功能已调整。请从菜单进入，或用 Ctrl K 搜索功能和单据号。",
    )


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _fault(
        request,
        status=HTTPStatus.FORBIDDEN,
        title="不能打开这个页面",
        text="您当前岗位没有使用该功能的职责。请切换岗位，或转由有该职责的人员办理。",
    )


def forged(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The token of the form does not belong to this browser, mostly because of an old page."""
    return _fault(
        request,
        status=HTTPStatus.FORBIDDEN,
        title="页面已过期",
        text="为防止冒用，本次提交没有执行。请返回上一页刷新后重新提交，已填写的内容仍在。",
    )


def defect(request: HttpRequest) -> HttpResponse:
    """A fault of ours. The number leads to the log entry."""
    incident = getattr(request, "trace_id", "")
    _log.exception("defect %s at %s %s", incident, request.method, request.path)
    failure = sys.exc_info()[1]
    if failure is not None:
        matched = request.resolver_match
        logbook.note_defect(
            failure,
            at=clock.now(),
            trace=incident,
            channel="web",
            actor=getattr(request, "actor", None),
            where={
                "method": str(request.method),
                "route": str(matched.route) if matched else "",
            },
        )
    return _fault(
        request,
        status=HTTPStatus.INTERNAL_SERVER_ERROR,
        title="系统出现故障",
        text="本次操作没有执行，数据未受影响。请稍后重试；若再次出现，请将事件编号告知系统管理员。",
        incident=incident,
    )


def _fault(request: HttpRequest, *, status: HTTPStatus, title: str, **said: Any) -> HttpResponse:
    context = {"title": title, "code": int(status), "incident": "", **said}
    return bare.page(request, "web/fault.html", context, status=status)

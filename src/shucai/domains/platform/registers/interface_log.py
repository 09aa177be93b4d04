"""接口与故障 interface log and defects: calls of the API, and faults by their incident number."""

from datetime import datetime
from typing import Any

from shucai.kit import identity, logs, pages


def _same_trail(actor: Any, row: Any, now: datetime) -> pages.Table:
    """The trail of the same request; row-level security shows it to the auditor alone."""
    rows = logs.same_request(row.trace) if actor.can(identity.AUDITOR) else []
    return pages.Table(
        ["时间", "人员", "操作", "对象", "结果"],
        [
            (
                one.at,
                one.name,
                logs.words.action(one.action),
                one.target,
                one.get_result_display(),
            )
            for one in rows
        ],
        links=[f"/r/platform.operation_log/{one.pk}" for one in rows],
        empty="没有审计记录，或由安全审计员查阅",
    )


def _alike(actor: Any, row: Any, now: datetime) -> pages.Table:
    found = logs.logbook.alike(row)
    rows = list(found.order_by("-pk")[:50])
    return pages.Table(
        ["时间", "事件编号", "地址"],
        [(one.at, one.trace, one.route) for one in rows],
        links=[f"/r/platform.defect/{one.pk}" for one in rows],
        note=f"同一位置的同类故障共 {found.count()} 次",
    )


def _tone(row: Any) -> str:
    return "成功" if row.status < 400 else "未受理" if row.status < 500 else "故障"


INTERFACE_LOG = pages.Register(
    code="platform.interface_log",
    name="接口日志",
    model=logs.InterfaceCall,
    icon="plug",
    covers=["PLAT-012"],
    intro="每次接口调用的令牌、地址、结果和耗时，不记录内容；按系统参数规定的天数保留",
    empty="有系统或个人用令牌调用接口后，调用记录会出现在这里。",
    readers=identity.OFFICERS,
    rows=logs.logbook.calls,
    search="token_name actor_name trace route",
    order="-pk",
    title=lambda row: f"{row.method} {row.route}",
    filters=[
        pages.Filter(field="at", entry="instant"),
        pages.Filter(field="actor_id", entry="user"),
        pages.Filter(field="unit_name", entry="text", lookup="contains"),
        pages.Filter(field="application", entry="text"),
        pages.Filter(field="status", entry="text"),
        pages.Filter(field="trace", entry="text"),
    ],
    columns=[
        pages.Column(field="at"),
        pages.Column(field="method", look="code"),
        pages.Column(field="route", look="code"),
        pages.Column(
            field="outcome",
            label="结果",
            value=_tone,
            tones={"成功": "done", "未受理": "wait", "故障": "bad"},
        ),
        pages.Column(field="status", look="code"),
        pages.Column(field="milliseconds"),
        pages.Column(field="application", look="code"),
        pages.Column(field="token_name"),
        pages.Column(field="actor_name"),
        pages.Column(field="unit_name"),
        pages.Column(field="code", look="code"),
        pages.Column(field="ip", look="code", is_shown=False),
        pages.Column(field="trace", look="code", is_shown=False),
    ],
    facts={
        "调用": [
            pages.Column(field="at"),
            pages.Column(field="method", look="code"),
            pages.Column(field="route", look="code"),
            pages.Column(field="status", look="code"),
            pages.Column(field="code", look="code"),
            pages.Column(field="milliseconds"),
            pages.Column(field="application", look="code"),
            pages.Column(field="token_name", link="/r/platform.api_token/{token_id}"),
            pages.Column(field="actor_name"),
            pages.Column(field="unit_name"),
            pages.Column(field="ip", look="code"),
            pages.Column(field="trace", look="code"),
        ]
    },
    panels=[pages.Panel(code="trail", label="同一请求的操作", table=_same_trail)],
)

DEFECT = pages.Register(
    code="platform.defect",
    name="故障日志",
    model=logs.Defect,
    icon="alert-circle",
    covers=["PLAT-012"],
    intro="页面上告知用户的事件编号在此可查；只记异常类型和位置，不记内容",
    empty="没有发生过系统故障。",
    readers=identity.OFFICERS,
    rows=logs.logbook.defects,
    search="trace exception place",
    order="-pk",
    title=lambda row: f"事件 {row.trace}",
    filters=[
        pages.Filter(field="at", entry="instant"),
        pages.Filter(field="trace", entry="text"),
        pages.Filter(field="actor_id", entry="user"),
        pages.Filter(field="unit_name", entry="text", lookup="contains"),
        pages.Filter(field="channel"),
        pages.Filter(field="exception", entry="text", lookup="contains"),
    ],
    columns=[
        pages.Column(field="at"),
        pages.Column(field="trace", look="code"),
        pages.Column(field="channel"),
        pages.Column(field="exception", look="code"),
        pages.Column(field="place", look="code"),
        pages.Column(field="times", label="同类次数", value=lambda row: row.times, look="number"),
        pages.Column(field="route", look="code"),
        pages.Column(field="actor_name"),
        pages.Column(field="unit_name"),
        pages.Column(field="method", look="code", is_shown=False),
    ],
    panels=[
        pages.Panel(code="alike", label="同类故障", table=_alike),
        pages.Panel(code="trail", label="同一请求的操作", table=_same_trail),
    ],
)

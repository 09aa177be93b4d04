"""操作日志 operation log: every action done or refused, in words, with the way to its record."""

from datetime import datetime
from typing import Any

from shucai.kit import logs, pages

AUDITOR = "identity.auditor"
TONES = {"done": "done", "refused": "bad"}


def _action(row: Any) -> str:
    return logs.words.action(row.action)


def _object(row: Any) -> str:
    return logs.words.target(row.target_type)


def _brief(row: Any) -> str:
    return logs.words.brief(row.target_type, row.detail)


def _said(name: str) -> Any:
    return lambda row: str(row.said.get(name, ""))


def _changes(actor: Any, row: Any, now: datetime) -> pages.Table:
    rows = logs.words.told(row.target_type, row.detail)
    return pages.Table(["项目", "原值", "新值"], rows, empty="没有更多内容")


def _record(actor: Any, row: Any, now: datetime) -> pages.Table:
    address = logs.words.home(row.target_type, row.target)
    rows = [(_object(row), row.target, "打开")] if address else []
    return pages.Table(["对象类型", "对象", "页面"], rows, links=[address], empty="该对象没有页面")


def _same(actor: Any, row: Any, now: datetime) -> pages.Table:
    """What else the same request did."""
    rows = [one for one in logs.same_request(row.trace) if one.pk != row.pk]
    return pages.Table(
        ["时间", "操作", "对象", "结果"],
        [(one.at, _action(one), one.target, one.get_result_display()) for one in rows],
        links=[f"/r/platform.operation_log/{one.pk}" for one in rows],
        empty="同一请求没有其他操作",
    )


def _actions(actor: Any, record: Any) -> list[tuple[str, str]]:
    return list(logs.words.ACTIONS.items())


def _signing_in(actor: Any) -> Any:
    return logs.signing_in()


def _browser(row: Any) -> str:
    return logs.browser_name(str(row.detail.get("agent", "")))


OPERATION_LOG = pages.Register(
    code="platform.operation_log",
    name="操作日志",
    model=logs.AuditEntry,
    icon="history",
    covers=["PLAT-012", "OPS-029"],
    intro="每次办理、修改、查阅导出和被拒绝的尝试；只增不改，永久保留",
    readers=[AUDITOR],
    search="name target trace",
    order="-pk",
    title=lambda row: f"{row.name or '系统'}：{_action(row)}",
    filters=[
        pages.Filter(field="at", entry="instant"),
        pages.Filter(field="name", entry="text", lookup="contains"),
        pages.Filter(field="unit_name", entry="text", lookup="contains"),
        pages.Filter(field="trace", entry="text"),
        pages.Filter(field="result"),
        pages.Filter(field="action", options=_actions),
        pages.Filter(field="target_type", entry="text", lookup="startswith"),
        pages.Filter(field="target", entry="text"),
    ],
    columns=[
        pages.Column(field="at", link="/r/platform.operation_log/{pk}"),
        pages.Column(field="name"),
        pages.Column(field="unit_name"),
        pages.Column(field="said_action", label="操作", value=_action),
        pages.Column(field="said_type", label="对象类型", value=_object),
        pages.Column(field="target", look="code"),
        pages.Column(field="result", tones=TONES),
        pages.Column(field="brief", label="内容", value=_brief),
        pages.Column(field="position", label="岗位", value=_said("position"), is_shown=False),
        pages.Column(field="ip", label="来源地址", value=_said("ip"), is_shown=False),
        pages.Column(field="channel", label="通道", value=_said("channel"), is_shown=False),
        pages.Column(field="trace", look="code", is_shown=False),
        pages.Column(field="action", label="操作代码", look="code", is_shown=False),
    ],
    facts={
        "操作": [
            pages.Column(field="at"),
            pages.Column(field="name"),
            pages.Column(field="position", label="岗位", value=_said("position")),
            pages.Column(field="unit_name"),
            pages.Column(field="said_action", label="操作", value=_action),
            pages.Column(field="said_type", label="对象类型", value=_object),
            pages.Column(field="target", look="code"),
            pages.Column(field="result", tones=TONES),
            pages.Column(field="ip", label="来源地址", value=_said("ip")),
            pages.Column(field="channel", label="通道", value=_said("channel")),
            pages.Column(field="trace", look="code"),
            pages.Column(field="leaf", label="摘要值", value=lambda row: bytes(row.leaf).hex()),
        ]
    },
    panels=[
        pages.Panel(code="changes", label="内容", table=_changes),
        pages.Panel(code="record", label="对象", table=_record),
        pages.Panel(code="same", label="同一请求的其他操作", table=_same),
    ],
)

SIGN_IN_LOG = pages.Register(
    code="platform.sign_in_log",
    name="登录日志",
    model=logs.AuditEntry,
    icon="login",
    covers=["PLAT-012"],
    intro="每次登录、退出和被拒绝的登录，包括不存在的登录名",
    readers=[AUDITOR],
    rows=_signing_in,
    search="name target trace",
    order="-pk",
    title=lambda row: f"{row.target}：{_action(row)}",
    filters=[
        pages.Filter(field="at", entry="instant"),
        pages.Filter(field="target", label="登录名", entry="text"),
        pages.Filter(field="name", entry="text", lookup="contains"),
        pages.Filter(field="result"),
        pages.Filter(field="trace", entry="text"),
    ],
    columns=[
        pages.Column(field="at"),
        pages.Column(field="target", label="登录名", look="code"),
        pages.Column(field="name"),
        pages.Column(field="said_action", label="操作", value=_action),
        pages.Column(field="result", tones=TONES),
        pages.Column(
            field="code",
            label="拒绝代码",
            value=lambda row: str(row.detail.get("code", "")),
            look="code",
        ),
        pages.Column(field="ip", label="来源地址", value=_said("ip"), look="code"),
        pages.Column(field="browser", label="浏览器", value=_browser),
        pages.Column(field="trace", look="code", is_shown=False),
    ],
    panels=[pages.Panel(code="changes", label="内容", table=_changes)],
)

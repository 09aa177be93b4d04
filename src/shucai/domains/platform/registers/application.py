"""外部应用 application: systems that call the API, their terms, their keys, and how much."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from shucai.kit import applications, identity, logs, pages

TONES = {"requested": "going", "active": "done", "rejected": "bad", "stopped": "draft"}
SPACES = str.maketrans("，、；,;\n\r\t", "        ")


def _scopes(actor: Any, record: Any) -> Sequence[tuple[str, str]]:
    return list(applications.SCOPES.items())


def _appointments(actor: Any, record: Any) -> Sequence[tuple[str, str]]:
    """Those in force without an office of the three."""
    rows = identity.directory.appointments(actor).filter(is_enabled=True, user__is_active=True)
    return [
        (str(one.pk), f"{one.user.name} · {one.title} · {one.unit_name or one.scope_path}")
        for one in rows.order_by("unit_code", "pk")[:300]
        if not one.held & set(identity.OFFICERS)
    ]


def _wanted(call: pages.Call) -> applications.Wanted:
    said = call.values
    return applications.Wanted(
        name=said["name"],
        owner=said["owner"],
        contact=said["contact"],
        phone=said["phone"] or "",
        purpose=said["purpose"] or "",
        appointment_id=int(said["appointment"]),
        scopes=said["scopes"],
        addresses=(said["addresses"] or "").translate(SPACES).split(),
    )


def _ask(call: pages.Call) -> pages.Done:
    made = applications.ask(
        actor=call.actor,
        code=call.values["code"] if call.record is None else call.record.code,
        wanted=_wanted(call),
        reason=call.values["reason"],
        now=call.now,
    )
    return pages.Done(
        f"已提出“{made.name}”，等待安全保密管理员审批", to=f"/r/platform.application/{made.code}"
    )


def _approve(call: pages.Call) -> pages.Done:
    return _decide(call, is_approved=True)


def _reject(call: pages.Call) -> pages.Done:
    return _decide(call, is_approved=False)


def _decide(call: pages.Call, *, is_approved: bool) -> pages.Done:
    applications.decide(
        actor=call.actor,
        code=call.record.code,
        is_approved=is_approved,
        opinion=call.values["opinion"] or "",
        now=call.now,
    )
    return pages.Done("已批准，立即生效" if is_approved else "已驳回")


def _stop(call: pages.Call) -> pages.Done:
    ended = applications.stop(
        actor=call.actor, code=call.record.code, reason=call.values["reason"], now=call.now
    )
    return pages.Done(f"已停用，{ended} 个密钥同时失效")


def _issue(call: pages.Call) -> pages.Done:
    made = applications.issue(
        actor=call.actor,
        code=call.record.code,
        name=call.values["name"],
        days=call.values["days"],
        now=call.now,
    )
    return pages.Done("密钥已签发，只显示这一次", secret=made.secret)


def spelled(name: str, value: Any) -> str:
    """One term in words."""
    if name == "scopes":
        return "、".join(applications.SCOPES.get(one, one) for one in value or [])
    if name == "addresses":
        return "、".join(value or []) or "不限"
    if name == "appointment":
        return applications.appointment_text(value)
    return str(value or "")


def _terms(actor: Any, row: Any, now: datetime) -> pages.Table:
    """What is in force beside what is asked for."""
    held = {name: getattr(row, name) for name in applications.LABELS if name != "appointment"}
    held["appointment"] = row.appointment_id
    is_new = row.state == "requested" and not row.state_before
    return pages.Table(
        ["项目", "现行", "申请"],
        [
            (
                label,
                "" if is_new else spelled(name, held[name]),
                spelled(name, row.wanted.get(name)) if row.state == "requested" else "",
            )
            for name, label in applications.LABELS.items()
        ],
    )


def _keys(actor: Any, row: Any, now: datetime) -> pages.Table:
    rows = list(applications.keys(row).order_by("-pk")[:50])
    return pages.Table(
        ["用途", "状态", "签发时间", "到期时间", "最近使用"],
        [
            (
                one.name,
                applications.state_of(one, now=now),
                one.created_at,
                one.expires_at,
                one.last_used_at or "",
            )
            for one in rows
        ],
        links=[f"/r/platform.api_token/{one.pk}" for one in rows],
        empty="还没有签发密钥",
        note="更换、吊销在密钥页办理",
    )


def by_day(calls: Any) -> pages.Table:
    """How much was called, by day."""
    return pages.Table(
        ["日期", "调用", "未受理", "平均耗时（毫秒）"],
        [
            (one["day"], one["n"], one["refused"], round(one["milliseconds"]))
            for one in logs.usage_by_day(calls)
        ],
        looks=["date", "number", "number", "number"],
        empty="没有调用过",
        note="最近 31 个有调用的日子",
    )


def _usage(actor: Any, row: Any, now: datetime) -> pages.Table:
    return by_day(logs.logbook.calls_of(application=row.code))


def _routes(actor: Any, row: Any, now: datetime) -> pages.Table:
    found = logs.usage_by_route(logs.logbook.calls_of(application=row.code))
    return pages.Table(
        ["方法", "接口", "调用", "未受理"],
        [(one["method"], one["route"], one["n"], one["refused"]) for one in found],
        looks=["code", "code", "number", "number"],
        empty="没有调用过",
    )


def _initial(name: str) -> Any:
    def found(row: Any) -> Any:
        if row is None:
            return ""
        if name == "addresses":
            return " ".join(row.addresses)
        return str(row.appointment_id) if name == "appointment" else getattr(row, name)

    return found


_TERMS = [
    pages.Input(name="name", label="应用名称", limit=80, initial=_initial("name")),
    pages.Input(name="owner", label="责任单位", limit=120, initial=_initial("owner")),
    pages.Input(name="contact", label="联系人", limit=40, initial=_initial("contact")),
    pages.Input(
        name="phone", label="联系电话", limit=20, is_required=False, initial=_initial("phone")
    ),
    pages.Input(
        name="purpose", label="用途", entry="long", is_required=False, initial=_initial("purpose")
    ),
    pages.Input(
        name="appointment",
        label="代表的任职",
        entry="choice",
        options=_appointments,
        initial=_initial("appointment"),
        help="应用以该任职的职责和数据范围办理，不能是三员",
    ),
    pages.Input(
        name="scopes", label="权限", entry="choices", options=_scopes, initial=_initial("scopes")
    ),
    pages.Input(
        name="addresses",
        label="来源地址",
        entry="long",
        is_required=False,
        limit=1000,
        initial=_initial("addresses"),
        help="IP 地址或网段，空格或换行分隔；不填不限",
    ),
    pages.Input(name="reason", label="理由", limit=200),
]
_OPINION = pages.Input(name="opinion", label="意见", is_required=False, initial="同意")

APPLICATION = pages.Register(
    code="platform.application",
    name="外部应用",
    model=applications.Application,
    key="code",
    order="code",
    icon="plug",
    covers=["PLAT-010"],
    intro="接入本系统的外部应用：系统管理员申请，安全保密管理员审批，按登记的权限和来源地址调用接口",
    empty="还没有外部应用。系统管理员可以申请登记。",
    readers=identity.OFFICERS,
    rows=applications.listed,
    search="code name owner contact",
    title=lambda row: row.name,
    trail=lambda row: [("identity.application", row.code)],
    filters=[pages.Filter(field="state"), pages.Filter(field="asked_at", entry="instant")],
    columns=[
        pages.Column(field="code", look="code"),
        pages.Column(field="name"),
        pages.Column(field="state", tones=TONES),
        pages.Column(field="owner"),
        pages.Column(field="contact"),
        pages.Column(field="scopes", label="权限", value=lambda row: spelled("scopes", row.scopes)),
        pages.Column(
            field="keys",
            label="密钥",
            value=lambda row: row.held_keys,
            look="number",
        ),
        pages.Column(field="asked_name"),
        pages.Column(field="decided_name"),
        pages.Column(field="decided_at"),
    ],
    facts={
        "应用": [
            pages.Column(field="code", look="code"),
            pages.Column(field="state", tones=TONES),
            pages.Column(field="asked_name"),
            pages.Column(field="asked_at"),
            pages.Column(field="reason"),
            pages.Column(field="decided_name"),
            pages.Column(field="decided_at"),
            pages.Column(field="opinion"),
        ]
    },
    panels=[
        pages.Panel(code="terms", label="登记内容", table=_terms),
        pages.Panel(code="keys", label="密钥", table=_keys),
        pages.Panel(code="usage", label="调用次数", table=_usage),
        pages.Panel(code="routes", label="调用的接口", table=_routes),
    ],
    commands=[
        pages.Command(
            code="register",
            label="申请登记",
            by=[identity.SYSTEM_ADMIN],
            run=_ask,
            target="none",
            icon="plus",
            inputs=[
                pages.Input(name="code", label="应用代码", limit=40, help="小写英文，登记后不变"),
                *_TERMS,
            ],
        ),
        pages.Command(
            code="change",
            label="申请变更",
            by=[identity.SYSTEM_ADMIN],
            run=_ask,
            when=lambda row: row.state != "requested",
            inputs=_TERMS,
            confirm="批准前仍按现行内容。",
        ),
        pages.Command(
            code="approve",
            label="批准",
            by=[identity.SECURITY_ADMIN],
            run=_approve,
            when=lambda row: row.state == "requested",
            icon="check",
            confirm="批准后立即生效。",
            inputs=[_OPINION],
        ),
        pages.Command(
            code="reject",
            label="驳回",
            by=[identity.SECURITY_ADMIN],
            run=_reject,
            when=lambda row: row.state == "requested",
            icon="x",
            inputs=[pages.Input(name="opinion", label="意见")],
        ),
        pages.Command(
            code="issue",
            label="签发密钥",
            by=[identity.SYSTEM_ADMIN],
            run=_issue,
            when=lambda row: row.state == "active",
            icon="key",
            inputs=[
                pages.Input(name="name", label="用途", limit=80, initial="正式环境"),
                pages.Input(name="days", label="有效天数", entry="integer", initial=180),
            ],
        ),
        pages.Command(
            code="stop",
            label="停用",
            by=[identity.SYSTEM_ADMIN, identity.SECURITY_ADMIN],
            run=_stop,
            when=lambda row: row.state in ("active", "requested"),
            is_grave=True,
            icon="player-stop",
            confirm="全部密钥立即失效，不能恢复；再次启用须重新申请。",
            inputs=[pages.Input(name="reason", label="原因")],
        ),
    ],
)

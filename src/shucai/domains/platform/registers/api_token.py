"""接口令牌 API token: those of persons and the keys of applications; seen, changed and ended."""

from datetime import datetime
from typing import Any

from shucai.domains.platform.registers.application import by_day, spelled
from shucai.kit import applications, identity, logs, pages


def _revoke(call: pages.Call) -> pages.Done:
    for token in call.records:
        applications.revoke(actor=call.actor, token_id=token.pk, now=call.now)
    return pages.Done(f"已吊销 {len(call.records)} 个令牌")


def _rotate(call: pages.Call) -> pages.Done:
    made = applications.rotate(
        actor=call.actor,
        token_id=call.record.pk,
        overlap_days=call.values["overlap"],
        now=call.now,
    )
    return pages.Done("新密钥已签发，只显示这一次", secret=made.secret)


def _usage(actor: Any, token: Any, now: datetime) -> pages.Table:
    return by_day(logs.logbook.calls_of(token_id=token.pk))


def _calls(actor: Any, token: Any, now: datetime) -> pages.Table:
    rows = list(logs.logbook.calls_of(token_id=token.pk).order_by("-pk")[:30])
    return pages.Table(
        ["时间", "方法", "接口", "状态码", "耗时（毫秒）"],
        [(one.at, one.method, one.route, one.status, one.milliseconds) for one in rows],
        links=[f"/r/platform.interface_log/{one.pk}" for one in rows],
        looks=["instant", "code", "code", "code", "number"],
        empty="没有调用过",
    )


API_TOKEN = pages.Register(
    code="platform.api_token",
    name="接口令牌",
    model=applications.ApiToken,
    icon="key",
    covers=["PLAT-010"],
    intro="个人在“我的登录”中创建的令牌和外部应用的密钥；只保存摘要，到期或吊销后立即失效",
    empty="还没有令牌。",
    readers=identity.OFFICERS,
    rows=applications.visible_tokens,
    search="name user__name user__username application__name",
    title=lambda token: token.name,
    trail=lambda token: [("identity.token", str(token.pk))],
    filters=[
        pages.Filter(field="user", label="所有人", entry="user"),
        pages.Filter(field="application__code", label="应用代码", entry="text"),
        pages.Filter(field="expires_at", entry="instant"),
        pages.Filter(field="last_used_at", entry="instant"),
    ],
    columns=[
        pages.Column(field="name"),
        pages.Column(field="application__name", label="应用"),
        pages.Column(field="user__name", label="所有人", link="/r/platform.user/{user_id}"),
        pages.Column(field="appointment__position__name", label="岗位"),
        pages.Column(field="scopes", label="权限", value=lambda one: spelled("scopes", one.scopes)),
        pages.Column(field="expires_at"),
        pages.Column(field="last_used_at"),
        pages.Column(field="revoked_at"),
        pages.Column(field="created_at", is_shown=False),
    ],
    panels=[
        pages.Panel(code="usage", label="调用次数", table=_usage),
        pages.Panel(code="calls", label="最近的调用", table=_calls),
    ],
    commands=[
        pages.Command(
            code="rotate",
            label="更换密钥",
            by=[identity.SYSTEM_ADMIN],
            run=_rotate,
            when=lambda one: one.application_id is not None and one.revoked_at is None,
            icon="refresh",
            inputs=[
                pages.Input(
                    name="overlap",
                    label="旧密钥保留天数",
                    entry="integer",
                    initial=7,
                    help=f"0 至 {applications.OVERLAP_MAX} 天，供应用改用新密钥",
                )
            ],
        ),
        pages.Command(
            code="revoke",
            label="吊销",
            by=[identity.SYSTEM_ADMIN, identity.SECURITY_ADMIN],
            run=_revoke,
            target="many",
            when=lambda one: one.revoked_at is None,
            is_grave=True,
            icon="trash",
            confirm="立即失效，不能恢复。",
        ),
    ],
)

"""用户 user: a person who can sign in, with his appointments; changed by two persons."""

from datetime import datetime
from typing import Any

from shucai.domains.platform import terms
from shucai.kit import identity, pages

ADMIN = identity.SYSTEM_ADMIN


def _hire(call: pages.Call) -> pages.Done:
    payload = {**terms.person(call), **terms.appointment(call)}
    return terms.propose(call, "user.hire", payload)


def _change(call: pages.Call) -> pages.Done:
    payload = {"user_id": call.record.pk, **terms.person(call)}
    return terms.propose(call, "user.change", payload)


def _appoint(call: pages.Call) -> pages.Done:
    payload = {"user_id": call.record.pk, **terms.appointment(call)}
    return terms.propose(call, "appointment.create", payload)


def _transfer(call: pages.Call) -> pages.Done:
    payload = {"user_id": call.record.pk, **terms.appointment(call)}
    return terms.propose(call, "user.transfer", payload)


def _leave(call: pages.Call) -> pages.Done:
    left_on = terms.day(call.values.get("left_on")) or terms.today(call)
    payload = {"user_id": call.record.pk, "left_on": left_on, "why": call.values["reason"]}
    return terms.propose(call, "user.leave", payload)


def _simple(kind: str) -> Any:
    def run(call: pages.Call) -> pages.Done:
        return terms.propose(call, kind, {"user_id": call.record.pk})

    return run


def _bind(call: pages.Call) -> pages.Done:
    payload = {"user_id": call.record.pk, "certificate": call.values["certificate"]}
    return terms.propose(call, "certificate.bind", payload)


def _unbind(call: pages.Call) -> pages.Done:
    payload = {"certificate_id": call.values["held"], "why": call.values["reason"]}
    return terms.propose(call, "certificate.revoke", payload)


def _held_certificates(actor: Any, user: Any) -> list[tuple[str, str]]:
    if user is None:
        return []
    rows = user.certificates.filter(revoked_at=None).order_by("-pk")[:20]
    return [(str(one.pk), f"{one.subject} {one.serial}") for one in rows]


def _certificates(actor: Any, user: Any, now: datetime) -> pages.Table:
    rows = list(user.certificates.order_by("-pk")[:20])
    return pages.Table(
        ["证书主题", "颁发者", "序列号", "算法", "生效", "到期", "解除", "解除原因"],
        [
            (
                one.subject,
                one.issuer,
                one.serial,
                one.algorithm,
                one.valid_from,
                one.valid_to,
                one.revoked_at,
                one.revoke_reason,
            )
            for one in rows
        ],
        looks=["text", "text", "code", "code", "instant", "instant", "instant", "text"],
        empty="没有绑定证书",
    )


def _unlock(call: pages.Call) -> pages.Done:
    identity.officers.unlock(actor=call.actor, user_id=call.record.pk, now=call.now)
    return pages.Done(f"已解除 {call.record.name} 的登录锁定")


def _appointments(actor: Any, user: Any, now: datetime) -> pages.Table:
    rows = list(user.appointments.select_related("position").order_by("-is_enabled", "pk")[:100])
    return pages.Table(
        ["岗位", "单位", "数据范围", "科室", "资金性质", "起", "止（不含）", "启用"],
        [
            (
                a.title,
                a.unit_name,
                a.scope_path,
                a.office or "全部",
                "、".join(a.fund_types) or "全部",
                a.valid_from,
                a.valid_to,
                a.is_enabled,
            )
            for a in rows
        ],
        links=[f"/r/platform.appointment/{a.pk}" for a in rows],
        looks=["text", "text", "code", "text", "text", "date", "date", "flag"],
        empty="没有任职，不能登录",
    )


USER = pages.Register(
    code="platform.user",
    name="用户",
    model=identity.User,
    icon="users",
    intro="能登录的人员；新增、修改、调岗、离岗都先提出，再由安全保密管理员审批",
    readers=identity.OFFICERS,
    rows=identity.directory.users,
    order="username",
    search="username name pinyin employee_no",
    title=lambda user: f"{user.name}（{user.username}）",
    trail=lambda user: [("identity.user", user.username)],
    covers=["PLAT-008"],
    filters=[
        pages.Filter(field="is_active", entry="flag"),
        pages.Filter(field="last_login_at", entry="instant"),
    ],
    columns=[
        pages.Column(field="username", look="code"),
        pages.Column(field="name"),
        pages.Column(field="first_unit", label="单位", value=lambda user: user.first_unit or ""),
        pages.Column(
            field="first_position", label="岗位", value=lambda user: user.first_position or ""
        ),
        pages.Column(field="is_active"),
        pages.Column(field="last_login_at"),
        pages.Column(field="locked_until"),
        pages.Column(field="employee_no", look="code", is_shown=False),
        pages.Column(field="phone", is_shown=False),
    ],
    facts={
        "基本信息": [
            pages.Column(field="username", look="code"),
            pages.Column(field="name"),
            pages.Column(field="employee_no", look="code"),
            pages.Column(field="phone"),
            pages.Column(field="is_active"),
            pages.Column(field="last_login_at"),
            pages.Column(field="password_changed_at"),
            pages.Column(field="must_change_password"),
            pages.Column(field="locked_until"),
        ]
    },
    panels=[
        pages.Panel(code="appointments", label="任职", table=_appointments),
        pages.Panel(code="certificates", label="登录证书", table=_certificates),
    ],
    commands=[
        pages.Command(
            code="hire",
            label="新增用户",
            by=[ADMIN],
            run=_hire,
            target="none",
            icon="user-plus",
            inputs=[
                *terms.PERSON,
                *terms.place_inputs(terms.positions),
                terms.reason(),
            ],
        ),
        terms.roster_command("import_people", "导入名册", "people"),
        terms.roster_command("import_leavers", "导入离岗名单", "leavers"),
        pages.Command(
            code="change",
            label="修改资料",
            by=[ADMIN],
            run=_change,
            inputs=[
                pages.Input(name="name", label="姓名", initial=lambda user: user.name),
                pages.Input(
                    name="employee_no",
                    label="工号",
                    is_required=False,
                    initial=lambda user: user.employee_no,
                ),
                pages.Input(
                    name="phone",
                    label="手机",
                    is_required=False,
                    initial=lambda user: user.phone,
                ),
                terms.reason(),
            ],
        ),
        pages.Command(
            code="appoint",
            label="增加任职",
            by=[ADMIN],
            run=_appoint,
            when=lambda user: user.is_active,
            icon="id-badge-2",
            inputs=[*terms.place_inputs(terms.positions), terms.reason()],
        ),
        pages.Command(
            code="transfer",
            label="调岗",
            by=[ADMIN],
            run=_transfer,
            when=lambda user: user.is_active,
            icon="arrows-exchange",
            confirm="管理范围内的原任职全部终止，由新任职接替。",
            inputs=[*terms.place_inputs(terms.positions), terms.reason()],
        ),
        pages.Command(
            code="leave",
            label="离岗",
            by=[ADMIN],
            run=_leave,
            when=lambda user: user.is_active,
            is_grave=True,
            icon="user-minus",
            confirm="批准后自离岗日起停用用户，终止任职、会话、令牌和委托，待办转回岗位。",
            inputs=[
                pages.Input(
                    name="left_on",
                    label="离岗日期",
                    entry="date",
                    is_required=False,
                    help="不填为当天",
                ),
                terms.reason("原因"),
            ],
        ),
        pages.Command(
            code="disable",
            label="停用",
            by=[ADMIN],
            run=_simple("user.disable"),
            when=lambda user: user.is_active,
            is_grave=True,
            icon="ban",
            inputs=[terms.reason()],
        ),
        pages.Command(
            code="enable",
            label="启用",
            by=[ADMIN],
            run=_simple("user.enable"),
            when=lambda user: not user.is_active,
            icon="check",
            inputs=[terms.reason()],
        ),
        pages.Command(
            code="reset_password",
            label="重置密码",
            by=[ADMIN],
            run=_simple("user.reset_password"),
            icon="key",
            inputs=[terms.reason()],
        ),
        pages.Command(
            code="bind",
            label="绑定证书",
            by=[ADMIN],
            run=_bind,
            icon="certificate",
            inputs=[
                pages.Input(
                    name="certificate",
                    label="证书",
                    entry="long",
                    limit=8000,
                    help="PEM 格式，以 -----BEGIN CERTIFICATE----- 开头",
                ),
                terms.reason(),
            ],
        ),
        pages.Command(
            code="unbind",
            label="解除证书",
            by=[ADMIN],
            run=_unbind,
            icon="certificate-off",
            inputs=[
                pages.Input(name="held", label="证书", entry="choice", options=_held_certificates),
                terms.reason("解除原因"),
            ],
        ),
        pages.Command(
            code="reset_factor",
            label="重置双因素",
            by=[ADMIN],
            run=_simple("factor.reset"),
            icon="shield-lock",
            inputs=[terms.reason()],
        ),
        pages.Command(
            code="unlock",
            label="解除锁定",
            by=[ADMIN],
            run=_unlock,
            when=lambda user: user.locked_until is not None,
            icon="lock-open",
        ),
    ],
)

"""用户权限申请 rights request: a unit asks for its people; officers take it over and decide."""

from typing import Any

from shucai.domains.platform import terms
from shucai.kit import identity, pages, rights

APPLICANT = identity.APPLICANT
TONES = {
    "submitted": "wait",
    "taken": "going",
    "done": "done",
    "rejected": "bad",
    "returned": "bad",
    "withdrawn": "draft",
}


def _ask(call: pages.Call, kind: str, payload: Any) -> pages.Done:
    made = identity.requests.submit(
        actor=call.actor,
        kind=kind,
        payload=payload,
        reason=call.values["reason"],
        now=call.now,
    )
    rights.submitted(made, now=call.now)
    return pages.Done(
        f"已提交“{made.summary}”，等待系统管理员受理", to=f"/r/platform.rights_request/{made.pk}"
    )


def _hire(call: pages.Call) -> pages.Done:
    return _ask(call, "user.hire", {**terms.person(call), **terms.appointment(call)})


def _about_user(kind: str) -> Any:
    def run(call: pages.Call) -> pages.Done:
        known = identity.users_named([call.values["user"]])
        payload = {"user_id": known.get(call.values["user"])}
        if kind in ("appointment.create", "user.transfer"):
            payload |= terms.appointment(call)
        return _ask(call, kind, payload)

    return run


def _end(call: pages.Call) -> pages.Done:
    return _ask(call, "appointment.end", {"appointment_id": call.values["appointment"]})


def _own_appointments(actor: Any, record: Any) -> list[tuple[str, str]]:
    rows = identity.directory.appointments(actor).filter(is_enabled=True, principal=None)
    return [(str(one.pk), str(one)) for one in rows.order_by("user__username", "pk")[:300]]


def _take(call: pages.Call) -> pages.Done:
    change = identity.requests.take(actor=call.actor, request_id=call.record.pk, now=call.now)
    for taken in change.requests.filter(pk=call.record.pk):
        rights.handled(taken, now=call.now)
    rights.proposed(change, now=call.now)
    return pages.Done(
        f"已受理，权限变更 {change.pk} 等待安全保密管理员审批",
        to=f"/r/platform.rights_change/{change.pk}",
    )


def _return(call: pages.Call) -> pages.Done:
    returned = identity.requests.send_back(
        actor=call.actor,
        request_id=call.record.pk,
        opinion=call.values["opinion"],
        now=call.now,
    )
    rights.handled(returned, now=call.now)
    return pages.Done("已退回申请单位")


def _withdraw(call: pages.Call) -> pages.Done:
    identity.requests.withdraw(actor=call.actor, request_id=call.record.pk, now=call.now)
    return pages.Done("已撤回申请")


def _content(actor: Any, request: Any, now: Any) -> pages.Table:
    fields = identity.changes.KINDS[request.kind].fields
    return pages.Table(
        ["项目", "申请内容"],
        [
            (label, "、".join(value) if isinstance(value, list) else value)
            for name, (label, _) in fields.items()
            if (value := request.wanted.get(name)) not in (None, "", [])
        ],
    )


USER_INPUT = pages.Input(name="user", label="用户", entry="user", help="登录名或姓名")


def _command(code: str, label: str, run: Any, *inputs: pages.Input, icon: str) -> pages.Command:
    return pages.Command(
        code=code,
        label=label,
        by=[APPLICANT],
        run=run,
        target="none",
        icon=icon,
        inputs=[*inputs, terms.reason("申请理由")],
    )


PLACE = terms.place_inputs(terms.askable)
RIGHTS_REQUEST = pages.Register(
    code="platform.rights_request",
    name="用户权限申请",
    model=identity.RightsRequest,
    icon="user-question",
    intro="单位为本单位人员申请用户和岗位；系统管理员受理，安全保密管理员审批后生效",
    readers=[APPLICANT, *identity.OFFICERS],
    rows=identity.requests.seen,
    search="subject summary requested_name unit_name",
    title=lambda request: request.summary,
    trail=lambda request: [("identity.request", str(request.pk))],
    covers=["PLAT-008"],
    filters=[
        pages.Filter(field="state"),
        pages.Filter(field="kind"),
        pages.Filter(field="requested_at", entry="instant"),
    ],
    columns=[
        pages.Column(field="summary"),
        pages.Column(field="state", tones=TONES),
        pages.Column(field="unit_name"),
        pages.Column(field="requested_name"),
        pages.Column(field="requested_at"),
        pages.Column(field="handled_name"),
        pages.Column(field="opinion"),
    ],
    facts={
        "申请": [
            pages.Column(field="kind"),
            pages.Column(field="subject"),
            pages.Column(field="reason"),
            pages.Column(field="unit_name"),
            pages.Column(field="requested_name"),
            pages.Column(field="requested_at"),
        ],
        "办理": [
            pages.Column(field="state", tones=TONES),
            pages.Column(field="handled_name"),
            pages.Column(field="handled_at"),
            pages.Column(field="opinion"),
            pages.Column(
                field="change_id",
                label="权限变更",
                value=lambda request: request.change_id or "",
            ),
        ],
    },
    panels=[pages.Panel(code="content", label="申请内容", table=_content)],
    commands=[
        _command("hire", "申请新用户", _hire, *terms.PERSON, *PLACE, icon="user-plus"),
        _command(
            "appoint",
            "申请增加岗位",
            _about_user("appointment.create"),
            USER_INPUT,
            *PLACE,
            icon="id-badge-2",
        ),
        _command(
            "transfer",
            "申请调岗",
            _about_user("user.transfer"),
            USER_INPUT,
            *PLACE,
            icon="arrows-exchange",
        ),
        _command(
            "end",
            "申请减少岗位",
            _end,
            pages.Input(
                name="appointment", label="任职", entry="choice", options=_own_appointments
            ),
            icon="user-minus",
        ),
        _command("stop", "申请停用用户", _about_user("user.disable"), USER_INPUT, icon="ban"),
        _command(
            "reset",
            "申请重置密码",
            _about_user("user.reset_password"),
            USER_INPUT,
            icon="key",
        ),
        pages.Command(
            code="take",
            label="受理",
            by=[identity.SYSTEM_ADMIN],
            run=_take,
            when=lambda request: request.state == "submitted",
            icon="check",
            confirm="按申请内容提出权限变更，交安全保密管理员审批。",
        ),
        pages.Command(
            code="send_back",
            label="退回",
            by=[identity.SYSTEM_ADMIN],
            run=_return,
            when=lambda request: request.state == "submitted",
            icon="arrow-back-up",
            inputs=[pages.Input(name="opinion", label="退回原因")],
        ),
        pages.Command(
            code="withdraw",
            label="撤回",
            by=[APPLICANT],
            run=_withdraw,
            when=lambda request: request.state == "submitted",
            icon="arrow-back-up",
        ),
    ],
)

"""推送地址 message target: an outside address that signed messages may be posted to."""

from shucai.kit import identity, messages, pages


def _propose(call: pages.Call) -> pages.Done:
    values = call.values
    row, secret = messages.targets.propose(
        actor=call.actor,
        code=values["code"],
        name=values["name"],
        url=values["url"],
        now=call.now,
    )
    return pages.Done(
        f"已登记“{row.name}”，等待安全保密管理员启用；签名密钥只显示这一次",
        secret=secret,
    )


def _enable(call: pages.Call) -> pages.Done:
    row = messages.targets.enable(actor=call.actor, target=call.record, now=call.now)
    return pages.Done(f"已启用“{row.name}”")


def _disable(call: pages.Call) -> pages.Done:
    row = messages.targets.disable(
        actor=call.actor, target=call.record, reason=call.values["reason"], now=call.now
    )
    return pages.Done(f"已停用“{row.name}”")


MESSAGE_TARGET = pages.Register(
    code="platform.message_target",
    name="推送地址",
    model=messages.Target,
    key="code",
    order="code",
    icon="world",
    intro="消息可以推送到的外部系统；系统管理员登记，安全保密管理员启用，报文带 HMAC 签名",
    empty="登记的推送地址会出现在这里。",
    readers=identity.OFFICERS,
    search="code name url",
    title=lambda row: row.name,
    trail=lambda row: [("messages.target", row.code)],
    filters=[pages.Filter(field="state")],
    columns=[
        pages.Column(field="code", look="code"),
        pages.Column(field="name"),
        pages.Column(field="url", look="code"),
        pages.Column(
            field="state", tones={"proposed": "wait", "enabled": "done", "disabled": "draft"}
        ),
        pages.Column(field="proposed_name"),
        pages.Column(field="decided_name"),
        pages.Column(field="decided_at"),
        pages.Column(field="reason"),
    ],
    commands=[
        pages.Command(
            code="propose",
            label="登记推送地址",
            by=[identity.SYSTEM_ADMIN],
            run=_propose,
            target="none",
            icon="plus",
            inputs=[
                pages.Input(name="code", label="编码", limit=30, help="小写字母、数字、下划线"),
                pages.Input(name="name", label="名称", limit=60),
                pages.Input(name="url", label="地址", limit=300, help="https 开头的公网地址"),
            ],
        ),
        pages.Command(
            code="enable",
            label="启用",
            by=[identity.SECURITY_ADMIN],
            run=_enable,
            when=lambda row: row.state != "enabled",
            icon="check",
            confirm="启用后用户可以订阅到这个地址。",
        ),
        pages.Command(
            code="disable",
            label="停用",
            by=[identity.SYSTEM_ADMIN, identity.SECURITY_ADMIN],
            run=_disable,
            when=lambda row: row.state != "disabled",
            is_grave=True,
            icon="ban",
            inputs=[pages.Input(name="reason", label="原因")],
        ),
    ],
)

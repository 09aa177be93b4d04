"""消息投递 message delivery: one notice on its way to one person by e-mail or to the outside."""

from shucai.kit import messages, pages

ADMIN = "identity.system_admin"
TONES = {
    "queued": "draft",
    "sending": "going",
    "sent": "done",
    "failed": "wait",
    "dead": "bad",
    "given_up": "draft",
}


def _retry(call: pages.Call) -> pages.Done:
    ids = [row.pk for row in call.records]
    count = messages.deliveries.retry(actor=call.actor, ids=ids, now=call.now)
    return pages.Done(f"{count} 条重新排队")


def _give_up(call: pages.Call) -> pages.Done:
    ids = [row.pk for row in call.records]
    count = messages.deliveries.give_up(actor=call.actor, ids=ids, now=call.now)
    return pages.Done(f"已放弃 {count} 条")


MESSAGE_DELIVERY = pages.Register(
    code="platform.message_delivery",
    name="消息投递",
    model=messages.Delivery,
    icon="send",
    intro="经邮件和外部推送送出的消息；失败后逐次延长间隔重试，六次不成停止并告警",
    empty="订阅了邮件或外部推送的消息送出时，状态会出现在这里。",
    readers=pages.EVERYBODY,
    rows=messages.deliveries.visible,
    search="user_name event error",
    title=lambda row: f"{row.user_name} {row.get_channel_display()} {row.pk}",
    trail=lambda row: [("messages.delivery", str(row.pk))],
    covers=["PLAT-014"],
    filters=[
        pages.Filter(field="state"),
        pages.Filter(field="channel"),
        pages.Filter(
            field="event", options=lambda actor, record: list(messages.event_names().items())
        ),
        pages.Filter(field="created_at", entry="instant"),
    ],
    columns=[
        pages.Column(field="user_name"),
        pages.Column(
            field="event_name",
            label="事项",
            value=lambda row: messages.event_names().get(row.event, row.event),
        ),
        pages.Column(field="channel"),
        pages.Column(
            field="to",
            label="地址",
            value=lambda row: messages.deliveries.masked(row.address),
        ),
        pages.Column(field="state", tones=TONES),
        pages.Column(field="attempts"),
        pages.Column(field="due_at"),
        pages.Column(field="sent_at"),
        pages.Column(field="error"),
        pages.Column(field="created_at"),
        pages.Column(field="is_urgent", is_shown=False),
    ],
    commands=[
        pages.Command(
            code="retry",
            label="重新投递",
            by=[ADMIN],
            run=_retry,
            target="many",
            when=lambda row: row.state in ("dead", "failed"),
            icon="refresh",
        ),
        pages.Command(
            code="give_up",
            label="放弃",
            by=[ADMIN],
            run=_give_up,
            target="many",
            when=lambda row: row.state in ("dead", "failed"),
            icon="x",
            confirm="放弃的消息不再发送，铃铛中的消息不受影响。",
        ),
    ],
)

"""消息订阅 subscription: which events a person wants by e-mail or to an outside address."""

from typing import Any

from shucai.kit import messages, pages


def _events(actor: Any, record: Any) -> list[tuple[str, str]]:
    return list(messages.event_names().items())


def _channels(actor: Any, record: Any) -> list[tuple[str, str]]:
    return list(messages.CHANNELS)


def _targets(actor: Any, record: Any) -> list[tuple[str, str]]:
    return [(one.code, one.name) for one in messages.subscriptions.targets()]


def _contact(call: pages.Call) -> pages.Done:
    values = call.values
    messages.subscriptions.keep_contact(
        actor=call.actor,
        email=values["email"] or "",
        quiet_from=values["quiet_from"] or "",
        quiet_to=values["quiet_to"] or "",
        now=call.now,
    )
    return pages.Done("已保存联系方式与免打扰时段")


def _subscribe(call: pages.Call) -> pages.Done:
    values = call.values
    count = messages.subscriptions.subscribe(
        actor=call.actor,
        events=values["events"],
        channel=values["channel"],
        target=values["target"] or "",
        now=call.now,
    )
    return pages.Done(f"新订阅 {count} 类事项")


def _unsubscribe(call: pages.Call) -> pages.Done:
    ids = [row.pk for row in call.records]
    count = messages.subscriptions.unsubscribe(actor=call.actor, ids=ids, now=call.now)
    return pages.Done(f"已退订 {count} 项")


SUBSCRIPTION = pages.Register(
    code="platform.subscription",
    name="消息订阅",
    model=messages.Subscription,
    order="event",
    icon="mail",
    intro="除铃铛外，哪些事项的消息还要发到本人邮箱或外部系统；紧急消息不受免打扰限制",
    empty="还没有订阅，先登记邮箱，再选择事项。",
    readers=pages.EVERYBODY,
    rows=messages.subscriptions.own,
    title=lambda row: messages.event_names().get(row.event, row.event),
    filters=[pages.Filter(field="channel")],
    columns=[
        pages.Column(
            field="event_name",
            label="事项",
            value=lambda row: messages.event_names().get(row.event, row.event),
        ),
        pages.Column(field="channel"),
        pages.Column(field="target__name", label="推送地址"),
        pages.Column(field="created_at"),
    ],
    commands=[
        pages.Command(
            code="contact",
            label="联系方式与免打扰",
            by=pages.EVERYBODY,
            run=_contact,
            target="none",
            icon="clock",
            inputs=[
                pages.Input(name="email", label="邮箱", limit=120, is_required=False),
                pages.Input(
                    name="quiet_from",
                    label="免打扰起",
                    is_required=False,
                    limit=5,
                    help="形如 22:00，期间的消息到时段结束再发",
                ),
                pages.Input(name="quiet_to", label="免打扰止", is_required=False, limit=5),
            ],
        ),
        pages.Command(
            code="subscribe",
            label="订阅",
            by=pages.EVERYBODY,
            run=_subscribe,
            target="none",
            icon="plus",
            inputs=[
                pages.Input(name="events", label="事项", entry="choices", options=_events),
                pages.Input(name="channel", label="渠道", entry="choice", options=_channels),
                pages.Input(
                    name="target",
                    label="推送地址",
                    entry="choice",
                    options=_targets,
                    is_required=False,
                    help="渠道为外部推送时选择",
                ),
            ],
        ),
        pages.Command(
            code="unsubscribe",
            label="退订",
            by=pages.EVERYBODY,
            run=_unsubscribe,
            target="many",
            icon="x",
        ),
    ],
)

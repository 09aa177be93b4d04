"""委托 delegation: duties lent to a colleague for a time; the deputy acts “代某某”."""

from typing import Any

from shucai.domains.platform import terms
from shucai.kit import identity, messages, pages


def _delegate(call: pages.Call) -> pages.Done:
    values = call.values
    made = identity.delegations.delegate(
        actor=call.actor,
        appointment_id=None,
        deputy_id=identity.users_named([values["deputy"]]).get(values["deputy"], 0),
        duties=values.get("duties") or (),
        valid_from=values.get("valid_from") or pages.local_day(call.now),
        valid_to=values["valid_to"],
        reason=values["reason"],
        now=call.now,
    )
    text = messages.Text(
        title=f"{call.actor.name}委托您代为办理",
        body=f"{made.source.position.name}，{made.valid_from} 起，{made.valid_to} 止（不含）。"
        "请在页面右上角切换到受托岗位办理。",
        link=f"/r/platform.delegation/{made.pk}",
        topic="identity.delegation",
        key=f"delegation.{made.pk}",
    )
    messages.send(text, users=[made.deputy_id], now=call.now)
    return pages.Done(
        f"已委托 {made.deputy.name}，可随时收回", to=f"/r/platform.delegation/{made.pk}"
    )


def _end(call: pages.Call) -> pages.Done:
    identity.delegations.end(
        actor=call.actor,
        delegation_id=call.record.pk,
        reason=call.values.get("reason") or "",
        now=call.now,
    )
    return pages.Done("已收回委托，立即生效")


def _own_duties(actor: Any, record: Any) -> list[tuple[str, str]]:
    return [(code, identity.name_of(code)) for code in sorted(actor.duties)]


DELEGATION = pages.Register(
    code="platform.delegation",
    name="委托办理",
    model=identity.Delegation,
    icon="users-group",
    intro="外出或请假时把本岗位的职责委托给同事，期满自动失效；受托人办理时注明代谁办理",
    empty="还没有委托。委托后，受托人可以切换到受托岗位办理待办。",
    readers=pages.EVERYBODY,
    rows=identity.delegations.seen,
    search="user__name deputy__name reason",
    title=lambda one: f"{one.user.name}委托{one.deputy.name}",
    trail=lambda one: [("identity.delegation", str(one.pk))],
    covers=["PLAT-008"],
    filters=[
        pages.Filter(field="valid_from", entry="date"),
        pages.Filter(field="valid_to", entry="date"),
    ],
    columns=[
        pages.Column(field="user__name", label="委托人"),
        pages.Column(field="deputy__name", label="受托人"),
        pages.Column(field="source__position__name", label="岗位"),
        pages.Column(field="duty_names", label="职责", value=lambda one: terms.names(one.duties)),
        pages.Column(field="valid_from"),
        pages.Column(field="valid_to"),
        pages.Column(field="ended_at"),
        pages.Column(field="reason"),
    ],
    facts={
        "委托": [
            pages.Column(field="user__name", label="委托人"),
            pages.Column(field="deputy__name", label="受托人"),
            pages.Column(field="source__position__name", label="岗位"),
            pages.Column(
                field="duty_names", label="职责", value=lambda one: terms.names(one.duties)
            ),
            pages.Column(field="valid_from"),
            pages.Column(field="valid_to"),
            pages.Column(field="reason"),
            pages.Column(field="created_at"),
            pages.Column(field="ended_at"),
            pages.Column(field="ended_name"),
            pages.Column(field="end_reason"),
        ]
    },
    commands=[
        pages.Command(
            code="delegate",
            label="委托",
            by=pages.EVERYBODY,
            run=_delegate,
            target="none",
            icon="user-share",
            confirm="受托人在期限内可在本岗位的数据范围内代您办理所选职责。",
            inputs=[
                pages.Input(name="deputy", label="受托人", entry="user", help="登录名或姓名"),
                pages.Input(
                    name="duties",
                    label="职责",
                    entry="choices",
                    is_required=False,
                    options=_own_duties,
                    help="不选为本岗位全部职责",
                ),
                pages.Input(
                    name="valid_from",
                    label="起",
                    entry="date",
                    is_required=False,
                    help="不填为当天",
                ),
                pages.Input(name="valid_to", label="止（不含）", entry="date"),
                terms.reason(),
            ],
        ),
        pages.Command(
            code="end",
            label="收回",
            by=pages.EVERYBODY,
            run=_end,
            when=lambda one: one.ended_at is None,
            icon="arrow-back-up",
            inputs=[pages.Input(name="reason", label="原因", is_required=False)],
        ),
    ],
)

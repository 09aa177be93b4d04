"""不相容职责 duty exclusion: pairs that one person may not hold, besides the declared ones."""

from shucai.domains.platform import terms
from shucai.kit import identity, pages


def _new(call: pages.Call) -> pages.Done:
    values = call.values
    payload = {"left": values["left"], "right": values["right"], "basis": values["basis"]}
    return terms.propose(call, "exclusion.create", payload)


def _end(call: pages.Call) -> pages.Done:
    payload = {"left": call.record.left, "right": call.record.right, "basis": ""}
    return terms.propose(call, "exclusion.end", payload)


DUTY_EXCLUSION = pages.Register(
    code="platform.duty_exclusion",
    name="不相容职责",
    model=identity.DutyExclusion,
    icon="arrows-split",
    intro="一个人不能兼有的两项职责；任职、改岗时拒绝，每夜检查现有任职",
    readers=identity.OFFICERS,
    order="pk",
    search="left right reason",
    title=lambda one: f"{identity.name_of(one.left)} / {identity.name_of(one.right)}",
    covers=["PLAT-009"],
    filters=[pages.Filter(field="is_enabled", entry="flag")],
    columns=[
        pages.Column(field="left_name", label="职责", value=lambda one: identity.name_of(one.left)),
        pages.Column(
            field="right_name", label="不相容职责", value=lambda one: identity.name_of(one.right)
        ),
        pages.Column(field="reason"),
        pages.Column(field="is_enabled"),
    ],
    commands=[
        pages.Command(
            code="new",
            label="新增",
            by=[identity.SYSTEM_ADMIN],
            run=_new,
            target="none",
            icon="plus",
            inputs=[
                pages.Input(name="left", label="职责", entry="choice", options=terms.duties),
                pages.Input(name="right", label="不相容职责", entry="choice", options=terms.duties),
                pages.Input(name="basis", label="依据"),
                terms.reason(),
            ],
        ),
        pages.Command(
            code="end",
            label="取消",
            by=[identity.SYSTEM_ADMIN],
            run=_end,
            when=lambda one: one.is_enabled,
            icon="x",
            inputs=[terms.reason()],
        ),
    ],
)

"""权限检查发现 rights finding: what the nightly look found; and the leavers with their clearing."""

from shucai.kit import identity, pages

RIGHTS_FINDING = pages.Register(
    code="platform.rights_finding",
    name="权限检查",
    model=identity.RightsFinding,
    icon="alert-triangle",
    intro="每夜检查：兼有不相容职责、长期未登录、无有效任职、离岗未清理；消除后注明时间",
    empty="没有发现。检查每夜 03:00 进行。",
    readers=identity.OFFICERS,
    search="who detail",
    title=lambda one: f"{one.get_kind_display()}：{one.who}",
    covers=["PLAT-009", "OPS-029"],
    filters=[
        pages.Filter(field="kind"),
        pages.Filter(field="first_seen", entry="instant"),
    ],
    columns=[
        pages.Column(field="kind"),
        pages.Column(field="who"),
        pages.Column(field="detail"),
        pages.Column(field="first_seen"),
        pages.Column(field="last_seen"),
        pages.Column(field="resolved_at"),
    ],
)

LEAVER = pages.Register(
    code="platform.leaver",
    name="离岗人员",
    model=identity.Leaver,
    icon="user-off",
    intro="经批准离岗的人员；自离岗日起用户、任职、会话、令牌和委托全部终止，待办转回岗位",
    readers=identity.OFFICERS,
    rows=identity.directory.leavers,
    search="user__name user__username reason",
    title=lambda one: f"{one.user.name} {one.left_on}",
    covers=["PLAT-008"],
    filters=[
        pages.Filter(field="left_on", entry="date"),
        pages.Filter(field="done_at", entry="instant"),
    ],
    columns=[
        pages.Column(field="user__name", label="用户", link="/r/platform.user/{user_id}"),
        pages.Column(field="user__username", label="登录名", look="code"),
        pages.Column(field="left_on"),
        pages.Column(field="reason"),
        pages.Column(field="recorded_at"),
        pages.Column(field="done_at"),
        pages.Column(field="returned"),
    ],
)

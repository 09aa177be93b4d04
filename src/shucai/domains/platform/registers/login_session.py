"""会话 login session: who is signed in, since when and from where; ended at once by an officer."""

from shucai.kit import identity, logs, pages


def _force_out(call: pages.Call) -> pages.Done:
    for session in call.records:
        identity.officers.force_out(
            actor=call.actor,
            session_id=session.pk,
            reason=call.values["reason"],
            now=call.now,
        )
    return pages.Done(f"已将 {len(call.records)} 个会话下线")


LOGIN_SESSION = pages.Register(
    code="platform.login_session",
    name="登录会话",
    model=identity.LoginSession,
    icon="activity",
    intro="每次登录一个会话；没有结束时间的仍可使用",
    readers=identity.OFFICERS,
    rows=identity.directory.sessions,
    order="-started_at",
    search="user__name user__username ip",
    title=lambda session: f"{session.user.name} {session.pk}",
    trail=lambda session: [("identity.session", str(session.pk))],
    filters=[
        pages.Filter(field="end_reason"),
        pages.Filter(field="started_at", entry="instant"),
    ],
    columns=[
        pages.Column(field="user__name", label="用户", link="/r/platform.user/{user_id}"),
        pages.Column(field="appointment__position__name", label="岗位"),
        pages.Column(field="started_at"),
        pages.Column(field="seen_at"),
        pages.Column(field="ip", look="code"),
        pages.Column(field="ended_at"),
        pages.Column(field="end_reason"),
        pages.Column(
            field="browser", label="浏览器", value=lambda one: logs.browser_name(one.agent)
        ),
        pages.Column(field="agent", label="浏览器标识", is_shown=False),
    ],
    commands=[
        pages.Command(
            code="force_out",
            label="强制下线",
            by=[identity.SYSTEM_ADMIN, identity.SECURITY_ADMIN],
            run=_force_out,
            target="many",
            when=lambda session: session.ended_at is None,
            is_grave=True,
            icon="logout",
            inputs=[pages.Input(name="reason", label="原因")],
        )
    ],
)

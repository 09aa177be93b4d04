"""菜单 menu of the domain: what the three officers (三员) work with."""

from shucai.kit import pages

ADMIN = "identity.system_admin"
SECURITY = "identity.security_admin"
AUDITOR = "identity.auditor"

PEOPLE = pages.Menu(
    code="platform.people",
    tab="系统管理",
    group="用户与权限",
    position=900,
    items=[
        pages.MenuItem(
            code="platform.users",
            name="用户管理",
            page="/users/",
            icon="users",
            duties=[ADMIN, SECURITY, AUDITOR],
        ),
        pages.MenuItem(
            code="platform.positions",
            name="岗位职责",
            page="/positions/",
            icon="id-badge-2",
            duties=[ADMIN, SECURITY, AUDITOR],
        ),
        pages.MenuItem(
            code="platform.rights",
            name="权限变更",
            page="/rights/",
            icon="user-check",
            duties=[ADMIN, SECURITY, AUDITOR],
        ),
        pages.MenuItem(
            code="platform.sessions",
            name="在线会话",
            page="/sessions/",
            icon="activity",
            duties=[ADMIN, SECURITY, AUDITOR],
        ),
        pages.MenuItem(
            code="platform.security",
            name="安全策略",
            page="/security/",
            icon="shield-lock",
            duties=[ADMIN, SECURITY, AUDITOR],
            covers=["PLAT-001"],
        ),
    ],
)

TRAIL = pages.Menu(
    code="platform.trail",
    tab="系统管理",
    group="审计与运行",
    position=910,
    items=[
        pages.MenuItem(
            code="platform.audit", name="审计日志", page="/audit/", icon="history", duties=[AUDITOR]
        ),
        pages.MenuItem(
            code="platform.tasks", name="后台任务", page="/tasks", icon="clock-play", duties=[ADMIN]
        ),
    ],
)

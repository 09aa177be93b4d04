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
        pages.register_item("platform.user", "用户管理", icon="users"),
        pages.register_item("platform.position", "岗位职责", icon="id-badge-2"),
        pages.register_item("platform.appointment", "任职", icon="id-badge"),
        pages.register_item("platform.rights_request", "用户权限申请", icon="user-question"),
        pages.register_item("platform.rights_change", "权限变更", icon="user-check"),
        pages.register_item("platform.delegation", "委托办理", icon="users-group"),
        pages.register_item("platform.leaver", "离岗人员", icon="user-off"),
        pages.register_item("platform.duty_exclusion", "不相容职责", icon="arrows-split"),
        pages.question_item("platform.rights_matrix", "权限矩阵", icon="grid-dots"),
        pages.MenuItem(
            code="platform.rights_files",
            name="权限模板与导出",
            page="/rights/files",
            icon="file-download",
            duties=[ADMIN, SECURITY, AUDITOR],
        ),
        pages.question_item("platform.rights_why", "权限问答", icon="help-circle"),
        pages.register_item("platform.review", "权限复核", icon="checklist"),
        pages.register_item("platform.review_item", "复核事项", icon="list-check"),
        pages.register_item("platform.rights_finding", "权限检查", icon="alert-triangle"),
        pages.register_item("platform.login_session", "登录会话", icon="activity"),
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
        pages.register_item("platform.job_run", "任务运行", icon="clock-play"),
    ],
)

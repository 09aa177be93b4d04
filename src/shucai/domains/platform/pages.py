"""菜单 menu of the domain: what the three officers (三员) work with."""

from shucai.kit import pages

ADMIN = "identity.system_admin"
SECURITY = "identity.security_admin"
AUDITOR = "identity.auditor"

OFFICERS = [ADMIN, SECURITY, AUDITOR]

PORTAL = pages.Menu(
    code="platform.portal",
    tab="系统管理",
    group="门户",
    position=860,
    items=[
        pages.MenuItem(
            code="platform.portal_configuration",
            name="门户配置",
            page="/configuration/portal/",
            icon="layout-dashboard",
            covers=["PLAT-002"],
            duties=OFFICERS,
        ),
    ],
)

CONFIGURATION = pages.Menu(
    code="platform.configuration",
    tab="系统管理",
    group="平台配置",
    position=890,
    items=[
        pages.MenuItem(
            code="platform.configuration_releases",
            name="配置发布",
            page="/configuration/",
            icon="stack-2",
            covers=["OPS-012"],
            duties=OFFICERS,
        ),
        pages.MenuItem(
            code="platform.menu_configuration",
            name="菜单配置",
            page="/configuration/menu/",
            icon="layout-list",
            covers=["PLAT-018"],
            duties=OFFICERS,
        ),
        pages.MenuItem(
            code="platform.routes",
            name="审批路线",
            page="/configuration/route/",
            icon="route",
            covers=["PLAT-016"],
            duties=OFFICERS,
        ),
        pages.MenuItem(
            code="platform.parameters",
            name="系统参数",
            page="/configuration/parameter/",
            icon="adjustments",
            covers=["PLAT-018"],
            duties=OFFICERS,
        ),
    ],
)

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

SERVICE_CENTRE = pages.Menu(
    code="platform.service_centre",
    tab="系统管理",
    group="公共服务中心",
    position=880,
    items=[
        pages.register_item("platform.value_set", "值集与年度", icon="books", covers=["PLAT-005"]),
        pages.register_item("platform.value", "编码维护", icon="list-tree", covers=["PLAT-005"]),
        pages.register_item(
            "platform.code_rule", "编码规则", icon="adjustments-horizontal", covers=["PLAT-006"]
        ),
        pages.register_item(
            "platform.element_relation", "要素关联", icon="link", covers=["PLAT-005"]
        ),
        pages.register_item(
            "platform.value_rule", "定值规则", icon="math-function", covers=["PLAT-005"]
        ),
        pages.question_item(
            "platform.elements_together", "要素能否同用", icon="checklist", covers=["PLAT-005"]
        ),
        pages.register_item(
            "platform.element_level", "单据要素级次", icon="stack-2", covers=["PLAT-005"]
        ),
        pages.register_item(
            "platform.code_mapping", "新旧编码对照", icon="transfer", covers=["PLAT-005"]
        ),
        pages.question_item(
            "platform.codes_mapped", "对照是否完整", icon="checks", covers=["PLAT-005"]
        ),
        pages.register_item("platform.publication", "编码发布", icon="share", covers=["PLAT-005"]),
        pages.register_item("platform.unit", "预算单位", icon="sitemap", covers=["PLAT-005"]),
        pages.register_item("platform.division", "财政区划", icon="map-pin", covers=["PLAT-005"]),
    ],
)

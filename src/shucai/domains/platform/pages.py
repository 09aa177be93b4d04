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
        pages.register_item("platform.article", "内容维护", icon="news"),
        pages.register_item("platform.article_category", "内容栏目", icon="folder"),
        pages.register_item("platform.announcement", "通知公告管理", icon="bell"),
        pages.register_item("platform.receipt", "阅读回执", icon="checks"),
        pages.MenuItem(
            code="platform.announcements",
            name="我的通知公告",
            page="/announcements/",
            icon="message-2",
            duties=pages.EVERYBODY,
        ),
        pages.MenuItem(
            code="platform.articles",
            name="政策与指南",
            page="/articles/",
            icon="file-text",
            duties=pages.EVERYBODY,
        ),
        pages.register_item("platform.subscription", "消息订阅", icon="mail"),
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
            code="platform.print_templates",
            name="打印模板",
            page="/configuration/print_template/",
            icon="printer",
            covers=["PLAT-017"],
            duties=OFFICERS,
        ),
        pages.MenuItem(
            code="platform.project_names",
            name="项目名称规则",
            page="/configuration/project_name/",
            icon="writing",
            covers=["PLAT-018"],
            duties=OFFICERS,
        ),
        pages.question_item(
            "platform.project_name", "项目名称试算", icon="checklist", covers=["PLAT-018"]
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
        pages.register_item("platform.user", "用户管理", icon="users"),
        pages.register_item("platform.position", "岗位职责", icon="id-badge-2"),
        pages.register_item("platform.appointment", "任职", icon="id-badge"),
        pages.register_item("platform.rights_request", "用户权限申请", icon="user-question"),
        pages.register_item("platform.rights_change", "权限变更", icon="user-check"),
        pages.register_item("platform.delegation", "委托办理", icon="users-group"),
        pages.register_item("platform.leaver", "离岗人员", icon="user-off"),
        pages.register_item("platform.duty_exclusion", "不相容职责", icon="arrows-split"),
        pages.MenuItem(
            code="platform.rights_grid",
            name="权限矩阵",
            page="/rights/matrix",
            icon="grid-dots",
            covers=["PLAT-009"],
            duties=OFFICERS,
        ),
        pages.question_item("platform.rights_matrix", "岗位权限清单", icon="list-details"),
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
        pages.register_item(
            "platform.operation_log", "操作日志", icon="list-search", covers=["PLAT-012"]
        ),
        pages.register_item("platform.sign_in_log", "登录日志", icon="login", covers=["PLAT-012"]),
        pages.register_item("platform.interface_log", "接口日志", icon="plug", covers=["PLAT-012"]),
        pages.register_item(
            "platform.defect", "故障日志", icon="alert-circle", covers=["PLAT-012"]
        ),
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
        pages.MenuItem(
            code="platform.document_types",
            name="单据类型",
            page="/document-types/",
            icon="files",
            covers=["PLAT-007"],
            duties=[*OFFICERS, "masterdata.keeper"],
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

TECHNICAL = pages.Menu(
    code="platform.technical",
    tab="系统管理",
    group="技术中台",
    position=890,
    items=[
        pages.register_item(
            "platform.job_plan", "调度中心", icon="calendar-event", covers=["PLAT-011"]
        ),
        pages.register_item("platform.job_run", "任务运行", icon="clock-play"),
        pages.question_item(
            "platform.modules", "模块与菜单", icon="layout-grid", covers=["PLAT-010"]
        ),
        pages.register_item("platform.application", "外部应用", icon="plug", covers=["PLAT-010"]),
        pages.question_item(
            "platform.file_usage", "文件存储", icon="database", covers=["PLAT-013"]
        ),
        pages.register_item("platform.stored_file", "文件登记", icon="files", covers=["PLAT-013"]),
        pages.register_item("platform.api_token", "接口令牌", icon="key", covers=["PLAT-010"]),
        pages.register_item("platform.message_delivery", "消息投递", icon="send"),
        pages.register_item("platform.message_target", "推送地址", icon="world"),
        pages.MenuItem(
            code="platform.message_template",
            name="消息模板",
            page="/configuration/message_template/",
            icon="template",
            covers=["PLAT-014"],
            duties=OFFICERS,
        ),
    ],
)

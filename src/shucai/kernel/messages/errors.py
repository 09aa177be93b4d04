"""消息的拒绝 refusals of the messages room."""

from shucai.base.errors import Problem

NOT_FOUND = Problem(
    code="MSG-1001",
    what="找不到通知 {id}",
    why="没有这条通知，或它不是发给您的",
    fix="请刷新通知列表后再试",
)
PLACEHOLDER = Problem(
    code="MSG-2001",
    what="{label}中不能写“{said}”",
    why="可用的占位是 {known}",
    fix="请改用列出的占位，花括号须成对，标题为一行",
)
NO_MAIL_SERVER = Problem(
    code="MSG-2101",
    what="不能订阅邮件",
    why="本系统没有配置邮件服务器",
    fix="请系统管理员设置 SHUCAI_SMTP_HOST 后重启",
)
NO_ADDRESS = Problem(
    code="MSG-2102",
    what="不能订阅邮件",
    why="您没有登记邮箱",
    fix="请先用“联系方式与免打扰”登记邮箱",
)
BAD_ADDRESS = Problem(
    code="MSG-2103",
    what="不能登记邮箱 {address}",
    why="它不是一个完整的邮箱地址",
    fix="请填写形如 name@example.gov.cn 的地址",
)
QUIET = Problem(
    code="MSG-2104",
    what="免打扰时段不成立",
    why="起 {since}，止 {until}",
    fix="请两项都填，形如 22:00 和 07:00，且不相同；都不填为不设",
)
NO_TARGET = Problem(
    code="MSG-2105",
    what="不能订阅外部推送",
    why="没有选择推送地址，或它没有启用",
    fix="请选择一个已启用的推送地址",
)
NO_DUTY = Problem(
    code="MSG-2201",
    what="不能{action}",
    why="需要“{duty}”职责，您的岗位是“{position}”",
    fix="请由承担该职责的人员办理",
)
BAD_URL = Problem(
    code="MSG-2202",
    what="不能使用推送地址 {url}",
    why="{reason}",
    fix="请使用对外可达的 https 地址；内网地址须由系统管理员列入 SHUCAI_WEBHOOK_PRIVATE",
)
TARGET_CODE = Problem(
    code="MSG-2203",
    what="不能使用编码 {code}",
    why="编码须为 2 至 30 位小写字母、数字或下划线，且未被使用",
    fix="请换一个编码",
)
TARGET_STATE = Problem(
    code="MSG-2204",
    what="“{name}”不能{action}",
    why="它的状态是“{state}”",
    fix="请刷新后按当前状态办理",
)
OWN_TARGET = Problem(
    code="MSG-2205",
    what="不能启用“{name}”",
    why="它由 {person} 登记，登记与启用须为两人",
    fix="请由另一名安全保密管理员启用",
)
UNREADABLE = Problem(
    code="MSG-2206",
    what="“{name}”的密钥无法读取",
    why="它是用另一个实例密钥封存的",
    fix="请停用后重新登记推送地址",
)
NOT_STOPPED = Problem(
    code="MSG-2301",
    what="不能{action}第 {id} 条投递",
    why="它的状态是“{state}”，只有将重试和未送达的投递可以",
    fix="请刷新后再试",
)

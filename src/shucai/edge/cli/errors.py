"""命令行的拒绝 refusals of the command line itself."""

from shucai.base.errors import Problem

NO_USER = Problem(
    code="CLI-1001",
    what="没有说明以谁的身份办理",
    why="此命令须以一名用户的一个岗位执行，并记入审计",
    fix="请加上 --as 登录名，或设置环境变量 SHUCAI_USER",
)
UNKNOWN_USER = Problem(
    code="CLI-1002",
    what="不能以“{user}”的身份办理",
    why="{reason}",
    fix="请核对登录名与岗位，可用的岗位是：{known}",
)
NO_FILE = Problem(
    code="CLI-1003",
    what="不能读取文件 {path}",
    why="{reason}",
    fix="请核对路径与权限",
)
UNKNOWN_TARGET = Problem(
    code="CLI-1004",
    what="没有“{target}”这一单据类型或值集",
    why="可用的是：{known}",
    fix="请核对代码，或用 kinds 命令列出全部",
)
BAD_FILTER = Problem(
    code="CLI-1005",
    what="筛选条件“{given}”有误",
    why="可用的条件是：{known}",
    fix="请写作 名称=值，例如 state=draft",
)
UNKNOWN_BENCH = Problem(
    code="CLI-1006",
    what="没有“{name}”这一项性能测量",
    why="可用的是：{known}",
    fix="请核对名称",
)
UNAVAILABLE = Problem(
    code="CLI-1007",
    what="连接不上数据库",
    why="{reason}",
    fix="请先用 shucai up 启动，或检查 DATABASE_URL",
)
BAD_HEAD = Problem(
    code="CLI-1008",
    what="寄存文件 {path} 无法使用",
    why="{reason}",
    fix="请使用 audit head 命令当时输出的文件",
)
MISUSED = Problem(
    code="CLI-1031",
    what="命令用法有误",
    why="{reason}",
    fix="请用 {command} --help 查看用法",
)

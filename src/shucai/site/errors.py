"""启动时的拒绝 refusals of the launcher: one sentence with the remedy; nothing half done."""

from typing import Final

from shucai.base.errors import Problem

FRONTEND_FAILED: Final = Problem(
    "CLI-9001",
    what="前端资源没有取到",
    why="{tool} 退出码 {code}，最后一行是：{tail}",
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
    why="pip 退出码 {code}，最后一行是：{tail}",
    fix="请确认本机能访问 PyPI 软件源后重新运行",
)

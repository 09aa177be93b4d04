"""性能测量的拒绝 refusals of the measurements."""

from shucai.base.errors import Problem

NO_ADMIN = Problem(
    code="CLI-1009",
    what="不能进行性能测量",
    why="测量需要新建试验库，环境变量 SHUCAI_ADMIN_USER 没有给出数据库管理员",
    fix="请用 shucai up 启动的内置数据库，或设置 SHUCAI_ADMIN_USER 与 SHUCAI_ADMIN_PASSWORD",
)

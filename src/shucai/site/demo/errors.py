"""演示城市的拒绝 refusals of the demo city."""

from typing import Final

from shucai.base.errors import Problem

CITY_EXISTS: Final = Problem(
    code="CLI-9111",
    what="不能装载演示城市",
    why="数据库中已有 {count} 个单位，演示城市只能装入没有单位的数据库",
    fix="请换一个空的数据目录，或保留现有数据",
)
NOT_DEMO: Final = Problem(
    code="CLI-9112",
    what="不能装载演示城市",
    why="当前不是演示模式，演示账号使用公开的口令",
    fix="请用 ./shucai up --demo 在新的数据目录启动",
)
SIZE: Final = Problem(
    code="CLI-9113",
    what="单位个数 {count} 不能使用",
    why="演示城市可有 {least} 至 {most} 个单位",
    fix="请改用范围内的个数",
)
STEP_REFUSED: Final = Problem(
    code="CLI-9114",
    what="演示业务 {step} 被拒绝",
    why="{reason}",
    fix="请检查参考数据是否已装载完整，再重新装载演示城市",
)
NO_REFERENCE: Final = Problem(
    code="CLI-9115",
    what="不能装载演示城市",
    why="{year} 年还没有参考数据",
    fix="请先执行 load_reference",
)

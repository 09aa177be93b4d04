"""期间的拒绝 refusals of the calendar."""

from shucai.base.errors import Problem

CLOSED = Problem(
    code="CAL-1001",
    what="{year} 年 {month} 月不能记账",
    why="区划 {division} 该期间已结账或尚未开放",
    fix="请改用开放期间的日期，或由国库科按程序重新开放该期间",
)
LOCKED = Problem(
    code="CAL-1002",
    what="不能更改 {year} 年 {month} 月的状态",
    why="该期间已锁定，锁定后不可再开放",
    fix="请在后续开放期间办理更正",
)
SECOND_PERSON = Problem(
    code="CAL-1003",
    what="不能重新开放 {year} 年 {month} 月",
    why="重新开放须由另一人批准并写明理由，现在批准人与申请人相同或理由为空",
    fix="请由另一位有权人员批准，并填写理由",
)

"""页面的拒绝 refusals of declared pages: what was typed can't be read."""

from shucai.base.errors import Problem

INPUT_EMPTY = Problem(
    code="PAG-1001",
    what="“{label}”没有填写",
    why="该项必填，现为空",
    fix="请填写后再试",
)
INPUT_BAD = Problem(
    code="PAG-1002",
    what="“{label}”填写有误",
    why="“{value}”{reason}",
    fix="请改正后再试",
)

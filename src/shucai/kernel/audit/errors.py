"""审计的拒绝 refusals of the audit room."""

from shucai.base.errors import Problem

NO_ADDRESS = Problem(
    code="AUD-1001",
    what="链值没有寄存",
    why="系统参数“日志与审计”中没有设置接收地址",
    fix="请由系统管理员设置接收地址，经发布后再寄存；也可以下载链值文件送交保管",
)
BAD_HEAD = Problem(
    code="AUD-1002",
    what="不能核对该文件",
    why="{reason}",
    fix="请选择从本系统下载或由接收方保存的链值文件",
)
SPAN = Problem(
    code="AUD-1003",
    what="不能统计这段时间",
    why="从 {since} 到 {until} 共 {days} 天，一次最多 {limit} 天",
    fix="请缩短时间范围",
)

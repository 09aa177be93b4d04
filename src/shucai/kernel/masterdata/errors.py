"""主数据的拒绝 refusals of master data."""

from shucai.base.errors import Problem

UNKNOWN_VALUE = Problem(
    code="MAS-1001",
    what="{set} {code} 不能使用",
    why="{year} 年的{set}中没有 {code}",
    fix="请从选择框中重新选择本年度的{set}",
)
STOPPED_VALUE = Problem(
    code="MAS-1002",
    what="{set} {code} 不能使用",
    why="{code} {name}在 {year} 年已停用",
    fix="请改选启用中的{set}",
)
NOT_A_LEAF = Problem(
    code="MAS-1003",
    what="{set} {code} 不能使用",
    why="{code} {name}不是末级，其下有 {count} 个下级",
    fix="请选择其下的末级，例如 {example}",
)
NOT_VALID_YET = Problem(
    code="MAS-1004",
    what="{set} {code} 不能使用",
    why="{code} {name}自 {start} 起至 {end} 止有效，业务日期为 {on}",
    fix="请核对业务日期，或改选当日有效的{set}",
)
OTHER_DIVISION = Problem(
    code="MAS-1005",
    what="{set} {code} 不能使用",
    why="{code} {name}是区划 {owner} 的本地编码，当前区划为 {division}",
    fix="请改选标准编码或本区划的编码",
)

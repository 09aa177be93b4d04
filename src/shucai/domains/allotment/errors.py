"""指标的拒绝 refusals of the domain."""

from shucai.base.errors import Problem

ALLOTMENT_IN_USE = Problem(
    code="ALT-1201",
    what="指标 {allotment} 不能全额收回",
    why="需收回 {amount} 元，未使用的只有 {available} 元，差 {gap} 元",
    fix="请先退回或作废占用该指标的支付申请，或办理部分追减",
)
CLASS_MISMATCH = Problem(
    code="ALT-1202",
    what="第 {seq} 行的两套经济分类不对应",
    why="填写的是政府预算经济分类 {gov} 与部门预算经济分类 {dep}；{reason}",
    fix="请按支出经济分类科目对照表改选其中一个",
    basis="《支出经济分类科目改革方案》（财预〔2017〕98号）",
)
PROJECT_NAME = Problem(
    code="ALT-1204",
    what="第 {seq} 行的项目名称不合规则",
    why="{reason}",
    fix="{fix}",
)
OTHER_DIVISION = Problem(
    code="ALT-1203",
    what="第 {seq} 行的单位不属于本区划",
    why="单位“{unit}”属于区划 {division}，本单区划为 {own}",
    fix="请选择本区划的预算单位；对下级的资金请办理转移支付",
)

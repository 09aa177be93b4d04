"""支付的拒绝 refusals of the domain."""

from shucai.base.errors import Problem

FOREIGN_ALLOTMENT = Problem(
    code="PAY-1201",
    what="第 {seq} 行不能使用指标 {allotment}",
    why="该指标属于“{owner}”，本单位是“{unit}”",
    fix="请选择本单位的指标",
)
ALLOTMENT_SHORT = Problem(
    code="PAY-1202",
    what="指标 {allotment} 可用余额不足",
    why="本行 {amount} 元，可用 {available} 元，差 {gap} 元",
    fix="请调减金额，或先办理指标调剂、追加后再送审",
)
PAYEE_ACCOUNT = Problem(
    code="PAY-1203",
    what="收款人账号有误",
    why="账号“{account}”{reason}",
    fix="请按开户银行提供的账号填写，只含数字，8 至 32 位",
)

"""台账的拒绝 refusals of the ledger: each wrong posting, and each wrong second attempt, by name."""

from collections.abc import Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from shucai.base.errors import Finding, Level, Problem
from shucai.kernel.calendar.errors import CLOSED
from shucai.kernel.ledger.terms import WAYS

if TYPE_CHECKING:
    from shucai.kernel.ledger.models import LedgerAccount
    from shucai.kernel.ledger.posting import Shortage

SHORT = Problem(
    code="LED-1001",
    what="{account} 可用余额不足",
    why="第 {seq} 行 {amount} 元，可用 {available} 元，差 {gap} 元",
    fix="请调减金额，或先办理调剂、追加后再办理",
)
OVERDRAWN = Problem(
    code="LED-1002",
    what="{account} 将超出可用余额",
    why="第 {seq} 行 {amount} 元，可用 {available} 元，超出 {gap} 元，该账户只提示不拦截",
    fix="请核对金额，并尽快办理追加或调剂",
)
ALREADY_GRANTED = Problem(
    code="LED-1003",
    what="第 {seq} 行不能再次下达",
    why="本行 {amount} 元此前已下达到 {account}",
    fix="请刷新后查看单据最新状态；需要追加请另行编制",
)
ALREADY_UNGRANTED = Problem(
    code="LED-1004",
    what="第 {seq} 行不能再次收回",
    why="本行 {amount} 元此前已从 {account} 收回",
    fix="请刷新后查看单据最新状态",
)
DUPLICATE_HOLD = Problem(
    code="LED-1005",
    what="第 {seq} 行不能再次冻结额度",
    why="本行在 {account} 上已冻结 {available} 元，尚未核销或释放",
    fix="请刷新后查看单据最新状态",
)
NO_HOLD = Problem(
    code="LED-1006",
    what="第 {seq} 行不能{verb}",
    why="本行在 {account} 上没有冻结过额度，本次需 {amount} 元",
    fix="请先送审冻结额度后再办理",
)
ALREADY_SETTLED = Problem(
    code="LED-1007",
    what="第 {seq} 行不能{verb}",
    why="本行在 {account} 上冻结的额度已全部核销，本次 {amount} 元没有可用的冻结额度",
    fix="请刷新后查看单据最新状态；已支付的款项请办理红冲",
)
ALREADY_RELEASED = Problem(
    code="LED-1008",
    what="第 {seq} 行不能{verb}",
    why="本行在 {account} 上冻结的额度已全部释放，本次 {amount} 元没有可用的冻结额度",
    fix="请刷新后查看单据最新状态；需要用款请重新送审",
)
EXCEEDS_HOLD = Problem(
    code="LED-1009",
    what="第 {seq} 行不能{verb}",
    why="本行在 {account} 上还冻结 {available} 元，本次 {amount} 元，超出 {gap} 元",
    fix="请按剩余的冻结额度办理",
)
NOT_SETTLED = Problem(
    code="LED-1010",
    what="第 {seq} 行不能红冲",
    why="本行在 {account} 上没有核销过额度，本次需 {amount} 元",
    fix="请核对单据状态，只有已支付的款项可以红冲",
)
ALREADY_REVERSED = Problem(
    code="LED-1011",
    what="第 {seq} 行不能{verb}",
    why="本行在 {account} 上核销的额度已全部红冲，本次 {amount} 元",
    fix="请刷新后查看单据最新状态",
)
EXCEEDS_SETTLED = Problem(
    code="LED-1012",
    what="第 {seq} 行不能红冲",
    why="本行在 {account} 上已核销且未红冲 {available} 元，本次 {amount} 元，超出 {gap} 元",
    fix="请按未红冲的金额办理",
)
ALREADY_MOVED = Problem(
    code="LED-1013",
    what="第 {seq} 行不能再次调剂",
    why="本行 {amount} 元此前已从 {account} 调出",
    fix="请刷新后查看单据最新状态",
)
SAME_ACCOUNT = Problem(
    code="LED-1014",
    what="第 {seq} 行不能调剂",
    why="调出和调入都是 {account}，金额 {amount} 元",
    fix="请选择另一个调入账户",
)
FOREIGN = Problem(
    code="LED-1015",
    what="第 {seq} 行的账户不能使用",
    why="该账户不存在，或不在您当前岗位的数据范围内，本行金额 {amount} 元",
    fix="请重新选择账户，或切换到有权办理的岗位",
)
OTHER_YEAR = Problem(
    code="LED-1016",
    what="第 {seq} 行的账户不属于 {year} 年度",
    why="{account} 是另一年度的账户，本行金额 {amount} 元",
    fix="请选择本年度的账户，或切换年度后办理",
)
BAD_AMOUNT = Problem(
    code="LED-1017",
    what="第 {seq} 行的金额有误",
    why="金额为 {amount}，应大于零且最多两位小数",
    fix="请更正金额",
)
NOT_ANNOUNCED = Problem(
    code="LED-1018",
    what="第 {seq} 行不能{verb}",
    why="本行在 {account} 上没有待生效的额度，本次 {amount} 元",
    fix="请先办理预下达，或刷新后查看单据最新状态",
)
EXCEEDS_GRANTED = Problem(
    code="LED-1019",
    what="第 {seq} 行不能{verb}",
    why="{account} 共下达 {available} 元，本次 {amount} 元，超出 {gap} 元",
    fix="请按已下达的金额办理",
)
KEY_REUSED = Problem(
    code="LED-1020",
    what="重复的记账标识 {key}",
    why="同一标识此前用于另一笔内容不同的记账",
    fix="请为新的记账换用新的标识",
)
NUMBER_TAKEN = Problem(
    code="LED-1021",
    what="编号 {number} 不能再用",
    why="该编号的账户已开立给“{owner}”，要素或单位与本行不同：{differences}",
    fix="请更换编号，或使本行与已有账户一致",
)
UNIT_OUT_OF_SCOPE = Problem(
    code="LED-1022",
    what="不能为编号 {number} 开立账户",
    why="单位不在您当前岗位的数据范围内",
    fix="请选择本岗位范围内的单位，或切换岗位",
)
LINE_TWICE = Problem(
    code="LED-1023",
    what="第 {seq} 行在同一次记账中出现两次",
    why="一次记账中每一行对 {account} 只能记一次，本行金额 {amount} 元",
    fix="请合并或分次办理",
)

BY_REASON: Final[Mapping[str, Problem]] = {
    "short": SHORT,
    "overdrawn": OVERDRAWN,
    "already_granted": ALREADY_GRANTED,
    "already_ungranted": ALREADY_UNGRANTED,
    "duplicate_hold": DUPLICATE_HOLD,
    "no_hold": NO_HOLD,
    "already_settled": ALREADY_SETTLED,
    "already_released": ALREADY_RELEASED,
    "exceeds_hold": EXCEEDS_HOLD,
    "not_settled": NOT_SETTLED,
    "already_reversed": ALREADY_REVERSED,
    "exceeds_settled": EXCEEDS_SETTLED,
    "already_moved": ALREADY_MOVED,
    "same_account": SAME_ACCOUNT,
    "foreign": FOREIGN,
    "other_year": OTHER_YEAR,
    "amount": BAD_AMOUNT,
    "not_announced": NOT_ANNOUNCED,
    "exceeds_granted": EXCEEDS_GRANTED,
    "line_twice": LINE_TWICE,
    "closed": CLOSED,
}


def explain(
    shortage: "Shortage", *, account: "LedgerAccount | None", place: str, level: Level = "forbid"
) -> Finding:
    """The refusal of one line with its figures; `account` is None when it may not be seen."""
    day = shortage.business_date
    return BY_REASON[shortage.reason].at(
        place,
        level=level,
        seq=shortage.seq,
        account=account.number if account is not None else "该账户",
        verb=WAYS[shortage.verb].label,
        amount=shortage.amount,
        available=shortage.available,
        gap=max(shortage.amount - shortage.available, Decimal(0)),
        year=shortage.fiscal_year,
        month=day.month if day.year == shortage.fiscal_year else 13,
        division=account.division if account is not None else "",
    )

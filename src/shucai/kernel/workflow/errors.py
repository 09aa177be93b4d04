"""路线的拒绝 refusals about approval routes."""

from shucai.base.errors import Problem

NOT_A_ROUTE = Problem(
    code="WFL-1001",
    what="这不是一条审批路线",
    why="{reason}",
    fix="请在路线编辑页中填写，或重新导出后再导入",
)
NODE_COUNT = Problem(
    code="WFL-1002",
    what="节点数不合要求",
    why="现在有 {count} 个节点，应为 1 至 {limit} 个",
    fix="请增加或删除节点",
)
NODE_FIELD = Problem(
    code="WFL-1003",
    what="第 {seq} 个节点“{node}”的“{label}”填写有误",
    why="{reason}",
    fix="{remedy}",
)
SAME_NAME = Problem(
    code="WFL-1004",
    what="第 {seq} 个节点与第 {other} 个节点同名",
    why="两个节点都叫“{node}”，办理记录中无法区分",
    fix="请改用不同的名称",
)
UNKNOWN_DUTY = Problem(
    code="WFL-1005",
    what="第 {seq} 个节点“{node}”的职责不存在",
    why="没有代码为 {duty} 的职责",
    fix="请从职责列表中选择",
)
FOREIGN_DUTY = Problem(
    code="WFL-1006",
    what="第 {seq} 个节点“{node}”不能由“{duty}”办理",
    why="“{duty}”不能查看{type}，能查看的职责有：{known}",
    fix="请改选能查看该单据的职责",
)
INCOMPATIBLE_DUTY = Problem(
    code="WFL-1007",
    what="第 {seq} 个节点“{node}”不能由“{duty}”办理",
    why="“{duty}”在{type}中办理“{label}”，与“{action}”为不相容岗位",
    fix="请改选与“{label}”分离的职责",
    basis="《行政事业单位内部控制规范（试行）》不相容岗位相互分离",
)
CONDITION = Problem(
    code="WFL-1008",
    what="第 {seq} 个节点“{node}”的条件有误",
    why="{reason}",
    fix="{remedy}",
)
NEVER = Problem(
    code="WFL-1009",
    what="第 {seq} 个节点“{node}”永远不会到达",
    why="{reason}",
    fix="请改正条件和金额范围，或删除该节点",
)
DEAD_END = Problem(
    code="WFL-1010",
    what="有的单据没有任何节点审批",
    why="{example}时，{count} 个节点的条件都不成立",
    fix="请增加覆盖这种情况的节点，或放宽某个节点的条件",
)
NOBODY = Problem(
    code="WFL-1011",
    what="第 {seq} 个节点“{node}”在{division}没有人办理",
    why="{on} 在岗人员中没有人在{division}范围内持有“{duty}”",
    fix="请先为该区划授予职责，或改选节点的职责",
)
TOO_FEW = Problem(
    code="WFL-1012",
    what="{division}办理“{duty}”的人员不够",
    why="路线中有 {nodes} 个节点要由“{duty}”办理，同一人在一轮审核中只办理一个，"
    "而在岗的只有 {people} 人",
    fix="请增加持有该职责的人员，或改选其中节点的职责",
)
NO_SAMPLE = Problem(
    code="WFL-1013",
    what="没有找到用于试走的单据",
    why="“{number}”不存在，或不在您当前岗位“{position}”的数据范围内",
    fix="请从最近的单据中选择，或直接填写金额",
)
SAMPLE_VALUE = Problem(
    code="WFL-1014",
    what="试走的“{label}”填写有误",
    why="“{value}”{reason}",
    fix="请改正后重新试走",
)

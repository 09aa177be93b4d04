"""配置的拒绝 refusals of the configuration room: drafts, releases, trials, ways back."""

from shucai.base.errors import Problem

UNKNOWN_KIND = Problem(
    code="CFG-1001",
    what="没有这种配置",
    why="配置种类 {kind} 未声明",
    fix="请从平台配置的列表中选择",
)
UNKNOWN_KEY = Problem(
    code="CFG-1002",
    what="没有这个配置对象",
    why="{kind}中没有 {key}，现有 {count} 个对象",
    fix="请从列表中选择",
)
WRONG_PLACE = Problem(
    code="CFG-1003",
    what="{kind}不能这样配置",
    why="{what}",
    fix="请把该项留空后重试",
)
NO_RELEASE = Problem(
    code="CFG-1004",
    what="没有这个发布",
    why="{kind}“{key}”在所选区划和年度没有第 {number} 号发布",
    fix="请从历史中选择",
)
NO_DRAFT = Problem(
    code="CFG-1005",
    what="没有草稿",
    why="{kind}“{key}”在所选区划和年度没有未发布的草稿",
    fix="请先编辑并保存",
)

NOT_ALLOWED = Problem(
    code="CFG-2001",
    what="不能{action}",
    why="需要职责“{needed}”，当前岗位为{position}",
    fix="请由具备该职责的人员办理",
)
OTHER_DIVISION = Problem(
    code="CFG-2002",
    what="不能{action}",
    why="该配置适用于{division}，本岗位只管理区划 {own}",
    fix="请选择本区划，或由全市的管理员办理",
)
OWN_RELEASE = Problem(
    code="CFG-2003",
    what="不能{action}",
    why="{title}由 {person} 本人提出，提出人与发布人必须是两个人",
    fix="请由另一位具备发布职责的人员办理",
)
NOT_PROPOSER = Problem(
    code="CFG-2004",
    what="不能撤回",
    why="{title}由 {person} 提出，只有提出人可以撤回",
    fix="请由提出人撤回，或由发布人驳回",
)
REASON_NEEDED = Problem(
    code="CFG-2005",
    what="不能{action}",
    why="说明只有 {length} 个字，至少 {least} 个字",
    fix="请写明原因",
)

STALE_DRAFT = Problem(
    code="CFG-3001",
    what="草稿没有保存",
    why="{person} 于 {at} 保存了第 {now} 版，您打开的是第 {version} 版",
    fix="请核对对方的修改后再保存，您填写的内容仍在页面上",
)
STALE_BASE = Problem(
    code="CFG-3002",
    what="不能提出发布",
    why="草稿以第 {base} 号发布为底，现行的是第 {current} 号",
    fix="请对比两者的差异，确认后点“以现行发布为底”再提出",
)
ALREADY_WAITING = Problem(
    code="CFG-3003",
    what="不能提出发布",
    why="{person} 于 {at} 提出的第 {number} 号发布还在等待发布",
    fix="请先发布、驳回或撤回该发布",
)
NOTHING_CHANGED = Problem(
    code="CFG-3004",
    what="不能提出发布",
    why="草稿与{base}的内容完全相同，{count} 项均无差异",
    fix="请先修改草稿",
)
WRONG_STATE = Problem(
    code="CFG-3005",
    what="不能{action}",
    why="{title}目前为“{state}”",
    fix="请刷新页面后按当前状态办理",
)
DRAFT_LARGE = Problem(
    code="CFG-3006",
    what="草稿没有保存",
    why="内容共 {size} 字节，上限 {limit} 字节",
    fix="请缩减内容，图片请先压缩",
)
NOT_PLAIN = Problem(
    code="CFG-3007",
    what="草稿没有保存",
    why="内容不是 JSON 对象：{reason}",
    fix="请检查括号、引号和逗号",
)

TRIAL_UNITS = Problem(
    code="CFG-4001",
    what="不能试行",
    why="选择了 {count} 个单位，应为 1 至 {limit} 个",
    fix="请选择先行试用的单位，或直接对全部单位发布",
)
TRIAL_PATH = Problem(
    code="CFG-4002",
    what="不能试行",
    why="单位路径 {path} {reason}",
    fix="请从单位列表中选择",
)
NO_WAY_BACK = Problem(
    code="CFG-4003",
    what="不能回退",
    why="现行为{current}，第 {number} 号发布{reason}",
    fix="请选择曾经生效且不是现行的发布",
)
ROLLBACK_WAITING = Problem(
    code="CFG-4004",
    what="不能提出回退",
    why="{person} 于 {at} 提出的回退还在等待批准",
    fix="请先批准、驳回或撤回该回退",
)

NOT_A_FILE = Problem(
    code="CFG-5001",
    what="不能导入",
    why="文件不是导出的配置发布：{reason}",
    fix="请选择由“导出”得到的文件",
)
WRONG_DIGEST = Problem(
    code="CFG-5002",
    what="不能导入",
    why="文件内容的摘要为 {found}，文件所记为 {told}",
    fix="文件在导出后被改动，请重新导出",
)
OTHER_KIND = Problem(
    code="CFG-5003",
    what="不能导入",
    why="文件是{found}，这里是{wanted}",
    fix="请在对应的配置种类中导入",
)

FIELD_MISSING = Problem(
    code="CFG-6001",
    what="配置不完整",
    why="“{label}”没有填写",
    fix="请填写该项",
)
FIELD_WRONG = Problem(
    code="CFG-6002",
    what="配置有误",
    why="“{label}”的值 {value} {reason}",
    fix="{fix}",
)
FIELD_UNKNOWN = Problem(
    code="CFG-6003",
    what="配置有误",
    why="内容中有未声明的项目 {name}，可用的有 {known}",
    fix="请删除该项目",
)

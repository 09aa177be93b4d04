"""身份的拒绝 refusals of the identity room: signing in, passwords, rights, tokens."""

from shucai.base.errors import Problem

BAD_CREDENTIALS = Problem(
    code="IDN-1001",
    what="不能登录",
    why="登录名或密码不正确，连续 {failures} 次不正确将锁定 {minutes} 分钟",
    fix="请核对后重新输入，忘记密码时由系统管理员申请重置",
)
LOCKED = Problem(
    code="IDN-1002",
    what="不能登录",
    why="该登录名连续 {failures} 次不正确，锁定至 {until}",
    fix="请在该时间之后再试，或由系统管理员解锁",
)
NO_APPOINTMENT = Problem(
    code="IDN-1004",
    what="不能登录",
    why="用户 {username} 在 {on} 没有有效的任职",
    fix="请由系统管理员申请任职，经安全保密管理员批准后再登录",
)
TOO_MANY_SESSIONS = Problem(
    code="IDN-1005",
    what="不能登录",
    why="用户 {username} 已有 {count} 个会话，上限 {limit} 个",
    fix="请先在其他终端退出，或由系统管理员将其下线",
)
NOT_YOURS = Problem(
    code="IDN-1006",
    what="不能切换到所选岗位",
    why="该任职不属于 {user}，或在 {on} 无效",
    fix="请从岗位列表中重新选择",
)
UNKNOWN_YEAR = Problem(
    code="IDN-1007",
    what="不能切换到 {year} 年度",
    why="系统已开设的年度为 {known}",
    fix="请选择已开设的年度，新年度由国库科开设",
)

PASSWORD_SHORT = Problem(
    code="IDN-2001",
    what="新密码不符合要求",
    why="共 {length} 个字符，要求 {least} 至 {most} 个",
    fix="请改用足够长的密码",
)
PASSWORD_SIMPLE = Problem(
    code="IDN-2002",
    what="新密码不符合要求",
    why="含 {classes} 类字符，要求大写字母、小写字母、数字、符号中的 {least} 类",
    fix="请加入其他种类的字符",
)
PASSWORD_OBVIOUS = Problem(
    code="IDN-2003",
    what="新密码不符合要求",
    why="密码{reason}，容易被猜中",
    fix="请换一个与本人信息无关的密码",
)
PASSWORD_REUSED = Problem(
    code="IDN-2004",
    what="新密码不符合要求",
    why="与最近 {count} 次用过的密码之一相同",
    fix="请换一个没有用过的密码",
)
PASSWORD_WRONG = Problem(
    code="IDN-2005",
    what="不能修改密码",
    why="原密码不正确，连续 {failures} 次不正确将锁定 {minutes} 分钟",
    fix="请核对原密码后重试",
)

NOT_OFFICER = Problem(
    code="IDN-3001",
    what="不能办理“{action}”",
    why="该操作属于{needed}，当前岗位为 {position}",
    fix="请切换到相应岗位，或由有权人员办理",
)
OWN_CHANGE = Problem(
    code="IDN-3002",
    what="不能审批权限变更 {id}",
    why="该变更由 {person} 本人申请，申请人与审批人不得为同一人",
    fix="请由另一位安全保密管理员审批",
    basis="三员分立",
)
CHANGE_DECIDED = Problem(
    code="IDN-3003",
    what="不能办理权限变更 {id}",
    why="该变更{state}",
    fix="请刷新列表，如仍需变更请重新申请",
)
CHANGE_STALE = Problem(
    code="IDN-3004",
    what="不能批准权限变更 {id}",
    why="{target} 在申请之后已有变化（{fields}）",
    fix="请驳回，由系统管理员按现状重新申请",
)
INCOMPATIBLE = Problem(
    code="IDN-3005",
    what="{target} 不能同时具有“{left}”和“{right}”",
    why="两项职责不相容：{where}",
    fix="请调整岗位职责，或由不同的人员任职",
    basis="不相容岗位分离",
)
UNKNOWN_DUTY = Problem(
    code="IDN-3006",
    what="岗位 {position} 不能保存",
    why="职责 {duty} 不存在",
    fix="请从职责清单中选择",
)
SCOPE_TOO_WIDE = Problem(
    code="IDN-3007",
    what="不能授予数据范围 {path}",
    why="当前岗位的管理范围为 {own}",
    fix="请在本岗位的管理范围内选择单位，更大范围由上级管理员办理",
)
NOT_FOUND = Problem(
    code="IDN-3008",
    what="找不到{noun} {key}",
    why="该记录不存在，或不在当前岗位的管理范围内",
    fix="请从列表中重新选择",
)
TAKEN = Problem(
    code="IDN-3009",
    what="{noun} {key} 不能新增",
    why="{noun}已存在或正在申请",
    fix="请换一个{noun}，或修改已有记录",
)
BAD_FIELD = Problem(
    code="IDN-3010",
    what="“{label}”填写有误",
    why="{value} {reason}",
    fix="请改正后重新申请",
)
REASON_NEEDED = Problem(
    code="IDN-3011",
    what="不能办理“{action}”",
    why="理由至少 2 个字，现为 {length} 个字",
    fix="请写明理由",
)
OFFICERS_EXIST = Problem(
    code="IDN-3012",
    what="不能直接写入用户和岗位",
    why="三员已经就位（{officers}），权限变更须经申请和审批",
    fix="请由系统管理员申请、安全保密管理员批准",
)
PENDING_SAME = Problem(
    code="IDN-3013",
    what="不能重复申请",
    why="{target} 已有待审批的权限变更 {id}",
    fix="请先等待审批，或撤回原申请",
)

LAST_OFFICER = Problem(
    code="IDN-3014",
    what="不能停用或免去 {user}",
    why="{user} 是唯一在任的{office}",
    fix="请先任命另一人为{office}，再办理",
    basis="三员分立",
)
BATCH_SIZE = Problem(
    code="IDN-3015",
    what="批量变更不能提出",
    why="共 {count} 项，应为 1 至 {limit} 项",
    fix="请分批办理",
)
BATCH_TWICE = Problem(
    code="IDN-3016",
    what="第 {row} 项不能与第 {first} 项同批办理",
    why="两项都涉及 {target}",
    fix="请合并为一项，或分两批办理",
)
SAME_DUTY = Problem(
    code="IDN-3017",
    what="不相容职责不能保存",
    why="两项职责都是“{duty}”",
    fix="请选择两项不同的职责",
)
OFFICER_DUTY = Problem(
    code="IDN-3018",
    what="不能委托“{duty}”",
    why="三员的职责只能由本人履行",
    fix="请由系统管理员申请另行任命，经批准后接替",
    basis="三员分立",
)
NOT_HELD = Problem(
    code="IDN-3019",
    what="不能委托所选的任职",
    why="任职 {appointment} 不是 {user} 本人在 {on} 有效的任职，或本身就是受托而来",
    fix="请从本人的岗位中选择",
)
DELEGATION_SPAN = Problem(
    code="IDN-3020",
    what="委托期限有误",
    why="委托自 {start} 至 {end}，须从今天 {today} 起、不超过 {days} 天、且在任职期限之内",
    fix="请缩短委托期限",
)
DELEGATION_DUTIES = Problem(
    code="IDN-3021",
    what="不能委托所选的职责",
    why="“{duty}”不是岗位“{position}”的职责",
    fix="请从本岗位的职责中选择",
)
DELEGATION_DEPUTY = Problem(
    code="IDN-3022",
    what="不能委托给 {deputy}",
    why="{reason}",
    fix="请选择另一位同事",
)
DELEGATION_ENDED = Problem(
    code="IDN-3023",
    what="不能收回委托 {id}",
    why="该委托已于 {at} 结束",
    fix="请刷新列表",
)
REQUEST_PLACE = Problem(
    code="IDN-3024",
    what="不能为 {path} 申请",
    why="用户申请岗位只为本单位（{own}）及下属单位申请",
    fix="请选择本单位范围内的单位，或由该单位的用户申请岗位提出",
)
REQUEST_STATE = Problem(
    code="IDN-3025",
    what="不能办理申请 {id}",
    why="该申请{state}",
    fix="请刷新列表",
)
REVIEW_CLOSED = Problem(
    code="IDN-3026",
    what="不能办理复核事项 {id}",
    why="{reason}",
    fix="请联系安全保密管理员",
)
REVIEW_EMPTY = Problem(
    code="IDN-3027",
    what="不能发起权限复核",
    why="{path} 范围内没有有效的任职，或截止日期 {deadline} 早于今天",
    fix="请改选范围或截止日期",
)
FILE_ROWS = Problem(
    code="IDN-3028",
    what="文件没有导入",
    why="共 {count} 行数据，应为 1 至 {limit} 行",
    fix="请按模板填写后分批导入",
)
FILE_ROW = Problem(
    code="IDN-3029",
    what="第 {row} 行“{label}”有误",
    why="{value} {reason}",
    fix="请改正该行后重新导入",
)
FILE_HEADS = Problem(
    code="IDN-3030",
    what="文件没有导入",
    why="表头缺少：{missing}",
    fix="请下载模板，按模板的表头填写",
)

TOKEN_SPAN = Problem(
    code="IDN-4001",
    what="令牌“{name}”不能创建",
    why="有效期至 {until}，须晚于现在且不超过 {days} 天",
    fix="请缩短有效期",
)
TOKEN_SCOPES = Problem(
    code="IDN-4002",
    what="令牌“{name}”不能创建",
    why="权限 {scopes} 为空或写法有误",
    fix="请至少选择一项权限",
)
TOKEN_LIMIT = Problem(
    code="IDN-4003",
    what="令牌“{name}”不能创建",
    why="本人已有 {count} 个有效令牌，上限 {limit} 个",
    fix="请先吊销不再使用的令牌",
)
TOKEN_ENDED = Problem(
    code="IDN-4004",
    what="令牌“{name}”不能更换",
    why="该令牌已{state}",
    fix="请创建新的令牌",
)
APPLICATION_STATE = Problem(
    code="IDN-4101",
    what="应用“{name}”不能{action}",
    why="该应用现在{state}",
    fix="请先核对应用的状态",
)
APPLICATION_OFFICER = Problem(
    code="IDN-4102",
    what="应用不能代表{user}的该项任职",
    why="该任职有“{office}”职责，外部应用不得管理系统",
    fix="请为应用选择只有业务职责的任职",
)
PREFERENCE_LARGE = Problem(
    code="IDN-5001",
    what="个人设置 {key} 不能保存",
    why="内容共 {size} 字节，上限 {limit} 字节",
    fix="请减少保存的列或视图",
)

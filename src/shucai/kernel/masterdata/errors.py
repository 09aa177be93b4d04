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
TOO_COARSE = Problem(
    code="MAS-1006",
    what="{set} {code} 不能使用",
    why="{code} {name}是第 {depth} 级，本单据要求至少到第 {least} 级",
    fix="请选择其下更细的{set}",
)

NOT_KEEPER = Problem(
    code="MAS-2001",
    what="不能办理“{action}”",
    why="该操作属于基础数据管理，当前岗位为 {position}",
    fix="请切换到基础数据管理岗，或由有权人员办理",
)
NOT_OWN_VALUES = Problem(
    code="MAS-2002",
    what="不能维护{owner}的{set}",
    why="当前岗位的管理范围为区划 {division}",
    fix="请维护本区划的本地编码，标准编码由市级基础数据管理岗维护",
)
CODE_FORM = Problem(
    code="MAS-2003",
    what="编码 {code} 不符合{set}的编码规则",
    why="{reason}，规则为 {rule}",
    fix="请改用符合规则的编码，例如 {example}",
)
CODE_TAKEN = Problem(
    code="MAS-2004",
    what="编码 {code} 不能新增",
    why="{year} 年的{set}中已有 {code} {name}",
    fix="请换一个编码，或修改已有的值",
)
NO_PARENT = Problem(
    code="MAS-2005",
    what="编码 {code} 不能保存",
    why="上级 {parent} 在 {year} 年的{set}中不存在或已停用",
    fix="请先建立上级，或改正上级编码",
)
CODES_USED_UP = Problem(
    code="MAS-2006",
    what="不能给出下一个编码",
    why="{parent} 之下 {length} 位的编码已用完",
    fix="请放宽编码规则的长度，或在其他上级之下新增",
)
RULE_BROKEN = Problem(
    code="MAS-2007",
    what="{set} {year} 年的编码规则不能改为 {rule}",
    why="已有 {count} 个编码不符合，例如 {examples}",
    fix="请调整规则，或先停用这些编码，确需保留的请填写理由",
)
RULE_BAD = Problem(
    code="MAS-2008",
    what="编码规则不能保存",
    why="各级长度为 {lengths}，应为 1 至 10 级、每级 1 至 12 位、合计不超过 {limit} 位",
    fix="请改正各级长度",
)
YEAR_NOT_EMPTY = Problem(
    code="MAS-2009",
    what="不能把{set}从 {source} 年复制到 {target} 年",
    why="{target} 年已有 {count} 个值",
    fix="请用导入功能比较差异后更新，已有的年度不会被覆盖",
)
YEAR_EMPTY = Problem(
    code="MAS-2010",
    what="不能把{set}从 {source} 年复制到 {target} 年",
    why="{source} 年没有可复制的值",
    fix="请选择已有数据的年度",
)
VALUE_IN_USE = Problem(
    code="MAS-2011",
    what="{set} {code} 不能停用",
    why="其下还有 {count} 个启用的下级，例如 {example}",
    fix="请先停用下级",
)
BAD_TEXT = Problem(
    code="MAS-2012",
    what="“{label}”填写有误",
    why="{reason}",
    fix="请改正后保存",
)

PAIR_FORBIDDEN = Problem(
    code="MAS-3001",
    what="{left_set} {left} 与{right_set} {right} 不能同时使用",
    why="{year} 年 {left} {left_name}对应的{right_set}为 {allowed}",
    fix="请改选对应的{right_set}，或改选{left_set}",
)
PAIR_UNKNOWN = Problem(
    code="MAS-3002",
    what="{left_set} {left} 与{right_set} {right} 不能同时使用",
    why="{year} 年没有为 {left} {left_name}规定对应的{right_set}",
    fix="请改选有对应关系的{left_set}，或由基础数据管理岗补充要素关联",
)

RULE_VALUE = Problem(
    code="MAS-3003",
    what="{set} {code} 不能使用",
    why="按定值规则 {number}“{rule}”，{set}应为 {wanted}",
    fix="请改为 {wanted}，或核对触发该规则的要素",
)
PAIR_CODES = Problem(
    code="MAS-3004",
    what="要素关联 {left}—{right} 不能保存",
    why="{reason}",
    fix="请改用本年度启用的编码",
)
NO_ELEMENT = Problem(
    code="MAS-3005",
    what="不能设置要素级次",
    why="单据类型 {type} 没有要素 {field}",
    fix="请从该单据类型的要素中选择",
)
LEVEL_BAD = Problem(
    code="MAS-3006",
    what="“{label}”不能要求到第 {depth} 级",
    why="{year} 年的{set}共 {deepest} 级",
    fix="请填写 1 至 {deepest} 之间的级次",
)
UNKNOWN_RELATION = Problem(
    code="MAS-3007",
    what="不能维护要素关联 {code}",
    why="{year} 年没有该关联，也没有给出两边的值集",
    fix="请选择已有的关联，或填写左右两个值集",
)

FILE_FORM = Problem(
    code="MAS-4001",
    what="文件 {name} 不能导入",
    why="{reason}",
    fix="请下载模板，按表头 {heads} 填写后另存为 xlsx 或 csv",
)
ROW_BAD = Problem(
    code="MAS-4002",
    what="第 {row} 行不能导入",
    why="{reason}",
    fix="请改正该行后重新上传",
)
PREVIEW_STALE = Problem(
    code="MAS-4003",
    what="不能按预览的差异导入",
    why="预览之后{set} {year} 年的值或文件内容已有变化",
    fix="请重新预览差异后再导入",
)
NO_DIFFERENCE = Problem(
    code="MAS-4004",
    what="没有需要导入的差异",
    why="文件中的 {count} 个值与{set} {year} 年现有的值相同",
    fix="请核对所选的年度和文件",
)

UNIT_TAKEN = Problem(
    code="MAS-5001",
    what="单位 {code} 不能新增",
    why="区划 {division} 已有 {code} {name}",
    fix="请换一个单位编码，或修改已有单位",
)
UNIT_UNKNOWN = Problem(
    code="MAS-5002",
    what="找不到单位 {key}",
    why="该单位不存在，或不在当前岗位的管理范围内",
    fix="请从单位树中重新选择",
)
UNIT_MOVE = Problem(
    code="MAS-5003",
    what="{unit} 不能改隶到 {parent}",
    why="{reason}",
    fix="{remedy}",
)
UNIT_STOP = Problem(
    code="MAS-5004",
    what="{unit} 不能停用",
    why="其下还有 {count} 个启用的单位，例如 {example}",
    fix="请先停用或改隶下级单位",
)
UNIT_BUSY = Problem(
    code="MAS-5005",
    what="{unit} 暂时不能改隶",
    why="5 秒内未能锁定相关业务数据，有业务正在办理",
    fix="请在业务较少时重试",
)
UNIT_MERGE = Problem(
    code="MAS-5006",
    what="不能合并到 {unit}",
    why="{reason}",
    fix="请选择同一区划内启用的单位",
)

MAPPING_BAD = Problem(
    code="MAS-6001",
    what="新旧编码对照 {old}—{new} 不能保存",
    why="{reason}",
    fix="请改正编码、关系或比例",
)
MAPPING_SHARES = Problem(
    code="MAS-6002",
    what="编码 {old} 的对照不能保存",
    why="各新编码的比例合计 {total}，应为 100%",
    fix="请使各比例合计为 100%",
)
MAPPING_YEARS = Problem(
    code="MAS-6003",
    what="不能对照 {source} 年与 {target} 年",
    why="新年度应为原年度的下一年，且两年都有{set}，现有 {source_count} 个与 {target_count} 个编码",
    fix="请先复制或导入年度，再维护对照",
)
PUBLISH_EMPTY = Problem(
    code="MAS-7001",
    what="没有可以发布的{set}",
    why="区划 {division} 在 {year} 年所选范围内有 0 个启用的本地编码",
    fix="请先新增本地编码，或改选其他值集和年度",
)
PUBLISH_TARGET = Problem(
    code="MAS-7002",
    what="不能发布到 {target}",
    why="区划 {target} 不存在、已停用或就是发布区划",
    fix="请从其他区划中选择",
)
NOT_OFFERED = Problem(
    code="MAS-7003",
    what="不能接收“{title}”",
    why="{reason}",
    fix="请从发布给本区划且未收回的记录中选择",
)

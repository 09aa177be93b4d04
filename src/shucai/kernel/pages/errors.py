"""页面的拒绝 refusals of the pages room: questions, registers, their lists and their commands."""

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
UNKNOWN_REGISTER = Problem(
    code="PAG-3001",
    what="没有名录“{register}”",
    why="系统中没有声明该代码的名录",
    fix="请从菜单进入，或用 Ctrl K 搜索功能",
)
NO_DUTY = Problem(
    code="PAG-3002",
    what="不能{label}“{register}”",
    why="该操作由“{duty}”办理，您当前岗位是“{position}”",
    fix="请切换到有该职责的岗位，或转由该职责的人员办理",
)
NO_RECORD = Problem(
    code="PAG-3003",
    what="没有找到{register}“{key}”",
    why="没有该记录，或不在您当前岗位“{position}”的数据范围内",
    fix="请从{register}列表中查找",
)
UNKNOWN_COMMAND = Problem(
    code="PAG-3004",
    what="{register}没有操作“{command}”",
    why="可用的操作是：{known}",
    fix="请从页面上的按钮办理",
)
NOT_NOW = Problem(
    code="PAG-3005",
    what="{register}“{record}”现在不能{label}",
    why="该记录当前的状态不适用这一操作，可能已由他人办理",
    fix="请刷新页面，核对后再办理",
)
NOTHING_PICKED = Problem(
    code="PAG-3006",
    what="没有选择{register}",
    why="{label}至少需要一条记录，现在选择了 0 条",
    fix="请在列表左侧勾选记录",
)
TOO_MANY_PICKED = Problem(
    code="PAG-3007",
    what="一次选择的{register}过多",
    why="现在选择了 {count} 条，一次最多 {limit} 条",
    fix="请缩小筛选范围，分次办理",
)
BAD_FILTER = Problem(
    code="PAG-3008",
    what="不能按“{label}”筛选",
    why="“{value}”不是{wanted}",
    fix="请改写筛选条件，或清除后重新查询",
)
BAD_CURSOR = Problem(
    code="PAG-3009",
    what="不能翻到这一页",
    why="翻页位置与当前的排序不符",
    fix="请回到第一页重新翻页",
)
REQUIRED = Problem(
    code="PAG-2001",
    what="“{label}”没有填写",
    why="办理{command}时必须填写该项",
    fix="请填写后再提交",
)
TOO_LONG = Problem(
    code="PAG-2002",
    what="“{label}”过长",
    why="填写了 {length} 个字符，最多 {limit} 个",
    fix="请精简后再提交",
)
CONTROL_CHARACTERS = Problem(
    code="PAG-2003",
    what="“{label}”含有不可见的控制字符",
    why="第 {at} 个字符是控制字符（U+{character}），不能保存",
    fix="请删除该字符，或粘贴为纯文本后再提交",
)
NOT_INTEGER = Problem(
    code="PAG-2004",
    what="“{label}”填写有误",
    why="“{value}”不是 -{limit} 至 {limit} 之间的整数",
    fix="请填写整数，例如 12",
)
NOT_MONEY = Problem(
    code="PAG-2005",
    what="“{label}”填写有误",
    why="“{value}”不是金额，金额以元为单位，最多两位小数，整数部分不超过 16 位",
    fix="请填写金额，例如 1,200.50",
)
NOT_DATE = Problem(
    code="PAG-2006",
    what="“{label}”填写有误",
    why="“{value}”不是{wanted}",
    fix="请按“{example}”的格式填写",
)
NOT_CHOICE = Problem(
    code="PAG-2007",
    what="“{label}”不能选择“{value}”",
    why="可选项是：{known}",
    fix="请从可选项中选择",
)
NO_UNIT = Problem(
    code="PAG-2008",
    what="“{label}”填写有误",
    why="您的数据范围内编码为“{value}”的启用单位有 {count} 个",
    fix="请按编码、名称或拼音首字母选择一个单位；编码重复的，填写单位路径",
)
NO_VALUE = Problem(
    code="PAG-2009",
    what="“{label}”填写有误",
    why="{year} 年度的该值集中不能使用编码“{value}”",
    fix="请按编码、名称或拼音首字母选择",
)
NO_USER = Problem(
    code="PAG-2010",
    what="“{label}”填写有误",
    why="登录名或姓名为“{value}”的启用用户有 {count} 个",
    fix="请填写一个用户的登录名",
)
WRONG_FILE = Problem(
    code="PAG-2011",
    what="“{label}”不能使用文件“{name}”",
    why="该文件是{kind}，此处需要{wanted}",
    fix="请另存为需要的格式后再上传",
)
FILE_TOO_BIG = Problem(
    code="PAG-2012",
    what="“{label}”不能使用文件“{name}”",
    why="文件大小 {size} 字节，上限 {limit} 字节",
    fix="请压缩或拆分后再上传",
)
NOT_JSON = Problem(
    code="PAG-2013",
    what="“{label}”填写有误",
    why="第 {line} 行第 {column} 列起不是 JSON",
    fix="请按 JSON 的格式修改",
)
UNKNOWN_INPUT = Problem(
    code="PAG-2014",
    what="{command}没有“{name}”这一项",
    why="可填写的项目是：{known}",
    fix="请去掉该项",
)
NOT_TEXT = Problem(
    code="PAG-2015",
    what="“{label}”填写有误",
    why="收到的内容不是{wanted}",
    fix="请按接口说明的类型填写",
)

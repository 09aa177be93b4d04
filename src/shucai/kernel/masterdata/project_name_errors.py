"""项目名称的拒绝 refusals of project names and of their rules, letters counted."""

from shucai.base.errors import Problem

NAME_SHORT = Problem(
    code="MAS-8001",
    what="项目名称太短",
    why="“{name}”有 {length} 个字，至少 {least} 个字",
    fix="请写明项目的内容",
)
NAME_LONG = Problem(
    code="MAS-8002",
    what="项目名称太长",
    why="“{name}”有 {length} 个字，至多 {most} 个字",
    fix="请缩短 {over} 个字",
)
NAME_WORD = Problem(
    code="MAS-8003",
    what="项目名称含有禁用词",
    why="“{name}”第 {at} 个字起为禁用词“{word}”，{reason}",
    fix="请改用明确的说法",
)
NAME_SIGN = Problem(
    code="MAS-8004",
    what="项目名称含有不允许的字符",
    why="“{name}”第 {at} 个字是“{sign}”，除汉字、字母、数字外只允许 {signs}",
    fix="请删除或改写该字符",
)
NAME_PATTERN = Problem(
    code="MAS-8005",
    what="项目名称不符合组成规则",
    why="“{name}”前 {at} 个字符合，其后应为{wanted}；规则为{pattern}",
    fix="请按规则改写，或从模板中选择",
)
NAME_TAKEN = Problem(
    code="MAS-8006",
    what="项目名称重复",
    why="“{name}”与本单位 {year} 年已有的项目“{other}”{how}",
    fix="请沿用已有的名称，或改写以示区别",
)
BLANK_EMPTY = Problem(
    code="MAS-8007",
    what="不能组成项目名称",
    why="规则第 {row} 段“{label}”{reason}",
    fix="请按次序填写各段内容",
)

LENGTHS_CROSSED = Problem(
    code="MAS-8011",
    what="字数上下限颠倒",
    why="{label}至少 {least} 个字，至多 {most} 个字",
    fix="请把下限改为不大于上限",
)
PART_EMPTY = Problem(
    code="MAS-8012",
    what="名称的组成有误",
    why="第 {row} 段为“{kind}”，却没有填写文字",
    fix="请填写该段文字：固定文字写内容，填写内容写栏名，选列写可选的词并用顿号分开",
)
PARTS_MISSING = Problem(
    code="MAS-8013",
    what="没有名称的组成",
    why="要求按组成规则命名，而组成有 {count} 段",
    fix="请填写名称的组成，或取消“必须按组成规则命名”",
)
TEMPLATE_WRONG = Problem(
    code="MAS-8014",
    what="名称模板不合规则",
    why="模板第 {row} 行：{reason}",
    fix="请改写该模板，或调整规则",
)

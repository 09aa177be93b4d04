"""打印模板的拒绝 refusals of print templates: what a paper can't hold or can't know."""

from shucai.base.errors import Problem

PAPER_NARROW = Problem(
    code="PAG-4101",
    what="明细表比纸宽",
    why="各列至少需要 {needed} 毫米，{paper}去掉左右边距后可用 {usable} 毫米，超出 {gap} 毫米",
    fix="请减少列、缩小列宽或页边距，或改用横向和更大的纸张",
)
PAPER_LOW = Problem(
    code="PAG-4102",
    what="页边距过大",
    why="{paper}去掉上下页边距后只剩 {usable} 毫米，至少需要 {least} 毫米",
    fix="请缩小上下页边距",
)
SPAN_WIDE = Problem(
    code="PAG-4103",
    what="抬头栏目超出一行",
    why="抬头第 {row} 项占 {span} 组，每行只有 {pairs} 组",
    fix="请减少所占组数，或增加每行组数",
)
HEAD_EMPTY = Problem(
    code="PAG-4104",
    what="抬头栏目没有内容",
    why="抬头第 {row} 项既没有选择字段，也没有填写文字",
    fix="请选择字段，或填写栏名和文字",
)
TEXT_WRONG = Problem(
    code="PAG-4105",
    what="{label}中的公式有误",
    why="“{formula}”{reason}",
    fix="{fix}",
)
BRACE_OPEN = Problem(
    code="PAG-4106",
    what="{label}中的括号不成对",
    why="第 {at} 个字处的“{brace}”没有与之配对的括号",
    fix="公式写在一对花括号之间；要印出花括号本身，请连写两个",
)
SIGNERS_MISSING = Problem(
    code="PAG-4107",
    what="没有指定签章栏",
    why="签章方式为“按指定栏目”，而签章栏目有 0 行",
    fix="请填写签章栏目，或改为“按实际经过”",
)
NOTHING_PRINTED = Problem(
    code="PAG-4108",
    what="模板印不出内容",
    why="版面次序中有 {count} 块，其中抬头和明细都没有栏目",
    fix="请至少选择一个抬头栏目或明细列",
)

"""内容的拒绝 refusals of the content room."""

from shucai.base.errors import Problem

NO_DUTY = Problem(
    code="CNT-1001",
    what="不能{action}",
    why="需要“{duty}”职责，您的岗位是“{position}”",
    fix="请由承担该职责的人员办理",
)
OWN_TEXT = Problem(
    code="CNT-1002",
    what="不能审核“{title}”",
    why="它由 {author} 编写，编写与审核须为两人",
    fix="请由另一名内容审核人员办理",
)
NOT_NOW = Problem(
    code="CNT-1003",
    what="“{title}”不能{action}",
    why="它的状态是“{state}”",
    fix="请刷新后按当前状态办理",
)
NOT_FOUND = Problem(
    code="CNT-1004",
    what="找不到{kind} {id}",
    why="没有这一篇，或它不在展示期内，或不是发给您的",
    fix="请返回列表后再试",
)
TOO_SHORT = Problem(
    code="CNT-1101",
    what="“{label}”太短",
    why="共 {length} 个字，至少 {least} 个",
    fix="请补充后再提交",
)
SPAN = Problem(
    code="CNT-1102",
    what="展示期不成立",
    why="开始 {since}，结束 {until}，结束不晚于开始或已经过去",
    fix="请改正展示期，不填结束时间为长期",
)
FOREIGN_PLACE = Problem(
    code="CNT-1103",
    what="不能发给 {path}",
    why="您的数据范围是 {own}",
    fix="请选择范围内的单位，或由市级内容编辑发布",
)
NOBODY = Problem(
    code="CNT-1104",
    what="“{title}”没有收件人",
    why="所选单位、职责和岗位下没有在任人员",
    fix="请放宽接收范围",
)
CATEGORY_USED = Problem(
    code="CNT-1201",
    what="不能停用栏目“{name}”",
    why="下面还有 {categories} 个启用的栏目、{articles} 篇展示中的文章",
    fix="请先停用下级栏目，撤下或移走文章",
)
CATEGORY_LOOP = Problem(
    code="CNT-1202",
    what="栏目“{name}”不能放在“{parent}”之下",
    why="上级是它自己或它的下级，或层级超过 {limit} 级",
    fix="请选择另一个上级栏目",
)
CATEGORY_CODE = Problem(
    code="CNT-1203",
    what="不能使用栏目编码 {code}",
    why="编码须为 2 至 30 位小写字母、数字或下划线，且未被使用",
    fix="请换一个编码",
)
TOO_MANY_FILES = Problem(
    code="CNT-1301",
    what="不能再添加附件“{name}”",
    why="已有 {count} 个，每篇至多 {limit} 个",
    fix="请先移除不需要的附件",
)
EVERYBODY_READ = Problem(
    code="CNT-1401",
    what="没有需要提醒的人",
    why="“{title}”已送达 {count} 人，全部已读或一小时内提醒过",
    fix="请稍后再试",
)

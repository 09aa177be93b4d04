"""网页的拒绝 refusals of the channel itself."""

from shucai.base.errors import Problem

NO_DUTY_HERE = Problem(
    code="WEB-1001",
    what="不能打开“{page}”",
    why="该功能由“{duty}”使用，您当前岗位是“{position}”",
    fix="请切换到有该职责的岗位，或转由该职责的人员办理",
)
NOTHING_PICKED = Problem(
    code="WEB-1002",
    what="没有选择单据",
    why="批量办理需要至少一笔，现在选择了 0 笔",
    fix="请在列表左侧勾选要办理的单据",
)
UNKNOWN_CHOICE = Problem(
    code="WEB-1003",
    what="不能使用“{value}”",
    why="“{label}”的可选项是：{known}",
    fix="请从可选项中选择",
)
NOT_THERE = Problem(
    code="WEB-1004",
    what="没有找到“{what}”",
    why="该地址没有内容，或不在您当前岗位“{position}”的数据范围内",
    fix="请从菜单进入，或用 Ctrl K 搜索单号",
)
PICKED_CHANGED = Problem(
    code="WEB-1005",
    what="所选范围已变化，本次没有办理",
    why="确认时符合条件的有 {seen} 笔，现在有 {now} 笔",
    fix="请刷新列表，核对后重新选择",
)
NOT_THE_SAME = Problem(
    code="WEB-1006",
    what="新密码没有保存",
    why="两次输入的新密码不一致",
    fix="请重新输入，两次保持一致",
)
NOT_A_DATE = Problem(
    code="WEB-1011",
    what="业务日期填写有误",
    why="“{value}”不是日期",
    fix="请按 2026-01-31 的格式填写",
)
DAMAGED_LINES = Problem(
    code="WEB-1012",
    what="没有收到完整的明细",
    why="收到 {length} 个字符，不能还原为明细行",
    fix="请刷新页面后重试，已自动保存的内容会恢复",
)
TOTAL_DIFFERS = Problem(
    code="WEB-1013",
    what="合计金额与明细不符",
    why="页面显示 {shown} 元，按明细复算为 {counted} 元，差 {gap} 元",
    fix="请刷新页面核对明细金额后再保存",
)
TOO_MANY_PAPERS = Problem(
    code="WEB-1014",
    what="一次打印的单据过多",
    why="本次 {count} 笔，一个文件最多 {limit} 笔",
    fix="请缩小筛选范围，分次打印",
)
NO_FILE = Problem(
    code="WEB-1015",
    what="没有选择要导入的文件",
    why="导入{type}需要一个 Excel 或 CSV 文件，本次收到 0 个",
    fix="请先下载模板填写，再选择文件上传",
)
NOT_SURE = Problem(
    code="WEB-1016",
    what="没有确认{label}",
    why="该操作影响较大，需要勾选“已核对”后才能办理，本次没有勾选",
    fix="请核对无误后勾选，再提交",
)

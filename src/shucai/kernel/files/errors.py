"""文件的拒绝 refusals of the files room."""

from shucai.base.errors import Problem

EMPTY = Problem(
    code="FIL-1001",
    what="不能上传文件“{name}”",
    why="文件内容为空",
    fix="请选择有内容的文件",
)
TOO_BIG = Problem(
    code="FIL-1002",
    what="不能上传文件“{name}”",
    why="文件大小 {size}，超过单个文件上限 {limit}",
    fix="请压缩扫描件或拆分后再上传",
)
TOO_MANY = Problem(
    code="FIL-1003",
    what="不能再上传文件“{name}”",
    why="已有 {count} 个附件，上限 {limit} 个",
    fix="请合并为一个 PDF，或移除不需要的附件",
)
UNKNOWN_TYPE = Problem(
    code="FIL-1004",
    what="不能上传文件“{name}”",
    why="不接受扩展名为“{extension}”的文件",
    fix="请改用下列类型之一：{allowed}",
)
MISMATCH = Problem(
    code="FIL-1005",
    what="不能上传文件“{name}”",
    why="扩展名是“{extension}”，内容却是{actual}",
    fix="请用原来的程序打开后另存为“{extension}”，再上传",
)
TWO_EXTENSIONS = Problem(
    code="FIL-1006",
    what="不能上传文件“{name}”",
    why="文件名中夹有可执行程序的扩展名“{extension}”",
    fix="请核实文件来源；确是材料的，改名后再上传",
)
UNSAFE_ARCHIVE = Problem(
    code="FIL-1007",
    what="不能上传文件“{name}”",
    why="压缩内容不安全：{reason}",
    fix="请解压后逐个上传所需的材料",
)
MACROS = Problem(
    code="FIL-1008",
    what="不能上传文件“{name}”",
    why="文件含有宏程序",
    fix="请另存为不含宏的文档后再上传",
)
INFECTED = Problem(
    code="FIL-1009",
    what="不能上传文件“{name}”",
    why="查毒发现“{threat}”",
    fix="请在本机查杀后，换用干净的文件",
)
DAMAGED = Problem(
    code="FIL-1010",
    what="不能上传文件“{name}”",
    why="文件已损坏：{reason}",
    fix="请确认能正常打开后再上传",
)
ACTIVE_CONTENT = Problem(
    code="FIL-1011",
    what="不能上传文件“{name}”",
    why="内容带有可执行的部分：{reason}",
    fix="请另存为 PDF 或图片后再上传",
)
NOT_FOUND = Problem(
    code="FIL-1101",
    what="找不到文件 {id}",
    why="没有该文件，已被移除，或不在岗位“{position}”的数据范围内",
    fix="请在单据的附件栏中重新打开",
)
GONE = Problem(
    code="FIL-1102",
    what="文件“{name}”暂时打不开",
    why="登记在册，但存储中没有它的内容",
    fix="请系统管理员从备份恢复附件目录后再试",
)
NOT_EDITABLE = Problem(
    code="FIL-1103",
    what="不能移除附件“{name}”",
    why="单据已送审，附件随单据一并固定",
    fix="请先撤回或请审核人退回，再移除附件",
)
EXPIRED = Problem(
    code="FIL-1104",
    what="文件“{name}”已过保留期",
    why="导出文件保留到 {until}",
    fix="请重新导出",
)
NO_SCANNER = Problem(
    code="FIL-1301",
    what="没有可测试的查毒服务",
    why="安装时没有设置查毒服务地址（SHUCAI_FILE_SCANNER）",
    fix="请由运维人员接入查毒服务后重启，再测试",
)
SCANNER_FAILS = Problem(
    code="FIL-1302",
    what="查毒服务没有通过测试",
    why="{reason}",
    fix="请检查查毒服务和病毒库；恢复前附件不能上传",
)
GRACE = Problem(
    code="FIL-1303",
    what="不能清理",
    why="宽限 {hours} 小时，应在 {low} 至 {high} 小时之间",
    fix="请调整宽限时间，避免清除正在上传的内容",
)

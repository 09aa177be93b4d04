"""单据的拒绝 refusals of the document room."""

from shucai.base.errors import Problem

NOT_FOUND = Problem(
    code="DOC-1001",
    what="没有找到单据 {number}",
    why="该单据不存在，或不在您当前岗位“{position}”的数据范围内",
    fix="请核对单号，或切换到有权查看的岗位",
)
NO_DUTY = Problem(
    code="DOC-1002",
    what="不能对 {number} 办理“{label}”",
    why="该环节由“{duty}”办理，您当前岗位是“{position}”",
    fix="请切换岗位，或转由该职责的人员办理",
)
FOREIGN_FUND = Problem(
    code="DOC-1040",
    what="不能对 {number} 办理“{label}”",
    why="第 {seq} 行的账户 {account} 属于资金性质 {fund}，岗位“{position}”只办理 {own}",
    fix="请由负责该资金性质的岗位办理，或改选本岗位的账户",
)
OUT_OF_SCOPE = Problem(
    code="DOC-1003",
    what="不能为单位“{unit}”办理业务",
    why="该单位不在您当前岗位“{position}”的数据范围内",
    fix="请选择本岗位范围内的单位",
)
SAME_PERSON = Problem(
    code="DOC-1004",
    what="不能对 {number} 办理“{label}”",
    why="“{earlier}”由您本人（{person}）办理，与“{label}”为不相容岗位",
    fix="请由其他人员办理“{label}”",
    basis="《行政事业单位内部控制规范（试行）》不相容岗位相互分离",
)
ILLEGAL_MOVE = Problem(
    code="DOC-1005",
    what="不能对 {number} 办理“{label}”",
    why="单据当前状态为“{state}”，该环节只能在“{needed}”时办理",
    fix="请刷新后查看单据最新状态",
)
STALE = Problem(
    code="DOC-1006",
    what="{number} 已被他人更新，本次操作未执行",
    why="您看到的是第 {seen} 版，现在是第 {current} 版",
    fix="请刷新后核对最新内容再办理，已填写的内容已为您保留",
)
REASON_NEEDED = Problem(
    code="DOC-1007",
    what="不能对 {number} 办理“{label}”",
    why="“{label}”必须填写理由，现在填写了 {length} 个字",
    fix="请填写 2 个字以上的理由",
)
HUNG = Problem(
    code="DOC-1008",
    what="不能对 {number} 办理“{label}”",
    why="单据已挂起",
    fix="请先解除挂起再办理",
)
NOT_EDITABLE = Problem(
    code="DOC-1009",
    what="不能修改 {number}",
    why="单据当前状态为“{state}”，只有“{needed}”状态可以修改",
    fix="请先由审核人退回，或由经办人撤回后再修改",
)
KEY_REUSED = Problem(
    code="DOC-1010",
    what="重复的请求标识 {key}",
    why="同一标识此前用于另一个内容不同的请求",
    fix="请为新的请求换用新的标识",
)
TOO_MANY = Problem(
    code="DOC-1011",
    what="一次办理的单据过多",
    why="本次 {count} 笔，上限 {limit} 笔",
    fix="请分批办理",
)
NO_LINES = Problem(
    code="DOC-1012",
    what="单据没有明细",
    why="至少需要一行明细，现在是 0 行",
    fix="请增加明细行后再保存",
)
TOO_MANY_LINES = Problem(
    code="DOC-1013",
    what="明细行过多",
    why="本单 {count} 行，上限 {limit} 行",
    fix="请拆分为多张单据",
)
FIELD_REQUIRED = Problem(
    code="DOC-1014",
    what="“{label}”没有填写",
    why="该项为必填项",
    fix="请填写“{label}”",
)
FIELD_INVALID = Problem(
    code="DOC-1015",
    what="“{label}”填写有误",
    why="“{value}”{reason}",
    fix="{remedy}",
)
UNKNOWN_FIELD = Problem(
    code="DOC-1016",
    what="没有“{name}”这一项",
    why="“{type}”的可填项是：{known}",
    fix="请核对字段名",
)
UNKNOWN_ACTION = Problem(
    code="DOC-1017",
    what="“{type}”没有“{action}”这一环节",
    why="可办理的环节是：{known}",
    fix="请核对环节代码",
)
UNKNOWN_TYPE = Problem(
    code="DOC-1018",
    what="没有“{type}”这一单据类型",
    why="系统中没有该代码的声明",
    fix="请核对单据类型代码",
)
UNKNOWN_UNIT = Problem(
    code="DOC-1019",
    what="没有单位“{unit}”",
    why="单位库中没有该编码，或已停用",
    fix="请从单位库中选择",
)
OTHER_REFUSED = Problem(
    code="DOC-1020",
    what="{number} 未办理",
    why="整批办理要求全部通过，同批有 {count} 笔未通过",
    fix="请处理未通过的单据，或改为逐笔办理",
)
YEAR_MISMATCH = Problem(
    code="DOC-1021",
    what="业务日期 {date} 不能用于 {year} 年度单据",
    why="业务日期必须在 {year} 年度之内",
    fix="请更正业务日期，或切换年度后重新录入",
)
NO_SUCH_NODE = Problem(
    code="DOC-1022",
    what="{number} 不能退回到第 {node} 个节点",
    why="当前在第 {current} 个节点，只能退回到此前的节点",
    fix="请选择此前的节点，或退回经办人",
)
WARNING_NEEDS_REASON = Problem(
    code="DOC-1023",
    what="{number} 有 {count} 条警告",
    why="警告可以继续办理，但须写明理由",
    fix="请在意见中写明理由后再办理",
)
NO_SUCH_PERSON = Problem(
    code="DOC-1024",
    what="不能“{label}”给“{person}”",
    why="该人员不存在、已停用或就是您本人",
    fix="请选择其他在岗人员",
)
NOBODY_ASKED = Problem(
    code="DOC-1025",
    what="不能对 {number} 办理“{label}”",
    why="该单据当前没有待办事项",
    fix="请先送审，或刷新后查看单据最新状态",
)
NOT_HUNG = Problem(
    code="DOC-1026",
    what="{number} 不需要解除挂起",
    why="单据没有挂起",
    fix="请刷新后查看单据最新状态",
)
NOTHING_TO_TAKE = Problem(
    code="DOC-1027",
    what="不能由 {number} 生成“{type}”",
    why="{reason}",
    fix="请选择状态为“{needed}”且尚有余额的来源单据",
)
DECIDED_BEFORE = Problem(
    code="DOC-1028",
    what="不能由{person}对 {number} 办理“{label}”",
    why="本轮审核中，{person}已于 {at} 在{node}办理“{earlier}”，现在是{current}；"
    "同一人在一轮审核中只办理一个节点",
    fix="请由其他人员办理，或转办给未办理过本单的人员",
    basis="《行政事业单位内部控制规范（试行）》不相容岗位相互分离",
)
SIGNED_BEFORE = Problem(
    code="DOC-1029",
    what="不能由{person}对 {number} 再次办理“{label}”",
    why="{person}已于 {at} 在{node}办理“{earlier}”，此处还等待其他人员会签；一人只签一次",
    fix="请等待其他人员办理，或把其余待办转办给未签署的人员",
    basis="《行政事业单位内部控制规范（试行）》不相容岗位相互分离",
)
NOT_A_SIGNER = Problem(
    code="DOC-1030",
    what="不能对 {number} 办理“{label}”",
    why="{current}等待 {count} 人会签，其中没有您（{person}）的待办",
    fix="请由待办人员办理，或请其加签给您",
)
SIGNS_TWICE = Problem(
    code="DOC-1031",
    what="不能把 {number} “{label}”给{person}",
    why="{person}在{current}将有 {count} 项待办；会签中一人只签一次",
    fix="请选择其他人员，或先签署您自己的一项",
)
NODE_FORBIDS = Problem(
    code="DOC-1032",
    what="不能对 {number} 办理“{label}”",
    why="审批路线规定，节点“{node}”不能{label}",
    fix="请由本节点人员直接办理",
)
ATTACHMENT_MISSING = Problem(
    code="DOC-1033",
    what="{number} 缺少附件“{category}”",
    why="办理“{label}”至少需要 {least} 份，现有 {count} 份{because}",
    fix="请上传材料类别或文件名含“{category}”的附件后再办理",
)
NUMBER_TAKEN = Problem(
    code="DOC-1034",
    what="单号规则 {number} 已被使用",
    why="“{type}”的单号也是 {sample} 的样式，两种单据会出现相同的单号",
    fix="请换用不同的字头",
)
REQUIREMENT_CONDITION = Problem(
    code="DOC-1035",
    what="第 {seq} 项附件“{category}”的条件有误",
    why="{reason}",
    fix="{remedy}",
)
EXPORT_TOO_BIG = Problem(
    code="DOC-1201",
    what="不能导出“{type}”",
    why="符合条件的单据超过 {limit} 笔",
    fix="请缩小时间或单位范围，分次导出",
)
IMPORT_FILE_TYPE = Problem(
    code="DOC-1202",
    what="不能导入文件“{name}”",
    why="内容不是 Excel 工作簿或 CSV 表格",
    fix="请下载模板，填写后以 xlsx 格式保存再导入",
)
IMPORT_FILE_SIZE = Problem(
    code="DOC-1203",
    what="不能导入文件“{name}”",
    why="文件大小 {size}，上限 {limit}",
    fix="请拆分为几个文件，分次导入",
)
IMPORT_NO_HEAD = Problem(
    code="DOC-1204",
    what="不能导入文件“{name}”",
    why="前 {rows} 行中没有找到含“{column}”的表头",
    fix="请使用下载的模板，不要删改表头",
)
IMPORT_COLUMNS = Problem(
    code="DOC-1205",
    what="表头与“{type}”的模板不符",
    why="{reason}",
    fix="请重新下载模板，把数据粘贴到对应的列",
)
IMPORT_TOO_MANY_ROWS = Problem(
    code="DOC-1206",
    what="不能导入文件“{name}”",
    why="数据超过 {limit} 行",
    fix="请拆分为几个文件，分次导入",
)
IMPORT_EMPTY = Problem(
    code="DOC-1207",
    what="不能导入文件“{name}”",
    why="表头下面有 0 行数据",
    fix="请填写数据后再导入",
)
IMPORT_SERIAL = Problem(
    code="DOC-1208",
    what="第 {row} 行没有填写“单据序号”",
    why="同一张单据的各行要用同一个序号归在一起",
    fix="请填写单据序号，例如 1、2、3",
)
IMPORT_DIFFERS = Problem(
    code="DOC-1209",
    what="单据序号 {serial} 的“{label}”前后不一致",
    why="第 {first} 行是“{was}”，第 {row} 行是“{now}”",
    fix="请改为相同的内容，或使用不同的单据序号",
)
IMPORT_PRECISION = Problem(
    code="DOC-1210",
    what="“{label}”填写有误",
    why="单元格是数字格式，超过 15 位的号码已被表格程序改变",
    fix="请把该列设为文本格式，重新填写完整号码",
)
IMPORT_UNREADABLE = Problem(
    code="DOC-1211",
    what="不能导入文件“{name}”",
    why="文件打不开，可能已损坏或设有密码",
    fix="请用表格程序另存为 xlsx 后再导入",
)
IMPORT_HAS_ERRORS = Problem(
    code="DOC-1212",
    what="文件“{name}”没有导入",
    why="有 {count} 处错误，全部改正前一笔也不会导入",
    fix="请按提示逐行改正后重新导入",
)
ATTACH_NO_DUTY = Problem(
    code="DOC-1213",
    what="不能为 {number} 增减附件",
    why="附件由经办或审核该单据的岗位办理，您当前岗位是“{position}”",
    fix="请切换到相应岗位再办理",
)

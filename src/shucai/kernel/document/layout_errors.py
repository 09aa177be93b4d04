"""布局的拒绝 refusals of layouts: what a form demands, and what a layout must not say."""

from shucai.base.errors import Problem

LAYOUT_REQUIRED = Problem(
    code="DOC-1401",
    what="必填项没有填写",
    why="“{label}”按表单配置第 {release} 号发布为必填，现在填写了 {length} 个字",
    fix="请填写该项",
)
LAYOUT_FIXED = Problem(
    code="DOC-1402",
    what="只读项不能改",
    why="“{label}”按表单配置第 {release} 号发布为只读，应为“{kept}”，报送的是“{given}”",
    fix="请去掉该项，或报送原值",
)
LAYOUT_COMPUTED = Problem(
    code="DOC-1403",
    what="计算结果不一致",
    why="“{label}”按公式 {formula} 为 {computed}，报送的是 {given}",
    fix="请去掉该项，由系统计算",
)
NOT_COMPUTED = Problem(
    code="DOC-1404",
    what="不能计算",
    why="“{label}”的公式 {formula} 算不出结果：{reason}",
    fix="请补全公式用到的栏目后重试",
)

LAYOUT_UNKNOWN = Problem(
    code="DOC-1411",
    what="布局有误",
    why="{where}中的“{name}”不是{type}的栏目，可用的有 {count} 个",
    fix="请从可用栏目中选择",
)
LAYOUT_TWICE = Problem(
    code="DOC-1412",
    what="布局有误",
    why="“{label}”在{where}中出现了 {count} 次",
    fix="请只保留一处",
)
LAYOUT_NEEDED = Problem(
    code="DOC-1413",
    what="不能去掉法定栏目",
    why="“{label}”是{type}声明的必填或法定栏目，{where}中{reason}",
    fix="请保留该栏目，可以改名和换位置",
)
LAYOUT_VALUE = Problem(
    code="DOC-1414",
    what="布局有误",
    why="{where}的“{label}”为“{value}”，{reason}",
    fix="{fix}",
)
LAYOUT_FORMULA = Problem(
    code="DOC-1415",
    what="公式有误",
    why="“{label}”的公式 {formula}：{reason}",
    fix="{fix}",
)
LAYOUT_ROLE = Problem(
    code="DOC-1416",
    what="布局有误",
    why="没有“{role}”这个职责或岗位，现有职责 {count} 个",
    fix="请从列表中选择职责或岗位",
)
LAYOUT_TOO_MANY = Problem(
    code="DOC-1417",
    what="布局有误",
    why="{what}有 {count} 个，上限 {limit} 个",
    fix="请减少{what}",
)
LAYOUT_SHAPE = Problem(
    code="DOC-1418",
    what="布局有误",
    why="{where}的内容不是{wanted}",
    fix="请在布局编辑页中修改后重新保存",
)

"""接口的拒绝 refusals of the API: about the request itself, never about the business."""

from shucai.base.errors import Problem

MALFORMED = Problem(
    code="API-1001",
    what="请求内容无法读取",
    why="请求体不是有效的 JSON：{reason}",
    fix="请按接口说明提交 UTF-8 编码的 JSON 对象",
)
SHAPE = Problem(
    code="API-1002",
    what="“{item}”不符合接口定义",
    why="{reason}",
    fix="请对照 /api/v1/openapi.json 中的定义修改后重试",
)
UNKNOWN_PARAMETER = Problem(
    code="API-1003",
    what="没有查询参数“{name}”",
    why="可用的查询参数是：{known}",
    fix="请核对参数名；未知参数不会被忽略",
)
BAD_CURSOR = Problem(
    code="API-1004",
    what="翻页标记无效",
    why="该标记不是本列表以当前排序给出的",
    fix="请从第一页重新开始，按返回的 next 逐页读取",
)
TOO_LARGE = Problem(
    code="API-1005",
    what="请求内容过大",
    why="本次 {size} 字节，上限 {limit} 字节",
    fix="请拆分为多次请求",
)
NOT_JSON = Problem(
    code="API-1006",
    what="不支持的内容类型",
    why="收到的是“{given}”，接口只接受 application/json",
    fix="请把请求头 Content-Type 设为 application/json",
)
NO_ADDRESS = Problem(
    code="API-1007",
    what="没有这个接口地址",
    why="{path} 不是 /api/v1/ 下的任何接口",
    fix="请对照 /api/v1/openapi.json 核对地址",
)
METHOD = Problem(
    code="API-1008",
    what="该地址不支持 {method}",
    why="{path} 只接受 {allowed}",
    fix="请改用支持的方法",
)
VERSION_NEEDED = Problem(
    code="API-1009",
    what="修改 {number} 需要说明所依据的版本",
    why="请求没有 If-Match，可能覆盖他人的修改",
    fix="请先读取单据，把返回的 ETag 放入 If-Match 后重试",
)
BAD_VERSION = Problem(
    code="API-1010",
    what="If-Match 无效",
    why='“{given}”不是形如 "3" 的版本标记',
    fix="请原样使用读取单据时返回的 ETag",
)
BAD_KEY = Problem(
    code="API-1011",
    what="Idempotency-Key 无效",
    why="收到 {length} 个字符，应为 1 至 64 个可见的 ASCII 字符",
    fix="请为每个新的请求生成一个标识，例如 UUID",
)
BAD_VALUE = Problem(
    code="API-1012",
    what="查询参数“{name}”的值无效",
    why="“{value}”{reason}",
    fix="请使用：{allowed}",
)
NO_TOKEN = Problem(
    code="API-1101",
    what="没有提供访问令牌",
    why="请求头 Authorization 中没有 Bearer 令牌",
    fix="请在“我的登录”中创建令牌，或由系统管理员为应用签发，并随每个请求提交",
)
BAD_TOKEN = Problem(
    code="API-1102",
    what="访问令牌无效",
    why="令牌不存在、已过期或已被收回，或其岗位任职已终止，或来源地址不在应用登记的范围内",
    fix="请重新申领令牌",
)
NO_SCOPE = Problem(
    code="API-1103",
    what="令牌“{token}”不能用于此接口",
    why="此接口需要权限“{scope}”，令牌的权限是：{granted}",
    fix="请改用有此权限的令牌，或重新申领",
)
BAD_YEAR = Problem(
    code="API-1104",
    what="年度无效",
    why="请求头 Fiscal-Year 为“{given}”，应为 2000 至 2100 之间的年份",
    fix="请更正 Fiscal-Year，或去掉该请求头使用当前年度",
)
RATE = Problem(
    code="API-1201",
    what="请求过于频繁",
    why="每个令牌每秒 {rate} 次，短时最多 {burst} 次，额度已用完",
    fix="请在 {wait} 秒后重试，并按 Retry-After 控制频率",
)
UNAVAILABLE = Problem(
    code="API-1301",
    what="服务暂时不可用",
    why="数据库繁忙或正在恢复，本次请求没有办理",
    fix="请在 {wait} 秒后以同一 Idempotency-Key 重试",
)
CONCURRENT = Problem(
    code="API-1302",
    what="本次操作未执行",
    why="同一单据正被他人办理",
    fix="请读取单据的最新状态后再办理",
)
ACCOUNT_NOT_FOUND = Problem(
    code="API-1401",
    what="没有找到台账 {number}",
    why="该台账不存在，或不在令牌岗位“{position}”的数据范围内",
    fix="请核对编号，或改用有权查看的令牌",
)
SET_NOT_FOUND = Problem(
    code="API-1402",
    what="没有值集“{code}”",
    why="基础数据中没有该编码的值集",
    fix="请从 /api/v1/values 返回的值集中选择",
)
VALUE_NOT_FOUND = Problem(
    code="API-1403",
    what="值集“{set}”中没有 {code}",
    why="{year} 年度没有该编码",
    fix="请核对编码与年度",
)
JOB_NOT_FOUND = Problem(
    code="API-1404",
    what="没有找到任务 {id}",
    why="该任务不存在，或不属于令牌所代表的人员",
    fix="请核对任务编号",
)
FILE_NOT_FOUND = Problem(
    code="API-1405",
    what="{number} 没有附件 {id}",
    why="该附件不存在，或已被移除",
    fix="请先列出单据的附件",
)
PROBLEM_NOT_FOUND = Problem(
    code="API-1406",
    what="没有拒绝代码 {code}",
    why="系统从未使用过该代码",
    fix="请从 /api/v1/problems 返回的代码中选择",
)
QUESTION_NOT_FOUND = Problem(
    code="API-1407",
    what="没有提问 {code}",
    why="系统没有声明该提问",
    fix="请从 /api/v1/questions 返回的提问中选择",
)
QUESTION_FORBIDDEN = Problem(
    code="API-1109",
    what="不能提问“{name}”",
    why="该提问由“{duty}”使用，令牌的岗位是“{position}”",
    fix="请改用有该职责的岗位的令牌",
)
DEFECT = Problem(
    code="API-1501",
    what="系统出现故障，本次请求没有办理",
    why="已登记为故障 {incident}",
    fix="请稍后重试；如仍出现，请把故障编号告知运维人员",
)

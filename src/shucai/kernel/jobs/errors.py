"""任务的拒绝 refusals of the jobs room."""

from shucai.base.errors import Problem

UNKNOWN = Problem(
    code="JOB-1001",
    what="不能启动任务 {code}",
    why="本版本没有这个任务",
    fix="请核对任务代码，或把平台升级到包含该任务的版本",
)
NOT_FOUND = Problem(
    code="JOB-1002",
    what="找不到任务 {id}",
    why="没有该任务，或它不是岗位“{position}”发起的",
    fix="请在“我的任务”中查看本人发起的任务",
)
NOT_STOPPED = Problem(
    code="JOB-1003",
    what="不能重新执行任务“{name}”",
    why="它的状态是“{state}”，只有未完成或已取消的任务可以重新执行",
    fix="请等待任务结束，或先取消该任务",
)
ENDED = Problem(
    code="JOB-1004",
    what="不能取消任务“{name}”",
    why="它的状态是“{state}”，已经结束",
    fix="不需要处理；要再次办理请重新发起",
)
NO_LONGER_ALLOWED = Problem(
    code="JOB-1005",
    what="任务“{name}”没有执行",
    why="发起人 {person} 的账号或岗位“{position}”已停用",
    fix="请由现任人员重新发起",
)
INTERRUPTED = Problem(
    code="JOB-1006",
    what="任务“{name}”没有完成",
    why="执行进程中断 {attempts} 次，已达上限 {limit} 次",
    fix="请系统管理员检查服务器内存与日志后，在任务页面重新执行",
)
NO_RIGHT = Problem(
    code="JOB-1101",
    what="不能处理未送达的消息",
    why="岗位“{position}”没有系统管理职责",
    fix="请由系统管理员处理",
)
NOT_DEAD = Problem(
    code="JOB-1102",
    what="不能{label}消息 {id}",
    why="它的状态是“{state}”，只有未送达的消息可以处理",
    fix="请刷新列表后再试",
)
SKIP_REASON = Problem(
    code="JOB-1103",
    what="不能放弃消息 {id}",
    why="放弃须写明理由，现在填写了 {length} 个字",
    fix="请填写理由，至少 2 个字",
)
BAD_RHYTHM = Problem(
    code="JOB-1201",
    what="不能按“{every}”执行任务“{name}”",
    why="{reason}",
    fix="请写五段的周期（分 时 日 月 周），例如 30 2 * * * 表示每天 02:30，间隔至少 {least} 分钟",
)
PLAN_SAME = Problem(
    code="JOB-1202",
    what="任务“{name}”没有变化",
    why="它现在已经是“{state}”",
    fix="请刷新页面核对",
)
BAD_PREDECESSOR = Problem(
    code="JOB-1203",
    what="任务“{name}”不能等待“{other}”",
    why="{reason}",
    fix="请另选一个定时任务，或清空前置任务",
)

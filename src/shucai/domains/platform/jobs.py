"""定时任务 jobs of the domain: logs go after their time, and the head of the chain is deposited."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from shucai.domains.platform.registers.head_deposit import DEPOSIT_ADDRESS
from shucai.kit import configuration, jobs, logs

CALL_DAYS = configuration.parameter(
    code="logs.call_days",
    name="接口调用日志保留",
    default=180,
    low=30,
    high=1_825,
    unit="天",
    help="到期后每夜清理；操作审计记录永久保留，不受此限",
)
DEFECT_DAYS = configuration.parameter(
    code="logs.defect_days",
    name="系统故障日志保留",
    default=365,
    low=30,
    high=1_825,
    unit="天",
    help="到期后每夜清理",
)


@jobs.task(code="logs.forget", name="清理过期日志", every="35 3 * * *", lock="logs.forget")
def forget(work: jobs.Work) -> Mapping[str, Any]:
    """Interface and defect rows beyond their days are deleted; rows of the trail never."""
    return logs.logbook.forget(
        calls_before=work.now - timedelta(days=CALL_DAYS.value()),
        defects_before=work.now - timedelta(days=DEFECT_DAYS.value()),
    )


@jobs.task(
    code="audit.deposit",
    name="审计链值寄存",
    every="0 4 * * *",
    alert="identity.auditor",
    lock="audit.deposit",
)
def deposit(work: jobs.Work) -> Mapping[str, Any]:
    """The newest head goes to the configured address; no receipt is told to the auditor."""
    address = DEPOSIT_ADDRESS.value()
    if not address:
        return {"result": "没有设置接收地址，未报送"}
    made = logs.deposit(address=address, actor=work.actor, now=work.now)
    if made.result != "done":
        work.alarm(f"审计链值没有送达 {address}：{made.receipt[:100]}")
    return {"seal": made.seal, "result": made.get_result_display(), "receipt": made.receipt}

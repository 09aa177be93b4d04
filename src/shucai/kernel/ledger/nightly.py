"""夜间任务 nightly: the whole ledger is proved from its entries."""

from collections.abc import Mapping
from typing import Any

from shucai.kernel.identity.duties import AUDITOR
from shucai.kernel.jobs.declare import task
from shucai.kernel.jobs.work import Work
from shucai.kernel.ledger import proof


@task(code="ledger.prove", name="台账证明", every="10 2 * * *", alert=AUDITOR, lock="ledger.prove")
def prove_ledger(work: Work) -> Mapping[str, Any]:
    """Every balance, hold and journal is recomputed; a difference is told to the auditor."""
    report = proof.check()
    if not report.ok:
        work.alarm(f"台账证明发现 {len(report.faults)} 处不符：{report.faults[0].text}")
    return report.as_dict()

"""夜间任务 nightly work that needs several rooms: stored files are checked, old notices go."""

from collections.abc import Mapping
from typing import Any, Final

from shucai.kernel.files import checking
from shucai.kernel.identity.duties import SYSTEM_ADMIN
from shucai.kernel.jobs.declare import task
from shucai.kernel.jobs.work import Work
from shucai.kernel.messages import notices

FAULTS_TOLD: Final = 20


@task(code="files.check", name="附件核对", every="30 1 * * *", alert=SYSTEM_ADMIN)
def check_files(work: Work) -> Mapping[str, Any]:
    """Every stored file can still be handed out as it came in; expired ones go."""
    forgotten = checking.forget_expired(now=work.now)
    report = checking.check(now=work.now, tell=work.progress)
    if not report.ok:
        work.alarm(f"附件核对发现 {len(report.faults)} 处不符：{report.faults[0]}")
    return {
        "files": report.files,
        "contents": report.contents,
        "removed": report.removed,
        "forgotten": forgotten,
        "faults": list(report.faults[:FAULTS_TOLD]),
    }


@task(code="messages.purge", name="清理过期通知", every="50 3 * * *")
def purge_notices(work: Work) -> Mapping[str, Any]:
    """Notices go half a year after they were read."""
    return {"notices": notices.purge(now=work.now)}

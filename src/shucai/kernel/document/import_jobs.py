"""后台导入 importing in the background: a file too long for one request, imported by a job.

The file is kept with the run; a run that is repeated after a crash imports nothing twice.
"""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Final

from django.db import transaction

from shucai.kernel.document import errors, importing
from shucai.kernel.document.declare import DocumentType, find_type
from shucai.kernel.files import keeping
from shucai.kernel.files.keeping import Upload
from shucai.kernel.identity.actor import Actor
from shucai.kernel.jobs import queue
from shucai.kernel.jobs.declare import task
from shucai.kernel.jobs.models import JobRun
from shucai.kernel.jobs.work import Work

ROWS_AT_ONCE: Final = 500  # what a screen imports while the person waits


def start(
    kind: DocumentType,
    actor: Actor,
    name: str,
    content: bytes,
    *,
    today: date,
    now: datetime,
    key: str = "",
) -> JobRun:
    """Queues the import of a file that has been previewed; a used key gives back its run.

    Raises Refused for a file that may not be kept.
    """
    with transaction.atomic():
        file = keeping.attach_to_draft(
            Upload(name, content), draft=f"import:{kind.code}", actor=actor, now=now
        )
        return queue.start(
            code="document.import",
            actor=actor,
            now=now,
            args={"type": kind.code, "file": file.pk, "name": file.name, "today": str(today)},
            key=f"import:{actor.user_id}:{key}" if key else "",
        )


@task(code="document.import", name="导入单据")
def import_documents(work: Work) -> Mapping[str, Any]:
    """Every document of the kept file becomes a draft, or the run tells every fault."""
    args = work.args
    kind = find_type(str(args["type"]))
    if kind is None:
        raise errors.UNKNOWN_TYPE.refuse(type=args["type"])
    opened = keeping.open(int(args["file"]), work.actor, now=work.now)
    work.progress(0, 0, "正在读取")
    headers = importing.commit(
        kind,
        work.actor,
        str(args["name"]),
        opened.path.read_bytes(),
        today=date.fromisoformat(str(args["today"])),
        now=work.now,
        key=f"run:{work.run_id}",
    )
    work.progress(len(headers), len(headers), f"已导入 {len(headers)} 笔")
    return {"documents": len(headers), "first": headers[0].address, "last": headers[-1].address}

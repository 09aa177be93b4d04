"""任务 jobs of the room: announcements whose day has come are told."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from shucai.kernel.content import issuing
from shucai.kernel.identity import scope
from shucai.kernel.identity.duties import SYSTEM_ADMIN
from shucai.kernel.jobs.declare import task
from shucai.kernel.jobs.work import Work


@task(
    code="content.issue",
    name="到期发布通知公告",
    every="*/10 * * * *",
    alert=SYSTEM_ADMIN,
    lock="content.issue",
)
def issue(work: Work) -> Mapping[str, Any]:
    """Agreed announcements reach their people once the display begins."""
    with transaction.atomic():
        scope.apply(work.actor)
        return {"people": issuing.issue_due(now=work.now)}

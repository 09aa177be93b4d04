"""推送地址 targets: outside addresses, registered by one officer and let in by another."""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from django.db import transaction

from shucai.kernel import audit
from shucai.kernel.identity.actor import Actor
from shucai.kernel.identity.duties import SECURITY_ADMIN, SYSTEM_ADMIN, name_of
from shucai.kernel.messages import errors, sealing, webhook
from shucai.kernel.messages.models import Target

_CODE: Final = re.compile(r"^[a-z][a-z0-9_]{1,29}$")


@transaction.atomic
def propose(*, actor: Actor, code: str, name: str, url: str, now: datetime) -> tuple[Target, str]:
    """The target, which counts once enabled, and its secret, which is told this once."""
    _demand(actor, SYSTEM_ADMIN, "登记推送地址")
    if not _CODE.match(code) or Target.objects.filter(code=code).exists():
        raise errors.TARGET_CODE.refuse("code", code=code)
    webhook.refuse_bad(url)
    secret = sealing.fresh()
    row = Target.objects.create(
        code=code,
        name=name,
        url=url,
        secret=sealing.sealed(secret),
        proposed_by=actor.user_id,
        proposed_name=actor.name,
        proposed_at=now,
    )
    _record(actor, now, "target_propose", row, {"url": url})
    return row, secret


@transaction.atomic
def enable(*, actor: Actor, target: Target, now: datetime) -> Target:
    _demand(actor, SECURITY_ADMIN, "启用推送地址")
    row = Target.objects.select_for_update().get(pk=target.pk)
    if row.state == "enabled":
        raise errors.TARGET_STATE.refuse(
            name=row.name, action="启用", state=row.get_state_display()
        )
    if row.proposed_by == actor.user_id:
        raise errors.OWN_TARGET.refuse(name=row.name, person=row.proposed_name)
    row.state, row.decided_by, row.decided_name, row.decided_at = (
        "enabled", actor.user_id, actor.name, now,
    )  # fmt: skip
    row.save()
    _record(actor, now, "target_enable", row, {"url": row.url})
    return row


@transaction.atomic
def disable(*, actor: Actor, target: Target, reason: str, now: datetime) -> Target:
    """Nothing goes there from now on; either officer may stop it alone."""
    if not actor.can(SYSTEM_ADMIN):
        _demand(actor, SECURITY_ADMIN, "停用推送地址")
    row = Target.objects.select_for_update().get(pk=target.pk)
    if row.state == "disabled":
        raise errors.TARGET_STATE.refuse(
            name=row.name, action="停用", state=row.get_state_display()
        )
    row.state, row.reason = "disabled", reason[:200]
    row.save()
    _record(actor, now, "target_disable", row, {"reason": reason})
    return row


def _demand(actor: Actor, duty: str, action: str) -> None:
    if not actor.can(duty):
        raise errors.NO_DUTY.refuse(action=action, duty=name_of(duty), position=actor.position_name)


def _record(
    actor: Actor, now: datetime, action: str, row: Target, detail: Mapping[str, Any]
) -> None:
    audit.record(
        [
            audit.AuditRow(
                actor=actor,
                at=now,
                action=f"messages.{action}",
                target_type="messages.target",
                target=row.code,
                result="done",
                detail=dict(detail),
            )
        ]
    )

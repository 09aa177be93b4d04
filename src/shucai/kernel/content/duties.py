"""职责 duties: who writes for all, and who looks at it before anybody reads it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from shucai.kernel import audit
from shucai.kernel.content import errors
from shucai.kernel.identity.actor import Actor
from shucai.kernel.identity.duties import duty, name_of

EDITOR: Final = "content.editor"
REVIEWER: Final = "content.reviewer"
duty(code=EDITOR, name="内容编辑", domain="content")
duty(code=REVIEWER, name="内容审核", domain="content")


def demand(actor: Actor, code: str, action: str) -> None:
    if not actor.can(code):
        raise errors.NO_DUTY.refuse(action=action, duty=name_of(code), position=actor.position_name)


def demand_second(actor: Actor, author_id: int, author: str, title: str) -> None:
    """Whoever wrote a text does not decide that it may be read."""
    if actor.user_id == author_id:
        raise errors.OWN_TEXT.refuse(title=title, author=author)


def record(
    actor: Actor, now: datetime, action: str, target: tuple[str, int], detail: Mapping[str, Any]
) -> None:
    """The row of the trail that every change leaves."""
    kind, key = target
    audit.record(
        [
            audit.AuditRow(
                actor=actor,
                at=now,
                action=f"content.{action}",
                target_type=f"content.{kind}",
                target=str(key),
                result="done",
                detail=dict(detail),
            )
        ]
    )

"""基础数据管理 keeping: who may change master data, and the audit row each change leaves."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from shucai.kernel import audit
from shucai.kernel.identity.actor import Actor
from shucai.kernel.identity.duties import duty
from shucai.kernel.masterdata import errors

KEEPER: Final = "masterdata.keeper"
duty(code=KEEPER, name="基础数据管理", domain="masterdata")


def demand_keeper(actor: Actor, action: str) -> None:
    """Refuses an actor without the duty."""
    if not actor.can(KEEPER):
        raise errors.NOT_KEEPER.refuse(action=action, position=actor.position_name)


def demand_owner(actor: Actor, action: str, *, division: str, set_name: str) -> None:
    """Local values belong to the keeper of the division, standard ones to a city-wide keeper."""
    demand_keeper(actor, action)
    is_city_wide = "/" not in actor.scope_path
    if not is_city_wide and division != actor.division:
        raise errors.NOT_OWN_VALUES.refuse(
            owner=f"区划 {division}" if division else "标准编码",
            set=set_name,
            division=actor.division,
        )


def note(
    *,
    actor: Actor,
    now: datetime,
    action: str,
    target: tuple[str, str],
    detail: Mapping[str, Any],
) -> None:
    """One audit row; `target` is type and key, for instance `("value", "functional/2026/201")`."""
    audit.record(
        [
            audit.AuditRow(
                actor=actor,
                at=now,
                action=f"masterdata.{action}",
                target_type=f"masterdata.{target[0]}",
                target=target[1][:80],
                result="done",
                detail=detail,
            )
        ]
    )

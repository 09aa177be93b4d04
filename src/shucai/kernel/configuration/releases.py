"""发布 releases: proposed by one person, decided by another, never changed; tried, widened, undone.

The database brings everything about and refuses a decider who is the proposer; the refusals here
only say it in words.
"""

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from shucai.base.errors import Refused
from shucai.kernel import audit
from shucai.kernel.configuration import drafts, errors, places, reading
from shucai.kernel.configuration.declare import Place
from shucai.kernel.configuration.models import Draft, InForce, Release, Rollback
from shucai.kernel.identity import scope
from shucai.kernel.identity.actor import Actor

REASON_MIN: Final = 2
PATHS_MAX: Final = 200
_PATH: Final = re.compile(r"^[0-9]+(/[0-9A-Za-z]+)*$")
_TARGET: Final = "configuration"
_CHANGED: Final = "SC002"


@audit.refusals("configuration.propose", _TARGET)
def propose(*, actor: Actor, place: Place, note: str, version: int, now: datetime) -> Release:
    """The draft as it stands at `version` waits for a second person. Refuses a faulty draft."""
    kind = places.kind_of(place)
    places.demand_editor(actor, kind, place, f"提出发布{kind.name}")
    _demand_reason(note, "提出发布")
    with transaction.atomic():
        scope.apply(actor)
        draft = _draft(place, version)
        _refuse_waiting(place)
        _refuse_same(draft)
        found = kind.faults(place, draft.content)
        if found:
            raise Refused(found)
        values = [
            *drafts.at(place).values(),
            drafts.canonical(draft.content),
            draft.base_number,
            note.strip()[:200],
        ]
        pk = _call("configuration_propose", values, actor=actor, now=now)
        release = Release.objects.get(pk=pk)
        detail = {"number": release.number, "digest": release.digest, "note": release.note}
        audit.record([places.row(actor, now, "propose", place, detail)])
    return release


@audit.refusals("configuration.publish", _TARGET)
def publish(
    *, actor: Actor, release_id: int, paths: Sequence[str] = (), opinion: str, now: datetime
) -> Release:
    """Counts from now on: everywhere at its place, or first for the units below `paths`."""
    release = find(release_id)
    kind = places.kind_of(release.place)
    wanted = _checked(paths, actor) if paths else []
    _demand_decider(actor, release, "发布")
    _demand_state(release, ("proposed", "trial"), "发布")
    found = kind.faults(release.place, release.content)
    if found:
        raise Refused(found)
    return _decide(
        release, "try" if wanted else "publish", wanted, actor=actor, opinion=opinion, now=now
    )


@audit.refusals("configuration.reject", _TARGET)
def reject(*, actor: Actor, release_id: int, opinion: str, now: datetime) -> Release:
    """Nothing changes; the proposer reads the opinion and still has his draft."""
    release = find(release_id)
    _demand_decider(actor, release, "驳回")
    _demand_reason(opinion, "驳回")
    _demand_state(release, ("proposed",), "驳回")
    return _decide(release, "reject", [], actor=actor, opinion=opinion, now=now)


@audit.refusals("configuration.stop", _TARGET)
def stop_trial(*, actor: Actor, release_id: int, opinion: str, now: datetime) -> Release:
    """The units on trial go back to what counts for everybody."""
    release = find(release_id)
    _demand_decider(actor, release, "停止试行")
    _demand_reason(opinion, "停止试行")
    _demand_state(release, ("trial",), "停止试行")
    return _decide(release, "stop", [], actor=actor, opinion=opinion, now=now)


@audit.refusals("configuration.withdraw", _TARGET)
def withdraw(*, actor: Actor, release_id: int, now: datetime) -> Release:
    """The proposer takes back what nobody has decided on."""
    release = find(release_id)
    places.demand_editor(actor, places.kind_of(release.place), release.place, "撤回")
    if release.proposed_by != actor.user_id:
        raise errors.NOT_PROPOSER.refuse(title=release.title, person=release.proposed_name)
    _demand_state(release, ("proposed",), "撤回")
    return _decide(release, "withdraw", [], actor=actor, opinion="", now=now)


@audit.refusals("configuration.propose_rollback", _TARGET)
def propose_rollback(
    *, actor: Actor, place: Place, number: int, reason: str, now: datetime
) -> Rollback:
    """Asks to point back at an earlier release; number 0 is the standard content."""
    kind = places.kind_of(place)
    places.demand_editor(actor, kind, place, "提出回退")
    _demand_reason(reason, "提出回退")
    with transaction.atomic():
        scope.apply(actor)
        _refuse_no_way(place, number)
        waiting = Rollback.objects.filter(**drafts.at(place), state="proposed").first()
        if waiting is not None:
            raise errors.ROLLBACK_WAITING.refuse(
                person=waiting.proposed_name, at=_at(waiting.proposed_at)
            )
        values = [*drafts.at(place).values(), number, reason.strip()[:200]]
        pk = _call("configuration_propose_rollback", values, actor=actor, now=now)
        rollback = Rollback.objects.get(pk=pk)
        detail = {"from": rollback.from_number, "to": number, "reason": rollback.reason}
        audit.record([places.row(actor, now, "propose_rollback", place, detail)])
    return rollback


@audit.refusals("configuration.decide_rollback", _TARGET)
def decide_rollback(
    *, actor: Actor, rollback_id: int, decision: str, opinion: str, now: datetime
) -> Rollback:
    """`approve` points back now; `reject` by the publisher and `withdraw` by the proposer don't."""
    found = Rollback.objects.filter(pk=rollback_id).first()
    if found is None:
        raise errors.WRONG_STATE.refuse(action="办理", title=f"回退 {rollback_id}", state="不存在")
    place, kind = found.place, places.kind_of(found.place)
    title = f"回退到第 {found.to_number} 号发布"
    if decision == "withdraw":
        places.demand_editor(actor, kind, place, "撤回")
        if found.proposed_by != actor.user_id:
            raise errors.NOT_PROPOSER.refuse(title=title, person=found.proposed_name)
    else:
        places.demand_publisher(actor, kind, place, "批准回退")
        if found.proposed_by == actor.user_id:
            raise errors.OWN_RELEASE.refuse(
                action="批准回退", title=title, person=found.proposed_name
            )
        if decision == "reject":
            _demand_reason(opinion, "驳回")
    if found.state != "proposed":
        raise errors.WRONG_STATE.refuse(action="办理", title=title, state=found.get_state_display())
    with transaction.atomic():
        scope.apply(actor)
        name = "configuration_decide_rollback"
        serial = _call(name, [found.pk, decision], actor=actor, now=now, opinion=opinion)
        detail = {"from": found.from_number, "to": found.to_number, "opinion": opinion.strip()}
        detail["serial"] = serial
        audit.record([places.row(actor, now, f"rollback_{decision}", place, detail)])
        _renew()
    found.refresh_from_db()
    return found


def find(release_id: int) -> Release:
    """The release; refuses an unknown one."""
    found = Release.objects.filter(pk=release_id).first()
    if found is None:
        raise errors.WRONG_STATE.refuse(action="办理", title=f"发布 {release_id}", state="不存在")
    return found


def _decide(
    release: Release,
    decision: str,
    paths: list[str],
    *,
    actor: Actor,
    opinion: str,
    now: datetime,
) -> Release:
    with transaction.atomic():
        scope.apply(actor)
        values = [release.pk, decision, paths]
        serial = _call("configuration_decide", values, actor=actor, now=now, opinion=opinion)
        release.refresh_from_db()
        if decision in ("publish", "try"):
            _drop_draft(release)
        detail: dict[str, Any] = {
            "number": release.number,
            "digest": release.digest,
            "opinion": opinion.strip(),
            "paths": paths,
            "serial": serial,
        }
        audit.record([places.row(actor, now, decision, release.place, detail)])
        _renew()
    return release


def _call(
    function: str, values: list[Any], *, actor: Actor, now: datetime, opinion: str | None = None
) -> Any:
    """Every function ends with who, his name, perhaps his opinion, and when."""
    whole = [*values, actor.user_id, actor.name]
    whole += [now] if opinion is None else [opinion.strip()[:200], now]
    text = f"SELECT {function}({', '.join(['%s'] * len(whole))})"
    try:
        with connection.cursor() as cursor:
            cursor.execute(text, whole)
            return cursor.fetchone()[0]
    except DatabaseError as fault:
        if getattr(fault.__cause__, "sqlstate", "") == _CHANGED:
            raise errors.WRONG_STATE.refuse(
                action="办理", title="该配置", state="已由他人办理"
            ) from fault
        raise


def _renew() -> None:
    """This process reads anew, now and once the change is committed."""
    reading.forget()
    transaction.on_commit(reading.forget)


def _drop_draft(release: Release) -> None:
    draft = drafts.find(release.place)
    if draft is not None and drafts.canonical(draft.content) == release.body:
        draft.delete()


def _draft(place: Place, version: int) -> Draft:
    draft = drafts.find(place)
    name = places.known(place.kind).name
    if draft is None:
        raise errors.NO_DRAFT.refuse(kind=name, key=place.key)
    if draft.version != version:
        raise errors.STALE_DRAFT.refuse(
            person=draft.edited_name, at=_at(draft.edited_at), now=draft.version, version=version
        )
    release = drafts.published(place)
    number = release.number if release is not None else 0
    if number != draft.base_number:
        raise errors.STALE_BASE.refuse(base=draft.base_number, current=number)
    return draft


def _refuse_waiting(place: Place) -> None:
    waiting = Release.objects.filter(**drafts.at(place), state="proposed").first()
    if waiting is not None:
        raise errors.ALREADY_WAITING.refuse(
            person=waiting.proposed_name, at=_at(waiting.proposed_at), number=waiting.number
        )


def _refuse_same(draft: Draft) -> None:
    release = drafts.published(draft.place)
    if release is not None and release.body == drafts.canonical(draft.content):
        count = len(places.known(draft.kind).spelled(draft.place, draft.content))
        raise errors.NOTHING_CHANGED.refuse(base=f"第 {release.number} 号发布", count=count)


def _refuse_no_way(place: Place, number: int) -> None:
    release = drafts.published(place)
    if release is None:
        raise errors.NO_WAY_BACK.refuse(
            current="标准内容", number=number, reason="之前没有生效的发布"
        )
    if number == release.number:
        raise errors.NO_WAY_BACK.refuse(
            current=f"第 {number} 号发布", number=number, reason="就是现行的发布"
        )
    if number:
        target = drafts.release_at(place, number)
        if target.state not in ("replaced", "abandoned"):
            raise errors.NO_WAY_BACK.refuse(
                current=f"第 {release.number} 号发布",
                number=number,
                reason=f"为“{target.get_state_display()}”",
            )


def _demand_decider(actor: Actor, release: Release, action: str) -> None:
    places.demand_publisher(actor, places.kind_of(release.place), release.place, action)
    if release.proposed_by == actor.user_id:
        raise errors.OWN_RELEASE.refuse(
            action=action, title=release.title, person=release.proposed_name
        )


def _demand_state(release: Release, allowed: tuple[str, ...], action: str) -> None:
    if release.state not in allowed:
        raise errors.WRONG_STATE.refuse(
            action=action, title=release.title, state=release.get_state_display()
        )


def _demand_reason(text: str, action: str) -> None:
    length = len(text.strip())
    if length < REASON_MIN:
        raise errors.REASON_NEEDED.refuse("reason", action=action, length=length, least=REASON_MIN)


def _checked(paths: Sequence[str], actor: Actor) -> list[str]:
    """The paths of a trial in order, those below another one left out."""
    wanted = sorted({path.strip() for path in paths if path.strip()})
    if not 0 < len(wanted) <= PATHS_MAX:
        raise errors.TRIAL_UNITS.refuse("paths", count=len(wanted), limit=PATHS_MAX)
    for path in wanted:
        if not _PATH.match(path):
            raise errors.TRIAL_PATH.refuse("paths", path=path[:60], reason="不是单位路径")
        if not actor.covers(path, actor.office):
            raise errors.TRIAL_PATH.refuse("paths", path=path, reason="不在本岗位的数据范围内")
    return [p for p in wanted if not any(p.startswith(q + "/") for q in wanted)]


def _at(moment: datetime) -> str:
    return timezone.localtime(moment).strftime("%Y-%m-%d %H:%M")


def trial_paths(place: Place) -> list[str]:
    """Where the release on trial at the place counts."""
    found = InForce.objects.filter(**drafts.at(place)).first()
    return list(found.trial_paths) if found is not None else []

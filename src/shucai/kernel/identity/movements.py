"""人员进出 movements: hired, transferred, leaving; batches of changes; pairs of excluding duties.

Kinds of `RightsChange` like those in `changes`, each for what people call one thing.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any, Final

from shucai.base.errors import Finding, Refused
from shucai.kernel import registry
from shucai.kernel.identity import changes, duties, errors, separation, typed
from shucai.kernel.identity.acting import valid_on
from shucai.kernel.identity.actor import Actor
from shucai.kernel.identity.changes import Kind, Prepared
from shucai.kernel.identity.models import Appointment, Position, User
from shucai.kernel.identity.records import Leaver

BATCH: Final = "batch.rights"
BATCH_MAX: Final = 200
_PLACE: Final = {name: one for name, one in changes.PLACE.items() if name != "is_default"}


def _new_place(payload: dict[str, Any], actor: Actor) -> Position:
    position = changes.the_position(payload["position_id"])
    if not position.is_enabled:
        raise errors.NOT_FOUND.refuse("position_id", noun="启用的岗位", key=position.name)
    if not actor.covers(payload["scope_path"], payload["office"]):
        raise errors.SCOPE_TOO_WIDE.refuse(
            "scope_path", path=payload["scope_path"], own=actor.scope_path or "无"
        )
    return position


def _hire(kind: Kind, payload: dict[str, Any], actor: Actor, on: date) -> Prepared:
    """A user and his first appointment in one change."""
    username = payload["username"]
    if User.objects.filter(username=username).exists():
        raise errors.TAKEN.refuse("username", noun="登录名", key=username)
    number = payload["employee_no"]
    if number and User.objects.filter(employee_no=number).exists():
        raise errors.TAKEN.refuse("employee_no", noun="工号", key=number)
    position = _new_place(payload, actor)
    place = payload["unit_name"] or payload["scope_path"]
    summary = f"{kind.label} {username} {payload['name']}：{position.name}（{place}）"
    return Prepared(payload, {}, f"user:{username}", summary[:200])


def _transfer(kind: Kind, payload: dict[str, Any], actor: Actor, on: date) -> Prepared:
    """What he has in the officer's range ends; what lies outside must agree with the new."""
    user = changes.the_user(payload["user_id"], actor)
    position = _new_place(payload, actor)
    low, high = actor.range
    held = Appointment.objects.select_related("position", "user").filter(
        user=user, is_enabled=True, principal__isnull=True
    )
    ending = held.filter(scope_path__gte=low, scope_path__lt=high).exclude(valid_to__lte=on)
    ending = ending.order_by("pk")
    for one in ending:
        changes.keep_officers(user, on, but=one.pk)
    kept = held.exclude(pk__in=ending.values("pk")).exclude(valid_to__lte=on)
    holdings = [separation.holding_of(a) for a in kept if a.position.is_enabled]
    new = changes.holding(position, payload)
    for left, right, where in separation.collisions([*holdings, new], separation.agreed()):
        raise changes.incompatible(user.name, left, right, where)
    place = payload["unit_name"] or payload["scope_path"]
    was = "、".join(a.position.name for a in ending) or "无任职"
    summary = f"调岗 {user.name}：{was} → {position.name}（{place}）"
    before = {"appointments": [a.pk for a in ending]}
    return Prepared(payload, before, f"user:{user.username}", summary[:200])


def _leave(kind: Kind, payload: dict[str, Any], actor: Actor, on: date) -> Prepared:
    user = changes.the_user(payload["user_id"], actor)
    changes.keep_officers(user, on)
    if Leaver.objects.filter(user=user, done_at__isnull=True).exists():
        raise errors.TAKEN.refuse("user_id", noun="离岗", key=user.name)
    before = {"is_active": user.is_active}
    summary = f"离岗 {user.username} {user.name}（{payload['left_on']}）"
    return Prepared(payload, before, f"user:{user.username}", summary)


def _exclusion(kind: Kind, payload: dict[str, Any], actor: Actor, on: date) -> Prepared:
    """A pair of duties that one person may not hold; the summary says how many do now."""
    for name in ("left", "right"):
        if registry.find("duty", payload[name]) is None:
            raise errors.UNKNOWN_DUTY.refuse(name, position="不相容职责", duty=payload[name])
    left, right = sorted((payload["left"], payload["right"]))
    if left == right:
        raise errors.SAME_DUTY.refuse("right", duty=duties.name_of(left))
    payload = {**payload, "left": left, "right": right}
    pair = (left, right)
    is_kept = pair in separation.agreed()
    if is_kept == (kind.code == "exclusion.create"):
        noun = "不相容职责" if is_kept else "已登记的不相容职责"
        problem = errors.TAKEN if is_kept else errors.NOT_FOUND
        key = f"{duties.name_of(left)} / {duties.name_of(right)}"
        raise problem.refuse("left", noun=noun, key=key)
    names = f"{duties.name_of(left)} / {duties.name_of(right)}"
    summary = f"{kind.label} {names}"
    if kind.code == "exclusion.create":
        summary += f"（现有 {_holding_both(pair, on)} 人兼有）"
    return Prepared(payload, {"is_kept": is_kept}, f"exclusion:{left}:{right}", summary[:200])


def _holding_both(pair: tuple[str, str], on: date) -> int:
    def holders(code: str) -> set[int]:
        rows = Appointment.objects.filter(valid_on(on), position__duties__contains=[code])
        return set(rows.values_list("user_id", flat=True))

    return len(holders(pair[0]) & holders(pair[1]))


def _items(raw: Any) -> list[dict[str, Any]]:
    """The changes of a batch, each read by its kind; all unreadable fields are told at once."""
    rows = list(raw or [])
    if not 1 <= len(rows) <= BATCH_MAX:
        raise errors.BATCH_SIZE.refuse(count=len(rows), limit=BATCH_MAX)
    items, found = [], []
    for seq, row in enumerate(rows):
        kind = changes.KINDS[row["kind"]]
        payload, findings = changes.read(kind, row["payload"])
        found += [_placed(finding, seq) for finding in findings]
        items.append({"kind": kind.code, "payload": payload})
    if found:
        raise Refused(found)
    return items


def _placed(finding: Finding, seq: int) -> Finding:
    return replace(finding, place=f"items[{seq}].{finding.place}")


def _batch(kind: Kind, payload: dict[str, Any], actor: Actor, on: date) -> Prepared:
    """Every item as if it stood alone, and no two about the same person or thing."""
    first: dict[str, int] = {}
    found: list[Finding] = []
    items, before, words = [], {}, []
    for seq, item in enumerate(payload["items"]):
        one = changes.KINDS[item["kind"]]
        try:
            ready = changes.check(one, item["payload"], actor=actor, on=on)
        except Refused as refused:
            found += [_placed(finding, seq) for finding in refused.findings]
            continue
        subject = _subject(item, ready)
        if subject in first:
            found.append(
                errors.BATCH_TWICE.at(
                    f"items[{seq}]", row=seq + 1, first=first[subject] + 1, target=ready.summary
                )
            )
        first.setdefault(subject, seq)
        items.append({"kind": one.code, "payload": ready.payload})
        before[str(seq)] = ready.before
        words.append(ready.summary)
    if found:
        raise Refused(found)
    summary = f"批量变更 {len(items)} 项：" + "；".join(words)
    return Prepared({"items": items}, before, f"batch:{'|'.join(first)}"[:80], summary[:200])


def _subject(item: Mapping[str, Any], ready: Prepared) -> str:
    """The person, where the item is about one, so that his appointments can't collide unseen."""
    payload = item["payload"]
    user_id = payload.get("user_id")
    if user_id is None and "appointment_id" in payload:
        held = Appointment.objects.filter(pk=payload["appointment_id"])
        user_id = held.values_list("user_id", flat=True).first()
    if user_id is not None:
        return f"#{user_id}"
    return ready.target


changes.add(
    Kind(
        "user.hire",
        "新增用户并任职",
        {
            "username": ("登录名", typed.username),
            **changes.PERSON,
            **changes.POSITION,
            **_PLACE,
        },
        True,
    ),
    _hire,
)
changes.add(
    Kind("user.transfer", "调岗", {**changes.USER, **changes.POSITION, **_PLACE}), _transfer
)
changes.add(
    Kind(
        "user.leave",
        "离岗",
        {**changes.USER, "left_on": ("离岗日期", typed.day), "why": ("原因", typed.text(200))},
    ),
    _leave,
)
_PAIR: Final = {
    "left": ("职责", typed.text(60, least=1)),
    "right": ("不相容职责", typed.text(60, least=1)),
    "basis": ("依据", typed.text(200)),
}
changes.add(Kind("exclusion.create", "新增不相容职责", _PAIR), _exclusion)
changes.add(Kind("exclusion.end", "取消不相容职责", _PAIR), _exclusion)
changes.add(Kind(BATCH, "批量变更", {"items": ("事项", _items)}, True), _batch)

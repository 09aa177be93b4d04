"""人员名册 rosters: users with their appointments, and leavers, from a spreadsheet.

A file becomes one batch of changes: every row is checked as if it were typed, all faults are told
by row, and a second person approves the whole.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db import transaction
from django.utils import timezone

from shucai.base.errors import Finding, Refused
from shucai.kernel.document import spreadsheet
from shucai.kernel.identity import changes, errors, movements, rights, scope
from shucai.kernel.identity.actor import Actor
from shucai.kernel.identity.duties import SYSTEM_ADMIN
from shucai.kernel.identity.models import Position, RightsChange, User
from shucai.kernel.masterdata import pinyin
from shucai.kernel.masterdata.models import Division, Unit

ROWS_MAX: Final = movements.BATCH_MAX
PEOPLE: Final = {
    "username": "登录名",
    "name": "姓名",
    "phone": "手机",
    "employee_no": "工号",
    "position": "岗位编码",
    "unit": "单位编码",
    "fund_types": "资金性质",
    "valid_from": "起",
    "valid_to": "止（不含）",
}
LEAVERS: Final = {"username": "登录名", "left_on": "离岗日期", "why": "原因"}
_NEEDED: Final = {"people": ("username", "name", "position", "unit"), "leavers": ("username",)}
_HEADS: Final = {"people": PEOPLE, "leavers": LEAVERS}
_SAMPLES: Final = {
    "people": ["wang.fang", "王芳", "", "A0017", "clerk", "105001", "", "2026-01-01", ""],
    "leavers": ["wang.fang", "2026-01-01", "退休"],
}


@dataclass(frozen=True, slots=True)
class Planned:
    """What a file asks for: the items of a batch, a line of words each, and faults by row."""

    items: tuple[dict[str, Any], ...]
    words: tuple[tuple[str, ...], ...]
    findings: tuple[Finding, ...]


def heads(roster: str) -> list[str]:
    """The column heads of a roster, in order."""
    return list(_HEADS[roster].values())


def sample(roster: str) -> list[str]:
    """One row as it should be filled in."""
    return list(_SAMPLES[roster])


def plan(*, actor: Actor, roster: str, name: str, content: bytes, now: datetime) -> Planned:
    """Reads the file and says, row by row, what would be proposed. Writes nothing."""
    rights.demand(actor, SYSTEM_ADMIN, "导入人员名册")
    rows = _rows(roster, name, content)
    today = timezone.localdate(now)
    read: Callable[..., tuple[str, dict[str, Any]]] = _READ[roster]
    items: list[dict[str, Any]] = []
    words: list[tuple[str, ...]] = []
    found: list[Finding] = []
    for number, said in enumerate(rows, start=2):
        try:
            kind, payload = read(said, today=today.isoformat(), actor=actor)
            typed, bad = changes.read(changes.KINDS[kind], payload)
            if bad:
                raise Refused(bad)
            ready = changes.check(changes.KINDS[kind], typed, actor=actor, on=today)
        except Refused as refused:
            found += [_at_row(number, finding, said) for finding in refused.findings]
            continue
        items.append({"kind": kind, "payload": payload})
        words.append((str(number), changes.KINDS[kind].label, ready.summary))
    return Planned(tuple(items), tuple(words), tuple(found))


def propose(
    *, actor: Actor, roster: str, name: str, content: bytes, reason: str, now: datetime
) -> RightsChange:
    """One batch of the whole file, for a second person to approve; refused if any row is bad."""
    with transaction.atomic():
        scope.apply(actor)
        planned = plan(actor=actor, roster=roster, name=name, content=content, now=now)
    if planned.findings:
        raise Refused(list(planned.findings))
    return rights.propose(
        actor=actor,
        kind=movements.BATCH,
        payload={"items": list(planned.items)},
        reason=reason,
        now=now,
    )


def _rows(roster: str, name: str, content: bytes) -> list[dict[str, str]]:
    heads = _HEADS[roster]
    kind = "csv" if name.lower().endswith(".csv") else "xlsx"
    try:
        table = list(spreadsheet.rows_of(content, kind, limit=ROWS_MAX + 2))
    except Exception as error:  # whatever a broken file makes the reader raise
        raise errors.FILE_HEADS.refuse(missing=f"文件 {name} 打不开") from error
    first = [spreadsheet.typed(cell) for cell in table[0]] if table else []
    at = {field: first.index(label) for field, label in heads.items() if label in first}
    missing = [heads[field] for field in _NEEDED[roster] if field not in at]
    if missing:
        raise errors.FILE_HEADS.refuse(missing="、".join(missing))
    rows = [
        {field: _cell(row, place) for field, place in at.items()}
        for row in table[1:]
        if any(spreadsheet.typed(cell) for cell in row)
    ]
    if not 1 <= len(rows) <= ROWS_MAX:
        raise errors.FILE_ROWS.refuse(count=len(rows), limit=ROWS_MAX)
    return rows


def _cell(row: Sequence[Any], place: int) -> str:
    return spreadsheet.typed(row[place]) if place < len(row) else ""


def _person(said: Mapping[str, str], *, today: str, actor: Actor) -> tuple[str, dict[str, Any]]:
    """Somebody new is hired; a known user gets one more appointment."""
    position = Position.objects.filter(code=said["position"]).first()
    if position is None:
        raise errors.NOT_FOUND.refuse("position", noun="岗位", key=said["position"])
    payload: dict[str, Any] = {
        "position_id": position.pk,
        **place(said["unit"], actor),
        "valid_from": said.get("valid_from") or today,
        "valid_to": said.get("valid_to", ""),
        "fund_types": said.get("fund_types", ""),
    }
    known = User.objects.filter(username=said["username"].lower()).first()
    if known is not None:
        return "appointment.create", {"user_id": known.pk, **payload}
    return "user.hire", {
        "username": said["username"],
        "name": said["name"],
        "phone": said.get("phone", ""),
        "employee_no": said.get("employee_no", ""),
        "pinyin": pinyin.spelled(said["name"], limit=120),
        **payload,
    }


def place(code: str, actor: Actor) -> dict[str, Any]:
    """The unit of a code, or of a path where two share the code, as facts of an appointment."""
    unit = _unit(code, actor)
    return {
        "scope_path": unit.path,
        "office": "",
        "unit_code": unit.code,
        "unit_name": unit.name[:120],
        "division": unit.division_code,
    }


def place_name(path: str) -> str:
    """The name of the unit or division at a path; the path where neither is known."""
    for model in (Unit, Division):
        found = model.objects.filter(path=path).values_list("name", flat=True).first()
        if found is not None:
            return str(found)
    return path


def _unit(code: str, actor: Actor) -> Unit:
    low, high = actor.range
    found = Unit.objects.filter(is_enabled=True, path__gte=low, path__lt=high)
    found = found.filter(path=code) if "/" in code else found.filter(code=code)
    units = list(found.order_by("path")[:2])
    if len(units) != 1:
        noun = "唯一的单位" if units else "单位"
        raise errors.NOT_FOUND.refuse("unit", noun=noun, key=code)
    return units[0]


def _leaver(said: Mapping[str, str], *, today: str, actor: Actor) -> tuple[str, dict[str, Any]]:
    known = User.objects.filter(username=said["username"].lower()).first()
    if known is None:
        raise errors.NOT_FOUND.refuse("username", noun="用户", key=said["username"])
    left_on = said.get("left_on") or today
    return "user.leave", {"user_id": known.pk, "left_on": left_on, "why": said.get("why", "")}


_READ: Final = {"people": _person, "leavers": _leaver}


def _at_row(number: int, finding: Finding, said: Mapping[str, str]) -> Finding:
    """The fault as one of the row, with what stands in the cell."""
    label = {**PEOPLE, **LEAVERS, "position_id": "岗位编码", "scope_path": "单位编码"}.get(
        finding.place, "整行"
    )
    value = said.get(finding.place, "") or "（空）"
    reason = finding.why if value not in finding.why else finding.why.replace(value, "").strip()
    return errors.FILE_ROW.at(
        f"rows[{number}].{finding.place}",
        row=number,
        label=label,
        value=f"“{value}”",
        reason=f"{finding.what}，{reason}",
    )

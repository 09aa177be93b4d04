"""预算单位 unit: a node of the unit tree; added, renamed, moved, merged, split and stopped."""

import re
from datetime import datetime
from typing import Any

from shucai.kit import masterdata, pages

KEEPER = masterdata.KEEPER
READERS = [KEEPER, "identity.system_admin", "identity.security_admin", "identity.auditor"]
units = masterdata.units


def _found(call: pages.Call, code: str) -> Any:
    """By code within the scope; where two divisions share a code, by path."""
    if "/" in code:
        return units.find_at(actor=call.actor, path=code)
    return units.find(actor=call.actor, code=code)


def _many(call: pages.Call, text: str) -> list[Any]:
    codes = [part for part in re.split(r"[\s,，、;；]+", text) if part]
    return [_found(call, code) for code in dict.fromkeys(codes)]


def _add(call: pages.Call) -> pages.Done:
    said = call.values
    made = units.add(
        actor=call.actor,
        parent=call.record.pk,
        code=said["code"],
        name=said["name"],
        facts={"short_name": said["short_name"] or "", "valid_from": said["valid_from"]},
        now=call.now,
    )
    return pages.Done(f"已新增 {made.code} {made.name}", to=f"/r/platform.unit/{made.pk}")


def _rename(call: pages.Call) -> pages.Done:
    made = units.rename(
        actor=call.actor,
        unit=call.record.pk,
        name=call.values["name"],
        short_name=call.values["short_name"] or "",
        now=call.now,
    )
    return pages.Done(f"已更名为 {made.name}")


def _stop(call: pages.Call) -> pages.Done:
    units.stop(actor=call.actor, unit=call.record.pk, on=call.values["on"], now=call.now)
    return pages.Done(f"{call.record.name}自 {call.values['on']} 起停用")


def _bound(actor: Any, records: Any) -> list[tuple[str, str, str]]:
    rows = []
    for record in records:
        for one in units.bound_to(actor, record.pk):
            more = "以上" if one.is_capped else ""
            rows.append((f"{record.code} {record.name}", one.place, f"{one.count:,}{more}"))
    return rows


_BOUND = ("单位", "内容", "数量")


def _stop_preview(call: pages.Call) -> pages.Table:
    note = "停用后不能再用于新业务，已有的单据、余额和任职保留，可以继续办完"
    return pages.Table(_BOUND, _bound(call.actor, [call.record]), note=note, empty="没有业务")


def _move_preview(call: pages.Call) -> pages.Table:
    above = _found(call, call.values["above"])
    path = units.judged_move(call.actor, call.record.pk, above.pk)
    note = f"{call.record.path} → {path}，以下内容随单位转到 {above.name} 之下，区划和金额不变"
    return pages.Table(_BOUND, _bound(call.actor, [call.record]), note=note, empty="没有业务")


def _move(call: pages.Call) -> pages.Done:
    said = call.values
    carried = units.move(
        actor=call.actor,
        unit=call.record.pk,
        parent=_found(call, said["above"]).pk,
        on=said["on"],
        reason=said["reason"],
        now=call.now,
    )
    total = sum(carried.rows.values())
    return pages.Done(f"{carried.unit.name}已改隶，{total:,} 行数据随之转移", data=carried.rows)


def _merge_preview(call: pages.Call) -> pages.Table:
    into = _found(call, call.values["target"])
    units.judged_merger(call.actor, [one.pk for one in call.records], into.pk)
    note = f"并入 {into.code} {into.name}；余额用单据结转，任职按权限变更办理，以下内容留在原单位"
    return pages.Table(_BOUND, _bound(call.actor, call.records), note=note, empty="没有业务")


def _merge(call: pages.Call) -> pages.Done:
    said = call.values
    into = _found(call, said["target"])
    done = units.merge(
        actor=call.actor,
        sources=[one.pk for one in call.records],
        target=into.pk,
        on=said["on"],
        reason=said["reason"],
        now=call.now,
    )
    return pages.Done(
        f"{len(call.records)} 个单位已并入 {into.name}",
        to=f"/r/platform.unit/{into.pk}",
        data={"待调整的任职": _people(done.appointments)},
    )


def _split_preview(call: pages.Call) -> pages.Table:
    named = "、".join(f"{one.code} {one.name}" for one in _many(call, call.values["targets"]))
    note = f"由 {named} 承接；余额用单据结转，任职按权限变更办理，以下内容留在原单位"
    return pages.Table(_BOUND, _bound(call.actor, [call.record]), note=note, empty="没有业务")


def _split(call: pages.Call) -> pages.Done:
    said = call.values
    born = _many(call, said["targets"])
    done = units.split(
        actor=call.actor,
        source=call.record.pk,
        targets=[one.pk for one in born],
        on=said["on"],
        reason=said["reason"],
        ends=said["is_ended"],
        now=call.now,
    )
    return pages.Done(
        f"{call.record.name}已分立为 {len(born)} 个单位",
        data={"待调整的任职": _people(done.appointments)},
    )


def _people(appointments: Any) -> str:
    return "、".join(f"{one.user.name}（{one.position.name}）" for one in appointments) or "无"


def _history(actor: Any, record: Any, now: datetime) -> pages.Table:
    rows = [
        (
            f"{one.effective_date:%Y-%m-%d}",
            one.get_kind_display(),
            f"{one.source.code} {one.source.name}",
            f"{one.target.code} {one.target.name}",
            one.reason,
        )
        for one in units.history(record.pk)
    ]
    heads = ("生效日期", "事项", "原单位", "现单位", "理由")
    return pages.Table(heads, rows, empty="没有变动")


def _bound_panel(actor: Any, record: Any, now: datetime) -> pages.Table:
    rows = [row[1:] for row in _bound(actor, [record])]
    return pages.Table(_BOUND[1:], rows, empty="没有业务")


def _attribute(name: str) -> Any:
    return lambda record: getattr(record, name) if record else None


_WHEN = [
    pages.Input(name="on", label="生效日期", entry="date"),
    pages.Input(name="reason", label="理由", entry="long", limit=200, help="批准文号或会议纪要"),
]
_NAMES = [
    pages.Input(name="name", label="单位名称", limit=120, initial=_attribute("name")),
    pages.Input(
        name="short_name",
        label="简称",
        is_required=False,
        limit=60,
        initial=_attribute("short_name"),
    ),
]

UNIT = pages.Register(
    code="platform.unit",
    name="预算单位",
    model=masterdata.Unit,
    order="path",
    parent="parent",
    search="code name short_name pinyin",
    rows=masterdata.listing.units,
    title=lambda record: f"{record.code} {record.name}",
    readers=READERS,
    icon="sitemap",
    intro="单位树决定数据范围；改隶时单据、台账和任职随单位转移，合并和分立留下沿革",
    covers=["PLAT-005"],
    filters=[
        pages.Filter(
            field="is_enabled", entry="flag", label="状态", options=masterdata.offering.states
        ),
        pages.Filter(field="division_code", entry="text", lookup="exact"),
        pages.Filter(field="office", entry="text", lookup="exact"),
    ],
    columns=[
        pages.Column(field="code", look="code"),
        pages.Column(field="name"),
        pages.Column(field="division_code", look="code"),
        pages.Column(field="office"),
        pages.Column(field="kind"),
        pages.Column(field="is_enabled"),
        pages.Column(field="valid_to", is_shown=False),
        pages.Column(field="path", look="code", is_shown=False),
    ],
    facts={
        "单位": [
            pages.Column(field="code", look="code"),
            pages.Column(field="name"),
            pages.Column(field="short_name"),
            pages.Column(field="division_code", look="code"),
            pages.Column(field="parent__name", label="上级单位"),
            pages.Column(field="path", look="code"),
            pages.Column(field="kind"),
            pages.Column(field="office"),
            pages.Column(field="is_enabled"),
            pages.Column(field="valid_from"),
            pages.Column(field="valid_to"),
        ]
    },
    panels=[
        pages.Panel(code="bound", label="单位及下级的数据", table=_bound_panel),
        pages.Panel(code="history", label="沿革", table=_history),
    ],
    commands=[
        pages.Command(
            code="add_below",
            label="新增下级单位",
            by=[KEEPER],
            run=_add,
            when=lambda record: record.is_enabled,
            inputs=[
                pages.Input(name="code", label="单位编码", limit=20),
                pages.Input(name="name", label="单位名称", limit=120),
                pages.Input(name="short_name", label="简称", is_required=False, limit=60),
                pages.Input(name="valid_from", label="启用日期", entry="date", is_required=False),
            ],
            icon="plus",
        ),
        pages.Command(
            code="rename", label="更名", by=[KEEPER], run=_rename, inputs=_NAMES, icon="pencil"
        ),
        pages.Command(
            code="move",
            label="调整隶属",
            by=[KEEPER],
            run=_move,
            when=lambda record: record.is_enabled and record.parent_id,
            inputs=[pages.Input(name="above", label="新的上级单位", entry="unit"), *_WHEN],
            preview=_move_preview,
            is_grave=True,
            icon="hierarchy-2",
        ),
        pages.Command(
            code="merge",
            label="合并到",
            by=[KEEPER],
            run=_merge,
            target="many",
            when=lambda record: record.is_enabled,
            inputs=[pages.Input(name="target", label="并入的单位", entry="unit"), *_WHEN],
            preview=_merge_preview,
            is_grave=True,
            icon="git-merge",
        ),
        pages.Command(
            code="split",
            label="分立",
            by=[KEEPER],
            run=_split,
            when=lambda record: record.is_enabled,
            inputs=[
                pages.Input(
                    name="targets",
                    label="承接的单位",
                    limit=400,
                    help="先新增，再写编码，以逗号分开",
                ),
                pages.Input(
                    name="is_ended",
                    label="原单位自生效日期起停用",
                    entry="flag",
                    is_required=False,
                ),
                *_WHEN,
            ],
            preview=_split_preview,
            is_grave=True,
            icon="git-branch",
        ),
        pages.Command(
            code="stop",
            label="停用",
            by=[KEEPER],
            run=_stop,
            when=lambda record: record.is_enabled,
            inputs=[pages.Input(name="on", label="停用日期", entry="date")],
            preview=_stop_preview,
            icon="player-pause",
        ),
    ],
)

"""要素值 value: one code of a value set in a year, in its tree; stopped, never deleted."""

from datetime import datetime
from typing import Any

from shucai.kit import masterdata, pages

KEEPER = masterdata.KEEPER
READERS = [KEEPER, "identity.system_admin", "identity.security_admin", "identity.auditor"]
offering = masterdata.offering


def _local(actor: Any, record: Any) -> Any:
    return [pair for pair in offering.owners(actor) if pair[0] != offering.STANDARD]


def _place(record: Any, owner: str | None = None) -> masterdata.Place:
    division = record.division if owner is None else offering.division_of(owner)
    return masterdata.Place(record.value_set_id, record.fiscal_year, division)


def _add(call: pages.Call) -> pages.Done:
    said, record = call.values, call.record
    value_set = record.value_set_id if record else said["value_set"]
    year = record.fiscal_year if record else call.actor.fiscal_year
    above = record.code if record else said["above"] or ""
    place = masterdata.Place(value_set, year, offering.division_of(said["owner"]))
    code = said["code"] or masterdata.codes.propose(
        value_set, year, parent=above, division=place.division
    )
    made = masterdata.editing.add(
        actor=call.actor,
        place=place,
        code=code,
        name=said["name"],
        parent=above,
        valid_from=said["valid_from"],
        valid_to=said["valid_to"],
        now=call.now,
    )
    return pages.Done(f"已新增 {made.code} {made.name}", to=f"/r/platform.value/{made.pk}")


def _change(call: pages.Call) -> pages.Done:
    made = masterdata.editing.change(
        actor=call.actor,
        place=_place(call.record),
        code=call.record.code,
        name=call.values["name"],
        valid_from=call.values["valid_from"],
        valid_to=call.values["valid_to"],
        now=call.now,
    )
    return pages.Done(f"已修改 {made.code} {made.name}")


def _deepest_first(records: Any) -> list[Any]:
    return sorted(records, key=lambda value: (-value.level, value.code))


def _stop_preview(call: pages.Call) -> pages.Table:
    rows, links = [], []
    for value in _deepest_first(call.records):
        uses = masterdata.usage.where_used(
            value.value_set_id, value.code, fiscal_year=value.fiscal_year
        )
        told = "、".join(f"{one.place} {_count(one)}" for one in uses) or "没有使用"
        rows.append((value.code, value.name, told))
        links.append(f"/r/platform.value/{value.pk}")
    note = "停用后不能再选用，已有单据和余额不变，可以恢复"
    return pages.Table(("编码", "名称", "在用"), rows, links=links, note=note)


def _stop(call: pages.Call) -> pages.Done:
    for value in _deepest_first(call.records):
        masterdata.editing.stop(
            actor=call.actor, place=_place(value), code=value.code, now=call.now
        )
    return pages.Done(f"已停用 {len(call.records)} 个编码")


def _restart(call: pages.Call) -> pages.Done:
    for value in reversed(_deepest_first(call.records)):
        masterdata.editing.restart(
            actor=call.actor, place=_place(value), code=value.code, now=call.now
        )
    return pages.Done(f"已恢复 {len(call.records)} 个编码")


def _count(use: masterdata.usage.Use) -> str:
    return f"{use.count:,} 处" + ("以上" if use.is_capped else "")


def _used(actor: Any, record: Any, now: datetime) -> pages.Table:
    uses = masterdata.usage.where_used(record.value_set_id, record.code)
    rows = [
        (f"{one.fiscal_year} 年" if one.fiscal_year else "各年", one.place, one.column, _count(one))
        for one in uses
    ]
    links = [one.link or pages.list_of(one.model, one.field, record.code) for one in uses]
    heads = ("年度", "用在", "字段", "数量")
    return pages.Table(heads, rows, links=links, empty="还没有单据、台账或规则使用该编码")


def _below(actor: Any, record: Any, now: datetime) -> pages.Table:
    found = masterdata.listing.below(actor, record)
    table = [
        (v.code, v.name, v.division or "标准", "启用" if v.is_enabled else "停用") for v in found
    ]
    links = [f"/r/platform.value/{v.pk}" for v in found]
    return pages.Table(("编码", "名称", "归属", "状态"), table, links=links, empty="没有下级")


def _other_years(actor: Any, record: Any, now: datetime) -> pages.Table:
    """What the code was and will be called in the years before and after."""
    rows = []
    for year in range(record.fiscal_year - 2, record.fiscal_year + 3):
        if year == record.fiscal_year:
            continue
        codes = masterdata.mapping.successors(
            record.value_set_id, record.code, source=record.fiscal_year, target=year
        )
        known = masterdata.values.names_of(record.value_set_id, year, codes)
        told = "、".join(f"{code} {name}" for code, name in known.items() if name)
        rows.append((f"{year} 年", told or "没有对应编码"))
    return pages.Table(("年度", "编码和名称"), rows)


def _attribute(name: str) -> Any:
    return lambda record: getattr(record, name) if record else None


_DATES = [
    pages.Input(
        name="valid_from",
        label="启用日期",
        entry="date",
        is_required=False,
        initial=_attribute("valid_from"),
    ),
    pages.Input(
        name="valid_to",
        label="停用日期（不含）",
        entry="date",
        is_required=False,
        initial=_attribute("valid_to"),
    ),
]
_NEW = [
    pages.Input(name="owner", label="归属", entry="choice", options=offering.owners),
    pages.Input(
        name="code",
        label="编码",
        is_required=False,
        limit=40,
        help="不填时按编码规则给出下一个编码",
    ),
    pages.Input(name="name", label="名称", limit=200),
    pages.Input(name="valid_from", label="启用日期", entry="date", is_required=False),
    pages.Input(name="valid_to", label="停用日期（不含）", entry="date", is_required=False),
]

VALUE = pages.Register(
    code="platform.value",
    name="编码",
    model=masterdata.Value,
    order="code",
    parent="parent_code",
    search="code name pinyin",
    rows=masterdata.listing.values,
    title=lambda record: f"{record.code} {record.name}",
    readers=READERS,
    icon="list-tree",
    intro="编码按年度成树：标准编码由市级维护，本地编码挂在标准编码之下，只停用不删除",
    covers=["PLAT-005"],
    filters=[
        pages.Filter(
            field="value_set",
            label="值集",
            options=offering.sets,
            initial="functional",
        ),
        pages.Filter(
            field="is_enabled", entry="flag", label="状态", options=masterdata.offering.states
        ),
        pages.Filter(field="division", entry="choice", label="本地编码", options=_local),
        pages.Filter(field="edition", entry="text", label="版本"),
    ],
    columns=[
        pages.Column(field="code", look="code"),
        pages.Column(field="name"),
        pages.Column(field="level", look="number"),
        pages.Column(field="is_enabled"),
        pages.Column(field="owner", label="归属", value=lambda record: record.division or "标准"),
        pages.Column(field="edition"),
        pages.Column(field="valid_from", is_shown=False),
        pages.Column(field="valid_to", is_shown=False),
        pages.Column(field="full_name", is_shown=False),
        pages.Column(field="confidence", is_shown=False),
    ],
    facts={
        "编码": [
            pages.Column(field="value_set__name", label="值集"),
            pages.Column(field="fiscal_year"),
            pages.Column(field="code", look="code"),
            pages.Column(field="name"),
            pages.Column(field="full_name"),
            pages.Column(field="parent_code", look="code"),
            pages.Column(field="level"),
            pages.Column(field="is_leaf"),
            pages.Column(field="is_enabled"),
            pages.Column(
                field="owner", label="归属", value=lambda record: record.division or "标准"
            ),
        ],
        "来源与有效期": [
            pages.Column(field="valid_from"),
            pages.Column(field="valid_to"),
            pages.Column(field="edition"),
            pages.Column(field="source"),
            pages.Column(field="confidence"),
        ],
    },
    panels=[
        pages.Panel(code="used", label="用在哪里", table=_used),
        pages.Panel(code="below", label="下级编码", table=_below),
        pages.Panel(code="years", label="其他年度的编码", table=_other_years),
    ],
    commands=[
        pages.Command(
            code="add",
            label="新增编码",
            by=[KEEPER],
            run=_add,
            target="none",
            inputs=[
                pages.Input(name="value_set", label="值集", entry="choice", options=offering.sets),
                pages.Input(
                    name="above", label="上级编码", is_required=False, limit=40, help="最上级不填"
                ),
                *_NEW,
            ],
            icon="plus",
        ),
        pages.Command(
            code="add_below",
            label="新增下级",
            by=[KEEPER],
            run=_add,
            inputs=_NEW,
            when=lambda record: record.is_enabled,
            icon="plus",
        ),
        pages.Command(
            code="change",
            label="修改",
            by=[KEEPER],
            run=_change,
            inputs=[
                pages.Input(name="name", label="名称", limit=200, initial=_attribute("name")),
                *_DATES,
            ],
            icon="pencil",
        ),
        pages.Command(
            code="stop",
            label="停用",
            by=[KEEPER],
            run=_stop,
            target="many",
            preview=_stop_preview,
            when=lambda record: record.is_enabled,
            icon="player-pause",
        ),
        pages.Command(
            code="restart",
            label="恢复",
            by=[KEEPER],
            run=_restart,
            target="many",
            when=lambda record: not record.is_enabled,
            icon="player-play",
        ),
    ],
)

"""要素关联 element relation: pairs of codes that may stand together in one line, by year."""

from typing import Any

from shucai.base.errors import Refused
from shucai.kit import masterdata, pages

KEEPER = masterdata.KEEPER
READERS = [KEEPER, "identity.system_admin", "identity.security_admin", "identity.auditor"]
SHOWN_MAX = 300
relations = masterdata.relations


def _label(record: Any, side: str) -> str:
    value_set, code = getattr(record, f"{side}_set"), getattr(record, f"{side}_code")
    return f"{code} {masterdata.name_of(value_set, record.fiscal_year, code)}"


def _sets(call: pages.Call) -> tuple[str, str]:
    """The two sets as typed, else those the relation has already."""
    said = call.values
    if said["left_set"] and said["right_set"]:
        return said["left_set"], said["right_set"]
    known = relations.sets_of(said["code"], call.actor.fiscal_year)
    if known is None:
        raise relations.unknown(said["code"], call.actor.fiscal_year)
    return known


def _pairs(call: pages.Call) -> list[tuple[str, str]]:
    if "file" in call.values:
        file = call.values["file"]
        return relations.read_file(file.name, file.content)
    return [(call.values["left_code"], call.values["right_code"])]


def _change(call: pages.Call) -> relations.PairChange:
    found = relations.preview_pairs(
        call.values["code"],
        call.actor.fiscal_year,
        _sets(call),
        _pairs(call),
        is_complete=bool(call.values.get("is_complete")),
    )
    if found.findings:
        raise Refused(found.findings)
    return found


def _preview(call: pages.Call) -> pages.Table:
    found, sets = _change(call), _sets(call)
    year = call.actor.fiscal_year
    rows = [
        (word, f"{left} {masterdata.name_of(sets[0], year, left)}",
         f"{right} {masterdata.name_of(sets[1], year, right)}")
        for word, pairs in (("停用", found.stopped), ("新增", found.added))
        for left, right in pairs
    ]  # fmt: skip
    note = f"新增 {len(found.added):,}，停用 {len(found.stopped):,}，不变 {found.unchanged:,}"
    more = f"；只显示前 {SHOWN_MAX} 行" if len(rows) > SHOWN_MAX else ""
    return pages.Table(("变化", "左编码", "右编码"), rows[:SHOWN_MAX], note=note + more)


def _put(call: pages.Call) -> pages.Done:
    came, gone = relations.put_pairs(
        actor=call.actor,
        code=call.values["code"],
        fiscal_year=call.actor.fiscal_year,
        sets=_sets(call),
        pairs=_pairs(call),
        is_complete=bool(call.values.get("is_complete")),
        now=call.now,
    )
    return pages.Done(f"已保存：新增 {came} 对，停用 {gone} 对")


def _stop(call: pages.Call) -> pages.Done:
    done = relations.stop_pairs(
        actor=call.actor, pairs=[record.pk for record in call.records], now=call.now
    )
    return pages.Done(f"已停用 {done} 对关联")


_CODE = [
    pages.Input(name="code", label="关联", limit=40, help="如 economic；新的关联须填写左右值集"),
    pages.Input(
        name="left_set",
        label="左值集",
        entry="choice",
        is_required=False,
        options=masterdata.offering.sets,
    ),
    pages.Input(
        name="right_set",
        label="右值集",
        entry="choice",
        is_required=False,
        options=masterdata.offering.sets,
    ),
]

ELEMENT_RELATION = pages.Register(
    code="platform.element_relation",
    name="要素关联",
    model=masterdata.ElementRelation,
    order="code left_code right_code",
    search="code left_code right_code",
    rows=masterdata.listing.relations,
    title=lambda record: f"{record.left_code}—{record.right_code}",
    readers=READERS,
    icon="link",
    intro="可以同时使用的编码对；上级编码的关联对其下级都有效，没有任何一对的关联不作限制",
    covers=["PLAT-005"],
    filters=[
        pages.Filter(field="code", entry="text", lookup="exact", label="关联"),
        pages.Filter(field="left_code", entry="text", lookup="startswith"),
        pages.Filter(field="right_code", entry="text", lookup="startswith"),
        pages.Filter(
            field="is_enabled", entry="flag", label="状态", options=masterdata.offering.states
        ),
    ],
    columns=[
        pages.Column(field="code", look="code"),
        pages.Column(field="left_code", look="code"),
        pages.Column(field="left", label="左编码名称", value=lambda one: _label(one, "left")),
        pages.Column(field="right_code", look="code"),
        pages.Column(field="right", label="右编码名称", value=lambda one: _label(one, "right")),
        pages.Column(field="is_enabled"),
    ],
    facts={
        "关联": [
            pages.Column(field="code", look="code"),
            pages.Column(field="fiscal_year"),
            pages.Column(field="left_set"),
            pages.Column(field="left", label="左编码", value=lambda one: _label(one, "left")),
            pages.Column(field="right_set"),
            pages.Column(field="right", label="右编码", value=lambda one: _label(one, "right")),
            pages.Column(field="is_enabled"),
        ]
    },
    commands=[
        pages.Command(
            code="add",
            label="新增关联",
            by=[KEEPER],
            run=_put,
            target="none",
            inputs=[
                *_CODE,
                pages.Input(name="left_code", label="左编码", limit=40),
                pages.Input(name="right_code", label="右编码", limit=40),
            ],
            preview=_preview,
            icon="plus",
        ),
        pages.Command(
            code="import",
            label="导入关联",
            by=[KEEPER],
            run=_put,
            target="none",
            inputs=[
                *_CODE,
                pages.Input(
                    name="file", label="文件", entry="file", help="xlsx 或 csv，列为左编码、右编码"
                ),
                pages.Input(
                    name="is_complete",
                    label="文件是全部关联，其中没有的停用",
                    entry="flag",
                    is_required=False,
                ),
            ],
            preview=_preview,
            icon="table-import",
        ),
        pages.Command(
            code="stop",
            label="停用",
            by=[KEEPER],
            run=_stop,
            target="many",
            when=lambda record: record.is_enabled,
            confirm="停用后这两个编码不能再同时使用，已有单据不变。",
            icon="player-pause",
        ),
    ],
)

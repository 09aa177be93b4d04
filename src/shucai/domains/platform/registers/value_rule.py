"""定值规则 value rule: where a condition over the elements holds, another element has a value."""

from datetime import datetime
from typing import Any

from shucai.kit import masterdata, pages

KEEPER = masterdata.KEEPER
READERS = [KEEPER, "identity.system_admin", "identity.security_admin", "identity.auditor"]
offering = masterdata.offering


def _put(call: pages.Call) -> pages.Done:
    said, record = call.values, call.record
    made = masterdata.value_rules.put(
        actor=call.actor,
        fiscal_year=record.fiscal_year if record else call.actor.fiscal_year,
        division=record.division if record else offering.division_of(said["owner"]),
        code=record.code if record else said["code"],
        facts={
            "name": said["name"],
            "condition": said["condition"],
            "value_set": said["value_set"],
            "value": said["value"].split(" ", maxsplit=1)[0],
            "is_forced": said["is_forced"],
            "position": said["position"],
            "basis": said["basis"],
        },
        now=call.now,
    )
    return pages.Done(f"已保存定值规则 {made.code} {made.name}")


def _switch(to: bool) -> Any:
    def run(call: pages.Call) -> pages.Done:
        done = masterdata.value_rules.switch(
            actor=call.actor, rules=[one.pk for one in call.records], to=to, now=call.now
        )
        return pages.Done(f"已{'恢复' if to else '停用'} {done} 条定值规则")

    return run


def _value(record: Any) -> str:
    name = masterdata.name_of(record.value_set, record.fiscal_year, record.value)
    return f"{record.value} {name}"


def _names(actor: Any, record: Any, now: datetime) -> pages.Table:
    rows = [(name, code) for code, name in offering.sets(actor)]
    return pages.Table(("条件中可用的名称", "值集代码"), rows, note="名称或代码都可以写在条件中")


def _attribute(name: str, otherwise: Any = None) -> Any:
    return lambda record: getattr(record, name) if record else otherwise


_CONTENT = [
    pages.Input(name="name", label="规则名称", limit=80, initial=_attribute("name")),
    pages.Input(
        name="condition",
        label="条件",
        entry="formula",
        limit=500,
        initial=_attribute("condition"),
        help='用值集名称写成公式，如 LEFT(支出功能分类, 3) = "205"',
    ),
    pages.Input(
        name="value_set",
        label="定值的值集",
        entry="choice",
        options=offering.sets,
        initial=_attribute("value_set"),
    ),
    pages.Input(name="value", label="定为", limit=60, initial=_attribute("value"), help="编码"),
    pages.Input(
        name="is_forced",
        label="强制：单据填写其他值时不能保存",
        entry="flag",
        is_required=False,
        initial=_attribute("is_forced", True),
    ),
    pages.Input(
        name="position",
        label="顺序",
        entry="integer",
        is_required=False,
        initial=_attribute("position", 100),
        help="同一值集以先成立的规则为准",
    ),
    pages.Input(name="basis", label="依据", is_required=False, initial=_attribute("basis")),
]

VALUE_RULE = pages.Register(
    code="platform.value_rule",
    name="定值规则",
    model=masterdata.ValueRule,
    order="position code",
    search="code name condition value",
    rows=masterdata.listing.value_rules,
    title=lambda record: f"{record.code} {record.name}",
    readers=READERS,
    icon="math-function",
    intro="条件成立时由规则给出另一个要素的值；区划自己的规则先于标准规则",
    covers=["PLAT-005"],
    filters=[
        pages.Filter(field="value_set", options=offering.sets),
        pages.Filter(
            field="is_enabled", entry="flag", label="状态", options=masterdata.offering.states
        ),
    ],
    columns=[
        pages.Column(field="code", look="code"),
        pages.Column(field="name"),
        pages.Column(field="condition"),
        pages.Column(field="gives", label="定为", value=_value),
        pages.Column(field="is_forced"),
        pages.Column(field="owner", label="归属", value=lambda one: one.division or "标准"),
        pages.Column(field="position", look="number"),
        pages.Column(field="is_enabled"),
    ],
    facts={
        "规则": [
            pages.Column(field="code", look="code"),
            pages.Column(field="name"),
            pages.Column(field="fiscal_year"),
            pages.Column(field="owner", label="归属", value=lambda one: one.division or "标准"),
            pages.Column(field="condition"),
            pages.Column(field="value_set"),
            pages.Column(field="gives", label="定为", value=_value),
            pages.Column(field="is_forced"),
            pages.Column(field="position"),
            pages.Column(field="is_enabled"),
            pages.Column(field="basis"),
        ]
    },
    panels=[pages.Panel(code="names", label="条件中的名称", table=_names)],
    commands=[
        pages.Command(
            code="put",
            label="新增规则",
            by=[KEEPER],
            run=_put,
            target="none",
            inputs=[
                pages.Input(name="owner", label="归属", entry="choice", options=offering.owners),
                pages.Input(name="code", label="规则编号", limit=40),
                *_CONTENT,
            ],
            icon="plus",
        ),
        pages.Command(
            code="change", label="修改", by=[KEEPER], run=_put, inputs=_CONTENT, icon="pencil"
        ),
        pages.Command(
            code="stop",
            label="停用",
            by=[KEEPER],
            run=_switch(False),
            target="many",
            when=lambda record: record.is_enabled,
            icon="player-pause",
        ),
        pages.Command(
            code="restart",
            label="恢复",
            by=[KEEPER],
            run=_switch(True),
            target="many",
            when=lambda record: not record.is_enabled,
            icon="player-play",
        ),
    ],
)

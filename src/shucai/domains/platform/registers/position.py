"""岗位 position: a named bundle of duties; what it opens is read from the declarations."""

from datetime import datetime
from typing import Any

from shucai.domains.platform import terms
from shucai.kit import identity, pages, rights

ADMIN = identity.SYSTEM_ADMIN


def _create(call: pages.Call) -> pages.Done:
    values = call.values
    payload = {"code": values["code"], "name": values["name"], "duties": values["duties"] or []}
    return terms.propose(call, "position.create", payload)


def _change(call: pages.Call) -> pages.Done:
    values = call.values
    payload = {
        "position_id": call.record.pk,
        "name": values["name"],
        "duties": values["duties"] or [],
    }
    return terms.propose(call, "position.change", payload)


def _switch(kind: str) -> Any:
    def run(call: pages.Call) -> pages.Done:
        return terms.propose(call, kind, {"position_id": call.record.pk})

    return run


def _opens(actor: Any, position: Any, now: datetime) -> pages.Table:
    rows = [
        (rights.KINDS[cell.thing.kind], cell.thing.name, cell.duty)
        for cell in rights.cells(position=position.code)
    ]
    return pages.Table(["类别", "功能", "所凭职责"], rows[:500], empty="该岗位打不开任何功能")


def _holders(actor: Any, position: Any, now: datetime) -> pages.Table:
    held = position.appointments.select_related("user").filter(is_enabled=True).order_by("pk")
    rows = list(held[:200])
    return pages.Table(
        ["用户", "单位", "起", "止（不含）"],
        [(a.user.name, a.unit_name, a.valid_from, a.valid_to) for a in rows],
        links=[f"/r/platform.appointment/{a.pk}" for a in rows],
        looks=["text", "text", "date", "date"],
        note="至多显示 200 人",
        empty="无人任职",
    )


POSITION = pages.Register(
    code="platform.position",
    name="岗位",
    model=identity.Position,
    icon="id-badge-2",
    intro="岗位是一组职责，职责决定能打开的页面和能办理的环节；不相容的职责不能同在一个岗位",
    readers=identity.OFFICERS,
    order="code",
    search="code name",
    title=lambda position: position.name,
    trail=lambda position: [("identity.position", position.code)],
    covers=["PLAT-009"],
    filters=[pages.Filter(field="is_enabled", entry="flag")],
    columns=[
        pages.Column(field="code", look="code"),
        pages.Column(field="name"),
        pages.Column(field="duty_names", label="职责", value=lambda p: terms.names(p.duties)),
        pages.Column(field="is_enabled"),
    ],
    facts={
        "岗位": [
            pages.Column(field="code", look="code"),
            pages.Column(field="name"),
            pages.Column(field="duty_names", label="职责", value=lambda p: terms.names(p.duties)),
            pages.Column(field="is_enabled"),
        ]
    },
    panels=[
        pages.Panel(code="opens", label="能办理的功能", table=_opens),
        pages.Panel(code="holders", label="任职人员", table=_holders),
    ],
    commands=[
        pages.Command(
            code="new",
            label="新增岗位",
            by=[ADMIN],
            run=_create,
            target="none",
            icon="plus",
            inputs=[
                pages.Input(name="code", label="编码"),
                pages.Input(name="name", label="岗位"),
                pages.Input(name="duties", label="职责", entry="choices", options=terms.duties),
                terms.reason(),
            ],
        ),
        pages.Command(
            code="change",
            label="修改岗位",
            by=[ADMIN],
            run=_change,
            inputs=[
                pages.Input(name="name", label="岗位", initial=lambda p: p.name),
                pages.Input(
                    name="duties",
                    label="职责",
                    entry="choices",
                    options=terms.duties,
                    initial=lambda p: p.duties,
                ),
                terms.reason(),
            ],
        ),
        pages.Command(
            code="disable",
            label="停用",
            by=[ADMIN],
            run=_switch("position.disable"),
            when=lambda p: p.is_enabled,
            is_grave=True,
            icon="ban",
            inputs=[terms.reason()],
        ),
        pages.Command(
            code="enable",
            label="启用",
            by=[ADMIN],
            run=_switch("position.enable"),
            when=lambda p: not p.is_enabled,
            icon="check",
            inputs=[terms.reason()],
        ),
    ],
)
